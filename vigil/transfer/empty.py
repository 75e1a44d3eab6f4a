"""The source deleted, once every copy was verified and read back; only when that was asked for."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath

from vigil.remote import is_remote
from vigil.sources import OEBIN
from vigil.table import BROUGHT, PATHS
from vigil.transfer import rclone
from vigil.transfer.copy import hash_from_disk
from vigil.transfer.files import Brought
from vigil.transfer.progress import Progress
from vigil.transfer.source import find_files

log = logging.getLogger("vigil")

DELETED = ".deleted"
"""Beside the copies: the source files that were deleted, one a line."""
STEPS_NS = (1, 100, 1_000, 10_000_000, 1_000_000_000, 2_000_000_000)
"""Steps in which file systems keep times: ext4 and most others, SMB, whole microseconds, exFAT,
whole seconds, FAT."""


def delete_sources(rows: Sequence[Brought], cells: Mapping[str, str], raw: Path) -> None:
    """Delete the source of each file that was brought.

    A file stays, with a line in the log, when it changed since, is a symbolic link, is the copy
    itself or is named in another column of the row. Folders stay, and so does all in them that
    was not brought. While another file of a tree stays, what makes it a tree does too.

    Raises
    ------
    OSError
        When a copy is not what the manifest says; then nothing was deleted.
    """
    for row in rows:
        if not row.path.is_file() or row.path.stat().st_size != row.bytes:
            raise OSError(f"the copy {row.path} is not whole; no source was deleted")
    progress = Progress(sum(row.bytes for row in rows))
    for row in rows:
        if hash_from_disk([row.hash.partition(":")[0]], row.path, progress) != [row.hash]:
            raise OSError(f"the copy {row.path} differs when read back; no source was deleted")
    seen = {f.where: f for f in find_files(cells)}
    needed = {cells[c] for c in PATHS if c not in BROUGHT and cells.get(c)}
    left = 0
    for row in sorted(rows, key=lambda row: PurePath(row.source).name == OEBIN):
        file = seen.get(row.source)
        if file is None:
            continue
        if file.n_bytes != row.bytes:
            why = "it changed after it was copied"
        else:
            why = "" if is_remote(row.source) else _reason_to_stay(row, needed)
        if not why and left and PurePath(row.source).name == OEBIN:
            why = "it tells how the files that stay belong together"
        if why:
            left += 1
            log.warning("%s is not deleted: %s", row.source, why)
        else:
            # noted before it happens, so that a crash in between loses no knowledge
            _note(raw / DELETED, row.source)
            if is_remote(row.source):
                rclone.delete_file(row.source)
            else:
                Path(row.source).unlink()
            log.info("deleted %s, %d bytes, %s, kept as %s", *_told(row))


def deleted_before(raw: Path) -> set[str]:
    """Source files that were deleted after their copies were verified."""
    path = raw / DELETED
    return set(path.read_text().splitlines()) if path.is_file() else set()


def _told(row: Brought) -> tuple[str, int, str, Path]:
    return row.source, row.bytes, row.hash, row.path


def _reason_to_stay(row: Brought, needed: set[str]) -> str:
    path = Path(row.source)
    if path.is_symlink():
        return "it is a symbolic link"
    if path.samefile(row.path):
        return "it is the copy itself"
    if not _is_of_time(path.stat().st_mtime_ns, row.path.stat().st_mtime_ns):
        return "it was written to after it was copied"
    if any(Path(n).exists() and path.samefile(n) for n in needed):
        return "the row names it in another column"
    return ""


def _is_of_time(source_ns: int, copy_ns: int) -> bool:
    """Whether a copy has its source's time, as far as its file system can keep it."""
    return any(copy_ns == source_ns // step * step for step in STEPS_NS)


def _note(path: Path, source: str) -> None:
    with path.open("a") as f:
        f.write(source + "\n")
        f.flush()
        os.fsync(f.fileno())
