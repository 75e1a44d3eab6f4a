"""Bring one file and prove that it is the source's: what is hashed is read back from the disk."""

from __future__ import annotations

import io
import logging
import os
from pathlib import Path

from vigil.provenance import Digest, new_digest
from vigil.transfer.disk import (
    CHUNK,
    Behind,
    beside_of,
    hash_from_disk,
    hash_through,
    link_of,
    next_of,
    open_part,
    put_where_free,
)
from vigil.transfer.fetch import bring_remote
from vigil.transfer.files import Brought
from vigil.transfer.progress import Progress
from vigil.transfer.source import Found

log = logging.getLogger("vigil")


def bring(file: Found, place: Path, mode: str, name: str, progress: Progress) -> Brought:
    """Bring a file to its place, unless it is there.

    It is written beside its place and renamed when it is verified. Where another version has the
    place, the new one waits at `disk.next_of(place)`: `kept.commit` decides. What an interrupted
    run left beside the place is gone on with.

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
        digest, verified, there = bring_remote(file, place, name, progress)
    else:
        digest, verified, there = _bring_here(file, place, mode, name, progress)
    if there == place and str(place) != file.where:
        # what waits there is of a version that never came to be
        next_of(place).unlink(missing_ok=True)
    return Brought(place, file.n_bytes, digest, verified, file.where, file.name)


def _bring_here(
    file: Found, place: Path, mode: str, name: str, progress: Progress
) -> tuple[str, str, Path]:
    """Bring a file of this machine; its hash, what it was verified by, and where it is."""
    source = Path(file.where)
    if place == source:
        verified, there = "in place", place
    elif (same := _same_file(source, place, mode)) is not None:
        verified, there = "same file", same
    elif (copied := _same_copy(source, place, name, progress)) is not None:
        progress.find(file.n_bytes)
        return copied[1], "read back", copied[0]
    elif mode == "link" and link(source, link_of(place)):
        verified, there = "same file", put_where_free(link_of(place), place)
    else:
        beside = beside_of(place)
        digest = copy_verified(source, beside, name, progress)
        return digest, "read back", put_where_free(beside, place)
    progress.find(file.n_bytes)
    return hash_through([name], there, progress.verify)[0], verified, there


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
    with source.open("rb", buffering=0) as r, open_part(beside) as w:
        kept = _same_start(r, w, digest)
        w.truncate(kept)
        r.seek(kept)
        progress.find(kept)
        if kept:
            log.info("%s goes on at byte %d", source, kept)
        out = Behind(w, kept)
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


def link(source: Path, target: Path) -> bool:
    """Make a hard link, unless the file system cannot."""
    target.unlink(missing_ok=True)
    try:
        os.link(source.resolve(), target)
    except OSError:
        return False
    return True


def _same_start(source: io.FileIO, part: io.FileIO, digest: Digest) -> int:
    """How many bytes of an interrupted copy are those of the source; they are hashed."""
    kept = 0
    part.seek(0)
    while (a := source.read(CHUNK)) and part.read(CHUNK) == a:
        digest.update(a)
        kept += len(a)
    return kept


def _same_file(source: Path, place: Path, mode: str) -> Path | None:
    """Where the source itself lies under the recording: a hard link, unless a copy is asked for."""
    for there in (place, next_of(place)):
        if there.exists() and there.samefile(source):
            if mode == "link" or there.resolve() == source.resolve():
                return there
            # a further name of the source is no copy: what spoils one spoils both
            if there != place:
                there.unlink()
    return None


def _same_copy(source: Path, place: Path, name: str, progress: Progress) -> tuple[Path, str] | None:
    """Copy that is there already and is what the source is, and its hash; else None."""
    a = source.stat()
    for there in (place, next_of(place)):
        if not there.is_file() or there.samefile(source):
            continue
        b = there.stat()
        if (a.st_size, a.st_mtime_ns) != (b.st_size, b.st_mtime_ns):
            continue
        progress.expect(a.st_size)
        (digest,) = hash_through([name], source, progress.reread)
        if hash_from_disk([name], there, progress) == [digest]:
            return there, digest
    return None
