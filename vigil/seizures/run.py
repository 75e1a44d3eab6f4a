"""Seizures at its edge: lfp.zarr in; events, onsets and evidence out."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.downsample.files import Lfp, good_channels, open_lfp, read_quality
from vigil.recording import RecordingError
from vigil.seizures import files
from vigil.seizures.detection import Event, find_events, speaking
from vigil.seizures.evidence import ARTEFACTS, Evidence, row_median, weigh
from vigil.seizures.filters import SETTLE_S, Filters, design_filters, robust_slope_uv
from vigil.seizures.measures import NO_DATA, Measures, pass_block, start_segment
from vigil.seizures.onset import (
    channel_onsets,
    consensus_row,
    onset_rows,
    region_of_onset,
)
from vigil.seizures.postictal import suppression_after
from vigil.seizures.settings import Settings
from vigil.stage import Job

log = logging.getLogger("vigil")
BLOCK_S = 60.0
EXCERPTS = 60  # over the recording, from which the usual slope of each channel is known
EXCERPT_S = 10.0
SPIKE_SLOPE = 6.0  # robust standard deviations of the slope from which a transient is a spike
LIMIT = 0.98 * 32767  # steps of the converter from which a sample is at its limit


@dataclass(frozen=True)
class Channels:
    """Positions of the channels in use, first those of the brain, and their names."""

    brain: list[int]
    emg: list[int]
    names: list[str]
    regions: list[str]


def run(job: Job) -> None:
    """Find the seizures of one recording and where they begin.

    Inputs: `lfp` and `quality` (optional) of downsample. Outputs: `events`, `onset`,
    `consensus`, `postictal`, `evidence`. Row: `start`.
    """
    settings = Settings.model_validate(job.settings)
    lfp = open_lfp(job.input("lfp"))
    quality = job.optional_input("quality")
    channels = usable_channels(lfp, None if quality is None else read_quality(quality))
    filters = design_filters(lfp.rate_hz, settings.mains_hz)
    brain, emg = measure(lfp, channels, filters, settings)
    evidence = weigh(brain, emg, filters.has_fast, settings)
    events, rejected = find_events(evidence, settings)
    for r in rejected:
        at, length = r.first * settings.step_s, (r.last - r.first) * settings.step_s
        log.info("not a seizure: %s at %.1f s for %.1f s", r.reason, at, length)
    for number, e in enumerate(events, start=1):
        log.info("seizure %d at %.1f s", number, e.first * settings.step_s)
    start = str(job.row.get("start") or lfp.start_time or "")
    found = [_on_clock(e, channels, settings.step_s) for e in events]
    files.write_events(job.output("events"), found, lfp.segments.duration_s, start)
    _write_onsets(job, lfp, channels, found, evidence, settings)
    _write_postictal(job, events, evidence, settings)
    files.write_evidence(job.output("evidence"), _evidence_table(evidence, settings))


def usable_channels(lfp: Lfp, quality: pd.DataFrame | None) -> Channels:
    """Channels of the brain and the EMG that quality.tsv does not call bad.

    Raises
    ------
    RecordingError
        When no channel of the brain is left.
    """
    good = good_channels(lfp, quality)
    emg = good.pop("emg", [])
    brain = sorted(c for region in good.values() for c in region)
    if not brain:
        raise RecordingError(
            "No usable channel of kind lfp is left to find seizures in; see quality.tsv and the "
            "montage."
        )
    names = [lfp.montage.channel[c] for c in brain]
    return Channels(brain, emg, names, [lfp.montage.region[c] for c in brain])


def measure(
    lfp: Lfp, channels: Channels, filters: Filters, settings: Settings, block_s: float = BLOCK_S
) -> tuple[Measures, Measures | None]:
    """Stream the recording once; measures of the brain's channels and of the EMG's."""
    step_s, rate = settings.step_s, lfp.rate_hz
    used = channels.brain + channels.emg
    n_brain = len(channels.brain)
    n_steps = int(np.ceil(lfp.segments.duration_s / step_s - 1e-9))
    all_measures = Measures.empty(n_steps, len(used))
    slope = SPIKE_SLOPE * robust_slope_uv(_excerpts(lfp, used), filters)
    limit = LIMIT * np.abs(lfp.scale_uv[used])
    per_block = max(1, round(block_s / step_s))
    for start_s, stop_s in zip(lfp.segments.start_s, lfp.segments.stop_s, strict=True):
        memory = start_segment(len(used), filters)
        first_step = int(np.floor(start_s / step_s + 1e-9))
        settled = int(np.ceil((start_s + SETTLE_S) / step_s - 1e-9))
        for k in range(first_step, int(np.ceil(stop_s / step_s - 1e-9)), per_block):
            lo, hi = max(start_s, k * step_s), min(stop_s, (k + per_block) * step_s)
            for a, b, t in lfp.segments.row_ranges(lo, hi):
                time_s = t + np.arange(b - a) / rate
                n = min(per_block, n_steps - k)
                step = np.floor(time_s / step_s + 1e-6).astype(np.int64) - k
                step = np.clip(step, 0, n - 1)
                signal = lfp.read_uv(a, b, used)
                block = pass_block(
                    signal, step, n, filters, memory, slope, limit, n_together=n_brain
                )
                block.sums[: max(0, settled - k)] = 0.0
                all_measures.fill(
                    k,
                    block,
                    filters,
                    step_s,
                    n_brain,
                    settings.saturated_share,
                    settings.flat_uv,
                    settings.mains_share,
                )
    brain = all_measures.of(slice(0, n_brain))
    return brain, all_measures.of(slice(n_brain, None)) if channels.emg else None


def _excerpts(lfp: Lfp, channels: list[int]) -> Iterator[npt.NDArray[np.float32]]:
    """Pieces of the recording, evenly spread over its samples, each inside one segment."""
    n = round(EXCERPT_S * lfp.rate_hz)
    firsts, rows = lfp.segments.first_rows, lfp.segments.rows
    possible = [(f, f + r) for f, r in zip(firsts, rows, strict=True) if r >= n]
    if not possible:
        raise RecordingError(
            f"No stretch between gaps is as long as {EXCERPT_S:g} s, so seizures cannot be sought; "
            "check the acquisition."
        )
    room = np.cumsum([0] + [b - a - n + 1 for a, b in possible])
    for w in np.unique(np.linspace(0, room[-1] - 1, EXCERPTS).astype(int)):
        s = int(np.searchsorted(room, w, side="right")) - 1
        a = possible[s][0] + int(w - room[s])
        yield lfp.read_uv(a, a + n, channels)


def _on_clock(event: Event, channels: Channels, step_s: float) -> files.SeizureEvent:
    return files.SeizureEvent(
        event.first * step_s,
        (event.last - event.first) * step_s,
        event.confidence,
        tuple(channels.names[c] for c in event.channels),
    )


def _write_onsets(
    job: Job,
    lfp: Lfp,
    channels: Channels,
    events: list[files.SeizureEvent],
    evidence: Evidence,
    settings: Settings,
) -> None:
    onsets: list[tuple[object, ...]] = []
    regions: list[tuple[object, ...]] = []
    for number, event in enumerate(events, start=1):
        signal, at_s = _around(lfp, channels.brain, event, settings)
        taking_part = np.isin(channels.names, event.channels)
        contacts = channel_onsets(
            signal, lfp.rate_hz, at_s, evidence.spread_ln, taking_part, settings
        )
        onsets += onset_rows(
            number,
            contacts,
            taking_part,
            channels.names,
            channels.regions,
            settings.onset_step_s,
        )
        found = region_of_onset(number, contacts.latency_s, taking_part, channels.regions, settings)
        regions.append(consensus_row(number, found))
    columns = (*files.ONSET_COLUMNS, files.EPILEPTOGENICITY)
    files.write_table(job.output("onset"), onsets, columns)
    files.write_table(job.output("consensus"), regions, files.CONSENSUS_COLUMNS)


def _around(
    lfp: Lfp, channels: list[int], event: files.SeizureEvent, settings: Settings
) -> tuple[npt.NDArray[np.float32], float]:
    """Signal around an event's onset inside its segment, and the onset from its first row."""
    start_s = event.onset_s - settings.onset_before_s
    stop_s = event.onset_s + min(event.duration_s, settings.onset_after_s)
    pieces: Iterator[tuple[int, int, float]] = lfp.segments.row_ranges(start_s, stop_s)
    for a, b, t in pieces:
        if t <= event.onset_s + 1e-6 and event.onset_s < t + (b - a) / lfp.rate_hz:
            return lfp.read_uv(a, b, channels), event.onset_s - t
    return np.zeros((0, len(channels)), np.float32), 0.0


def _write_postictal(job: Job, events: list[Event], evidence: Evidence, settings: Settings) -> None:
    nexts = [*(e.first for e in events), len(evidence.suppressed)][1:]
    rows: list[tuple[object, ...]] = []
    for number, (event, following) in enumerate(zip(events, nexts, strict=True), start=1):
        after = suppression_after(
            evidence.suppressed,
            evidence.artefact == ARTEFACTS[NO_DATA],
            event.last,
            following,
            settings.step_s,
            settings.suppression_wait_s,
        )
        rows.append((number, after.suppression_s, str(after.recovered).lower()))
    files.write_table(job.output("postictal"), rows, files.POSTICTAL_COLUMNS)


def _evidence_table(evidence: Evidence, settings: Settings) -> pd.DataFrame:
    n_steps = len(evidence.suppressed)
    return pd.DataFrame(
        {
            "time_s": np.arange(n_steps) * settings.step_s,
            "line_length_z": row_median(evidence.line_length_z),
            "n_channels": speaking(evidence, settings).sum(axis=1).astype(np.int16),
            "suppressed": evidence.suppressed,
            "artefact": pd.Categorical(evidence.artefact),
        }
    )
