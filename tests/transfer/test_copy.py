"""One file brought: verified copies, going on after any interruption, and what is refused."""

import hashlib
import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
import xxhash

from vigil.transfer import copy, fetch, rclone
from vigil.transfer.copy import bring, copy_verified
from vigil.transfer.disk import beside_of, hash_from_disk, next_of, put_in_place
from vigil.transfer.progress import Progress
from vigil.transfer.source import find_files

CONTENT = random.Random(3).randbytes(3_000_001)


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "rig" / "CSC1.dat"
    path.parent.mkdir()
    path.write_bytes(CONTENT)
    os.utime(path, ns=(1_700_000_000_123_456_789,) * 2)
    return path


@pytest.fixture
def place(tmp_path):
    folder = tmp_path / "raw" / "m1"
    folder.mkdir(parents=True)
    return folder / "CSC1.dat"


def seen(path):
    (file,) = find_files({"source": str(path)})
    return file


def fetched(where, place, name="xxh3"):
    (file,) = find_files({"source": where})
    return bring(file, place, "copy", name, Progress(file.n_bytes))


def killed(work, after_s):
    """Run a piece of work in a process of its own that is killed; whether it was killed."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(0)
    time.sleep(after_s)
    os.kill(pid, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(pid, 0)[1])


class Slow(Progress):
    """Progress that takes its time for each block, so that a kill falls into the middle."""

    pause_s = 0.02

    def bring(self, n_bytes):
        time.sleep(self.pause_s)


def test_hashes_are_those_of_the_libraries(source):
    assert hash_from_disk(["sha256", "xxh3", "md5"], source, Progress(1)) == [
        f"sha256:{hashlib.sha256(CONTENT).hexdigest()}",
        f"xxh3:{xxhash.xxh3_128(CONTENT).hexdigest()}",
        f"md5:{hashlib.md5(CONTENT).hexdigest()}",
    ]


@pytest.mark.parametrize("name", ["xxh3", "sha256"])
def test_a_copy_is_the_same_and_keeps_its_time(source, place, name):
    row = bring(seen(source), place, "copy", name, Progress(len(CONTENT)))
    assert place.read_bytes() == CONTENT
    assert row.hash == hash_from_disk([name], source, Progress(1))[0]
    assert (row.verified, row.source, row.bytes) == ("read back", str(source), len(CONTENT))
    assert place.stat().st_mtime_ns == source.stat().st_mtime_ns
    assert list(place.parent.iterdir()) == [place]


@pytest.mark.parametrize("n_bytes", [0, 1, copy.CHUNK, copy.CHUNK + 1])
def test_sizes_about_the_borders_of_a_block(source, place, n_bytes):
    source.write_bytes(CONTENT[:n_bytes])
    bring(seen(source), place, "copy", "xxh3", Progress(n_bytes))
    assert place.read_bytes() == CONTENT[:n_bytes]


def test_a_link_is_the_same_file_and_in_place_moves_nothing(source, place):
    row = bring(seen(source), place, "link", "xxh3", Progress(1))
    assert place.samefile(source)
    assert row.verified == "same file"
    again = bring(seen(source), source, "in_place", "xxh3", Progress(1))
    assert (again.verified, again.path, again.hash) == ("in place", source, row.hash)


def test_a_link_across_file_systems_becomes_a_copy(source, place, monkeypatch):
    def across(*_):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", across)
    assert bring(seen(source), place, "link", "xxh3", Progress(1)).verified == "read back"
    assert not place.samefile(source)
    assert place.read_bytes() == CONTENT


def test_a_copy_that_the_disk_spoils_is_noticed(source, place, monkeypatch):
    real = copy.hash_from_disk

    def spoiled(names, path, progress):
        with path.open("r+b") as f:
            f.seek(1_234_567)
            f.write(bytes([CONTENT[1_234_567] ^ 4]))
        return real(names, path, progress)

    monkeypatch.setattr(copy, "hash_from_disk", spoiled)
    with pytest.raises(OSError, match="differs when it is read back"):
        bring(seen(source), place, "copy", "xxh3", Progress(1))
    assert list(place.parent.iterdir()) == []


def test_a_copy_of_the_same_size_and_time_that_rotted_is_replaced(source, place):
    bring(seen(source), place, "copy", "xxh3", Progress(1))
    place.write_bytes(b"x" + CONTENT[1:])
    shutil.copystat(source, place)
    bring(seen(source), place, "copy", "xxh3", Progress(1))
    # what takes its place is decided when all of the recording is there
    assert next_of(place).read_bytes() == CONTENT
    assert place.read_bytes() != CONTENT
    rotten = place.stat().st_ino
    bring(seen(source), place, "copy", "xxh3", Progress(1))
    assert place.stat().st_ino == rotten


def test_what_waits_of_a_version_that_never_came_to_be_goes(source, place):
    bring(seen(source), place, "copy", "xxh3", Progress(1))
    next_of(place).write_bytes(b"of a run that was cut off")
    bring(seen(source), place, "copy", "xxh3", Progress(1))
    assert not next_of(place).exists()


@pytest.mark.parametrize("mode", ["copy", "link"])
def test_a_version_that_waits_is_not_copied_again(source, place, mode):
    place.write_bytes(b"first")
    bring(seen(source), place, mode, "xxh3", Progress(1))
    waiting = next_of(place).stat().st_ino
    row = bring(seen(source), place, mode, "xxh3", Progress(1))
    assert next_of(place).stat().st_ino == waiting
    assert row.hash == hash_from_disk(["xxh3"], source, Progress(1))[0]
    assert place.read_bytes() == b"first"


def test_where_a_link_is_a_copy_is_made_when_one_is_asked_for(source, place):
    bring(seen(source), place, "link", "xxh3", Progress(1))
    row = bring(seen(source), place, "copy", "xxh3", Progress(1))
    assert row.verified == "read back"
    assert not next_of(place).samefile(source)
    assert next_of(place).read_bytes() == CONTENT


@pytest.mark.parametrize("kind", [os.link, os.symlink])
@pytest.mark.parametrize("afar", [False, True])
def test_nothing_is_written_through_what_leads_to_the_source(
    source, place, configure, tmp_path, kind, afar
):
    kind(source, beside_of(place))
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / source.name).write_bytes(b"another file")
    configure("lab", type="alias", remote=str(tmp_path / "far"))
    file = f"lab:{source.name}" if afar else tmp_path / "far" / source.name
    bring(seen(file), place, "copy", "xxh3", Progress(1))
    assert source.read_bytes() == CONTENT
    assert place.read_bytes() == b"another file"


def test_a_link_is_never_made_where_is_written(source, place, monkeypatch):
    made = []
    monkeypatch.setattr(os, "link", lambda _, target: made.append(target) or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        bring(seen(source), place, "link", "xxh3", Progress(1))
    assert made != [beside_of(place)]


def test_reading_back_is_from_the_disk_and_names_are_brought_to_it(source, place, monkeypatch):
    told = []
    real_sync, real_advise = os.fsync, os.posix_fadvise

    def path_of(handle):
        return Path(f"/proc/self/fd/{handle}").readlink()

    def sync(handle):
        told.append(("sync", path_of(handle)))
        real_sync(handle)

    def advise(handle, offset, count, advice):
        told.append((advice, path_of(handle)))
        real_advise(handle, offset, count, advice)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(os, "posix_fadvise", advise)
    hash_from_disk(["xxh3"], source, Progress(1))
    assert told[:2] == [("sync", source), (os.POSIX_FADV_DONTNEED, source)]
    told.clear()
    source.rename(beside_of(place))
    put_in_place(beside_of(place), place)
    assert told == [("sync", place.parent)]


@pytest.mark.parametrize(
    ("left", "kept"),
    [
        (CONTENT[: 2 * copy.CHUNK], 2 * copy.CHUNK),
        (CONTENT[:2_500_000], 2 * copy.CHUNK),
        (CONTENT[:1_500_000] + bytes(500_000), copy.CHUNK),
        (b"other" * 100_000, 0),
        (CONTENT, len(CONTENT)),
        (CONTENT + b"more", 2 * copy.CHUNK),
        (b"", 0),
    ],
    ids="blocks part holes other whole longer nothing".split(),  # noqa: SIM905
)
def test_what_an_interruption_left_is_compared_and_gone_on_with(source, place, left, kept):
    beside_of(place).write_bytes(left)
    progress = Progress(len(CONTENT))
    bring(seen(source), place, "copy", "xxh3", progress)
    assert place.read_bytes() == CONTENT
    assert progress.found == kept


def test_killed_at_random_points_it_goes_on_to_the_same_bytes(source, place, monkeypatch):
    monkeypatch.setattr(copy, "CHUNK", 30_000)
    beside, dice, grown = beside_of(place), random.Random(8), []
    for _ in range(10):
        assert killed(
            lambda: copy_verified(source, beside, "xxh3", Slow(1)), dice.uniform(0.01, 0.2)
        )
        assert not place.exists()
        if beside.exists():
            grown.append(beside.stat().st_size)
    assert any(0 < n < len(CONTENT) for n in grown)
    bring(seen(source), place, "copy", "xxh3", Progress(1))
    assert place.read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("kind", "verified"),
    [
        ("sftp", "sha1 of the remote"),
        ("webdav", "remote read twice"),
        ("http", "remote read twice"),
    ],
)
def test_a_remote_is_fetched_and_verified(serve, big, place, kind, verified):
    serve("rig", kind, big.parent)
    place = place.with_name("big.dat")
    row = fetched("rig:day1/big.dat", place)
    assert row.verified == verified
    assert row.source == "rig:day1/big.dat"
    assert row.hash == hash_from_disk(["xxh3"], big / "big.dat", Progress(1))[0]
    # rclone itself compares byte by byte
    subprocess.run(
        ["rclone", "check", "--download", place.parent, big, "--include", "big.dat"], check=True
    )


def test_an_alias_has_the_strongest_hash(configure, big, place):
    configure("mirror", type="alias", remote=str(big))
    assert fetched("mirror:big.dat", place).verified == "sha256 of the remote"


def test_a_hash_that_only_rclone_knows_is_taken_by_it_at_both_ends(
    configure, big, place, monkeypatch
):
    configure("mirror", type="alias", remote=str(big))
    monkeypatch.setattr(rclone, "STRONGEST", ("quickxor",))
    assert fetched("mirror:big.dat", place).verified == "quickxor of the remote"
    with place.open("r+b") as f:
        f.write(b"rotten")
    fetched("mirror:big.dat", place)
    assert next_of(place).read_bytes() == (big / "big.dat").read_bytes()


@pytest.mark.parametrize("kind", ["sftp", "http"])
def test_an_empty_file_of_a_remote(serve, big, place, kind):
    (big / "empty.txt").touch()
    serve("rig", kind, big.parent)
    fetched("rig:day1/empty.txt", place)
    assert place.read_bytes() == b""


def test_the_time_of_a_remote_file_is_kept(configure, big, place):
    os.utime(big / "big.dat", (1_700_000_000, 1_700_000_000))
    configure("mirror", type="alias", remote=str(big))
    fetched("mirror:big.dat", place)
    assert place.stat().st_mtime == 1_700_000_000


@pytest.mark.parametrize("kind", ["sftp", "http"])
def test_a_byte_spoilt_on_its_way_is_noticed(serve, big, place, kind, monkeypatch):
    serve("rig", kind, big.parent)
    real, calls = rclone.stream, []

    def spoilt(where, offset, count, take):
        calls.append(where)
        first = len(calls) == 1
        real(where, offset, count, lambda b: take(memoryview(b"?" * len(b)) if first else b))

    monkeypatch.setattr(rclone, "stream", spoilt)
    with pytest.raises(OSError, match="differs from the remote; run again"):
        fetched("rig:day1/big.dat", place)
    assert list(place.parent.iterdir()) == []
    fetched("rig:day1/big.dat", place)
    assert place.read_bytes() == (big / "big.dat").read_bytes()


@pytest.mark.parametrize("kind", ["sftp", "http"])
def test_a_copy_of_the_same_size_that_rotted_is_fetched_again(serve, big, place, kind):
    serve("rig", kind, big.parent)
    fetched("rig:day1/big.dat", place)
    kept = place.stat()
    with place.open("r+b") as f:
        f.write(b"rotten")
    os.utime(place, ns=(kept.st_atime_ns, kept.st_mtime_ns))
    fetched("rig:day1/big.dat", place)
    assert next_of(place).read_bytes() == (big / "big.dat").read_bytes()


def test_a_copy_of_a_remote_that_is_there_is_not_fetched_again(serve, big, place, monkeypatch):
    serve("rig", "sftp", big.parent)
    fetched("rig:day1/big.dat", place)
    monkeypatch.setattr(rclone, "stream", None)
    assert fetched("rig:day1/big.dat", place).verified == "sha1 of the remote"


def test_a_part_of_an_older_file_is_noticed_and_fetched_anew(serve, big, place):
    serve("rig", "sftp", big.parent)
    beside_of(place).write_bytes(b"an older recording" * 1000)
    fetched("rig:day1/big.dat", place)
    assert place.read_bytes() == (big / "big.dat").read_bytes()


@pytest.mark.parametrize("kind", ["sftp", "webdav"])
def test_a_network_cut_in_the_middle_is_an_error_and_the_next_run_goes_on(
    serve, big, place, kind, monkeypatch
):
    monkeypatch.setattr(fetch, "PAUSE_S", 0.01)
    server = serve("rig", kind, big.parent)

    class Cut(Progress):
        def bring(self, n_bytes):
            super().bring(n_bytes)
            if self.brought > 3_000_000 and server.process.returncode is None:
                server.stop()

    file = next(f for f in find_files({"source": "rig:day1"}) if f.name == "big.dat")
    with pytest.raises(OSError, match="what has come is kept, run again to go on"):
        bring(file, place, "copy", "xxh3", Cut(file.n_bytes))
    part = beside_of(place).stat().st_size
    assert 3_000_000 < part < file.n_bytes
    server.start()
    progress = Progress(file.n_bytes)
    bring(file, place, "copy", "xxh3", progress)
    assert place.read_bytes() == (big / "big.dat").read_bytes()
    assert progress.found == part


def test_a_short_cut_is_gone_on_with_in_the_same_run(serve, big, place, monkeypatch):
    monkeypatch.setattr(fetch, "PAUSE_S", 0.3)
    server, cuts = serve("rig", "sftp", big.parent), []

    class Hiccup(Progress):
        def bring(self, n_bytes):
            super().bring(n_bytes)
            if self.brought > 3_000_000 and not cuts:
                server.stop()
                cuts.append(True)
                server.start()

    (file,) = find_files({"source": "rig:day1/big.dat"})
    bring(file, place, "copy", "xxh3", Hiccup(file.n_bytes))
    assert place.read_bytes() == (big / "big.dat").read_bytes()


def test_killed_while_it_fetches_it_goes_on_to_the_same_bytes(serve, big, place, monkeypatch):
    server = serve("rig", "sftp", big.parent)
    monkeypatch.setattr(rclone, "BLOCK", 65_536)
    (file,) = find_files({"source": "rig:day1/big.dat"})
    dice, grown = random.Random(5), []
    for _ in range(5):
        assert killed(
            lambda: bring(file, place, "copy", "xxh3", Slow(file.n_bytes)), dice.uniform(0.4, 0.9)
        )
        assert not place.exists()
        part = beside_of(place)
        grown.append(part.stat().st_size if part.exists() else 0)
    assert any(0 < n < file.n_bytes for n in grown)
    bring(file, place, "copy", "xxh3", Progress(file.n_bytes))
    assert place.read_bytes() == (big / "big.dat").read_bytes()
    assert server.process.poll() is None
