"""A file of a remote fetched, going on where the network broke off, and proved to be the same."""

from __future__ import annotations

import hashlib
import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

from vigil.provenance import new_digest
from vigil.transfer import rclone
from vigil.transfer.disk import (
    Behind,
    beside_of,
    hash_from_disk,
    next_of,
    open_part,
    put_where_free,
)
from vigil.transfer.progress import Progress
from vigil.transfer.source import Found

log = logging.getLogger("vigil")

TRIES = 4
"""How often in a row a remote may break off without giving a single byte."""
PAUSE_S = 1.0
"""Wait before the second try; each further one is twice as long."""


def bring_remote(file: Found, place: Path, name: str, progress: Progress) -> tuple[str, str, Path]:
    """Bring a file from a remote; its hash, what it was verified by, and where it is.

    Raises
    ------
    OSError
        When the remote does not answer or what came is not its file.
    """
    for there in (place, next_of(place)):
        if there.is_file() and there.stat().st_size == file.n_bytes:
            proof = prove(file, there, name, progress)
            if proof:
                progress.find(file.n_bytes)
                return (*proof, there)
    beside = beside_of(place)
    for _ in range(2):
        went_on = _fetch(file, beside, progress)
        proof = prove(file, beside, name, progress)
        if proof:
            os.utime(beside, (file.modified_s, file.modified_s) if file.modified_s else None)
            return (*proof, put_where_free(beside, place))
        beside.unlink()
        if not went_on:
            break
        # the part of an earlier run may be of an older file
        log.warning("%s was gone on with and differs; it is fetched from its beginning", file.where)
    raise OSError(f"the copy of {file.where} differs from the remote; run again")


def prove(file: Found, path: Path, name: str, progress: Progress) -> tuple[str, str] | None:
    """Hash of a copy and what shows that it is the remote's file; None when it is not."""
    for kind in rclone.common_hashes(file.where):
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

    def count(block: memoryview) -> None:
        again.update(block)
        progress.reread(len(block))

    progress.expect(file.n_bytes)
    _stream(file, 0, count)
    return (mine, "remote read twice") if mine == f"{name}:{again.hexdigest()}" else None


def _fetch(file: Found, beside: Path, progress: Progress) -> bool:
    """Fetch a file or the rest of it; whether a part was there."""
    with open_part(beside) as w:
        have = w.seek(0, os.SEEK_END)
        if have > file.n_bytes:
            have = w.truncate(0)
        progress.find(have)
        if have:
            log.info("%s goes on at byte %d", file.where, have)
        out = Behind(w, have)

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
