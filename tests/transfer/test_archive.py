"""The archive: the same bytes come back, any minute can be read, and faults are noticed."""

import os
import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigil.cli import main
from vigil.provenance import hash_file
from vigil.recording import RecordingError
from vigil.transfer import archive, packed
from vigil.transfer.files import Brought, write_manifest
from vigil.transfer.packed import pack, read_stretch, unpack


def signal(n, seed=0):
    rng = np.random.default_rng(seed)
    return np.cumsum(rng.normal(0, 30, n)).clip(-32000, 32000).astype(np.int16)


@pytest.fixture
def short(monkeypatch):
    """Chunks so short that small files have several shards."""
    monkeypatch.setattr(packed, "MINUTE_S", 0.05)
    monkeypatch.setattr(packed, "MINUTES_PER_SHARD", 3)
    monkeypatch.setattr(packed, "PIECE_BYTES", 1000)
    monkeypatch.setattr(packed, "PIECES_PER_SHARD", 4)


@pytest.fixture
def raw(tmp_path, ncs):
    """Files of every kind: channels, one with a torn end, an empty one, bytes, nothing."""
    folder = tmp_path / "raw" / "m1"
    ncs(folder / "CSC1.ncs", signal(20_000), gaps=[(7000, 2.5)])
    torn = ncs(folder / "CSC2.ncs", signal(3000, 1))
    torn.write_bytes(torn.read_bytes()[:-333])
    ncs(folder / "CSC3.ncs", signal(0))
    (folder / "short.ncs").write_bytes(b"######## cut")
    (folder / "video.mp4").write_bytes(random.Random(1).randbytes(10_001))
    (folder / "flat.dat").write_bytes(signal(9000, 2).tobytes())
    (folder / "empty.txt").write_bytes(b"")
    for i, path in enumerate(sorted(folder.iterdir())):
        os.utime(path, (1_700_000_000 + i, 1_700_000_000 + i))
    return folder


@pytest.fixture
def archive_raw(tmp_path, raw, archive_job):
    """Lists the raw files as they are now, and archives them."""

    def list_and_archive(threads=1):
        rows = [
            Brought(
                *(p, p.stat().st_size, hash_file(p, "xxh3"), "read back", ""),
                p.relative_to(raw).as_posix(),
            )
            for p in sorted(raw.rglob("*"))
            if p.is_file()
        ]
        write_manifest(tmp_path / "manifest.tsv", rows)
        archive.run(archive_job(threads))

    return list_and_archive


@pytest.mark.parametrize("threads", [1, 2])
def test_every_file_is_restored_to_the_same_bytes_and_time(
    tmp_path, raw, archive_raw, short, threads, capsys
):
    archive_raw(threads)
    table = pd.read_csv(tmp_path / "archive.tsv", sep="\t").set_index("path")
    assert len(table) == 7
    row = table.loc[str(raw / "CSC1.ncs")]
    assert row["bytes"] / row["archived_bytes"] == pytest.approx(row["ratio"], rel=1e-3)
    assert row["pack_mb_s"] > 0
    assert row["check_mb_s"] > 0
    assert main(["restore", str(tmp_path / "archive/m1"), str(tmp_path / "back")]) == 0
    assert capsys.readouterr().out.count(": restored, ") == 7
    for path in raw.iterdir():
        again = tmp_path / "back" / path.name
        assert again.read_bytes() == path.read_bytes(), path.name
        assert again.stat().st_mtime_ns == path.stat().st_mtime_ns


def test_a_channel_takes_less_room(tmp_path, ncs):
    path = ncs(tmp_path / "CSC1.ncs", signal(2_000_000))
    pack(path, tmp_path / "CSC1.ncs.zarr", "xxh3:0", lambda _: None)
    assert packed.stored_bytes(tmp_path / "CSC1.ncs.zarr") < 0.6 * path.stat().st_size


@settings(max_examples=15, deadline=None)
@given(body=st.binary(max_size=4000), name=st.sampled_from(["a.ncs", "a.dat", "a.txt"]))
def test_whatever_stands_in_a_file_comes_back(tmp_path_factory, body, name):
    folder = tmp_path_factory.mktemp("any")
    (folder / name).write_bytes(bytes(16384) + body)
    pack(folder / name, folder / "a.zarr", "xxh3:0", lambda _: None)
    assert b"".join(unpack(folder / "a.zarr")) == bytes(16384) + body


def test_any_stretch_is_read_and_only_its_chunks(tmp_path, ncs, short, monkeypatch):
    samples = signal(40_000)
    path = ncs(tmp_path / "CSC1.ncs", samples, gaps=[(20_480, 2.5)])
    archived = tmp_path / "CSC1.ncs.zarr"
    pack(path, archived, "xxh3:0", lambda _: None)
    time_s = np.arange(40_000) / 32_000
    time_s[20_480:] += 2.5
    read = []
    real = packed.Flac._decode_single

    def counted(self, *words):
        read.append(1)
        return real(self, *words)

    monkeypatch.setattr(packed.Flac, "_decode_single", counted)
    for start, stop in [(0.1, 0.2), (0.55, 3.3), (0.7, 3.0), (0, 99), (3.7, 9), (7, 8)]:
        got_s, got = read_stretch(archived, start, stop)
        wanted = (time_s >= start - 5e-7) & (time_s < stop - 5e-7)
        np.testing.assert_array_equal(got, samples[wanted])
        np.testing.assert_allclose(got_s, time_s[wanted], atol=1e-6)
    read.clear()
    read_stretch(archived, 0.1, 0.12)
    assert len(read) <= 2


def test_a_stretch_over_a_reset_of_the_clock_leaves_what_lies_between(
    tmp_path, ncs, short, monkeypatch
):
    samples = signal(120 * 512)
    path = ncs(tmp_path / "CSC1.ncs", samples, gaps=[(60 * 512, -60 * 512 / 32_000)])
    archived = tmp_path / "CSC1.ncs.zarr"
    pack(path, archived, "xxh3:0", lambda _: None)
    read = []
    real = packed.Flac._decode_single
    monkeypatch.setattr(
        packed.Flac, "_decode_single", lambda self, *w: read.append(1) or real(self, *w)
    )
    time_s, got = read_stretch(archived, 0.016, 0.032)
    np.testing.assert_array_equal(got, [*samples[512:1024], *samples[61 * 512 : 62 * 512]])
    np.testing.assert_allclose(time_s, np.tile(0.016 + np.arange(512) / 32_000, 2), atol=1e-6)
    assert len(read) <= 4


def test_a_stretch_of_bytes_is_read(tmp_path, raw, short):
    pack(raw / "flat.dat", tmp_path / "f.zarr", "xxh3:0", lambda _: None)
    content = (raw / "flat.dat").read_bytes()
    for first, last in [(0, 10), (3999, 8001), (17_990, 99_999), (5, 5)]:
        assert packed.read_bytes(tmp_path / "f.zarr", first, last) == content[first:last]
    pack(raw / "CSC1.ncs", tmp_path / "c.zarr", "xxh3:0", lambda _: None)
    with pytest.raises(RecordingError, match="use read_stretch"):
        packed.read_bytes(tmp_path / "c.zarr", 0, 1)


def test_what_is_archived_is_checked_and_stays(tmp_path, raw, archive_raw, short):
    archive_raw()
    inode = (tmp_path / "archive/m1/CSC1.ncs.zarr").stat().st_ino
    archive_raw()
    assert (tmp_path / "archive/m1/CSC1.ncs.zarr").stat().st_ino == inode
    (raw / "CSC1.ncs").write_bytes((raw / "CSC2.ncs").read_bytes())
    archive_raw()
    assert (
        b"".join(unpack(tmp_path / "archive/m1/CSC1.ncs.zarr")) == (raw / "CSC2.ncs").read_bytes()
    )


def test_an_archive_that_does_not_give_the_bytes_back_is_never_named(
    tmp_path, archive_raw, short, monkeypatch
):
    real = packed.Flac._pack
    monkeypatch.setattr(packed.Flac, "_pack", lambda self, x: real(self, x // 2 * 2))
    with pytest.raises(OSError, match=r"CSC1\.ncs does not come back"):
        archive_raw()
    assert not list((tmp_path / "archive/m1").glob("CSC*"))
    assert not (tmp_path / "archive.tsv").exists()


def test_an_archive_cut_off_while_it_was_made_is_made_again(
    tmp_path, archive_raw, short, monkeypatch
):
    def cut(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as m:
        m.setattr(archive, "flush", cut)
        with pytest.raises(KeyboardInterrupt):
            archive_raw()
    archive_raw()
    assert not list((tmp_path / "archive/m1").glob(".partial*"))


def gone(path):
    path.unlink()


def flipped(path):
    content = bytearray(path.read_bytes())
    # more than a byte, for one may fall into what a decoder does not need
    middle = len(content) // 2
    content[middle : middle + 64] = bytes(64)
    path.write_bytes(content)


def cut(path):
    path.write_bytes(path.read_bytes()[:-100])


@pytest.mark.parametrize("spoil", [gone, flipped, cut])
@pytest.mark.parametrize("chunk", ["video.mp4.zarr/bytes/c/1", "CSC1.ncs.zarr/samples/c/1"])
def test_rot_in_an_archive_is_told_and_nothing_half_restored(
    tmp_path, archive_raw, short, capsys, spoil, chunk
):
    archive_raw()
    spoil(tmp_path / "archive/m1" / chunk)
    archived = tmp_path / "archive/m1" / chunk.split("/")[0]
    assert main(["restore", str(archived), str(tmp_path / "back")]) == 1
    assert "does not give the bytes that were archived" in capsys.readouterr().out
    assert list((tmp_path / "back").iterdir()) == []
    archive_raw()
    assert main(["restore", str(archived), str(tmp_path / "back")]) == 0
    # its other minutes may be all there is
    (kept,) = (tmp_path / "archive/m1").glob(".replaced-*")
    assert kept.name.endswith(archived.name)


@pytest.mark.parametrize("fault", [OSError(5, "Input/output error"), MemoryError()])
def test_a_fault_of_the_machine_is_no_fault_of_an_archive(
    tmp_path, archive_raw, short, monkeypatch, fault
):
    archive_raw()
    before = sorted((tmp_path / "archive/m1").rglob("*"))

    def fail(_):
        raise fault
        yield b""

    monkeypatch.setattr(archive, "unpack", fail)
    with pytest.raises(type(fault)):
        archive_raw()
    assert sorted((tmp_path / "archive/m1").rglob("*")) == before


def test_when_a_new_archive_does_not_come_back_the_old_one_stays(
    tmp_path, archive_raw, short, monkeypatch
):
    archive_raw()
    spoilt = tmp_path / "archive/m1/CSC1.ncs.zarr/samples/c/1"
    flipped(spoilt)
    rotten = spoilt.read_bytes()
    real = packed.Flac._pack
    monkeypatch.setattr(packed.Flac, "_pack", lambda self, x: real(self, x // 2 * 2))
    with pytest.raises(OSError, match="does not come back"):
        archive_raw()
    assert spoilt.read_bytes() == rotten


def test_a_disk_that_cannot_be_written_to_is_told_as_that(
    tmp_path, archive_raw, short, monkeypatch
):
    archive_raw()
    real = Path.open

    def full(path, *words, **more):
        if path.name.startswith(".partial."):
            raise OSError(28, "No space left on device")
        return real(path, *words, **more)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(OSError, match="No space left"):
        main(["restore", str(tmp_path / "archive/m1"), str(tmp_path / "back")])


def test_a_file_that_is_there_and_differs_is_not_overwritten(tmp_path, archive_raw, short, capsys):
    archive_raw()
    one = str(tmp_path / "archive/m1/CSC1.ncs.zarr")
    assert main(["restore", one, str(tmp_path / "back")]) == 0
    assert main(["restore", one, str(tmp_path / "back")]) == 0
    assert "is there already" in capsys.readouterr().out
    (tmp_path / "back/CSC1.ncs").write_bytes(b"mine")
    assert main(["restore", one, str(tmp_path / "back")]) == 1
    assert "restore into another folder" in capsys.readouterr().out
    assert (tmp_path / "back/CSC1.ncs").read_bytes() == b"mine"


def test_what_is_no_archive_is_told(tmp_path, capsys):
    assert main(["restore", str(tmp_path), str(tmp_path / "back")]) == 1
    assert "is not an archive that this program wrote" in capsys.readouterr().out


def test_a_stretch_of_a_video_is_refused(tmp_path, raw, short):
    pack(raw / "video.mp4", tmp_path / "v.zarr", "xxh3:0", lambda _: None)
    with pytest.raises(RecordingError, match="no Neuralynx channel"):
        read_stretch(tmp_path / "v.zarr", 0, 1)
