"""Spectra at its edge: lfp.zarr in, spectrogram and features out."""

from __future__ import annotations

import logging

from vigil.downsample.files import good_channels, open_lfp, read_quality
from vigil.recording import RecordingError
from vigil.spectra.files import write_spectrogram
from vigil.spectra.settings import Settings
from vigil.spectra.spectrogram import region_spectrogram
from vigil.spectra.table import COHERENCE_REGIONS, feature_table
from vigil.stage import Job

log = logging.getLogger("vigil")


def run(job: Job) -> None:
    """Compute the spectra of one recording.

    Inputs: `lfp`, `quality`. Outputs: `features`, `spectrogram`.
    """
    settings = Settings.model_validate(job.settings)
    lfp = open_lfp(job.input("lfp"))
    regions = good_channels(lfp, read_quality(job.input("quality")))
    if not set(regions) - {"emg"}:
        raise RecordingError(
            f"No usable brain channel in {job.recording}: all are bad or off; see quality.tsv, "
            "and the montage if that is wrong."
        )
    if lfp.segments.duration_s < settings.epoch_s:
        raise RecordingError(
            f"{job.recording} lasts {lfp.segments.duration_s:.1f} s, less than one epoch of "
            f"{settings.epoch_s:g} s; leave it out or shorten spectra.epoch_s."
        )
    brain = {r: c for r, c in regions.items() if r != "emg"}
    if len(brain) > COHERENCE_REGIONS:
        log.warning(
            "%d regions: coherence between regions is left out, as it is taken with at most %d; "
            "give a montage that joins channels into regions to have it.",
            len(brain),
            COHERENCE_REGIONS,
        )
    features = feature_table(
        lfp, regions, settings, lambda share: log.info("features %.0f %%", 100 * share)
    )
    features.to_parquet(job.output("features"), index=False)
    power, time_s, frequency_hz = region_spectrogram(
        lfp,
        brain,
        settings.spectrogram_window_s,
        settings.spectrogram_step_s,
        settings.spectrogram_max_hz,
        nw=2.0,
    )
    write_spectrogram(job.output("spectrogram"), list(brain), power, time_s, frequency_hz)
