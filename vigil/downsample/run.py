"""Downsample at its edge: raw files in, lfp.zarr and quality.tsv out."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from vigil.downsample.decimate import design_decimator
from vigil.downsample.files import create_lfp, open_lfp
from vigil.downsample.ncs import UnseenBorder
from vigil.downsample.quality import judge_channels
from vigil.downsample.reduce import reduce_recording, reduced_segments
from vigil.downsample.settings import Settings
from vigil.downsample.sources.choose import open_source
from vigil.downsample.sources.source import Source
from vigil.recording import RecordingError, read_montage
from vigil.stage import Job
from vigil.transfer.files import read_manifest

log = logging.getLogger("vigil")

TELL_S = 10.0
"""Seconds between two lines of progress in the log."""


def run(job: Job) -> None:
    """Downsample one recording.

    Inputs: `manifest` (of transfer), `montage` (optional). Row: `start`, `montage`. Outputs:
    `lfp`, `quality`.
    """
    if job.row.get("montage") and not job.optional_input("montage"):
        raise RecordingError(
            f"The montage {job.row['montage']} is not there; correct the row or bring the file."
        )
    files = list(read_manifest(job.input("manifest")))
    try:
        quality = downsample(job, open_source(files))
    except UnseenBorder as seen:
        # rare: a short record, or a gap that another one makes up for
        log.info("a closer look at all records is needed (%s)", seen)
        quality = downsample(job, open_source(files, scan=True))
    for row in quality[quality["verdict"] != "ok"].itertuples():
        log.warning("channel %s: %s, %s", row.channel, row.verdict, row.reason)
    quality.to_csv(job.output("quality"), sep="\t", index=False, float_format="%.6g")


def downsample(job: Job, source: Source) -> pd.DataFrame:
    """Write the store of a source and judge its channels."""
    settings = Settings.model_validate(job.settings)
    montage = read_montage(job.optional_input("montage"), source.channels)
    for note in source.notes:
        log.warning("%s", note)
    decimator = design_decimator(
        source.rate_hz, settings.rate_hz, settings.passband, settings.stopband_db
    )
    start = job.row.get("start") or (source.start.isoformat() if source.start else "")
    place: Path = job.output("lfp")
    store = create_lfp(
        place,
        montage,
        reduced_segments(source, decimator),
        source.scale_uv,
        str(start),
        source.range_steps,
        source_rate_hz=source.rate_hz,
        clock_zero_us=source.clock_zero_us,
        notes=list(source.notes),
    )
    tallies = reduce_recording(
        source,
        decimator,
        store,
        job.threads,
        progress=_tell_now_and_then(),
    )
    return judge_channels(tallies, open_lfp(place), montage, settings, job.threads)


def _tell_now_and_then() -> Callable[[float], None]:
    """Log the share that is done, and the time left, every ten seconds and at the end."""
    started = told = time.monotonic()

    def tell(share: float) -> None:
        nonlocal told
        now = time.monotonic()
        if share >= 1 or now - told >= TELL_S:
            told = now
            left_s = (now - started) * (1 - share) / share
            log.info("downsampled %.0f %%, %.0f s left", 100 * share, left_s)

    return tell
