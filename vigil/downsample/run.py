"""Downsample at its edge: raw files in, lfp.zarr and quality.tsv out."""

from __future__ import annotations

import logging

from vigil.downsample.decimate import design_decimator
from vigil.downsample.files import create_lfp
from vigil.downsample.quality import judge_channels
from vigil.downsample.reduce import reduce_recording, reduced_segments
from vigil.downsample.settings import Settings
from vigil.downsample.source import open_neuralynx
from vigil.recording import RecordingError, read_montage
from vigil.stage import Job
from vigil.transfer.files import read_manifest

log = logging.getLogger("vigil")


def run(job: Job) -> None:
    """Downsample one recording.

    Inputs: `manifest` (of transfer), `montage` (optional). Row: `start`, `montage`. Outputs:
    `lfp`, `quality`.
    """
    settings = Settings.model_validate(job.settings)
    files = read_manifest(job.input("manifest"))
    source = open_neuralynx([p for p in files if p.suffix.lower() == ".ncs"])
    if job.row.get("montage") and not job.optional_input("montage"):
        raise RecordingError(
            f"The montage {job.row['montage']} is not there; correct the row or bring the file."
        )
    montage = read_montage(job.optional_input("montage"), source.channels)
    for note in source.notes:
        log.warning("%s", note)
    decimator = design_decimator(
        source.rate_hz, settings.rate_hz, settings.passband, settings.stopband_db
    )
    start = job.row.get("start") or (source.start.isoformat() if source.start else "")
    store = create_lfp(
        job.output("lfp"),
        montage,
        reduced_segments(source, decimator),
        source.scale_uv,
        str(start),
        source_rate_hz=source.rate_hz,
        clock_zero_us=source.clock_zero_us,
        notes=list(source.notes),
    )
    tallies = reduce_recording(
        source,
        decimator,
        store,
        job.threads,
        progress=lambda share: log.info("downsampled %.0f %%", 100 * share),
    )
    quality = judge_channels(
        tallies, montage, source.scale_uv, settings.flat_share, settings.saturated_share
    )
    for bad in quality[quality["verdict"] == "bad"].itertuples():
        log.warning("channel %s is bad: %s", bad.channel, bad.reason)
    quality.to_csv(job.output("quality"), sep="\t", index=False, float_format="%.6g")
