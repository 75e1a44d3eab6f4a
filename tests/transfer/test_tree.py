"""Recordings whose folder is a tree: Open Ephys binary, brought, read, deleted and archived."""

import contextlib
import importlib.util
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import zarr

from vigil.cli import main
from vigil.downsample.sources.choose import open_source
from vigil.recording import RecordingError
from vigil.stage import Job
from vigil.transfer import empty
from vigil.transfer.archive import run as archive
from vigil.transfer.files import read_manifest, read_rows
from vigil.transfer.run import run
from vigil.transfer.source import find_files

CONTINUOUS = "Record Node 101/experiment1/recording1/continuous"
N_FILES = 16


@pytest.fixture(scope="session")
def small(checkout):
    """The writers of small files of the readers' tests."""
    path = checkout / "tests/downsample/sources/small_files.py"
    spec = importlib.util.spec_from_file_location("small_files", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def session(tmp_path, small):
    """Two experiments; the first has a gap and two streams, whose files have the same names."""
    folder = tmp_path / "my rig"
    x = np.random.default_rng(0).integers(-3000, 3000, (3, 4000)).astype(np.int16)
    small.write_open_ephys(folder, x, gaps=[(1500, 300)])
    small.write_open_ephys(folder, x[:, :900], first=9, recording="experiment2/recording1")
    beside = folder / CONTINUOUS / "Probe-102.1"
    shutil.copytree(folder / CONTINUOUS / "Rhythm_FPGA-100.0", beside)
    (beside / "continuous.dat").write_bytes(bytes(range(200)))
    events = folder / "Record Node 101/experiment1/recording1/events/Rhythm_FPGA-100.0/TTL"
    events.mkdir(parents=True)
    np.save(events / "states.npy", np.array([1, -1], np.int16))
    for name in ("Record Node 101/settings.xml", ".DS_Store", ".old/continuous.dat", "notes.txt"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(name)
    for i, path in enumerate(sorted(p for p in folder.rglob("*") if p.is_file())):
        os.utime(path, (1_700_000_000 + i, 1_700_000_000 + i))
    return folder


def job(tmp_path, source, settings=(), **row):
    return Job(
        stage="transfer",
        method_version="1",
        recording="m1",
        inputs={},
        outputs={"manifest": str(tmp_path / "manifest.tsv")},
        settings={"settle_s": 0, **dict(settings)},
        row={"source": str(source), "raw": str(tmp_path / "raw" / "m1"), **row},
    )


def contents(folder):
    """All that is not hidden in a folder, by its path there."""
    names = {p: p.relative_to(folder) for p in folder.rglob("*") if p.is_file()}
    return {
        str(n): (p.read_bytes(), p.stat().st_mtime)
        for p, n in names.items()
        if not any(part[0] == "." for part in n.parts)
    }


def assert_reads_as(files, session, small):
    ours, theirs = open_source(files), open_source(small.files_under(session))
    assert ours.segments == theirs.segments
    assert ours.channels == theirs.channels
    assert ours.start == theirs.start
    assert len(ours.segments) == 3
    for a, b in zip(small.read_all(ours), small.read_all(theirs), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("mode", ["copy", "link", "in_place", "remote"])
def test_a_tree_is_brought_with_its_folders_and_read_the_same(
    tmp_path, session, small, configure, mode
):
    source, asked = session, mode
    if mode == "remote":
        configure("lab", type="alias", remote=str(tmp_path))
        source, asked = "lab:my rig", "copy"
    for _ in range(2):
        run(job(tmp_path, source, {"mode": asked}))
        rows = read_rows(tmp_path / "manifest.tsv")
        wanted = contents(session)
        assert len(wanted) == N_FILES
        assert {r.name for r in rows} == set(wanted)
        if mode == "in_place":
            assert {str(r.path) for r in rows} == {str(session / n) for n in wanted}
            assert not (tmp_path / "raw").exists()
        else:
            assert contents(tmp_path / "raw/m1") == wanted
        assert_reads_as(list(read_manifest(tmp_path / "manifest.tsv")), session, small)


def test_a_tree_on_a_server_is_that_tree(tmp_path, session, serve):
    serve("box", "sftp", tmp_path)
    run(job(tmp_path, "box:my rig"))
    assert contents(tmp_path / "raw/m1").keys() == contents(session).keys()


@pytest.mark.parametrize(
    "part",
    ["Record Node 101", "Record Node 101/experiment1", "Record Node 101/experiment1/recording1"],
)
def test_a_part_of_a_session_is_a_tree_as_well(tmp_path, session, configure, part):
    configure("lab", type="alias", remote=str(session))
    here = {f.name: f.n_bytes for f in find_files({"source": str(session / part)})}
    there = {f.name: f.n_bytes for f in find_files({"source": f"lab:{part}"})}
    assert here == there == {n: len(b) for n, (b, _) in contents(session / part).items()}


def test_folders_in_another_folder_are_left_alone_here_and_there(tmp_path, session, configure):
    shutil.copytree(session, tmp_path / "day1" / "2026-03-01_08-00-00")
    (tmp_path / "day1" / "experiment1").mkdir()
    for name in ("CSC1.ncs", "experiment1/CSC1.ncs"):
        (tmp_path / "day1" / name).write_bytes(bytes(16384))
    configure("lab", type="alias", remote=str(tmp_path))
    for source in (str(tmp_path / "day1"), "lab:day1"):
        assert [f.name for f in find_files({"source": source})] == ["CSC1.ncs"]


@pytest.mark.parametrize("afar", [False, True])
def test_what_the_row_names_lies_at_the_top_under_its_own_name(
    tmp_path, session, small, configure, afar
):
    configure("lab", type="alias", remote=str(session))
    inside = "Record Node 101/experiment1/frames.csv"
    (session / inside).write_text("frame,time_s\n")
    (session / CONTINUOUS / "frames.csv").write_text("another\n")
    place = "lab:" if afar else f"{session}/"
    run(job(tmp_path, place, video_times=f"{place}{inside}"))
    raw = tmp_path / "raw/m1"
    assert (raw / "frames.csv").read_text() == "frame,time_s\n"
    assert (raw / CONTINUOUS / "frames.csv").read_text() == "another\n"
    assert not (raw / inside).exists()
    files = list(read_manifest(tmp_path / "manifest.tsv"))
    # the first of this name is the one that the row names
    assert next(p for p in files if p.name == "frames.csv") == raw / "frames.csv"
    assert_reads_as(files, session, small)


def test_two_files_for_one_place_are_refused(tmp_path, session):
    for name in ("notes.txt", "Record Node 101"):
        (tmp_path / "cam").mkdir(exist_ok=True)
        (tmp_path / "cam" / name).write_text("other")
        with pytest.raises(RecordingError, match=f"called {name}; rename one"):
            find_files({"source": str(session), "video": str(tmp_path / "cam" / name)})


def test_a_tree_is_deleted_and_its_copy_stays_the_recording(tmp_path, session, small):
    kept = tmp_path / "kept"
    shutil.copytree(session, kept)
    for _ in range(2):
        run(job(tmp_path, session, {"delete_source": True}))
        assert contents(session) == {}
        assert (session / ".old/continuous.dat").exists()
        assert_reads_as(list(read_manifest(tmp_path / "manifest.tsv")), kept, small)


def test_while_a_file_stays_the_source_stays_a_tree(tmp_path, session):
    montage = session / CONTINUOUS / "montage.tsv"
    montage.write_text("channel\tregion\n")
    for _ in range(2):
        run(job(tmp_path, session, {"delete_source": True}, montage=str(montage)))
        left = [Path(n).name for n in contents(session)]
        assert sorted(left) == ["montage.tsv", "structure.oebin", "structure.oebin"]
        assert len(read_rows(tmp_path / "manifest.tsv")) == N_FILES + 1


def test_a_tree_of_which_a_part_was_deleted_stays_one_recording(tmp_path, session, monkeypatch):
    run(job(tmp_path, session))
    wanted = read_manifest(tmp_path / "manifest.tsv")
    real, noted = empty.note_deleted, []

    def crash(raw, source):
        real(raw, source)
        noted.append(source)
        if len(noted) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(empty, "note_deleted", crash)
    for left in range(N_FILES - 1, -1, -1):
        noted.clear()
        with contextlib.suppress(KeyboardInterrupt):
            run(job(tmp_path, session, {"delete_source": True}))
        assert len(contents(session)) == left
        run(job(tmp_path, session))
        # sorted: what is brought comes before what was deleted
        assert sorted(read_manifest(tmp_path / "manifest.tsv").items()) == sorted(wanted.items())


def test_a_tree_on_a_remote_is_deleted_there(tmp_path, session, configure):
    configure("lab", type="alias", remote=str(session))
    run(job(tmp_path, "lab:", {"delete_source": True}))
    assert contents(session) == {}
    assert len(read_rows(tmp_path / "manifest.tsv")) == N_FILES


@pytest.mark.parametrize("mode", ["copy", "in_place"])
def test_an_archived_tree_comes_back_as_it_was(tmp_path, session, mode, capsys, archive_job):
    odd = session / "Record Node 101" / "odd.zarr"
    odd.mkdir()
    (odd / "zarr.json").write_text("{}")
    run(job(tmp_path, session, {"mode": mode}))
    for _ in range(2):
        archive(archive_job())
    assert (tmp_path / "archive/m1" / CONTINUOUS / "Probe-102.1/continuous.dat.zarr").is_dir()
    for _ in range(2):
        assert main(["restore", str(tmp_path / "archive/m1"), str(tmp_path / "back")]) == 0
        assert contents(tmp_path / "back") == contents(session)
    assert capsys.readouterr().out.count("is there already") == N_FILES + 1
    one = tmp_path / "archive/m1" / CONTINUOUS / "Probe-102.1/continuous.dat.zarr"
    assert main(["restore", str(one), str(tmp_path / "one")]) == 0
    assert list(contents(tmp_path / "one")) == [f"{CONTINUOUS}/Probe-102.1/continuous.dat"]


def test_an_archive_within_another_is_refused(tmp_path, session, archive_job):
    (session / "a").write_text("a")
    (session / "a.zarr").mkdir()
    (session / "a.zarr" / "b").write_text("b")
    run(job(tmp_path, session))
    with pytest.raises(RecordingError, match=r"b\.zarr would lie within the archive of another"):
        archive(archive_job())


def test_an_archived_file_that_lost_its_description_is_told(tmp_path, session, capsys, archive_job):
    run(job(tmp_path, session))
    archive(archive_job())
    lost = tmp_path / "archive/m1" / CONTINUOUS / "Probe-102.1/continuous.dat.zarr"
    (lost / "zarr.json").unlink()
    assert main(["restore", str(tmp_path / "archive/m1"), str(tmp_path / "back")]) == 1
    assert f"{lost} is not an archive that this program wrote" in capsys.readouterr().out
    assert len(contents(tmp_path / "back")) == N_FILES - 1


@pytest.mark.parametrize(
    "name", ["../out.dat", "/tmp/out.dat", "a/../../out.dat", "linked/out.dat"]
)
def test_nothing_is_restored_outside_the_folder(tmp_path, session, capsys, name, archive_job):
    run(job(tmp_path, session))
    archive(archive_job())
    place = tmp_path / "archive/m1/notes.txt.zarr"
    zarr.open_group(place).attrs["name"] = name
    back, elsewhere = tmp_path / "a" / "back", tmp_path / "elsewhere"
    back.mkdir(parents=True)
    elsewhere.mkdir()
    (back / "linked").symlink_to(elsewhere)
    assert main(["restore", str(place), str(back)]) == 1
    assert f"leads out of {back}; restore into a new folder" in capsys.readouterr().out
    assert list(elsewhere.iterdir()) == []
    assert [p.name for p in back.parent.rglob("*")] == ["back", "linked"]


def test_a_link_where_a_file_is_written_first_is_not_followed(tmp_path, session, archive_job):
    run(job(tmp_path, session))
    archive(archive_job())
    (tmp_path / "back").mkdir()
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / "back/.partial.notes.txt").symlink_to(tmp_path / "mine.txt")
    assert main(["restore", str(tmp_path / "archive/m1"), str(tmp_path / "back")]) == 0
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert (tmp_path / "back/notes.txt").read_text() == "notes.txt"
