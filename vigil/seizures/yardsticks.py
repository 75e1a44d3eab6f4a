"""What the measures of a recording are compared with, known before any of them is weighed.

The recording is read piece by piece, and what is kept does not grow with its length: a few
numbers per window and channel, and a sample of steps for what concerns the whole of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from vigil.seizures.baseline import (
    BoolArray,
    FloatArray32,
    Reader,
    Yardstick,
    row_median,
    smooth,
    windows,
    yardstick,
)
from vigil.seizures.measures import FLAT, MAINS, OK, Measures
from vigil.seizures.settings import Settings

Source = Callable[[int, int], tuple[Measures, Measures | None]]
"""Measures of the brain, and of the EMG if there is one, in a range of steps."""

MOST_STEPS = 28800
"""Steps that are kept of a longer window or for a percentile of the recording, evenly spaced:
4 h of half a second."""
PIECE_STEPS = 3600
FAR_Z = 4.0
"""Robust z of the median channel from which a step does not count for the baseline."""
SUSTAINED_S = 600.0
"""No seizure lasts as long as this. A quarter of it must be known."""
FEWEST_SAMPLES = 20
ALL_SHARED = 0.85
"""Share of the power below 70 Hz in common from which there is hardly anything but movement."""
SHARED_FAST = 0.6
"""Share of the muscle band in common from which a step is movement."""
SILENCE_UV_S = 1e-3  # stands for a line length of zero, which has no logarithm


@dataclass(frozen=True)
class Smoothed:
    """Measures averaged over neighbouring steps, NaN where a channel is disturbed.

    Parameters
    ----------
    length_ln, ratio_ln, low_ln : ndarray
        float32 (step, channel), natural logarithm of line length in uV/s, of the power ratio
        and of the RMS of 4-12 Hz in uV.
    spikes_per_s, frequency_hz : ndarray
        float32 (step, channel).
    level_ln : ndarray
        float32 (step, channel). As `length_ln`, with flat steps and those of the mains (which
        are notched out), NaN only where nothing can be heard.
    fast_ln : ndarray
        float32 (step, channel), log RMS of the muscle band in uV, not averaged.
    """

    length_ln: FloatArray32
    ratio_ln: FloatArray32
    low_ln: FloatArray32
    spikes_per_s: FloatArray32
    frequency_hz: FloatArray32
    level_ln: FloatArray32
    fast_ln: FloatArray32


@dataclass(frozen=True)
class Yardsticks:
    """Baselines of a recording.

    Parameters
    ----------
    length_ln, ratio_ln, low_ln, spikes_per_s, fast_ln : Yardstick
        Of the brain's channels.
    emg_fast_ln : Yardstick or None
        Of the EMG's.
    usual_spread_ln : ndarray
        float32 (channel,). Median over the recording of the spread of log line length, all
        states together; 0 for a channel without a baseline.
    """

    length_ln: Yardstick
    ratio_ln: Yardstick
    low_ln: Yardstick
    spikes_per_s: Yardstick
    fast_ln: Yardstick
    emg_fast_ln: Yardstick | None
    usual_spread_ln: FloatArray32


def smoothed(measures: Measures, settings: Settings) -> Smoothed:
    """Average the measures over `smooth_steps`, and take the logarithm of what is a size.

    The first and last `smooth_steps // 2` steps are right only where the recording ends.
    """
    n = settings.smooth_steps
    good = measures.fault == OK
    heard = good | (measures.fault == FLAT) | (measures.fault == MAINS)
    level = smooth(_where(measures.line_length_uv_s, heard), n)
    return Smoothed(
        length_ln=_log(smooth(_where(measures.line_length_uv_s, good), n)),
        ratio_ln=_log(smooth(_where(measures.power_ratio, good), n)),
        low_ln=_log(smooth(_where(measures.low_uv, good), n)),
        spikes_per_s=smooth(_where(measures.spikes_per_s, good), n),
        frequency_hz=smooth(_where(measures.frequency_hz, good), n),
        level_ln=np.log(np.maximum(level, np.float32(SILENCE_UV_S))),
        fast_ln=fast_ln(measures),
    )


def fast_ln(measures: Measures) -> FloatArray32:
    """Log RMS of the muscle band in uV, NaN where a channel is disturbed."""
    return _log(_where(measures.fast_uv, measures.fault == OK))


def take_yardsticks(source: Source, n_steps: int, settings: Settings) -> Yardsticks:
    """Baselines of a recording, over windows that are a quarter of their length apart.

    Suppression and death must not become the baseline that the rest is measured against:
    steps below `suppression_share` of a channel's 75th percentile do not count; where most of
    the recording is that quiet itself, of the 75th percentile of its loudest `SUSTAINED_S`. Nor
    do steps in which most channels are far above: seizures must not widen their own yardstick.
    Those are measured in the MAD alone, which half of the window would have to move; a state
    that is loud in one region is not loud on most channels. What nearly all channels share, in
    the muscle band as well, does count: an animal that moves its cable all the time does so as
    usual, and a seizure has to be louder.

    Parameters
    ----------
    source : callable
        Measures of a range of steps; may be asked for the same ones again.
    n_steps : int
        Steps of the recording.
    settings : Settings
        `smooth_steps`, `baseline_window_s`, `suppression_share` and the least spreads.
    """
    window = round(settings.baseline_window_s / settings.step_s)
    quiet = np.log(settings.suppression_share)

    def of_brain(brain: Measures, _: Measures | None) -> FloatArray32:
        length = _where(brain.line_length_uv_s, brain.fault == OK)
        return _log(smooth(length, settings.smooth_steps))

    def length_ln(first: int, last: int) -> FloatArray32:
        return _with_margins(source, first, last, n_steps, settings, of_brain)

    def lengths_and_calm_ones(first: int, last: int) -> FloatArray32:
        def part(brain: Measures, _: Measures | None) -> FloatArray32:
            n = brain.fault.shape[1]
            # what is common in the muscle band is the head's or a cable's; a lone channel is common
            calm = ~(brain.common_fast >= SHARED_FAST) | (n == 1)
            length = of_brain(brain, None)
            return np.hstack([length, _where(length, calm[:, None])])

        return _with_margins(source, first, last, n_steps, settings, part)

    sample, calm = np.hsplit(_thinned(lengths_and_calm_ones, n_steps, n_steps)(0, n_steps), 2)
    n_window = round(SUSTAINED_S / settings.step_s / _every(n_steps))
    least = living_ln(sample, calm, n_window, float(quiet)) + np.float32(quiet)

    def usable_length_ln(first: int, last: int) -> FloatArray32:
        length = length_ln(first, last)
        return _where(length, length > least)

    longest = max(b - a for a, b in windows(n_steps, window))
    read = _thinned(usable_length_ln, n_steps, longest)
    plain = yardstick(_finite(read), n_steps, window, upper=False)
    n = len(least)

    def columns(first: int, last: int) -> FloatArray32:
        def part(brain: Measures, emg: Measures | None) -> FloatArray32:
            s = smoothed(brain, settings)
            counts = s.length_ln > least
            of_state = (s.length_ln, s.ratio_ln, s.low_ln, s.spikes_per_s)
            muscle = () if emg is None else (fast_ln(emg),)
            shared = (brain.common_fast >= settings.common_share) & (n > 1)
            shared &= brain.common_band >= ALL_SHARED
            moves = shared[:, None].astype(np.float32)
            return np.hstack([moves, *(_where(x, counts) for x in of_state), s.fast_ln, *muscle])

        moves, found = np.hsplit(_with_margins(source, first, last, n_steps, settings, part), [1])
        z = plain.z(found[:, :n], first, settings.baseline_spread_ln)
        found[(row_median(z) >= FAR_Z) & (moves[:, 0] == 0), : 4 * n] = np.nan
        return found

    known = yardstick(_finite(_thinned(columns, n_steps, longest)), n_steps, window)
    length, ratio, low, spikes, fast, emg_fast = (
        known.columns(slice(i * n, (i + 1) * n if i < 5 else None)) for i in range(6)
    )
    steps = np.arange(0, n_steps, _every(n_steps))
    usual = np.nan_to_num(row_median(length.of(steps)[1].T))
    return Yardsticks(
        length, ratio, low, spikes, fast, emg_fast if emg_fast.middle.size else None, usual
    )


def living_ln(
    length_ln: FloatArray32, calm_ln: FloatArray32, n_window: int, far_below: float
) -> FloatArray32:
    """Level (channel,) of what lives: the 75th percentile of the recording, unless that is dead.

    It is where it lies far below that of the loudest window, which is longer than a seizure;
    then the window's holds.

    Parameters
    ----------
    length_ln, calm_ln : ndarray, (sample, channel)
        Log line length, evenly spaced, and without what is movement; NaN where it is not known.
    n_window : int
        Samples of a window; two overlap by half.
    far_below : float
        Negative, in logarithms.
    """
    whole = _percentile(length_ln, 75)
    n = min(max(n_window, FEWEST_SAMPLES), len(calm_ln))
    loudest = np.full(whole.shape, -np.inf, np.float32)
    for first in range(0, len(calm_ln) - n + 1, max(1, n // 2)):
        part = calm_ln[first : first + n]
        level = _percentile(part, 75)
        enough = np.isfinite(part).sum(axis=0) >= n / 4
        loudest = np.where(enough, np.maximum(loudest, level), loudest)
    return np.where(whole < loudest + np.float32(far_below), loudest, whole)


def _with_margins(
    source: Source,
    first: int,
    last: int,
    n_steps: int,
    settings: Settings,
    part: Callable[[Measures, Measures | None], FloatArray32],
) -> FloatArray32:
    """What `part` makes of the measures of [first, last), averaged over their true neighbours."""
    margin = settings.smooth_steps // 2
    a, b = max(0, first - margin), min(n_steps, last + margin)
    return part(*source(a, b))[first - a : last - a]


def _thinned(
    values: Callable[[int, int], FloatArray32], n_steps: int, longest: int
) -> Callable[[int, int], FloatArray32]:
    """Values of ranges up to the longest, at most `MOST_STEPS` of each; pieces of it are kept."""
    every = _every(longest)

    @lru_cache(maxsize=-(-longest // PIECE_STEPS) + 1)
    def piece(p: int) -> tuple[npt.NDArray[np.int64], FloatArray32]:
        first, last = p * PIECE_STEPS, min((p + 1) * PIECE_STEPS, n_steps)
        steps = np.arange(-(-first // every) * every, last, every)
        return steps, values(first, last)[steps - first]

    def read(first: int, last: int) -> FloatArray32:
        pieces = [piece(p) for p in range(first // PIECE_STEPS, -(-last // PIECE_STEPS))]
        return np.concatenate([x[(first <= at) & (at < last)] for at, x in pieces])

    return read


def _finite(read: Callable[[int, int], FloatArray32]) -> Reader:
    def with_usable(first: int, last: int) -> tuple[FloatArray32, BoolArray]:
        values = read(first, last)
        return values, np.isfinite(values)

    return with_usable


def _every(n_steps: int) -> int:
    return max(1, -(-n_steps // MOST_STEPS))


def _percentile(values: FloatArray32, percent: float) -> FloatArray32:
    """Percentile of what is finite in each column; infinite where nothing is."""
    columns = (x[np.isfinite(x)] for x in values.T)
    found = [np.percentile(x, percent) if len(x) else np.inf for x in columns]
    return np.asarray(found, np.float32)


def _where(values: FloatArray32, good: BoolArray) -> FloatArray32:
    return np.where(good, values, np.float32(np.nan))


def _log(values: FloatArray32) -> FloatArray32:
    with np.errstate(divide="ignore"):  # a silent step has log 0; it is not usable
        return np.log(values)
