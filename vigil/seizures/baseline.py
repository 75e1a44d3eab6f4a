"""Robust z-scores of the evidence against the recording's own baseline.

The baseline is known at windows along the recording, whose places depend on its length
alone: whoever looks at a part of the recording finds the same baseline as for the whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigil.recording import FloatArray

FloatArray32 = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]
Reader = Callable[[int, int], tuple[FloatArray32, BoolArray]]
WINDOWS_PER_LENGTH = 4  # windows overlap by three quarters
MIN_STEPS = 40  # fewer valid steps do not make a baseline
AT_ONCE = 32  # channels that are sorted together


def smooth(values: FloatArray32, n_steps: int) -> FloatArray32:
    """Centred moving mean over up to `n_steps` steps, never across a step without data.

    Parameters
    ----------
    values : ndarray
        (step, channel); a row of NaN is a gap, and a run of rows between gaps is averaged
        over the rows that it has. Single NaN entries are left out of the mean.
    """
    half = n_steps // 2
    if half == 0:
        return values
    known = ~np.isnan(values)
    run = np.cumsum(~known.any(axis=1))  # rows of one run have passed as many gaps
    filled = np.where(known, values, np.float32(0))
    total = filled.astype(np.float64)
    count = known.astype(np.uint8)
    for k in range(1, half + 1):
        same = (run[k:] == run[:-k])[:, None]
        for here, there in ((slice(k, None), slice(None, -k)), (slice(None, -k), slice(k, None))):
            total[here] += np.where(same, filled[there], np.float32(0))
            count[here] += known[there] & same
    mean = (total / np.maximum(count, 1)).astype(np.float32)
    return np.where(known, mean, np.float32(np.nan))


def windows(n_steps: int, window_steps: int) -> list[tuple[int, int]]:
    """Half-open ranges of steps, each a quarter of its length after the one before.

    The last one ends with the recording. A length of 0, or of more than the recording, gives
    a single window over all of it.
    """
    length = n_steps if window_steps == 0 else min(window_steps, n_steps)
    hop = max(1, length // WINDOWS_PER_LENGTH)
    starts = [*range(0, n_steps - length, hop), n_steps - length]
    return [(a, a + length) for a in starts]


@dataclass(frozen=True)
class Yardstick:
    """What each channel is compared with along a recording.

    Parameters
    ----------
    at : ndarray
        (window,), centre of each window in steps.
    middle, spread : ndarray
        (window, channel), NaN for a channel that has too little data in all windows.
    """

    at: FloatArray
    middle: FloatArray
    spread: FloatArray

    def over(self, first: int, last: int) -> tuple[FloatArray32, FloatArray32]:
        """Centre and spread in each of some steps (step, channel), linear between windows."""
        return self.of(np.arange(first, last))

    def of(self, steps: npt.NDArray[np.int64]) -> tuple[FloatArray32, FloatArray32]:
        """Centre and spread in steps that need not follow one another."""
        if len(self.at) == 1:
            shape = (len(steps), self.middle.shape[1])
            one = self.middle.astype(np.float32), self.spread.astype(np.float32)
            return np.broadcast_to(one[0], shape), np.broadcast_to(one[1], shape)
        after = np.clip(np.searchsorted(self.at, steps, side="right"), 1, len(self.at) - 1)
        length = self.at[after] - self.at[after - 1]
        share = np.clip((steps - self.at[after - 1]) / length, 0.0, 1.0)[:, None]
        centre = self.middle[after - 1] * (1.0 - share) + self.middle[after] * share
        spread = self.spread[after - 1] * (1.0 - share) + self.spread[after] * share
        return centre.astype(np.float32), spread.astype(np.float32)

    def columns(self, which: slice) -> Yardstick:
        """Of some of the channels."""
        return Yardstick(self.at, self.middle[:, which], self.spread[:, which])

    def z(self, values: FloatArray32, first: int, least_spread: float) -> FloatArray32:
        """Distance of the values of steps from `first` on, in robust standard deviations."""
        centre, spread = self.over(first, first + len(values))
        return in_spreads(values - centre, spread, least_spread)


def yardstick(read: Reader, n_steps: int, window_steps: int, upper: bool = True) -> Yardstick:
    """Median and upper spread of each channel in windows along a recording.

    The upper spread is what one standard deviation would be, on the side on which seizures
    lie: 1.4826 MAD, or from the median to the 90th percentile over 1.2816 where that is
    more. The second knows of the states that take a tenth of the time or more, such as
    running with theta in a night of sleep, to which the MAD is blind.
    A baseline that was fixed at the start would fail when the signal drifts over minutes
    to hours; one over a window of hours, or the whole recording, holds.

    Parameters
    ----------
    read : callable
        Gives of a range of steps the values (step, channel) and which of them may count; it
        may leave out steps when the range is long. Is asked for one window after the other.
    n_steps : int
        Length of the recording.
    window_steps : int
        Length of the window; 0 or more than the recording takes the recording.
    upper : bool
        False for the MAD alone.
    """
    ranges = windows(n_steps, window_steps)
    found = np.array([_middles_and_spreads(*read(a, b), upper) for a, b in ranges])
    at = np.array([(a + b) / 2 for a, b in ranges])
    for channel in found.transpose(2, 1, 0):  # windows with too little data are bridged
        known = np.isfinite(channel[0])
        if known.any() and not known.all():
            channel[:, ~known] = [np.interp(at[~known], at[known], x[known]) for x in channel]
    return Yardstick(at, found[:, 0], found[:, 1])


def in_spreads(above: FloatArray32, spread: FloatArray32, least_spread: float) -> FloatArray32:
    """A distance in units of a spread that is at least `least_spread`."""
    return (above / np.maximum(spread, least_spread)).astype(np.float32)


def row_median(values: FloatArray32) -> FloatArray32:
    """Median over the channels of each step without the NaN; NaN where all are."""
    ordered = np.sort(values, axis=1)  # NaN come last
    n = np.isfinite(values).sum(axis=1)
    at = np.arange(len(values))
    lower = ordered[at, np.maximum((n - 1) // 2, 0)]
    upper = ordered[at, np.minimum(n // 2, values.shape[1] - 1)]
    return np.where(n > 0, (lower + upper) / np.float32(2), np.float32(np.nan))


def _middles_and_spreads(values: FloatArray32, usable: BoolArray, upper: bool) -> FloatArray:
    """Middle and spread of each channel, (2, channel)."""
    n = usable.sum(axis=0)
    out = np.full((2, values.shape[1]), np.nan)
    enough = np.flatnonzero(n >= MIN_STEPS)
    for first in range(0, len(enough), AT_ONCE):
        some = enough[first : first + AT_ONCE]
        # each channel in a row of its own, what is not usable at its end
        x = np.where(usable[:, some], values[:, some], np.float32(np.nan)).T.copy()
        x.sort(axis=1)
        middle = _of_sorted(x, n[some], 0.5)
        away = np.abs(x - middle[:, None].astype(np.float32))
        away.sort(axis=1)
        spread = 1.4826 * _of_sorted(away, n[some], 0.5)
        if upper:
            spread = np.maximum(spread, (_of_sorted(x, n[some], 0.9) - middle) / 1.2816)
        out[:, some] = middle, spread
    return out


def _of_sorted(x: FloatArray32, n: npt.NDArray[np.int64], share: float) -> FloatArray:
    """Quantile of the first n of each row, linear between the values beside it."""
    place = (n - 1) * share
    below = place.astype(np.int64)
    row = np.arange(len(x))
    low, high = x[row, below], x[row, np.minimum(below + 1, n - 1)]
    return np.asarray(low + (high - low) * (place - below), np.float64)
