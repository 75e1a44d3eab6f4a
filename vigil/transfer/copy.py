"""Bring one file and prove that it is the source's: what is hashed is read back from the disk."""

from __future__ import annotations

import hashlib
import io
import logging
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import xxhash

from vigil.provenance import Digest, hash_file, new_digest
from vigil.transfer import rclone
from vigil.transfer.files import Brought
from vigil.transfer.progress import Progress
from vigil.transfer.source import Found

log = logging.getLogger("vigil")

CHUNK = 1 << 20
"""Bytes at a time: they stay in the processor's cache from the read to the write."""
BEHIND = 32 << 20
"""Bytes after which the disk is told to go on writing, so that it does not idle until the end."""
TRIES = 4
"""How often in a row a remote may break off without giving a single byte."""
PAUSE_S = 1.0
"""Wait before the second try; each further one is twice as long."""


def bring(file: Found, place: Path, mode: str, name: str, progress: Progress) -> Brought:
    """Bring a file to its place, unless it is there.

    It is written beside its place and renamed when it is verified. What an interrupted run
    left beside the place is gone on with.

    Parameters
    ----------
    file : Found
    place : path
        Where the file is to be; the file itself when it stays where it is.
    mode : {'copy', 'link', 'in_place'}
        Hard links fall back to copies where the file systems differ.
    name : {'xxh3', 'sha256'}
        The hash to list.
    progress : Progress

    Raises
    ------
    OSError
        When what was read back differs or a remote does not answer: the machine or the network
        is at fault, not the recording.
    """
    if file.remote:
        digest, verified = _bring_remote(file, place, name, progress)
        return Brought(place, file.n_bytes, digest, verified, file.where, file.name)
    source, beside = Path(file.where), beside_of(place)
    known = None
    if place == source:
        verified = "in place"
    elif place.exists() and place.samefile(source):
        verified = "same file"
    elif (known := _same_copy(source, place, name, progress)) is not None:
        verified = "read back"
    elif mode == "link" and _link(source, beside):
        verified = "same file"
        put_in_place(beside, place)
    else:
        digest = copy_verified(source, beside, name, progress)
        put_in_place(beside, place)
        return Brought(place, file.n_bytes, digest, "read back", file.where, file.name)
    progress.find(file.n_bytes)
    digest = known or hash_through([name], place, progress)[0]
    return Brought(place, file.n_bytes, digest, verified, file.where, file.name)


def beside_of(place: Path) -> Path:
    """Where a file is written until it is whole."""
    return place.with_name(f".partial.{place.name}")


def copy_verified(source: Path, beside: Path, name: str, progress: Progress) -> str:
    """Copy one file, or the rest of it, and read the copy back from the disk.

    The copy gets the source's times.

    Returns
    -------
    str
        Hash of both.
    """
    digest = new_digest(name)
    block = memoryview(bytearray(CHUNK))
    with source.open("rb", buffering=0) as r, beside.open("a+b", buffering=0) as w:
        kept = _same_start(r, w, digest)
        w.truncate(kept)
        r.seek(kept)
        progress.find(kept)
        if kept:
            log.info("%s goes on at byte %d", source, kept)
        out = _Behind(w, kept)
        while n := r.readinto(block):
            digest.update(block[:n])
            out.write(block[:n])
            progress.bring(n)
    wanted = f"{name}:{digest.hexdigest()}"
    if hash_from_disk([name], beside, progress) != [wanted]:
        beside.unlink()
        raise OSError(f"the copy of {source} differs when it is read back; see to the disk")
    stat = source.stat()
    os.utime(beside, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    return wanted


def hash_from_disk(names: Sequence[str], path: Path, progress: Progress) -> list[str]:
    """Hashes of what is on the disk, not of what the memory still holds of it."""
    with path.open("rb") as f:
        os.fsync(f.fileno())
        os.posix_fadvise(f.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return hash_through(names, path, progress)


def hash_through(names: Sequence[str], path: Path, progress: Progress) -> list[str]:
    """Several hashes of a file in one pass, as `name:hexdigest`."""
    digests = [_digest(name) for name in names]
    block = memoryview(bytearray(CHUNK))
    with path.open("rb", buffering=0) as f:
        os.posix_fadvise(f.fileno(), 0, 0, os.POSIX_FADV_SEQUENTIAL)
        while n := f.readinto(block):
            for digest in digests:
                digest.update(block[:n])
            progress.verify(n)
    return [f"{name}:{d.hexdigest()}" for name, d in zip(names, digests, strict=True)]


def _digest(name: str) -> Digest:
    if name in ("xxh3", "sha256"):
        return new_digest(name)
    return xxhash.xxh3_128() if name == "xxh128" else hashlib.new(name, usedforsecurity=False)


def _same_start(source: io.FileIO, part: io.FileIO, digest: Digest) -> int:
    """How many bytes of an interrupted copy are those of the source; they are hashed."""
    kept = 0
    part.seek(0)
    while (a := source.read(CHUNK)) and part.read(CHUNK) == a:
        digest.update(a)
        kept += len(a)
    return kept


def _same_copy(source: Path, place: Path, name: str, progress: Progress) -> str | None:
    """Hash of a copy that is there already and is what the source is, else None."""
    if not place.is_file():
        return None
    a, b = source.stat(), place.stat()
    if (a.st_size, a.st_mtime_ns) != (b.st_size, b.st_mtime_ns):
        return None
    digest = hash_file(source, name)
    return digest if hash_from_disk([name], place, progress) == [digest] else None


def _bring_remote(file: Found, place: Path, name: str, progress: Progress) -> tuple[str, str]:
    """Bring a file from a remote; its hash, and what it was verified by."""
    beside = beside_of(place)
    kinds = rclone.common_hashes(file.where)
    if place.is_file() and place.stat().st_size == file.n_bytes:
        proof = _proof(file, place, name, kinds, progress)
        if proof:
            progress.find(file.n_bytes)
            return proof
    for _ in range(2):
        went_on = _fetch(file, beside, progress)
        proof = _proof(file, beside, name, kinds, progress)
        if proof:
            os.utime(beside, (file.modified_s, file.modified_s) if file.modified_s else None)
            put_in_place(beside, place)
            return proof
        beside.unlink()
        if not went_on:
            break
        # the part of an earlier run may be of an older file
        log.warning("%s was gone on with and differs; it is fetched from its beginning", file.where)
    raise OSError(f"the copy of {file.where} differs from the remote; run again")


def _fetch(file: Found, beside: Path, progress: Progress) -> bool:
    """Fetch a file or the rest of it; whether a part was there."""
    with beside.open("a+b", buffering=0) as w:
        have = w.seek(0, os.SEEK_END)
        if have > file.n_bytes:
            have = w.truncate(0)
        progress.find(have)
        if have:
            log.info("%s goes on at byte %d", file.where, have)
        out = _Behind(w, have)

        def take(block: memoryview) -> None:
            out.write(block)
            progress.bring(len(block))

        _stream(file, have, take)
    return have > 0


def _stream(file: Found, start: int, take: Callable[[memoryview], None]) -> None:
    """Read a file of a remote to its end, going on where it broke off."""
    at, vain = start, 0

    def count(block: memoryview) -> None:
        nonlocal at, vain
        take(block)
        at, vain = at + len(block), 0

    while at < file.n_bytes:
        try:
            rclone.stream(file.where, at, file.n_bytes - at, count)
        except rclone.RemoteFault as fault:
            vain += 1
            if vain == TRIES:
                raise OSError(f"{fault}; what has come is kept, run again to go on") from fault
            log.warning("%s; trying again", fault)
            time.sleep(PAUSE_S * 2 ** (vain - 1))


def _proof(
    file: Found, path: Path, name: str, kinds: Sequence[str], progress: Progress
) -> tuple[str, str] | None:
    """Hash of a copy and what shows that it is the remote's file; None when it is not."""
    for kind in kinds:
        there = rclone.hash_of(file.where, kind, file.n_bytes)
        if there is None:
            continue
        if kind in hashlib.algorithms_guaranteed or kind == "xxh128":
            mine, here = hash_from_disk([name, kind], path, progress)
            here = here.partition(":")[2]
        else:
            (mine,) = hash_from_disk([name], path, progress)
            here = rclone.hash_of(str(path.resolve()), kind, file.n_bytes) or ""
        return (mine, f"{kind} of the remote") if here == there else None
    (mine,) = hash_from_disk([name], path, progress)
    again = new_digest(name)
    _stream(file, 0, again.update)
    return (mine, "remote read twice") if mine == f"{name}:{again.hexdigest()}" else None


class _Behind:
    """Appends to a file and has the disk write what came before, while more comes.

    What is written leaves the page cache, which belongs to others on the machine as well.
    """

    def __init__(self, file: io.FileIO, at: int) -> None:
        self._file = file
        self._at = at
        self._sent = at

    def write(self, block: memoryview) -> None:
        self._at += len(block)
        while len(block):
            block = block[self._file.write(block) :]
        if self._at - self._sent >= 2 * BEHIND:
            # starts the writing of what is new and forgets what is already on the disk
            os.posix_fadvise(
                self._file.fileno(), self._sent, self._at - self._sent, os.POSIX_FADV_DONTNEED
            )
            self._sent = self._at - BEHIND


def _link(source: Path, target: Path) -> bool:
    target.unlink(missing_ok=True)
    try:
        os.link(source.resolve(), target)
    except OSError:
        return False
    return True


def put_in_place(beside: Path, place: Path) -> None:
    """Rename a whole file into its place, through to the disk."""
    beside.replace(place)
    flush_names(place.parent)


def flush_names(folder: Path) -> None:
    """Bring to the disk what a folder holds, by name."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
