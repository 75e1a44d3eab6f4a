"""Transfer at its edge: what is kept when the source is gone."""

from pathlib import Path

import pytest

from vigil.provenance import read_hashes
from vigil.recording import RecordingError
from vigil.stage import Job
from vigil.transfer.files import read_manifest
from vigil.transfer.run import run

CONTENT = {"CSC1.ncs": b"signal" * 1000, "Events.nev": b"events"}


@pytest.fixture
def rig(tmp_path):
    folder = tmp_path / "my rig"
    folder.mkdir()
    for name, content in CONTENT.items():
        (folder / name).write_bytes(content)
    return folder


def job(tmp_path, rig, mode="copy", **row):
    files = sorted(str(p) for p in rig.iterdir()) if rig.is_dir() else []
    return Job(
        stage="transfer",
        method_version="1",
        recording="m1",
        inputs={"files": files},
        outputs={"manifest": str(tmp_path / "manifest.tsv")},
        settings={"mode": mode},
        row={"source": str(rig), "raw": str(tmp_path / "raw" / "m1"), **row},
    )


def test_the_files_are_brought_and_listed(tmp_path, rig):
    run(job(tmp_path, rig))
    files = read_manifest(tmp_path / "manifest.tsv")
    assert {p.name: p.read_bytes() for p in files} == CONTENT
    assert {p.parent for p in files} == {tmp_path / "raw" / "m1"}


def test_a_second_run_keeps_what_is_there(tmp_path, rig):
    run(job(tmp_path, rig))
    copy = tmp_path / "raw" / "m1" / "CSC1.ncs"
    before = copy.stat().st_ino
    run(job(tmp_path, rig))
    assert copy.stat().st_ino == before
    (rig / "CSC1.ncs").write_bytes(b"other")
    run(job(tmp_path, rig))
    assert copy.read_bytes() == b"other"


def test_an_interrupted_copy_is_done_again(tmp_path, rig):
    run(job(tmp_path, rig))
    copy = tmp_path / "raw" / "m1" / "CSC1.ncs"
    copy.unlink()
    copy.with_name(".partial.CSC1.ncs").write_bytes(b"sig")
    run(job(tmp_path, rig))
    assert copy.read_bytes() == CONTENT["CSC1.ncs"]
    assert not list(copy.parent.glob(".partial*"))


def test_the_verified_copy_stays_the_recording_when_the_rig_is_emptied(tmp_path, rig):
    run(job(tmp_path, rig))
    wanted = read_manifest(tmp_path / "manifest.tsv")
    (tmp_path / "manifest.tsv").unlink()  # as Snakemake does before it repeats a job
    rig.rename(tmp_path / "unmounted")
    run(job(tmp_path, rig))
    assert read_manifest(tmp_path / "manifest.tsv") == wanted
    assert all(p.is_file() for p in wanted)


def test_a_copy_that_no_longer_is_what_it_was_is_told(tmp_path, rig):
    run(job(tmp_path, rig))
    rig.rename(tmp_path / "unmounted")
    (tmp_path / "raw" / "m1" / "CSC1.ncs").write_bytes(b"rotten")
    with pytest.raises(RecordingError, match="bring the source back"):
        run(job(tmp_path, rig))


def test_in_place_copies_nothing(tmp_path, rig):
    run(job(tmp_path, rig, mode="in_place"))
    assert {p.parent for p in read_manifest(tmp_path / "manifest.tsv")} == {rig}
    assert not (tmp_path / "raw").exists()


@pytest.mark.parametrize("column", ["source", "video", "montage"])
def test_what_a_row_names_and_is_not_there_is_told_with_the_nearest(tmp_path, rig, column):
    with pytest.raises(RecordingError, match=rf"{column} of m1 is .*there is my rig"):
        run(job(tmp_path, rig, **{column: str(tmp_path / "my rigg")}))


def test_provenance_names_the_hashes_without_reading_the_files_again(tmp_path, rig):
    whole = job(tmp_path, rig)
    run(whole)
    assert {Path(p).name for p in whole.known_hashes} == set(CONTENT)
    assert read_hashes(whole.inputs, whole.known_hashes) == read_hashes(whole.inputs, {})
    made_up = dict.fromkeys(whole.inputs["files"], "xxh3:known")
    told = read_hashes(whole.inputs, made_up)["files"]
    assert {entry["hash"] for entry in told} == {"xxh3:known"}
