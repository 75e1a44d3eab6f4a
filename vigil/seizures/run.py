"""Seizures at its edge: signals and evidence in; events, onsets, suppression and rates out."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.downsample.files import Lfp, open_lfp, read_quality
from vigil.seizures import files
from vigil.seizures.detection import Event, Rejected
from vigil.seizures.evidence_files import EvidenceFile, open_evidence
from vigil.seizures.interictal.rates import (
    channel_rates,
    excluded_time,
    faulty_steps,
    mean_spikes_per_min,
)
from vigil.seizures.observe import Channels, usable_channels
from vigil.seizures.onset.place import place_seizures
from vigil.seizures.postictal import postictal_rows, suppressions
from vigil.seizures.sections import find_events_in
from vigil.seizures.settings import Settings
from vigil.seizures.steps import SECTION_STEPS, Steps, sum_up
from vigil.seizures.trained.model import SeizureModel
from vigil.seizures.trained.unseen import events_of, judge_unseen
from vigil.stage import Job

log = logging.getLogger("vigil")

Probability = npt.NDArray[np.float32]


def run(job: Job) -> None:
    """Find the seizures of one recording, where they begin and what follows them.

    Inputs: `lfp` and `quality` (optional) of downsample, `evidence_store` of `run_evidence`;
    `model`, `folds` and `folds_list` of a trained detector, optional. Outputs: `events`,
    `disturbances`, `onset`, `consensus`, `spread`, `postictal`, `rates`, `evidence`. Row:
    `recording`, `animal`, `start`.
    """
    settings = Settings.model_validate(job.settings)
    lfp = open_lfp(job.input("lfp"))
    quality = job.optional_input("quality")
    channels = usable_channels(lfp, None if quality is None else read_quality(quality))
    store = open_evidence(job.input("evidence_store"))
    events, rejected, probability = find_seizures(job, store, settings)
    start = str(job.row.get("start") or lfp.start_time or "")
    found = [_on_clock(e, channels, settings.step_s) for e in events]
    for number, event in enumerate(found, start=1):
        log.info("seizure %d at %.1f s", number, event.onset_s)
    files.write_events(job.output("events"), found, lfp.segments.duration_s, start)
    disturbances = [
        (r.first * settings.step_s, (r.last - r.first) * settings.step_s, r.reason)
        for r in rejected
    ]
    files.write_table(job.output("disturbances"), disturbances, files.DISTURBANCE_COLUMNS)

    placed = place_seizures(lfp, channels, found, store.spread_ln, settings)
    columns = (*files.ONSET_COLUMNS, files.EPILEPTOGENICITY)
    files.write_table(job.output("onset"), placed.onset, columns)
    files.write_table(job.output("consensus"), placed.consensus, files.CONSENSUS_COLUMNS)
    files.write_table(job.output("spread"), placed.spread, files.SPREAD_COLUMNS)

    steps = sum_up(store, settings)
    spans = [(e.first, e.last) for e in events]
    wait_s = settings.suppression_wait_s
    postictal = postictal_rows(spans, steps.quiet, settings.step_s, wait_s)
    files.write_table(job.output("postictal"), postictal, files.POSTICTAL_COLUMNS)
    whole = suppressions(spans, steps.quiet[files.WHOLE_BRAIN], settings.step_s, wait_s)
    quiet_until_s = [after.quiet_until_s for after in whole]
    rates = rates_between(lfp, channels, store, found, quiet_until_s, steps, settings)
    rates.to_csv(job.output("rates"), sep="\t", index=False, na_rep=files.NONE, float_format="%.4g")
    table = steps.table
    if probability is not None:
        table = table.assign(probability=probability)
    files.write_evidence(job.output("evidence"), table)


def find_seizures(
    job: Job, store: EvidenceFile, settings: Settings
) -> tuple[list[Event], list[Rejected], Probability | None]:
    """Seizures, what looked like one and is none, and the trained detector's probability.

    The trained detector decides where there is one that beats the thresholds on what it had not
    seen; a labelled recording is judged by a model that has not learnt from it.
    """
    events, rejected = find_events_in(store, settings)
    path = job.optional_input("model")
    if path is None or not SeizureModel.load(path).beats_thresholds:
        job.decided = {"detector": "thresholds"}
        log.info("found by thresholds")
        return events, rejected, None
    row = job.row
    judged = judge_unseen(
        job.input("folds"), job.input("folds_list"), path, str(row["recording"]),
        str(row["animal"]), store,
    )  # fmt: skip
    job.decided = {
        "detector": "trained",
        "unseen": judged.unseen,
        "animals": list(judged.animals),
    }
    log.info("found by the detector trained on %s", ", ".join(judged.animals))
    events = events_of(judged, store, settings)
    kept = [r for r in rejected if not any(e.first < r.last and r.first < e.last for e in events)]
    return events, kept, judged.probability


def rates_between(
    lfp: Lfp,
    channels: Channels,
    store: EvidenceFile,
    events: Sequence[files.SeizureEvent],
    quiet_until_s: Sequence[float],
    steps: Steps,
    settings: Settings,
) -> pd.DataFrame:
    """Rates of spikes and oscillations of each channel between seizures, see `channel_rates`."""
    spans = [(e.onset_s, e.onset_s + e.duration_s) for e in events]
    disturbed = (steps.table["artefact"] != "").to_numpy(bool)
    excluded = excluded_time(spans, quiet_until_s, disturbed, settings.step_s)
    fault, counted = store.arrays["fault"], store.arrays["spikes_per_s"]
    faults = faulty_steps(lambda a, b: np.asarray(fault[a:b]), store.n_steps, settings.step_s)

    def spikes_of(first: int, last: int) -> npt.NDArray[np.floating]:
        return np.where(faults(first, last), np.nan, np.asarray(counted[first:last], np.float32))

    pieces = (
        spikes_of(first, min(first + SECTION_STEPS, store.n_steps))
        for first in range(0, store.n_steps, SECTION_STEPS)
    )
    spikes = mean_spikes_per_min(pieces, excluded, settings.step_s)
    return channel_rates(lfp, channels.brain, excluded, settings, spikes, faults=faults)


def _on_clock(event: Event, channels: Channels, step_s: float) -> files.SeizureEvent:
    return files.SeizureEvent(
        event.first * step_s,
        (event.last - event.first) * step_s,
        event.confidence,
        tuple(channels.names[c] for c in event.channels),
    )
