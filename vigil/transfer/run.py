"""Transfer at its edge: the files of a row in, a manifest and a verified copy out."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

from vigil.nearest import nearest_file
from vigil.provenance import hash_file
from vigil.recording import RecordingError
from vigil.stage import Job
from vigil.transfer.copy import gather
from vigil.transfer.files import read_manifest, write_manifest
from vigil.transfer.settings import Settings

log = logging.getLogger("vigil")

KEPT = ".manifest.tsv"
"""Manifest beside the copies: what makes them a recording when the source is gone."""
COPIED = {"source", "video", "video_times"}
"""Columns whose files are in the copy."""


def run(job: Job) -> None:
    """Transfer one recording.

    Inputs: `files`. Outputs: `manifest`. Row: `raw`, the folder for the copies, and the cells
    that name files. What was copied and verified once is kept in `raw` with a manifest of its
    own; when the source is gone later, as it will be once a rig is emptied, that copy is
    verified again and stays the recording.
    """
    settings = Settings.model_validate(job.settings)
    raw = None if settings.mode == "in_place" else Path(job.row["raw"])
    gone = {c: Path(p) for c, p in job.row.items() if p and c != "raw" and not Path(p).exists()}
    kept = raw / KEPT if raw is not None else None
    if gone and kept is not None and kept.is_file() and set(gone) <= COPIED:
        rows = verified_again(kept, job.recording)
        log.warning("the source is gone; the verified copy in %s is the recording", raw)
    elif gone:
        column, path = next(iter(gone.items()))
        near = nearest_file(path)
        hint = f" (there is {near})" if near else ""
        raise RecordingError(
            f"{column} of {job.recording} is {path}, which is not there{hint}; "
            "correct the row of the table or bring the file."
        )
    else:
        files = job.input_list("files")
        rows = gather(files, raw, settings.mode, settings.hash, _progress())
        # provenance need not read a day of raw files once more
        job.known_hashes = {str(f): h for f, (_, _, h) in zip(files, rows, strict=True)}
        if kept is not None:
            beside = kept.with_name(f".partial{KEPT}")
            write_manifest(beside, rows)
            beside.replace(kept)
    write_manifest(job.output("manifest"), rows)


def verified_again(kept: Path, recording: str) -> list[tuple[Path, int, str]]:
    """Files of an earlier copy, each hashed anew.

    Raises
    ------
    RecordingError
        When one is gone or differs: neither source nor copy is whole.
    """
    rows = []
    for path, wanted in read_manifest(kept).items():
        if not path.is_file() or hash_file(path, wanted.split(":")[0]) != wanted:
            raise RecordingError(
                f"The source of {recording} is gone and its copy {path} is missing or differs from "
                "the manifest; bring the source back."
            )
        rows.append((path, path.stat().st_size, wanted))
    return rows


def _progress() -> Callable[[int, int], None]:
    """Tell rate and time left in the log."""
    started = time.monotonic()

    def tell(done: int, total: int) -> None:
        seconds = max(time.monotonic() - started, 1e-3)
        left = seconds * (total - done) / max(done, 1)
        rate = done / 1e6 / seconds
        log.info("%.2f of %.2f GB, %.0f MB/s, %.0f s left", done / 1e9, total / 1e9, rate, left)

    return tell
