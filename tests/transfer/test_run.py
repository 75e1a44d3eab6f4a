"""Transfer at its edge: what is kept when the source is gone, and what is looked at again."""

import os
import time
from pathlib import Path

import pytest

from vigil.provenance import read_hashes
from vigil.recording import RecordingError
from vigil.stage import Job, not_analysed, run_stage
from vigil.transfer.files import read_manifest, read_rows
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


def test_a_missing_folder_here_is_noticed_by_the_workflow_itself(tmp_path):
    run_stage(run, job(tmp_path, tmp_path / "none"))
    assert not (tmp_path / ".look_again").exists()


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
    (tmp_path / "raw/m1/.deleted").write_text(f"{rig / 'CSC1.dat'}\n")
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
