"""Files on a disk of this machine: how they are named, read back and renamed."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import xxhash

from vigil.provenance import Digest, new_digest
from vigil.transfer.progress import Progress

CHUNK = 1 << 20
"""Bytes at a time: they stay in the processor's cache from the read to the write."""
BEHIND = 32 << 20
"""Bytes after which the disk is told to go on writing, so that it does not idle until the end."""


def beside_of(place: Path) -> Path:
    """Where a file is written until it is whole."""
    return place.with_name(f".partial.{place.name}")


def next_of(place: Path) -> Path:
    """Where a whole, verified file waits while an earlier version has its place."""
    return place.with_name(f".next.{place.name}")


def link_of(place: Path) -> Path:
    """Where a hard link is made; nothing is ever written there, for it is the source."""
    return place.with_name(f".link.{place.name}")


def open_part(beside: Path) -> io.FileIO:
    """Open what is written beside its place, to go on with it.

    What leads to another file (a symbolic link, a further name of the source) is taken away
    first: nothing is written through it.
    """
    if beside.is_symlink() or (beside.exists() and beside.stat().st_nlink > 1):
        beside.unlink()
    return beside.open("a+b", buffering=0)


def hash_from_disk(names: Sequence[str], path: Path, progress: Progress) -> list[str]:
    """Hashes of what is on the disk, not of what the memory still holds of it."""
    forget(path)
    return hash_through(names, path, progress.verify)


def forget(path: Path) -> None:
    """Bring a file to the disk and let the memory forget it."""
    with path.open("rb") as f:
        os.fsync(f.fileno())
        os.posix_fadvise(f.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def hash_through(names: Sequence[str], path: Path, count: Callable[[int], None]) -> list[str]:
    """Several hashes of a file in one pass, as `name:hexdigest`; `count` is told bytes read."""
    digests = [_digest(name) for name in names]
    block = memoryview(bytearray(CHUNK))
    with path.open("rb", buffering=0) as f:
        os.posix_fadvise(f.fileno(), 0, 0, os.POSIX_FADV_SEQUENTIAL)
        while n := f.readinto(block):
            for digest in digests:
                digest.update(block[:n])
            count(n)
    return [f"{name}:{d.hexdigest()}" for name, d in zip(names, digests, strict=True)]


def _digest(name: str) -> Digest:
    if name in ("xxh3", "sha256"):
        return new_digest(name)
    return xxhash.xxh3_128() if name == "xxh128" else hashlib.new(name, usedforsecurity=False)


class Behind:
    """Appends to a file and has the disk write what came before, while more comes.

    What is written leaves the page cache, which belongs to others on the machine as well.
    """

    def __init__(self, file: io.FileIO, at: int) -> None:
        self._file = file
        self._at = at
        self._sent = at

    def write(self, block: memoryview) -> None:
        """Append a block."""
        self._at += len(block)
        while len(block):
            block = block[self._file.write(block) :]
        if self._at - self._sent >= 2 * BEHIND:
            # starts the writing of what is new and forgets what is already on the disk
            os.posix_fadvise(
                self._file.fileno(), self._sent, self._at - self._sent, os.POSIX_FADV_DONTNEED
            )
            self._sent = self._at - BEHIND


def put_where_free(beside: Path, place: Path) -> Path:
    """Rename a whole file into its place, or let it wait where another version has it."""
    there = next_of(place) if os.path.lexists(place) else place
    put_in_place(beside, there)
    return there


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


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, through to the disk: sources may be deleted for it."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    flush_names(folder.parent)
