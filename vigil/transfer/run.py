"""Transfer at its edge: the files of a row in, a manifest and a verified copy out."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from vigil.recording import RecordingError
from vigil.remote import is_remote
from vigil.row import BROUGHT, PATHS, column_of
from vigil.stage import Job
from vigil.transfer.absent import is_there, nearest_to
from vigil.transfer.disk import hash_from_disk
from vigil.transfer.empty import delete_sources
from vigil.transfer.files import Brought, write_manifest
from vigil.transfer.gather import gather
from vigil.transfer.kept import Kept, as_named_now, commit, deleted_before, locked, read_kept
from vigil.transfer.progress import Progress
from vigil.transfer.rclone import RemoteFault
from vigil.transfer.settings import Settings
from vigil.transfer.source import Found, find_files, tell_of_dead_links

log = logging.getLogger("vigil")

LOOK_AGAIN = ".look_again"
"""Beside the manifest: when a recording was last found not ready. The rule takes it as a
parameter, so that the next run of the workflow looks at the recording anew."""


def run(job: Job) -> None:
    """Transfer one recording.

    Inputs: `files`, by which a change is noticed. Outputs: `manifest`. Row: `raw`, the folder
    for the copies, and the cells that name files. What was copied and verified once is kept in
    `raw` with a manifest of its own; when the source is gone later, as it will be once a rig is
    emptied, that copy is verified again and stays the recording.
    """
    settings = Settings.model_validate(job.settings)
    cells = {c: str(v) for c, v in job.row.items() if v and column_of(c) in PATHS}
    try:
        _see_what_is_not_brought(cells, job.recording)
        if settings.mode == "in_place":
            _leave(job, _in_place(cells, settings, job.recording))
            return
        raw = Path(job.row["raw"])
        with locked(raw):
            fresh, rows = _bring(cells, raw, settings, job.recording)
            _leave(job, rows)
            if settings.delete_source:
                delete_sources(fresh, cells, raw)
    except RecordingError as error:
        if isinstance(error, _NotHere) and not settings.delete_source:
            raise  # the rule sees when it comes
        # whatever is mended, the workflow need not see it as a change of its inputs
        now = datetime.now(UTC).isoformat()
        (job.output("manifest").parent / LOOK_AGAIN).write_text(now)
        raise


def _leave(job: Job, rows: Sequence[Brought]) -> None:
    # provenance need not read a day of raw files once more
    job.known_hashes = {row.source: row.hash for row in rows}
    write_manifest(job.output("manifest"), rows)


def _in_place(cells: Mapping[str, str], settings: Settings, recording: str) -> list[Brought]:
    afar = next((v for v in cells.values() if is_remote(v)), None)
    if afar:
        raise RecordingError(
            f"{afar} is on a remote and cannot be used in place; set transfer.mode to copy, or "
            "mount it and name the folder."
        )
    for column in _named(cells):
        _see_that_it_is_there(column, cells[column], recording)
    found = find_files(cells)
    tell_of_dead_links(cells)
    return gather(found, lambda: find_files(cells), None, settings)


def _bring(
    cells: Mapping[str, str], raw: Path, settings: Settings, recording: str
) -> tuple[list[tuple[Found, Brought]], list[Brought]]:
    """Bring the files that the row names, or stay with the verified copy of what is gone.

    Returns
    -------
    fresh : list of (Found, Brought)
        Those whose sources may be deleted; none when the copy stood in for a source.
    rows : list of Brought
        All files of the recording.
    """
    kept = [as_named_now(k, cells) for k in read_kept(raw)]
    there, stand_in = dict(cells), False
    for column in _named(cells):
        try:
            _see_that_it_is_there(column, cells[column], recording)
        except (_SourceGone, RemoteFault) as gone:
            if not any(k.cells.get(column) == cells[column] for k in kept):
                raise
            log.warning("%s; the verified copy in %s stands in", str(gone).rstrip("."), raw)
            del there[column]
            stand_in = True
    found = find_files(there)
    tell_of_dead_links(there)
    rest = _that_stay(kept, found, cells, there, deleted_before(raw))
    _refuse_one_name(found, rest)
    # verified first: what is neither here nor there ends the recording before anything is changed
    rest = verified_again(rest, recording, settings.hash)
    rows = gather(found, lambda: find_files(there), raw, settings) if found else []
    named = {f.where: {c: cells[c] for c in f.columns} for f in found}
    commit(raw, kept, [Kept(row, named[row.source]) for row in rows], rest, _dropped(kept, cells))
    fresh = [] if stand_in else list(zip(found, rows, strict=True))
    return fresh, [*rows, *(k.row for k in rest)]


class _NotHere(RecordingError):
    """What a cell names on this machine is not there."""


class _SourceGone(RecordingError):
    """A file that transfer would bring is not there."""


class _SourceNotHere(_SourceGone, _NotHere):
    """The same, on this machine."""


def _named(cells: Mapping[str, str]) -> list[str]:
    return [c for c in cells if column_of(c) in BROUGHT]


def _see_what_is_not_brought(cells: Mapping[str, str], recording: str) -> None:
    for column, value in cells.items():
        if column_of(column) not in BROUGHT and not is_there(value):
            kind = RecordingError if is_remote(value) else _NotHere
            raise kind(_lack(column, value, recording))


def _see_that_it_is_there(column: str, value: str, recording: str) -> None:
    if not is_there(value):
        kind = _SourceGone if is_remote(value) else _SourceNotHere
        raise kind(_lack(column, value, recording))
    if column == "source" and not find_files({"source": value}):
        raise _SourceGone(
            f"source of {recording} is {value}, which holds no files; correct the row of the "
            "table or bring the files."
        )


def _lack(column: str, value: str, recording: str) -> str:
    near = nearest_to(value)
    return (
        f"{column} of {recording} is {value}, which is not there"
        f"{f' (there is {near})' if near else ''}; correct the row of the table or bring the file."
    )


def _that_stay(
    kept: Sequence[Kept],
    found: Sequence[Found],
    cells: Mapping[str, str],
    there: Mapping[str, str],
    deleted: set[str],
) -> list[Kept]:
    """Copies that belong to the recording although their source was not found.

    Their cell is the same to the letter, and leads nowhere now, or their source was deleted.

    Raises
    ------
    RecordingError
        When a folder of which files were deleted holds one that was never brought: nobody knows
        whether it is of the same recording.
    """
    seen = {f.where for f in found}
    rest = []
    for k in kept:
        same = [c for c, value in k.cells.items() if cells.get(c) == value]
        lost = k.row.source in deleted or any(c not in there for c in same)
        if k.row.source not in seen and same and lost:
            rest.append(k)
    emptied = any(k.row.source in deleted and "source" in k.cells for k in rest)
    known = {k.row.source for k in kept}
    new = next((f for f in found if f.columns == ("source",) and f.where not in known), None)
    if new and emptied:
        raise RecordingError(
            f"{new.where} is new in a folder of which files were deleted after they were verified; "
            "give it a recording of its own."
        )
    return rest


def _dropped(kept: Sequence[Kept], cells: Mapping[str, str]) -> list[Kept]:
    """Copies whose cells, each of one file, the row has no longer."""
    # of a folder a part of the copies may have been replaced: they must not stand in for it
    return [
        k
        for k in kept
        if k.cells
        and "source" not in k.cells
        and not any(cells.get(c) == value for c, value in k.cells.items())
    ]


def _refuse_one_name(found: Sequence[Found], rest: Sequence[Kept]) -> None:
    names = {k.row.name for k in rest}
    twice = next((f for f in found if f.name in names), None)
    if twice:
        raise RecordingError(
            f"{twice.where} has the name of a file of the recording that is kept ({twice.name}); "
            "rename it."
        )


def verified_again(rows: Sequence[Kept], recording: str, name: str) -> list[Kept]:
    """Files of an earlier copy, each hashed anew.

    Parameters
    ----------
    rows : sequence of Kept
    recording : str
    name : {'xxh3', 'sha256'}
        The hash to list, taken in the same pass as the one that is compared.

    Raises
    ------
    RecordingError
        When one is gone or differs: neither source nor copy is whole.
    """
    progress = Progress(sum(k.row.bytes for k in rows))
    again = []
    for k in rows:
        known, path = k.row.hash.partition(":")[0], k.row.path
        hashes = hash_from_disk([known, name], path, progress) if path.is_file() else [""]
        if hashes[0] != k.row.hash:
            raise RecordingError(
                f"The source of {recording} is gone and its copy {path} is missing or differs "
                "from the manifest; bring the source back."
            )
        again.append(replace(k, row=replace(k.row, hash=hashes[1])))
    return again
