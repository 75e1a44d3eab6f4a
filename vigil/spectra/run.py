"""Spectra at its edge: lfp.zarr in, spectrogram and features out."""

from __future__ import annotations

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from vigil.downsample.files import Lfp, good_channels, open_lfp, read_quality
from vigil.recording import RecordingError
from vigil.spectra.block import COHERENCE_REGIONS
from vigil.spectra.files import FeatureWriter
from vigil.spectra.levels import Bands
from vigil.spectra.pyramid import create_spectrogram
from vigil.spectra.settings import Settings
from vigil.spectra.spectrogram import (
    channels_of,
    plan_spectrogram,
    spectrogram_blocks,
)
from vigil.spectra.table import feature_sections
from vigil.stage import Job

log = logging.getLogger("vigil")

TELL_S = 10.0
"""Seconds between two lines of progress in the log."""


def run(job: Job) -> None:
    """Compute the spectra of one recording.

    Inputs: `lfp`, `quality`. Outputs: `features`, `spectrogram`.
    """
    settings = Settings.model_validate(job.settings)
    lfp = open_lfp(job.input("lfp"))
    regions = good_channels(lfp, read_quality(job.input("quality")))
    brain = {r: c for r, c in regions.items() if r != "emg"}
    if not brain:
        raise RecordingError(
            f"No usable brain channel in {job.recording}: all are bad or off; see quality.tsv, "
            "and the montage if that is wrong."
        )
    if lfp.segments.duration_s < settings.epoch_s:
        raise RecordingError(
            f"{job.recording} lasts {lfp.segments.duration_s:.1f} s, less than one epoch of "
            f"{settings.epoch_s:g} s; leave it out or shorten spectra.epoch_s."
        )
    if len(brain) > COHERENCE_REGIONS:
        log.warning(
            "%d regions: what pairs of regions share is left out, as it is taken with at most %d; "
            "give a montage that joins channels into regions to have it.",
            len(brain),
            COHERENCE_REGIONS,
        )
    with FeatureWriter(job.output("features")) as table:
        bad_s = _write_features(job, lfp, regions, settings, table)
    plan = plan_spectrogram(
        lfp.segments,
        settings.spectrogram_window_s,
        settings.spectrogram_step_s,
        settings.spectrogram_max_hz,
        settings.spectrogram_nw,
        settings.spectrogram_tapers,
    )
    names = [lfp.montage.channel[c] for c in channels_of(brain)]
    bands = Bands(settings.bands, settings.mains_hz, settings.mains_width_hz)
    with create_spectrogram(
        job.output("spectrogram"),
        list(brain),
        names,
        plan.grid,
        bands,
        settings.spectrogram_channels,
    ) as store:
        for columns in spectrogram_blocks(lfp, brain, plan, bad_s, job.threads):
            store.write(columns.regions, columns.channels)


def _write_features(
    job: Job,
    lfp: Lfp,
    regions: dict[str, list[int]],
    settings: Settings,
    table: FeatureWriter,
) -> dict[int, npt.NDArray[np.float64]]:
    """Write the table section by section; return where which channels have artefacts."""
    reasons: Counter[str] = Counter()
    bad_s: defaultdict[int, list[npt.NDArray[np.float64]]] = defaultdict(list)
    n = 0
    for section in feature_sections(lfp, regions, settings, job.threads, _tell_now_and_then()):
        table.write(section.features)
        n += len(section.features)
        reasons.update(section.features["reason"])
        for channel, spans in section.bad_s.items():
            bad_s[channel].append(spans)
    for reason, count in reasons.most_common():
        if reason:
            log.info("%d of %d epochs are not whole: %s", count, n, reason)
    return {channel: np.concatenate(spans) for channel, spans in bad_s.items()}


def _tell_now_and_then() -> Callable[[float], None]:
    """Log the share that is done every ten seconds and at the end."""
    told = time.monotonic()

    def tell(share: float) -> None:
        nonlocal told
        now = time.monotonic()
        if share >= 1 or now - told >= TELL_S:
            told = now
            log.info("features %.0f %%", 100 * share)

    return tell
