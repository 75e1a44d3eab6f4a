"""What raw/<recording>/ keeps: verified copies, from which cells they came, and their exchange.

All that decides about copies that are there already is here. A new version of a recording waits
beside the old one (`disk.next_of`) until all of it is verified. Then its manifest is written as
`.swap.tsv`; from that moment on the new version is the recording, and whoever comes next finishes
what a crash left undone: each old file goes to `.replaced/<time>/`, each new one to its place.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import json
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from vigil.recording import RecordingError
from vigil.row import column_of
from vigil.transfer.disk import hash_through, make_folder, next_of, put_in_place
from vigil.transfer.files import Brought, read_rows, write_manifest
from vigil.transfer.progress import Progress

log = logging.getLogger("vigil")

KEPT = ".manifest.tsv"
"""Manifest beside the copies: what makes them a recording when the source is gone."""
SWAP = ".swap.tsv"
"""The manifest of the version that is taking its place."""
REPLACED = ".replaced"
"""Folder of the versions that were replaced, one folder for each exchange."""
DELETED = ".deleted"
"""The source files that were deleted, each a line of JSON."""
LOCK = ".lock"


@dataclass(frozen=True)
class Kept:
    """A verified copy, and the cells of the row (column: value) that led to its source."""

    row: Brought
    cells: dict[str, str]


@contextlib.contextmanager
def locked(raw: Path) -> Iterator[None]:
    """Have the folder of a recording for oneself.

    Raises
    ------
    OSError
        When another job has it, as one that was given up and still lives.
    """
    make_folder(raw)
    with (raw / LOCK).open("a") as f:
        try:
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OSError(
                f"{raw} is being filled by another job; wait for it, or end it, and run again"
            ) from None
        except OSError as error:
            log.warning("%s cannot be locked (%s)", raw, error.strerror)
        yield


def read_kept(raw: Path) -> list[Kept]:
    """The verified copies of a recording, also those that the row names no longer."""
    finish_swap(raw)
    path = raw / KEPT
    if not path.is_file():
        return []
    table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    told = table["cells"] if "cells" in table else [""] * len(table)
    return [
        Kept(row, json.loads(cells or "{}"))
        for row, cells in zip(read_rows(path), told, strict=True)
    ]


def as_named_now(kept: Kept, cells: Mapping[str, str]) -> Kept:
    """A copy with its cells under the names by which the row has them today.

    Of several files in a cell the second is 'video 2' (`vigil.row.paths_of`) until the order
    changes or the first is dropped: the column and the file count, not the number. Cells that the
    row has no longer stay known, under a number that is free.
    """
    held = {(column_of(name), value) for name, value in kept.cells.items()}
    named = {name: value for name, value in cells.items() if (column_of(name), value) in held}
    still = {(column_of(name), value) for name, value in named.items()}
    for name, value in kept.cells.items():
        column = column_of(name)
        if (column, value) not in still:
            free = (f"{column} {k}" for k in itertools.count(2))
            named[next(n for n in itertools.chain([name], free) if n not in named)] = value
    return replace(kept, cells=named)


def commit(
    raw: Path,
    kept: Sequence[Kept],
    fresh: Sequence[Kept],
    rest: Sequence[Kept],
    dropped: Sequence[Kept] = (),
) -> None:
    """Make the files that were brought the recording.

    Parameters
    ----------
    raw : path
    kept : sequence of Kept
        What `read_kept` gave before they were brought.
    fresh : sequence of Kept
        Files that were brought, where another version has their place at `next_of` it.
    rest : sequence of Kept
        Copies that stay as they are.
    dropped : sequence of Kept
        Copies of files that the row named by themselves and names no longer; they are not of the
        recording, but stay known in case it names them again.

    Raises
    ------
    RecordingError
        When a copy would be replaced whose source was deleted; then nothing is.
    """
    deleted = deleted_before(raw)
    _refuse_the_only_copy(kept, fresh, deleted)
    for stale in rest:
        next_of(stale.row.path).unlink(missing_ok=True)
    taken = {k.row.path for k in [*fresh, *rest]}
    # a copy without a source is never forgotten, whatever the row names today
    idle = [
        k for k in kept if (k.row.source in deleted or k in dropped) and k.row.path not in taken
    ]
    beside = raw / f".partial{KEPT}"
    every = [*fresh, *rest, *idle]
    write_manifest(beside, [k.row for k in every], cells=[json.dumps(k.cells) for k in every])
    put_in_place(beside, raw / SWAP)
    finish_swap(raw)


def finish_swap(raw: Path) -> None:
    """Bring an exchange of versions that was begun to its end."""
    swap, kept = raw / SWAP, raw / KEPT
    if not swap.is_file():
        return
    # of the journal, so that a second try goes on with the same folder
    begun = datetime.fromtimestamp(swap.stat().st_mtime, UTC)
    aside = raw / REPLACED / begun.strftime("%Y-%m-%dT%H%M%S.%fZ")
    earlier = {r.path: r.hash for r in read_rows(kept)} if kept.is_file() else {}
    for row in read_rows(swap):
        waiting = next_of(row.path)
        if not waiting.exists():
            continue
        if row.path.exists() and earlier.get(row.path) != row.hash:
            old = aside / row.path.relative_to(raw)
            make_folder(old.parent)
            put_in_place(row.path, old)
        put_in_place(waiting, row.path)
    if aside.is_dir():
        log.warning("the version that was replaced is kept in %s", aside)
        if kept.is_file():
            put_in_place(kept, aside / "manifest.tsv")
    put_in_place(swap, kept)


def _refuse_the_only_copy(kept: Sequence[Kept], fresh: Sequence[Kept], deleted: set[str]) -> None:
    """See that no copy whose source was deleted is exchanged for something else."""
    only = {k.row.path: k.row for k in kept if k.row.source in deleted}
    for row in (k.row for k in fresh):
        copy = only.get(row.path)
        if copy is None or copy.hash == row.hash:
            continue
        there = next_of(row.path) if next_of(row.path).exists() else row.path
        name = copy.hash.partition(":")[0]
        if hash_through([name], there, Progress(row.bytes).verify) != [copy.hash]:
            next_of(row.path).unlink(missing_ok=True)
            raise RecordingError(
                f"{row.source} is not what {row.path} was copied from, whose source was deleted "
                "after it was verified; give what is new a recording of its own."
            )


def deleted_before(raw: Path) -> set[str]:
    """Source files that were deleted after their copies were verified."""
    path = raw / DELETED
    deleted: set[str] = set()
    for line in path.read_text().split("\n") if path.is_file() else []:
        if line.startswith("{"):
            deleted.discard(json.loads(line)["stays"])
        elif line:
            deleted.add(json.loads(line) if line[0] == '"' else line)
    return deleted


def note_deleted(raw: Path, source: str) -> None:
    """Note that a source file is deleted, before it happens: a crash loses no knowledge."""
    _append(raw / DELETED, source)


def note_stays(raw: Path, source: str) -> None:
    """Note that a source file could not be deleted after all."""
    _append(raw / DELETED, {"stays": source})


def _append(path: Path, told: object) -> None:
    with path.open("a") as f:
        f.write(json.dumps(told) + "\n")
        f.flush()
        os.fsync(f.fileno())
