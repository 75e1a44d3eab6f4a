"""Sources deleted: only when asked for, only what was verified, and nothing else."""

import os

import pytest

from vigil.transfer import empty
from vigil.transfer.empty import delete_sources, deleted_before
from vigil.transfer.gather import gather
from vigil.transfer.settings import Settings
from vigil.transfer.source import find_files


@pytest.fixture
def rig(tmp_path):
    folder = tmp_path / "rig"
    (folder / "notes").mkdir(parents=True)
    for name in ("CSC1.ncs", "CSC2.ncs", "Events.nev", ".hidden", "notes/day.txt"):
        (folder / name).write_bytes(bytes(16384))
    return folder


@pytest.fixture
def raw(tmp_path):
    return tmp_path / "raw" / "m1"


def brought(cells, raw):
    found = find_files(cells)
    return gather(found, lambda: found, raw, Settings(settle_s=0))


def left(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_what_was_brought_goes_and_all_else_stays(rig, raw, caplog):
    caplog.set_level("INFO")
    cells = {"source": str(rig)}
    delete_sources(brought(cells, raw), cells, raw)
    assert left(rig) == [".hidden", "notes/day.txt"]
    assert left(raw) == [".deleted", "CSC1.ncs", "CSC2.ncs", "Events.nev"]
    assert deleted_before(raw) == {str(rig / n) for n in ("CSC1.ncs", "CSC2.ncs", "Events.nev")}
    lines = [r.getMessage() for r in caplog.records if r.getMessage().startswith("deleted ")]
    assert len(lines) == 3
    assert f"{rig}/CSC1.ncs, 16384 bytes, xxh3:" in lines[0]


def test_files_of_a_remote_are_deleted_there(serve, rig, raw):
    serve("box", "sftp", rig.parent)
    cells = {"source": "box:rig"}
    delete_sources(brought(cells, raw), cells, raw)
    assert left(rig) == [".hidden", "notes/day.txt"]


def test_a_copy_that_rotted_keeps_every_source(rig, raw):
    cells = {"source": str(rig)}
    rows = brought(cells, raw)
    before = left(rig)
    with (raw / "Events.nev").open("r+b") as f:
        f.write(b"rot")
    with pytest.raises(OSError, match="no source was deleted"):
        delete_sources(rows, cells, raw)
    (raw / "Events.nev").unlink()
    with pytest.raises(OSError, match="is not whole; no source was deleted"):
        delete_sources(rows, cells, raw)
    assert left(rig) == before


def test_what_the_row_needs_elsewhere_what_grew_and_what_is_a_link_stays(rig, raw, tmp_path):
    (rig / "montage.tsv").write_text("channel\tregion\n")
    (tmp_path / "elsewhere.dat").write_bytes(b"x")
    (rig / "linked.dat").symlink_to(tmp_path / "elsewhere.dat")
    cells = {"source": str(rig), "montage": str(rig / "montage.tsv")}
    rows = brought(cells, raw)
    with (rig / "CSC2.ncs").open("ab") as f:
        f.write(b"more")
    delete_sources(rows, cells, raw)
    assert left(rig) == [".hidden", "CSC2.ncs", "linked.dat", "montage.tsv", "notes/day.txt"]
    assert (tmp_path / "elsewhere.dat").exists()


@pytest.mark.parametrize("step_ns", [1, 100, 10_000_000, 1_000_000_000, 2_000_000_000])
def test_a_source_that_was_rewritten_with_the_same_size_stays(rig, raw, caplog, step_ns):
    cells = {"source": str(rig)}
    for path in rig.glob("*.n*"):
        os.utime(path, ns=(1_700_000_001_234_567_891,) * 2)
    rows = brought(cells, raw)
    for row in rows:
        # as a file system with coarser times would keep it
        os.utime(row.path, ns=(row.path.stat().st_mtime_ns // step_ns * step_ns,) * 2)
    (rig / "CSC2.ncs").write_bytes(bytes([1]) * 16384)
    delete_sources(rows, cells, raw)
    assert left(rig) == [".hidden", "CSC2.ncs", "notes/day.txt"]
    assert "CSC2.ncs is not deleted: it was written to after it was copied" in caplog.text


def test_a_copy_that_is_its_own_source_stays(raw):
    raw.mkdir(parents=True)
    (raw / "CSC1.ncs").write_bytes(bytes(16384))
    cells = {"source": str(raw)}
    delete_sources(brought(cells, raw), cells, raw)
    assert (raw / "CSC1.ncs").exists()


def test_a_crash_between_two_deletions_is_known_afterwards(rig, raw, monkeypatch):
    cells = {"source": str(rig)}
    rows = brought(cells, raw)
    real = empty._note

    def crash(path, source):
        real(path, source)
        if "CSC2" in source:
            raise KeyboardInterrupt

    monkeypatch.setattr(empty, "_note", crash)
    with pytest.raises(KeyboardInterrupt):
        delete_sources(rows, cells, raw)
    assert not (rig / "CSC1.ncs").exists()
    assert str(rig / "CSC1.ncs") in deleted_before(raw)
