"""Copy files and prove that the copy is the same: hash while reading, read back, compare."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from vigil.provenance import BLOCK, hash_file, new_digest
from vigil.recording import RecordingError


def copy_verified(source: Path, target: Path, name: str) -> str:
    """Copy one file and read the copy back.

    The copy gets the source's modification time.

    Returns
    -------
    str
        Hash of both.

    Raises
    ------
    RecordingError
        When the source changes while it is copied.
    OSError
        When the copy that was read back differs: the disk or the network is at fault,
        not the recording.
    """
    before = source.stat()
    digest = new_digest(name)
    with source.open("rb", buffering=0) as r, target.open("wb", buffering=0) as w:
        while block := r.read(BLOCK):
            digest.update(block)
            w.write(block)
        os.fsync(w.fileno())
    after = source.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise RecordingError(
            f"{source} is still being written (it changed while it was copied); close the "
            "acquisition and run again."
        )
    wanted = f"{name}:{digest.hexdigest()}"
    if hash_file(target, name) != wanted:
        raise OSError(f"the copy {target} differs from {source} when read back")
    shutil.copystat(source, target)
    return wanted


def gather(
    sources: Sequence[Path],
    target: Path | None,
    mode: str,
    hash_name: str,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[tuple[Path, int, str]]:
    """Bring files together and list them.

    A file of the target that already is what the source is stays; a new copy is written
    beside its place and renamed when it is verified, so that an interruption at any point
    leaves whole files only.

    Parameters
    ----------
    sources : sequence of path
        The files of the recording.
    target : path or None
        Folder to fill; None leaves the files in place.
    mode : {'copy', 'link', 'in_place'}
        Hard links fall back to copies where the file systems differ.
    hash_name : {'xxh3', 'sha256'}
        The hash to list.
    progress : callable
        Told bytes done and bytes in all.

    Returns
    -------
    list of (path, bytes, hash)

    Raises
    ------
    RecordingError
        When a file is missing, changes while it is copied, or two have the same name.
    """
    for path in sources:
        if not path.is_file():
            raise RecordingError(f"The file {path} is not there; check the row of the table.")
    names = [p.name for p in sources]
    twice = next((n for n in names if names.count(n) > 1), None)
    if twice:
        raise RecordingError(f"Two files of the recording are called {twice}; rename one of them.")
    total = sum(p.stat().st_size for p in sources)
    if target is not None:
        target.mkdir(parents=True, exist_ok=True)
        here = sum((target / n).stat().st_size for n in names if (target / n).is_file())
        free = shutil.disk_usage(target).free
        if mode == "copy" and free < total - here:
            raise OSError(f"{target} has {free / 1e9:.1f} GB free, {total / 1e9:.1f} GB are needed")
    rows, done = [], 0
    for source in sources:
        place = source if target is None else target / source.name
        rows.append((place, source.stat().st_size, _bring(source, place, mode, hash_name)))
        done += source.stat().st_size
        progress(done, total)
    return rows


def _bring(source: Path, place: Path, mode: str, hash_name: str) -> str:
    """Bring one file to its place, unless it is there, and return its hash."""
    if place == source or (place.exists() and place.samefile(source)):
        return hash_file(source, hash_name)
    beside = place.with_name(f".partial.{place.name}")
    beside.unlink(missing_ok=True)
    if place.is_file() and _same_stat(source, place):
        digest = hash_file(source, hash_name)
        if hash_file(place, hash_name) == digest:
            return digest
    if mode == "link" and _link(source, beside):
        digest = hash_file(beside, hash_name)
    else:
        digest = copy_verified(source, beside, hash_name)
    beside.replace(place)
    return digest


def _same_stat(a: Path, b: Path) -> bool:
    x, y = a.stat(), b.stat()
    return (x.st_size, x.st_mtime_ns) == (y.st_size, y.st_mtime_ns)


def _link(source: Path, target: Path) -> bool:
    try:
        os.link(source.resolve(), target)
    except OSError:
        return False
    return True
