"""All files of a recording together: names, room, and changes until the very end."""

import os
import shutil
from collections import namedtuple

import pytest

from vigil.transfer import gather as module
from vigil.transfer import rclone
from vigil.transfer.gather import gather, make_sure_of_room
from vigil.transfer.settings import Settings
from vigil.transfer.settle import StillBeingWritten
from vigil.transfer.source import find_files

QUIET = Settings(settle_s=0)
Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def rig(tmp_path):
    folder = tmp_path / "rig"
    folder.mkdir()
    for i in range(3):
        (folder / f"{i}.dat").write_bytes(bytes([i]) * 100_000)
    return folder


def test_all_files_are_brought(rig, tmp_path):
    found = find_files({"source": str(rig)})
    rows = gather(found, lambda: found, tmp_path / "raw", QUIET)
    assert [r.path.read_bytes() for r in rows] == [bytes([i]) * 100_000 for i in range(3)]


def test_a_file_that_changes_after_it_was_copied_is_noticed(rig, tmp_path, monkeypatch):
    real = module.bring

    def growing(file, *rest):
        row = real(file, *rest)
        if file.name == "2.dat":
            with (rig / "0.dat").open("ab") as f:
                f.write(b"more")
        return row

    monkeypatch.setattr(module, "bring", growing)
    cells = {"source": str(rig)}
    with pytest.raises(StillBeingWritten, match=r"0\.dat .* 100000 to 100004 bytes"):
        gather(find_files(cells), lambda: find_files(cells), tmp_path / "raw", QUIET)


@pytest.mark.parametrize(("free", "fits"), [(299_999, False), (300_000, True)])
def test_room_is_made_sure_of_before_the_first_byte(rig, tmp_path, monkeypatch, free, fits):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, free))
    found = find_files({"source": str(rig)})
    if fits:
        gather(found, lambda: found, tmp_path / "raw", QUIET)
        return
    with pytest.raises(OSError, match="are still to come; make room and run again"):
        gather(found, lambda: found, tmp_path / "raw", QUIET)
    assert not list((tmp_path / "raw").iterdir())


def test_what_is_there_and_what_is_linked_needs_no_room(rig, tmp_path, monkeypatch):
    raw = tmp_path / "raw"
    raw.mkdir()
    shutil.copy2(rig / "0.dat", raw)
    (raw / ".partial.1.dat").write_bytes(bytes(60_000))
    found = find_files({"source": str(rig)})
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, 140_000))
    make_sure_of_room(found, raw, "copy")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, 139_999))
    make_sure_of_room(found, raw, "link")
    with pytest.raises(OSError, match=r"0\.00 GB free"):
        make_sure_of_room(found, raw, "copy")


def test_what_will_be_written_again_needs_room(rig, tmp_path, monkeypatch, configure):
    raw = tmp_path / "raw"
    raw.mkdir()
    for name in ("0.dat", "1.dat", "2.dat"):
        shutil.copy2(rig / name, raw)
    os.utime(raw / "0.dat", (1, 1))
    (raw / "1.dat").unlink()
    os.link(rig / "1.dat", raw / "1.dat")
    configure("rig", type="alias", remote=str(rig))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, 99_999))
    for name, source in (
        ("0.dat", rig / "0.dat"),
        ("1.dat", rig / "1.dat"),
        ("0.dat", "rig:0.dat"),
    ):
        found = find_files({"source": str(source)})
        with pytest.raises(OSError, match="make room"):
            make_sure_of_room(found, raw, "copy")
        shutil.copy2(rig / name, raw / f".next.{name}")
        make_sure_of_room(found, raw, "copy")
        (raw / f".next.{name}").unlink()
    make_sure_of_room(find_files({"source": str(rig / "2.dat")}), raw, "copy")


def test_links_that_fall_back_to_copies_need_room(rig, tmp_path, monkeypatch):
    def across(*_):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", across)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, 299_999))
    with pytest.raises(OSError, match="make room"):
        make_sure_of_room(find_files({"source": str(rig)}), tmp_path, "link")


def test_a_remote_file_that_grew_while_it_was_fetched_is_still_being_written(
    configure, rig, tmp_path, monkeypatch
):
    configure("rig", type="alias", remote=str(rig))
    cells = {"source": "rig:"}
    real = rclone.stream

    def grow(where, *rest):
        real(where, *rest)
        with (rig / "1.dat").open("ab") as f:
            f.write(b"more")

    monkeypatch.setattr(rclone, "stream", grow)
    with pytest.raises(StillBeingWritten, match=r"1\.dat"):
        gather(find_files(cells), lambda: find_files(cells), tmp_path / "raw", QUIET)


def test_a_fault_of_the_machine_stays_one_when_nothing_changed(rig, tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(module, "bring", fail)
    cells = {"source": str(rig)}
    with pytest.raises(OSError, match="Input/output"):
        gather(find_files(cells), lambda: find_files(cells), tmp_path / "raw", QUIET)


def test_room_is_made_sure_of_for_a_remote_as_well(configure, rig, tmp_path, monkeypatch):
    configure("rig", type="alias", remote=str(rig))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, 299_999))
    with pytest.raises(OSError, match="make room"):
        make_sure_of_room(find_files({"source": "rig:"}), tmp_path, "link")
