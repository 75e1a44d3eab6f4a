"""Transfer at its edge: the files of a row in, a manifest and a verified copy out."""

from __future__ import annotations

import difflib
import logging
import time
from pathlib import Path

from vigil.recording import RecordingError
from vigil.stage import Job
from vigil.transfer.copy import gather
from vigil.transfer.files import write_manifest
from vigil.transfer.settings import Settings

log = logging.getLogger("vigil")


def run(job: Job) -> None:
    """Transfer one recording.

    Inputs: `files`. Outputs: `manifest`, and `raw` (a folder) unless the mode is in_place.
    Row: `raw`, the place where the folder will stand, and the cells that name files.
    """
    for column, path in {c: Path(p) for c, p in job.row.items() if p and c != "raw"}.items():
        if not path.exists():
            raise RecordingError(
                f"{column} of {job.recording} is {path}, which is not there{_nearest(path)}; "
                "correct the row of the table or bring the file."
            )
    settings = Settings.model_validate(job.settings)
    started = time.monotonic()

    def progress(done: int, total: int) -> None:
        seconds = max(time.monotonic() - started, 1e-3)
        left = seconds * (total - done) / max(done, 1)
        log.info(
            "%.2f of %.2f GB, %.0f MB/s, %.0f s left",
            done / 1e9,
            total / 1e9,
            done / 1e6 / seconds,
            left,
        )

    rows = gather(
        job.input_list("files"),
        job.output("raw") if "raw" in job.outputs else None,
        Path(job.row["raw"]),
        settings.mode,
        settings.hash,
        progress,
    )
    write_manifest(job.output("manifest"), rows)


def _nearest(path: Path) -> str:
    """The nearest name beside a path that is not there, as part of a sentence."""
    names = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
    near = difflib.get_close_matches(path.name, names, n=1)
    return f" (there is {near[0]})" if near else ""
