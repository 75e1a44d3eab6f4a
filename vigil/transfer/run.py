"""Transfer at its edge: the files of a row in, a manifest and a verified copy out."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from vigil.recording import RecordingError
from vigil.remote import is_remote
from vigil.stage import Job
from vigil.table import BROUGHT, PATHS
from vigil.transfer.absent import is_there, nearest_to
from vigil.transfer.copy import hash_from_disk, put_in_place
from vigil.transfer.empty import delete_sources, deleted_before
from vigil.transfer.files import Brought, read_rows, write_manifest
from vigil.transfer.gather import gather
from vigil.transfer.progress import Progress
from vigil.transfer.rclone import RemoteFault
from vigil.transfer.settings import Settings
from vigil.transfer.settle import StillBeingWritten
from vigil.transfer.source import find_files

log = logging.getLogger("vigil")

KEPT = ".manifest.tsv"
"""Manifest beside the copies: what makes them a recording when the source is gone."""
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
    raw = None if settings.mode == "in_place" else Path(job.row["raw"])
    cells = {c: str(job.row[c]) for c in PATHS if job.row.get(c)}
    try:
        rows = _bring(cells, raw, settings, job.recording)
    except RecordingError as error:
        # of a remote the workflow sees no change, so such a recording is always looked at anew
        if isinstance(error, StillBeingWritten) or any(is_remote(v) for v in cells.values()):
            now = datetime.now(UTC).isoformat()
            (job.output("manifest").parent / LOOK_AGAIN).write_text(now)
        raise
    # provenance need not read a day of raw files once more
    job.known_hashes = {row.source: row.hash for row in rows}
    write_manifest(job.output("manifest"), rows)
    if settings.delete_source and raw is not None:
        delete_sources(rows, cells, raw)


def _bring(
    cells: Mapping[str, str], raw: Path | None, settings: Settings, recording: str
) -> list[Brought]:
    """Bring the files that the row names, or stay with the verified copy of what is gone."""
    if raw is None:
        _refuse_in_place_afar(cells)
        _see_that_all_is_there(cells, recording)
        return gather(find_files(cells), lambda: find_files(cells), None, settings)
    kept = raw / KEPT
    earlier = read_rows(kept) if kept.is_file() else []
    try:
        _see_that_all_is_there(cells, recording)
        found = find_files(cells)
    except (_SourceGone, RemoteFault) as gone:
        if not _came_from(earlier, cells):
            raise
        rows = verified_again(earlier, recording)
        log.warning("%s The verified copy in %s is the recording", gone, raw)
        return rows
    there = {f.where for f in found}
    deleted = [r for r in earlier if r.source not in there and r.source in deleted_before(raw)]
    rows = gather(found, lambda: find_files(cells), raw, settings) if found else []
    places = {row.path for row in rows}
    rows += verified_again([row for row in deleted if row.path not in places], recording)
    beside = kept.with_name(f".partial{KEPT}")
    write_manifest(beside, rows)
    put_in_place(beside, kept)
    return rows


class _SourceGone(RecordingError):
    """A file that transfer would bring is not there."""


def _refuse_in_place_afar(cells: Mapping[str, str]) -> None:
    afar = next((v for v in cells.values() if is_remote(v)), None)
    if afar:
        raise RecordingError(
            f"{afar} is on a remote and cannot be used in place; set transfer.mode to copy, or "
            "mount it and name the folder."
        )


def _see_that_all_is_there(cells: Mapping[str, str], recording: str) -> None:
    """See that each cell leads to something; what transfer does not bring comes first."""
    for column, value in sorted(cells.items(), key=lambda cell: cell[0] in BROUGHT):
        if not is_there(value):
            near = nearest_to(value)
            kind = _SourceGone if column in BROUGHT else RecordingError
            raise kind(
                f"{column} of {recording} is {value}, which is not there"
                f"{f' (there is {near})' if near else ''}; "
                "correct the row of the table or bring the file."
            )
    if not find_files({"source": cells["source"]}):
        raise _SourceGone(
            f"source of {recording} is {cells['source']}, which holds no files; correct the row of "
            "the table or bring the files."
        )


def _came_from(earlier: Sequence[Brought], cells: Mapping[str, str]) -> bool:
    """Whether an earlier copy is of the source that the row still names."""
    return any(r.source.startswith(cells["source"]) or not r.source for r in earlier)


def verified_again(rows: Sequence[Brought], recording: str) -> list[Brought]:
    """Files of an earlier copy, each hashed anew; their rows, as they were.

    Raises
    ------
    RecordingError
        When one is gone or differs: neither source nor copy is whole.
    """
    progress = Progress(sum(row.bytes for row in rows))
    for row in rows:
        name = row.hash.partition(":")[0]
        if not row.path.is_file() or hash_from_disk([name], row.path, progress) != [row.hash]:
            raise RecordingError(
                f"The source of {recording} is gone and its copy {row.path} is missing or differs "
                "from the manifest; bring the source back."
            )
    return list(rows)
