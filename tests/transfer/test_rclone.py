"""rclone as a program: what it is asked, and what becomes of its faults."""

import hashlib

import pytest

from vigil.transfer import rclone


def test_hashes_are_those_that_tell_files_apart_the_strongest_first(serve, configure, big):
    serve("box", "sftp", big.parent)
    serve("web", "http", big.parent)
    configure("mirror", type="alias", remote=str(big))
    assert rclone.common_hashes("box:day1") == ["sha1", "md5"]
    assert rclone.common_hashes("web:day1") == []
    kinds = rclone.common_hashes("mirror:")
    assert kinds[:3] == ["sha256", "sha1", "whirlpool"]
    assert "crc32" not in kinds


def test_a_hash_is_taken_where_the_file_lies(serve, big):
    serve("box", "sftp", big.parent)
    digest = hashlib.md5((big / "big.dat").read_bytes()).hexdigest()
    assert rclone.hash_of("box:day1/big.dat", "md5", 24_000_000) == digest


def test_a_remote_without_that_hash_has_none(serve, big):
    serve("web", "http", big.parent)
    assert rclone.hash_of("web:day1/big.dat", "sha1", 24_000_000) is None


def test_what_is_not_there_and_what_is_not_configured_is_missing(serve, big):
    serve("box", "sftp", big.parent)
    for where in ("box:day2", "box:day1/none.dat", "bocks:day1"):
        with pytest.raises(rclone.RemoteMissing):
            rclone.is_folder(where)
    assert rclone.is_folder("box:day1")
    assert not rclone.is_folder("box:day1/big.dat")


def test_a_wrong_password_and_a_dead_server_are_faults_not_missing_files(serve, configure, big):
    server = serve("box", "sftp", big.parent)
    configure("thief", type="sftp", host="127.0.0.1", port=server.port, user="rig")
    with pytest.raises(rclone.RemoteFault, match="thief:day1"):
        rclone.is_folder("thief:day1")
    server.stop()
    with pytest.raises(rclone.RemoteFault, match="refused"):
        rclone.is_folder("box:day1")


def test_a_stretch_is_streamed(serve, big):
    serve("box", "sftp", big.parent)
    content = (big / "big.dat").read_bytes()
    assert rclone.read_piece("box:day1/big.dat", 5_000_000, 70_001) == content[5_000_000:5_070_001]
    assert rclone.read_piece("box:day1/big.dat", 7, 0) == b""


def test_a_stream_that_ends_early_is_a_fault(configure, big):
    configure("mirror", type="alias", remote=str(big))
    with pytest.raises(rclone.RemoteFault, match="byte 10 of 99"):
        rclone.stream("mirror:Events.txt", 0, 99, lambda _: None)


def test_a_stream_that_stalls_is_given_up(configure, big, monkeypatch, tmp_path):
    stuck = tmp_path / "bin" / "rclone"
    stuck.parent.mkdir()
    stuck.write_text("#!/bin/sh\nexec sleep 60\n")
    stuck.chmod(0o755)
    monkeypatch.setenv("PATH", f"{stuck.parent}:/usr/bin:/bin")
    monkeypatch.setattr(rclone, "STALLED_S", 0.2)
    with pytest.raises(rclone.RemoteFault, match=r"nothing came for 0 s"):
        rclone.stream("mirror:big.dat", 0, 99, lambda _: None)


def test_without_rclone_the_sentence_says_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(rclone.RemoteFault, match="apt-get install rclone"):
        rclone.configured()


def test_names_with_spaces_and_signs_pass_unharmed(serve, big):
    odd = big / "mouse 1 $(touch x); 'a' - ümläut"
    odd.mkdir()
    (odd / "-o&.dat").write_bytes(b"content")
    serve("box", "sftp", big.parent)
    (file,) = rclone.list_files(f"box:day1/{odd.name}")
    assert file.name == "-o&.dat"
    assert rclone.read_piece(file.where, 0, 7) == b"content"
    assert rclone.hash_of(file.where, "sha1", 7) == hashlib.sha1(b"content").hexdigest()
    rclone.delete_file(file.where)
    assert list(odd.iterdir()) == []
