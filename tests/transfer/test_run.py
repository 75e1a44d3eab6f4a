"""Transfer at its edge: what is kept when the source is gone, and what is looked at again."""

import hashlib
import os
import time
from pathlib import Path

import pytest

from vigil.provenance import read_hashes
from vigil.recording import RecordingError
from vigil.stage import Job, not_analysed, run_stage
from vigil.transfer import gather
from vigil.transfer import run as module
from vigil.transfer.files import read_manifest, read_rows
from vigil.transfer.kept import note_deleted, read_kept
from vigil.transfer.run import run

CONTENT = {"CSC1.dat": b"signal" * 1000, "Events.txt": b"events"}


@pytest.fixture
def rig(tmp_path):
    folder = tmp_path / "my rig"
    folder.mkdir()
    for name, content in CONTENT.items():
        (folder / name).write_bytes(content)
    return folder


def job(tmp_path, rig, mode="copy", settings=(), **row):
    files = sorted(str(p) for p in Path(rig).iterdir()) if Path(rig).is_dir() else []
    return Job(
        stage="transfer",
        method_version="1",
        recording="m1",
        inputs={"files": files},
        outputs={"manifest": str(tmp_path / "manifest.tsv")},
        settings={"mode": mode, "settle_s": 0, **dict(settings)},
        row={"source": str(rig), "raw": str(tmp_path / "raw" / "m1"), **row},
        optional=frozenset({"files"}),
    )


def test_the_files_are_brought_and_listed(tmp_path, rig):
    run(job(tmp_path, rig))
    rows = read_rows(tmp_path / "manifest.tsv")
    assert {r.path.name: r.path.read_bytes() for r in rows} == CONTENT
    assert {r.path.parent for r in rows} == {tmp_path / "raw" / "m1"}
    assert [r.bytes for r in rows] == [6000, 6]
    assert {r.verified for r in rows} == {"read back"}
    assert [r.source for r in rows] == [str(rig / n) for n in CONTENT]


def test_a_second_run_keeps_what_is_there(tmp_path, rig):
    run(job(tmp_path, rig))
    copy = tmp_path / "raw" / "m1" / "CSC1.dat"
    before = copy.stat().st_ino
    run(job(tmp_path, rig))
    assert copy.stat().st_ino == before
    (rig / "CSC1.dat").write_bytes(b"other")
    run(job(tmp_path, rig))
    assert copy.read_bytes() == b"other"


def test_the_verified_copy_stays_the_recording_when_the_rig_is_emptied(tmp_path, rig):
    run(job(tmp_path, rig))
    wanted = (tmp_path / "manifest.tsv").read_bytes()
    (tmp_path / "manifest.tsv").unlink()  # as Snakemake does before it repeats a job
    for change in (lambda: [p.unlink() for p in rig.iterdir()], rig.rmdir):
        change()
        run(job(tmp_path, rig))
        assert (tmp_path / "manifest.tsv").read_bytes() == wanted


def test_a_copy_that_no_longer_is_what_it_was_is_told(tmp_path, rig):
    run(job(tmp_path, rig))
    rig.rename(tmp_path / "unmounted")
    (tmp_path / "raw" / "m1" / "CSC1.dat").write_bytes(b"rotten")
    with pytest.raises(RecordingError, match="bring the source back"):
        run(job(tmp_path, rig))


def test_a_copy_of_another_source_is_not_taken_for_this_one(tmp_path, rig):
    run(job(tmp_path, rig))
    with pytest.raises(RecordingError, match="is not there"):
        run(job(tmp_path, tmp_path / "another day"))


def test_in_place_copies_nothing(tmp_path, rig):
    run(job(tmp_path, rig, mode="in_place"))
    rows = read_rows(tmp_path / "manifest.tsv")
    assert {r.path.parent for r in rows} == {rig}
    assert {r.verified for r in rows} == {"in place"}
    assert not (tmp_path / "raw").exists()


@pytest.mark.parametrize("mode", ["copy", "in_place"])
@pytest.mark.parametrize("column", ["source", "video", "montage"])
def test_what_a_row_names_and_is_not_there_is_told_with_the_nearest(tmp_path, rig, column, mode):
    with pytest.raises(RecordingError, match=rf"{column} of m1 is .*there is my rig"):
        run(job(tmp_path, rig, mode, **{column: str(tmp_path / "my rigg")}))


def test_a_folder_without_files_is_told(tmp_path, rig):
    (tmp_path / "empty").mkdir()
    with pytest.raises(RecordingError, match="empty, which holds no files"):
        run(job(tmp_path, tmp_path / "empty", video=str(rig / "CSC1.dat")))


def test_provenance_names_the_hashes_without_reading_the_files_again(tmp_path, rig):
    whole = job(tmp_path, rig)
    run(whole)
    assert {Path(p).name for p in whole.known_hashes} == set(CONTENT)
    assert read_hashes(whole.inputs, whole.known_hashes) == read_hashes(whole.inputs, {})
    made_up = dict.fromkeys(whole.inputs["files"], "xxh3:known")
    told = read_hashes(whole.inputs, made_up)["files"]
    assert {entry["hash"] for entry in told} == {"xxh3:known"}


def test_a_recording_that_is_still_being_written_is_looked_at_again(tmp_path, rig):
    (rig / "CSC2.ncs").write_bytes(bytes(16384 + 500))
    run_stage(run, job(tmp_path, rig))
    mark = not_analysed(tmp_path / "manifest.tsv")
    assert "CSC2.ncs is still being written" in mark.reason
    first = (tmp_path / ".look_again").read_text()
    assert first[:4].isdigit()
    run_stage(run, job(tmp_path, rig))
    assert (tmp_path / ".look_again").read_text() > first
    os.truncate(rig / "CSC2.ncs", 16384 + 1044)
    run_stage(run, job(tmp_path, rig))
    assert len(read_rows(tmp_path / "manifest.tsv")) == 3


@pytest.mark.parametrize("column", ["source", "video", "montage"])
@pytest.mark.parametrize("empties", [False, True])
def test_what_is_not_here_is_looked_for_again_unless_the_rule_sees_it_come(
    tmp_path, rig, column, empties
):
    wanting = job(tmp_path, rig, **{column: str(tmp_path / "none")})
    wanting.settings = {**wanting.settings, "mode": "copy", "delete_source": empties}
    run_stage(run, wanting)
    assert not_analysed(tmp_path / "manifest.tsv")
    assert (tmp_path / ".look_again").exists() == empties


def test_a_recording_on_a_remote(serve, big, tmp_path):
    serve("box", "sftp", big.parent)
    run(job(tmp_path, "box:day1"))
    rows = read_rows(tmp_path / "manifest.tsv")
    assert [r.source for r in rows] == ["box:day1/Events.txt", "box:day1/big.dat"]
    assert {r.verified for r in rows} == {"sha1 of the remote"}
    assert rows[1].path.read_bytes() == (big / "big.dat").read_bytes()


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("box:day", r"box:day, which is not there \(there is day1\)"),
        ("boxx:day1", r"boxx:day1, which is not there \(there is box:\)"),
        ("box:day1/bigg.dat", r"there is big\.dat"),
        ("box:nowhere/day1", "which is not there; correct"),
    ],
)
def test_what_is_not_on_a_remote_is_told_and_looked_for_again(
    serve, big, tmp_path, source, sentence
):
    serve("box", "sftp", big.parent)
    with pytest.raises(RecordingError, match=sentence):
        run(job(tmp_path, source))
    assert (tmp_path / ".look_again").exists()


def test_a_remote_cannot_be_used_in_place(configure, big, tmp_path):
    configure("box", type="alias", remote=str(big))
    with pytest.raises(RecordingError, match=r"cannot be used in place; set transfer\.mode"):
        run(job(tmp_path, "box:", mode="in_place"))


def test_a_remote_that_does_not_answer_fails_the_job_and_marks_no_recording(serve, big, tmp_path):
    serve("box", "sftp", big.parent).stop()
    with pytest.raises(OSError, match="refused"):
        run_stage(run, job(tmp_path, "box:day1"))
    assert not (tmp_path / "manifest.tsv").exists()


def test_the_verified_copy_outlives_its_remote(serve, big, tmp_path):
    server = serve("box", "sftp", big.parent)
    run(job(tmp_path, "box:day1"))
    wanted = read_manifest(tmp_path / "manifest.tsv")
    server.stop()
    run(job(tmp_path, "box:day1"))
    assert read_manifest(tmp_path / "manifest.tsv") == wanted


def test_a_source_is_deleted_only_when_asked_and_the_recording_stays(tmp_path, rig):
    run(job(tmp_path, rig))
    assert len(list(rig.iterdir())) == 2
    wanted = read_manifest(tmp_path / "manifest.tsv")
    for asked in (True, True, False):
        run(job(tmp_path, rig, settings={"delete_source": asked}))
        assert list(rig.iterdir()) == []
        assert read_manifest(tmp_path / "manifest.tsv") == wanted


@pytest.mark.parametrize("asked", [True, False])
def test_a_source_of_which_a_part_was_deleted_stays_one_recording(tmp_path, rig, asked):
    run(job(tmp_path, rig))
    wanted = read_manifest(tmp_path / "manifest.tsv")
    note_deleted(tmp_path / "raw/m1", str(rig / "CSC1.dat"))
    (rig / "CSC1.dat").unlink()
    run(job(tmp_path, rig, settings={"delete_source": asked}))
    files = read_manifest(tmp_path / "manifest.tsv")
    assert files == wanted


def test_a_file_that_a_person_took_away_leaves_the_recording(tmp_path, rig):
    run(job(tmp_path, rig))
    (rig / "Events.txt").unlink()
    run(job(tmp_path, rig))
    assert [p.name for p in read_manifest(tmp_path / "manifest.tsv")] == ["CSC1.dat"]


def test_files_are_watched_for_as_long_as_was_asked(tmp_path, rig):
    started = time.monotonic()
    run(job(tmp_path, rig, settings={"settle_s": 0.3}))
    assert time.monotonic() - started >= 0.3


def mark_of(tmp_path):
    mark = not_analysed(tmp_path / "manifest.tsv")
    return mark and mark.reason


def kept_of(folder):
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file() and p.name[0] != "."}


def test_a_folder_that_is_used_again_does_not_replace_the_only_copy(tmp_path, rig):
    asked = {"delete_source": True}
    run_stage(run, job(tmp_path, rig, settings=asked))
    (rig / "CSC1.dat").write_bytes(b"SIGNAL" * 1000)
    run_stage(run, job(tmp_path, rig, settings={**asked, "hash": "sha256"}))
    assert "give what is new a recording of its own" in mark_of(tmp_path)
    assert kept_of(tmp_path / "raw/m1") == CONTENT
    assert (rig / "CSC1.dat").read_bytes() == b"SIGNAL" * 1000
    (rig / "CSC1.dat").rename(rig / "CSC9.dat")
    run_stage(run, job(tmp_path, rig, settings=asked))
    assert "CSC9.dat is new in a folder of which files were deleted" in mark_of(tmp_path)
    assert (rig / "CSC9.dat").exists()


def test_nothing_is_deleted_where_a_copy_stood_in(tmp_path, rig):
    video = tmp_path / "v.dat"
    video.write_bytes(b"video")
    run(job(tmp_path, rig, video=str(video)))
    (rig / "CSC1.dat").write_bytes(b"SIGNAL" * 1000)
    video.unlink()
    run(job(tmp_path, rig, settings={"delete_source": True}, video=str(video)))
    assert kept_of(rig) == {**CONTENT, "CSC1.dat": b"SIGNAL" * 1000}
    assert kept_of(tmp_path / "raw/m1") == {**kept_of(rig), "v.dat": b"video"}
    assert len(read_rows(tmp_path / "manifest.tsv")) == 3
    # the version before is not lost either
    (old,) = (tmp_path / "raw/m1/.replaced").rglob("CSC1.dat")
    assert old.read_bytes() == CONTENT["CSC1.dat"]


def test_what_is_rewritten_after_the_last_look_is_not_deleted(tmp_path, rig, monkeypatch):
    real = module.write_manifest

    def late(*words):
        real(*words)
        kept = (rig / "CSC1.dat").stat()
        (rig / "CSC1.dat").write_bytes(b"SIGNAL" * 1000)
        os.utime(rig / "CSC1.dat", ns=(kept.st_atime_ns, kept.st_mtime_ns))

    monkeypatch.setattr(module, "write_manifest", late)
    run(job(tmp_path, rig, settings={"delete_source": True}))
    assert kept_of(rig) == {"CSC1.dat": b"SIGNAL" * 1000}


@pytest.mark.parametrize("column", ["video", "video_times"])
def test_a_cell_that_leads_nowhere_and_is_new_is_told(tmp_path, rig, column):
    run_stage(run, job(tmp_path, rig))
    wanted = (tmp_path / "manifest.tsv").read_bytes()
    lost = tmp_path / "vidoe.dat"
    run_stage(run, job(tmp_path, rig, **{column: str(lost)}))
    assert f"{column} of m1 is {lost}, which is not there" in mark_of(tmp_path)
    run_stage(run, job(tmp_path, rig))
    assert (tmp_path / "manifest.tsv").read_bytes() == wanted


@pytest.mark.parametrize("emptied", [True, False])
def test_a_video_that_is_added_or_changed_later_is_brought(tmp_path, rig, emptied):
    first, second = tmp_path / "1.dat", tmp_path / "2.dat"
    first.write_bytes(b"first")
    second.write_bytes(b"second")
    run(job(tmp_path, rig, settings={"delete_source": emptied}, video=str(first)))
    if not emptied:
        rig.rename(tmp_path / "unmounted")
    for video in (second, first):
        run(job(tmp_path, rig, video=str(video)))
        names = {p.name for p in read_manifest(tmp_path / "manifest.tsv")}
        assert names == {*CONTENT, video.name}


@pytest.mark.parametrize("now", ["day1", "day", "day10/", "rig"])
def test_a_copy_stands_in_only_for_the_same_cell(tmp_path, now):
    (tmp_path / "day10").mkdir()
    (tmp_path / "day10" / "CSC1.dat").write_bytes(b"day 10")
    run_stage(run, job(tmp_path, tmp_path / "day10"))
    (tmp_path / "day10").rename(tmp_path / "unmounted")
    run_stage(run, job(tmp_path, f"{tmp_path}/{now}"))
    assert "is not there" in mark_of(tmp_path)
    run_stage(run, job(tmp_path, tmp_path / "day10"))
    assert mark_of(tmp_path) is None


def test_a_manifest_that_tells_no_cells_stands_in_for_nothing(tmp_path, rig):
    run(job(tmp_path, rig))
    kept = tmp_path / "raw/m1/.manifest.tsv"
    kept.write_text("path\tbytes\thash\n" + f"{tmp_path}/raw/m1/CSC1.dat\t6000\txxh3:0\n")
    with pytest.raises(RecordingError, match="is not there"):
        run(job(tmp_path, tmp_path / "none"))


def test_a_second_version_cut_off_in_the_middle_leaves_the_first(tmp_path, rig, monkeypatch):
    run(job(tmp_path, rig))
    wanted = (tmp_path / "manifest.tsv").read_bytes()
    real = gather.bring

    def cut(file, *rest):
        if file.name == "Events.txt":
            raise KeyboardInterrupt
        return real(file, *rest)

    for name in CONTENT:
        (rig / name).write_bytes(b"second")
    with monkeypatch.context() as m:
        m.setattr(gather, "bring", cut)
        with pytest.raises(KeyboardInterrupt):
            run(job(tmp_path, rig))
    assert kept_of(tmp_path / "raw/m1") == CONTENT
    rig.rename(tmp_path / "unmounted")
    run(job(tmp_path, rig))
    assert (tmp_path / "manifest.tsv").read_bytes() == wanted
    (tmp_path / "unmounted").rename(rig)
    run(job(tmp_path, rig))
    assert kept_of(tmp_path / "raw/m1") == dict.fromkeys(CONTENT, b"second")


def test_a_version_that_is_still_being_written_replaces_nothing(tmp_path, rig, monkeypatch):
    run(job(tmp_path, rig))
    real = gather.bring

    def grow(file, *rest):
        row = real(file, *rest)
        with (rig / "CSC1.dat").open("ab") as f:
            f.write(b"more")
        return row

    (rig / "CSC1.dat").write_bytes(b"")
    monkeypatch.setattr(gather, "bring", grow)
    run_stage(run, job(tmp_path, rig))
    assert "is still being written" in mark_of(tmp_path)
    assert kept_of(tmp_path / "raw/m1") == CONTENT


def test_a_copy_without_source_is_listed_with_the_hash_that_is_asked_for(tmp_path, rig):
    run(job(tmp_path, rig))
    rig.rename(tmp_path / "unmounted")
    run(job(tmp_path, rig, settings={"hash": "sha256"}))
    for row in read_rows(tmp_path / "manifest.tsv"):
        assert row.hash == f"sha256:{hashlib.sha256(row.path.read_bytes()).hexdigest()}"


def test_a_remote_that_is_the_folder_of_the_copies_loses_nothing(tmp_path, configure):
    raw = tmp_path / "raw" / "m1"
    raw.mkdir(parents=True)
    for name, content in CONTENT.items():
        (raw / name).write_bytes(content)
    configure("lab", type="alias", remote=str(tmp_path))
    for _ in range(2):
        run(job(tmp_path, "lab:raw/m1", settings={"delete_source": True}))
        assert kept_of(raw) == CONTENT


def test_a_link_where_a_copy_is_asked_for_becomes_one(tmp_path, rig):
    run(job(tmp_path, rig, mode="link"))
    run(job(tmp_path, rig))
    assert not (tmp_path / "raw/m1/CSC1.dat").samefile(rig / "CSC1.dat")
    assert kept_of(tmp_path / "raw/m1") == CONTENT
    assert not (tmp_path / "raw/m1/.replaced").exists()


@pytest.mark.parametrize("name", [b"Icon\r", b"a\nb", "ü\u2028z".encode(), b"l\xe4rm.dat"])
def test_a_name_that_no_list_can_keep_is_told_before_anything_is_copied(tmp_path, rig, name):
    with open(os.fsencode(rig) + b"/" + name, "wb") as f:  # noqa: PTH123 (bytes)
        f.write(b"x")
    whole = job(tmp_path, rig)
    whole.inputs["files"] = []
    run_stage(run, whole)
    assert "has a sign in its name that is no letter" in mark_of(tmp_path)
    assert kept_of(tmp_path / "raw/m1") == {}


def test_a_link_that_leads_nowhere_is_told(tmp_path, rig, caplog):
    (rig / "CSC2.dat").symlink_to("nowhere")
    run(job(tmp_path, rig))
    assert f"{rig}/CSC2.dat is a link that leads nowhere" in caplog.text


def films_of(tmp_path, names):
    """The cells of a row whose video is several files, as `vigil.row.paths_of` names them."""
    paths = [str(tmp_path / "cam" / f"{n}.avi") for n in names]
    return {f"video {k + 1}" if k else "video": path for k, path in enumerate(paths)}


@pytest.fixture
def cam(tmp_path):
    folder = tmp_path / "cam"
    folder.mkdir()
    for name in "abc":
        (folder / f"{name}.avi").write_bytes(name.encode() * 2000)
    return folder


def listed(tmp_path):
    names = [p.name for p in read_manifest(tmp_path / "manifest.tsv")]
    return sorted(n[0] for n in names if n.endswith(".avi"))


@pytest.mark.parametrize("asked", [True, False])
@pytest.mark.parametrize("now", [["ba"], ["b"], ["ab", "b", "ba"], ["cab"], ["ba", "ab"]])
def test_several_videos_keep_their_copies_whatever_their_order(tmp_path, rig, cam, asked, now):
    run(job(tmp_path, rig, settings={"delete_source": asked}, **films_of(tmp_path, "ab")))
    for name in "ab":
        (cam / f"{name}.avi").unlink(missing_ok=True)
    for names in now:
        run(job(tmp_path, rig, settings={"delete_source": asked}, **films_of(tmp_path, names)))
        assert listed(tmp_path) == sorted(names)
    kept = {k.row.path.name: k.cells for k in read_kept(tmp_path / "raw/m1")}
    for column, path in films_of(tmp_path, now[-1]).items():
        assert kept[Path(path).name] == {column: path}


def test_a_video_that_was_dropped_after_its_source_was_deleted_comes_back(tmp_path, rig, cam):
    asked = {"delete_source": True}
    for names in ("abc", "c", "cb", "bca"):
        run(job(tmp_path, rig, settings=asked, **films_of(tmp_path, names)))
        assert listed(tmp_path) == sorted(names)
