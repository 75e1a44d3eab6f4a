"""Verified copies, and what is refused."""

import hashlib

import pytest
import xxhash

from vigil.recording import RecordingError
from vigil.transfer import copy
from vigil.transfer.copy import copy_verified, gather, hash_file
from vigil.transfer.files import read_manifest, write_manifest
from vigil.transfer.verify import verify

CONTENT = bytes(range(256)) * 5000


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "rig" / "CSC1.ncs"
    path.parent.mkdir()
    path.write_bytes(CONTENT)
    return path


def test_hashes_are_those_of_the_libraries(source):
    assert hash_file(source, "sha256") == f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"
    assert hash_file(source, "xxh3") == f"xxh3:{xxhash.xxh3_128(CONTENT).hexdigest()}"


def test_a_copy_is_the_same_and_keeps_its_time(source, tmp_path):
    digest = copy_verified(source, tmp_path / "copy", "sha256")
    assert (tmp_path / "copy").read_bytes() == CONTENT
    assert digest == hash_file(source, "sha256")
    assert (tmp_path / "copy").stat().st_mtime_ns == source.stat().st_mtime_ns


def test_a_copy_that_the_disk_spoils_is_noticed(source, tmp_path, monkeypatch):
    real = copy.hash_file

    def spoiled(path, name):
        path.write_bytes(b"x" + path.read_bytes()[1:])
        return real(path, name)

    monkeypatch.setattr(copy, "hash_file", spoiled)
    with pytest.raises(OSError, match="differs"):
        copy_verified(source, tmp_path / "copy", "xxh3")


def test_a_file_that_grows_is_still_being_written(source, tmp_path, monkeypatch):
    real = copy.new_digest

    def growing(name):
        with source.open("ab") as f:
            f.write(b"more")
        return real(name)

    monkeypatch.setattr(copy, "new_digest", growing)
    with pytest.raises(RecordingError, match="still being written"):
        copy_verified(source, tmp_path / "copy", "xxh3")


@pytest.mark.parametrize("mode", ["copy", "link"])
def test_the_manifest_names_the_place_and_verifies(source, tmp_path, mode):
    place = tmp_path / "raw" / "m1"
    rows = gather([source], place, mode, "xxh3")
    write_manifest(tmp_path / "manifest.tsv", rows)
    assert list(read_manifest(tmp_path / "manifest.tsv")) == [place / "CSC1.ncs"]
    assert (place / "CSC1.ncs").samefile(source) == (mode == "link")
    assert verify(tmp_path / "manifest.tsv") == 0
    (place / "CSC1.ncs").unlink()
    assert verify(tmp_path / "manifest.tsv") == 1


def test_in_place_leaves_the_files_where_they_are(source):
    ((path, size, _),) = gather([source], None, "in_place", "xxh3")
    assert (path, size) == (source, len(CONTENT))


def test_two_files_of_one_name_are_refused(source, tmp_path):
    other = tmp_path / "camera" / "CSC1.ncs"
    other.parent.mkdir()
    other.write_bytes(b"")
    with pytest.raises(RecordingError, match=r"called CSC1\.ncs"):
        gather([source, other], tmp_path / "raw", "copy", "xxh3")
