"""The source deleted, once every copy was verified and read back; only when that was asked for.

This is the one place where a file of a source is deleted.
"""

from __future__ import annotations

import logging
import posixpath
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath

from vigil.remote import inside, is_remote
from vigil.row import BROUGHT, column_of
from vigil.sources import OEBIN
from vigil.transfer import rclone
from vigil.transfer.disk import hash_from_disk
from vigil.transfer.fetch import prove
from vigil.transfer.files import Brought
from vigil.transfer.kept import KEPT, note_deleted, note_stays
from vigil.transfer.progress import Progress
from vigil.transfer.source import Found, see_again

log = logging.getLogger("vigil")


def delete_sources(
    brought: Sequence[tuple[Found, Brought]], cells: Mapping[str, str], raw: Path
) -> None:
    """Delete the source of each file that was brought.

    Right before it is deleted a source is read once more (or its remote asked for the hash) and
    compared with the copy. A file stays, with a line in the log, when it changed since, is a
    symbolic link, is a copy that this program keeps, or is named in another column of the row.
    Folders stay, and so does all in them that was not brought. While another file of a tree
    stays, what makes it a tree does too.

    Parameters
    ----------
    brought : sequence of (Found, Brought)
        Files that were brought in this run, as they were seen before, and their copies.
    cells : mapping
        The row's cells.
    raw : path
        The folder of the copies.

    Raises
    ------
    OSError
        When a copy is not what the manifest says; then nothing (more) is deleted.
    """
    for _, row in brought:
        if not _is_whole(row):
            raise OSError(f"the copy {row.path} is not whole; no source was deleted")
    progress = Progress(sum(row.bytes for _, row in brought))
    for _, row in brought:
        if hash_from_disk([row.hash.partition(":")[0]], row.path, progress) != [row.hash]:
            raise OSError(f"the copy {row.path} differs when read back; no source was deleted")
    needed = {v for c, v in cells.items() if column_of(c) not in BROUGHT}
    homes = _Homes()
    left = 0
    for file, row in sorted(brought, key=lambda pair: PurePath(pair[1].source).name == OEBIN):
        if left and PurePath(row.source).name == OEBIN:
            why = "it tells how the files that stay belong together"
        else:
            try:
                why = _reason_to_stay(file, row, needed, homes)
                if not why:
                    _delete(row, raw)
            except OSError as error:
                # the recording is whole, whatever the rig says to this
                why = f"{error.strerror or error}"
            if not _is_whole(row):
                raise OSError(
                    f"the copy {row.path} went with {row.source}; nothing more is deleted"
                )
        if why:
            left += 1
            log.warning("%s is not deleted: %s", row.source, why)


def _delete(row: Brought, raw: Path) -> None:
    note_deleted(raw, row.source)
    try:
        if is_remote(row.source):
            rclone.delete_file(row.source)
        else:
            Path(row.source).unlink()
    except OSError:
        note_stays(raw, row.source)
        raise
    log.info("deleted %s, %d bytes, %s, kept as %s", row.source, row.bytes, row.hash, row.path)


def _is_whole(row: Brought) -> bool:
    return row.path.is_file() and row.path.stat().st_size == row.bytes


def _reason_to_stay(file: Found, row: Brought, needed: set[str], homes: _Homes) -> str:
    path = Path(row.source)
    if not file.remote and path.is_symlink():
        return "it is a symbolic link"
    if not file.remote and path.samefile(row.path):
        return "it is the copy itself"
    if not file.remote and any(Path(n).exists() and path.samefile(n) for n in needed):
        return "the row names it in another column"
    if homes.holds(file, row):
        return "it lies where this program keeps its copies"
    if see_again(file) != file:
        return "it changed after it was copied"
    if not _is_still_the_same(file, row):
        return "it no longer is what was copied"
    # it may have been written to while it was read
    return "" if see_again(file) == file else "it changed after it was copied"


def _is_still_the_same(file: Found, row: Brought) -> bool:
    """Whether a source holds the bytes of its copy: it is read again or its remote hashes it."""
    name, progress = row.hash.partition(":")[0], Progress(row.bytes)
    if file.remote:
        proof = prove(file, row.path, name, progress)
        return proof is not None and proof[0] == row.hash
    return hash_from_disk([name], Path(row.source), progress) == [row.hash]


class _Homes:
    """Which folders of sources are folders of copies, maybe by another path (an alias, a mount).

    A folder that lists a new file of random name beside the copy is the copy's. One that holds a
    manifest of copies is a recording's.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, Path], bool] = {}

    def holds(self, file: Found, row: Brought) -> bool:
        """Whether the source's folder is one of copies."""
        root, colon, path = file.where.partition(":") if file.remote else ("", "", file.where)
        key = (root + colon + posixpath.dirname(path), row.path.parent)
        if key not in self._known:
            self._known[key] = self._look(file.remote, *key)
        return self._known[key]

    @staticmethod
    def _look(remote: bool, where: str, home: Path) -> bool:
        probe = home / f".probe.{secrets.token_hex(8)}"
        probe.touch()
        try:
            if _is_in(remote, where, probe.name):
                return True
        finally:
            probe.unlink()
        return any(_is_in(remote, folder, KEPT) for folder in _and_above(remote, where))


def _is_in(remote: bool, folder: str, name: str) -> bool:
    if not remote:
        return Path(folder, name).exists()
    try:
        return not rclone.is_folder(inside(folder, name))
    except rclone.RemoteMissing:
        return False


def _and_above(remote: bool, folder: str) -> list[str]:
    """A folder and those it lies in."""
    if not remote:
        here = Path(folder).resolve()
        return [str(p) for p in (here, *here.parents)]
    root, _, path = folder.partition(":")
    parts = [p for p in path.split("/") if p]
    start = f"{root}:{'/' if path.startswith('/') else ''}"
    return [start + "/".join(parts[:n]) for n in range(len(parts), -1, -1)]
