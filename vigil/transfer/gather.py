"""All files of a recording brought together, with room for them made sure of first."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from vigil.transfer.copy import bring, link
from vigil.transfer.disk import beside_of, link_of, make_folder, next_of
from vigil.transfer.files import Brought
from vigil.transfer.progress import Progress
from vigil.transfer.settings import Settings
from vigil.transfer.settle import compare, refuse_open_files, watch
from vigil.transfer.source import Found


def gather(
    found: Sequence[Found],
    look: Callable[[], list[Found]],
    target: Path | None,
    settings: Settings,
) -> list[Brought]:
    """Bring the files of a recording together and list them.

    Where a place is taken by another version, the new one waits beside it (`kept.commit`).

    Parameters
    ----------
    found : sequence of Found
        The files as they were seen first.
    look : callable
        Sees them anew.
    target : path or None
        Folder to fill; None leaves the files in place.
    settings : Settings

    Raises
    ------
    StillBeingWritten
        When a file has no end or changes at any time until all were brought.
    OSError
        When there is no room, a copy differs, or a remote does not answer.
    """
    refuse_open_files(found, time.time())
    watch(found, look, settings.settle_s)
    if target is not None:
        make_folder(target)
        make_sure_of_room(found, target, settings.mode)
    progress = Progress(sum(f.n_bytes for f in found))
    rows = []
    for file in found:
        place = Path(file.where) if target is None else target / file.name
        if target is not None:
            make_folder(place.parent)
        try:
            rows.append(bring(file, place, settings.mode, settings.hash, progress))
        except OSError:
            # what grew while it was read is no fault of the machine
            with contextlib.suppress(OSError):
                compare(found, look())
            raise
    progress.tell()
    # a file that was written to while it was copied is not what the manifest would say
    compare(found, look())
    return rows


def make_sure_of_room(found: Sequence[Found], target: Path, mode: str) -> None:
    """See that the files which are still to come fit.

    Raises
    ------
    OSError
        When they do not.
    """
    wanted = 0
    for file in found:
        place = target / file.name
        if _looks_the_same(file, place, mode) or _looks_the_same(file, next_of(place), mode):
            continue
        if mode == "link" and not file.remote and _can_be_linked(file, target):
            continue
        # a copy that is to be replaced stays until the new one is whole
        part = beside_of(place)
        wanted += file.n_bytes - (part.stat().st_size if part.is_file() else 0)
    free = shutil.disk_usage(target).free
    if free < wanted:
        raise OSError(
            f"{target} has {free / 1e9:.2f} GB free and {wanted / 1e9:.2f} GB are still to come; "
            "make room and run again"
        )


def _looks_the_same(file: Found, there: Path, mode: str) -> bool:
    """Whether a copy is there of the size and time of its source, so that none will be written."""
    if not there.is_file():
        return False
    if not file.remote and there.samefile(file.where):
        return mode == "link" or there.resolve() == Path(file.where).resolve()
    stat = there.stat()
    # a remote may keep no times
    near = abs(stat.st_mtime - file.modified_s) < 1 or not file.modified_s
    return stat.st_size == file.n_bytes and near


def _can_be_linked(file: Found, target: Path) -> bool:
    trial = link_of(target / "trial")
    made = link(Path(file.where), trial)
    trial.unlink(missing_ok=True)
    return made
