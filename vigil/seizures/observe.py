"""Evidence at its edge: lfp.zarr in, evidence.zarr out, in memory that no length makes grow."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.downsample.files import Lfp, good_channels, open_lfp, read_quality
from vigil.recording import FloatArray, RecordingError
from vigil.seizures.baseline import MIN_STEPS
from vigil.seizures.evidence import margin_steps, weigh_section
from vigil.seizures.evidence_files import create_evidence
from vigil.seizures.filters import SETTLE_S, Filters, design_filters, robust_slope_uv
from vigil.seizures.kernel import StepSums, pass_block, start_segment
from vigil.seizures.measure_store import MeasureStore
from vigil.seizures.measures import NO_DATA, SATURATED, Measures, measures_of
from vigil.seizures.settings import Settings
from vigil.seizures.yardsticks import take_yardsticks
from vigil.stage import Job

log = logging.getLogger("vigil")
BLOCK_ROWS = 32768  # of lfp.zarr that are read at a time: whole chunks of it
SECTION_STEPS = 4096  # of evidence that are weighed and written at a time: a chunk of it
EXCERPTS = 60  # over the recording, from which the usual slope of each channel is known
SUSTAINED_S, LEAST_EXCERPTS = 300.0, 7  # time, and excerpts, most of which no seizure fills
EXCERPT_S = 10.0  # of them; in a recording of shorter stretches as long as the longest one
LEAST_STRETCH_S = 2.0 * SETTLE_S  # shorter ones are all settling of the filters
SPIKE_SLOPE = 6.0  # robust standard deviations of the slope from which a transient is a spike
LIMIT = 0.98  # share of the converter's range from which a sample is at its limit


@dataclass(frozen=True)
class Channels:
    """Positions of the channels in use, first those of the brain, and their names."""

    brain: list[int]
    emg: list[int]
    names: list[str]
    regions: list[str]


def run_evidence(job: Job) -> None:
    """Measure every channel of one recording, and weigh what it does against its baseline.

    Inputs: `lfp` and `quality` (optional) of downsample. Output: `evidence`.
    """
    settings = Settings.model_validate(job.settings)
    lfp = open_lfp(job.input("lfp"))
    quality = job.optional_input("quality")
    channels = usable_channels(lfp, None if quality is None else read_quality(quality))
    filters = design_filters(lfp.rate_hz, settings.mains_hz)
    n_steps = count_steps(lfp, settings)
    counts_s = sum(max(0.0, r / lfp.rate_hz - SETTLE_S) for r in lfp.segments.rows)
    if counts_s < MIN_STEPS * settings.step_s:
        log.warning(
            "the recording has %.1f s that count, and without %.0f s there is no baseline: nothing "
            "in it can be called a seizure",
            counts_s,
            MIN_STEPS * settings.step_s,
        )
    beside = job.output("evidence").parent
    with closing(MeasureStore(beside, len(channels.brain), len(channels.emg))) as store:
        saturated = measured = 0
        for first, part in measure_sections(lfp, channels, filters, settings):
            store.put(first, part)
            saturated += int((part.fault == SATURATED).sum())
            measured += int((part.fault != NO_DATA).sum())
        if 2 * saturated > measured:
            log.warning(
                "%.0f %% of the recording is saturated, and says nothing about seizures: check "
                "that the range of the converter in the recording's header is right",
                100 * saturated / measured,
            )
        known = take_yardsticks(store.read, n_steps, settings)
        spread_ln = np.maximum(known.usual_spread_ln, np.float32(settings.baseline_spread_ln))
        written = create_evidence(
            job.output("evidence"), n_steps, settings.step_s, channels.names, channels.regions,
            spread_ln,
        )  # fmt: skip
        margin = margin_steps(settings)
        for a in range(0, n_steps, SECTION_STEPS):
            b = min(a + SECTION_STEPS, n_steps)
            lo, hi = max(0, a - margin), min(n_steps, b + margin)
            brain, emg = store.read(lo, hi)
            section = weigh_section(brain, emg, known, lo, filters.has_fast, settings)
            written.put(a, section.of(slice(a - lo, b - lo)))


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


def converter_limits_uv(
    range_steps: npt.NDArray[np.int64], scale_uv: npt.NDArray[np.floating]
) -> FloatArray:
    """Lowest and highest value of each channel from which on a sample is at its limit, uV.

    A range need not lie around 0: one that ends there, or short of it, has no limit on that
    side, for the signal rests there.

    Parameters
    ----------
    range_steps : ndarray, (channel, 2)
        Ends of the converter's range, in steps.
    scale_uv : ndarray, (channel,)
        Microvolts per step, negative where the input is inverted.

    Returns
    -------
    ndarray, (2, channel)
    """
    low, high = np.sort(LIMIT * range_steps * np.asarray(scale_uv, np.float64)[:, None], axis=1).T
    return np.array([np.where(low < 0, low, -np.inf), np.where(high > 0, high, np.inf)])


def count_steps(lfp: Lfp, settings: Settings) -> int:
    """Steps of a recording, gaps included, the last of which may not be whole."""
    return int(np.ceil(lfp.segments.duration_s / settings.step_s - 1e-9))


def measure(
    lfp: Lfp,
    channels: Channels,
    filters: Filters,
    settings: Settings,
    block_rows: int = BLOCK_ROWS,
) -> tuple[Measures, Measures | None]:
    """Measures of the brain's channels and of the EMG's over a whole recording, in memory."""
    n_brain = len(channels.brain)
    found = Measures.empty(count_steps(lfp, settings), n_brain + len(channels.emg))
    for first, part in measure_sections(lfp, channels, filters, settings, block_rows):
        found.put(first, part)
    return found.of(slice(0, n_brain)), found.of(slice(n_brain, None)) if channels.emg else None


def measure_sections(
    lfp: Lfp,
    channels: Channels,
    filters: Filters,
    settings: Settings,
    block_rows: int = BLOCK_ROWS,
) -> Iterator[tuple[int, Measures]]:
    """Stream the recording once, in the order of time.

    Filters and counters carry their state from block to block and start afresh in every
    segment, so the result does not depend on the blocks and nothing crosses a gap.

    Yields
    ------
    first, measures
        The first of some consecutive steps, and their measures, first of the brain's channels
        and then of the EMG's. Steps between those of two yields have no data.
    """
    used = np.array(channels.brain + channels.emg)
    n_brain, step_s = len(channels.brain), settings.step_s
    excerpts = _excerpts(lfp, used.tolist())
    usual = robust_slope_uv(excerpts, filters, settings.flat_uv, sustained_excerpts(lfp))
    slope = SPIKE_SLOPE * usual
    scale = lfp.scale_uv[used].astype(np.float32)
    limit = converter_limits_uv(lfp.range_steps[used], lfp.scale_uv[used])
    last_step = count_steps(lfp, settings) - 1
    segments = lfp.segments
    for start_s, row, n_rows in zip(
        segments.start_s, segments.first_rows, segments.rows, strict=True
    ):
        memory = start_segment(len(used), filters)
        settled = int(np.ceil((start_s + SETTLE_S) / step_s - 1e-9))
        open_step, rest = 0, StepSums.zeros(0, len(used))
        for a, b in _blocks(row, row + n_rows, block_rows):
            time_s = start_s + np.arange(a - row, b - row) / lfp.rate_hz
            step = np.floor(time_s / step_s + 1e-6).astype(np.int64)
            step = np.minimum(step, last_step)
            first, n = int(step[0]), int(step[-1] - step[0]) + 1
            sums = StepSums.zeros(n, len(used))
            if len(rest.sums) and open_step == first:
                sums.add(rest)
            elif len(rest.sums) and open_step >= settled:
                yield open_step, measures_of(rest, filters, n_brain, settings)
            signal = np.asarray(lfp.array[a:b])
            pass_block(
                signal, step - first, sums, filters, memory, slope, limit, n_brain, used, scale
            )
            # the last step may go on in the next block
            closed, open_step, rest = (
                sums.at(slice(0, n - 1)),
                first + n - 1,
                sums.at(slice(n - 1, n)),
            )
            skip = max(0, settled - first)
            if skip < n - 1:
                whole = closed.at(slice(skip, None))
                yield first + skip, measures_of(whole, filters, n_brain, settings)
        if len(rest.sums) and open_step >= settled:
            yield open_step, measures_of(rest, filters, n_brain, settings)


def _blocks(first: int, last: int, n: int) -> Iterator[tuple[int, int]]:
    """Ranges of rows that end at multiples of n, where the stored chunks do."""
    a = first
    while a < last:
        b = min(last, (a // n + 1) * n)
        yield a, b
        a = b


def sustained_excerpts(lfp: Lfp) -> int:
    """Neighbouring excerpts that are longer than seizures."""
    apart_s = lfp.segments.n_rows / lfp.rate_hz / EXCERPTS
    return max(LEAST_EXCERPTS, int(np.ceil(SUSTAINED_S / max(apart_s, 1e-9))))


def _excerpts(lfp: Lfp, channels: list[int]) -> Iterator[npt.NDArray[np.float32]]:
    """Pieces of the recording, evenly spread over its samples, each inside one segment."""
    firsts, rows = lfp.segments.first_rows, lfp.segments.rows
    n = min(round(EXCERPT_S * lfp.rate_hz), max(rows, default=0))
    if n < round(LEAST_STRETCH_S * lfp.rate_hz):
        raise RecordingError(
            f"No stretch between gaps is as long as {LEAST_STRETCH_S:g} s, so seizures cannot be "
            "sought; check the acquisition."
        )
    possible = [(f, f + r) for f, r in zip(firsts, rows, strict=True) if r >= n]
    room = np.cumsum([0] + [b - a - n + 1 for a, b in possible])
    for w in np.unique(np.linspace(0, room[-1] - 1, EXCERPTS).astype(int)):
        s = int(np.searchsorted(room, w, side="right")) - 1
        a = possible[s][0] + int(w - room[s])
        yield lfp.read_uv(a, a + n, channels)
