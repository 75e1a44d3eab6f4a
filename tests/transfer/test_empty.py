"""Sources deleted: only when asked for, only what was verified, and nothing else."""

import os
from pathlib import Path

import pytest

from vigil.transfer import empty, rclone
from vigil.transfer.empty import delete_sources
from vigil.transfer.gather import gather
from vigil.transfer.kept import deleted_before
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
    rows = gather(found, lambda: found, raw, Settings(settle_s=0))
    return list(zip(found, rows, strict=True))


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


def test_a_source_that_was_rewritten_with_the_same_size_stays(rig, raw, caplog):
    cells = {"source": str(rig)}
    pairs = brought(cells, raw)
    (rig / "CSC2.ncs").write_bytes(bytes([1]) * 16384)
    delete_sources(pairs, cells, raw)
    assert left(rig) == [".hidden", "CSC2.ncs", "notes/day.txt"]
    assert "CSC2.ncs is not deleted: it changed after it was copied" in caplog.text


@pytest.mark.parametrize("afar", [False, True])
def test_a_source_that_was_rewritten_with_size_and_time_stays(rig, raw, caplog, configure, afar):
    configure("box", type="alias", remote=str(rig))
    cells = {"source": "box:" if afar else str(rig)}
    pairs = brought(cells, raw)
    kept = (rig / "CSC2.ncs").stat()
    (rig / "CSC2.ncs").write_bytes(bytes([1]) * 16384)
    os.utime(rig / "CSC2.ncs", ns=(kept.st_atime_ns, kept.st_mtime_ns))
    delete_sources(pairs, cells, raw)
    assert left(rig) == [".hidden", "CSC2.ncs", "notes/day.txt"]
    assert "CSC2.ncs is not deleted: it no longer is what was copied" in caplog.text


def test_a_source_that_is_written_to_while_it_is_read_for_the_last_time_stays(
    rig, raw, monkeypatch
):
    cells = {"source": str(rig)}
    pairs = brought(cells, raw)
    real = empty.hash_from_disk

    def slow(names, path, progress):
        told = real(names, path, progress)
        if path == rig / "CSC2.ncs":
            path.write_bytes(bytes([1]) * 16384)
        return told

    monkeypatch.setattr(empty, "hash_from_disk", slow)
    delete_sources(pairs, cells, raw)
    assert (rig / "CSC2.ncs").exists()
    assert not (rig / "CSC1.ncs").exists()


def test_a_copy_that_is_its_own_source_stays(raw):
    raw.mkdir(parents=True)
    (raw / "CSC1.ncs").write_bytes(bytes(16384))
    cells = {"source": str(raw)}
    delete_sources(brought(cells, raw), cells, raw)
    assert (raw / "CSC1.ncs").exists()


@pytest.mark.parametrize("of_another", [False, True])
def test_a_remote_that_is_a_folder_of_copies_is_left_alone(raw, configure, caplog, of_another):
    home = raw.with_name("m0") if of_another else raw
    home.mkdir(parents=True)
    (home / "CSC1.ncs").write_bytes(bytes(16384))
    if of_another:
        (home / ".manifest.tsv").write_text("path")
    configure("lab", type="alias", remote=str(raw.parent))
    cells = {"source": f"lab:{home.name}"}
    delete_sources(brought(cells, raw), cells, raw)
    assert (home / "CSC1.ncs").exists()
    assert "it lies where this program keeps its copies" in caplog.text
    assert not list(raw.glob(".probe*"))


def test_when_a_copy_goes_with_its_source_nothing_more_is_deleted(rig, raw, monkeypatch):
    cells = {"source": str(rig)}
    pairs = brought(cells, raw)
    real = empty._delete

    def both(row, folder):
        real(row, folder)
        row.path.unlink()

    monkeypatch.setattr(empty, "_delete", both)
    with pytest.raises(OSError, match=r"went with .*nothing more is deleted"):
        delete_sources(pairs, cells, raw)
    assert left(rig) == [".hidden", "CSC2.ncs", "Events.nev", "notes/day.txt"]


def test_what_cannot_be_deleted_stays_and_is_not_taken_for_deleted(
    rig, raw, monkeypatch, caplog, configure
):
    configure("box", type="alias", remote=str(rig))
    cells = {"source": "box:"}
    pairs = brought(cells, raw)

    def refuse(where):
        raise rclone.RemoteFault(f"{where}: read-only")

    monkeypatch.setattr(rclone, "delete_file", refuse)
    delete_sources(pairs, cells, raw)
    assert len(left(rig)) == 5
    assert deleted_before(raw) == set()
    assert "CSC1.ncs is not deleted: box:CSC1.ncs: read-only" in caplog.text
    (rig / "CSC1.ncs").unlink()
    delete_sources(pairs, cells, raw)


def test_a_crash_in_a_deletion_is_known_afterwards(rig, raw, monkeypatch):
    cells = {"source": str(rig)}
    pairs = brought(cells, raw)
    real = Path.unlink

    def crash(path, **words):
        real(path, **words)
        if path == rig / "CSC2.ncs":
            raise KeyboardInterrupt

    monkeypatch.setattr(Path, "unlink", crash)
    with pytest.raises(KeyboardInterrupt):
        delete_sources(pairs, cells, raw)
    assert deleted_before(raw) == {str(rig / n) for n in ("CSC1.ncs", "CSC2.ncs")}
