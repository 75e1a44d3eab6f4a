"""Robust z-scores of the evidence against the recording's own baseline."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray32 = npt.NDArray[np.float32]
WINDOWS_PER_LENGTH = 4  # windows overlap by three quarters
MIN_STEPS = 40  # fewer valid steps do not make a baseline


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
    gap = np.isnan(values).all(axis=1)
    out = np.full_like(values, np.nan)
    borders = np.flatnonzero(np.diff(np.r_[True, gap, True].astype(np.int8)))
    for a, b in zip(borders[::2], borders[1::2], strict=True):
        run = values[a:b].astype(np.float64)
        known = ~np.isnan(run)
        total = np.zeros((b - a + 1, values.shape[1]))
        count = np.zeros_like(total)
        np.cumsum(np.where(known, run, 0.0), axis=0, out=total[1:])
        np.cumsum(known, axis=0, out=count[1:])
        lo = np.maximum(np.arange(b - a) - half, 0)
        hi = np.minimum(np.arange(b - a) + half + 1, b - a)
        n = count[hi] - count[lo]
        mean = (total[hi] - total[lo]) / np.maximum(n, 1)
        out[a:b] = np.where(known & (n > 0), mean, np.nan)
    return out


def baseline(
    values: FloatArray32, usable: npt.NDArray[np.bool_], window_steps: int, upper: bool = True
) -> tuple[FloatArray32, FloatArray32]:
    """Median and upper spread of each channel in a window centred on each step.

    The upper spread is what one standard deviation would be, on the side on which seizures
    lie: 1.4826 MAD, or from the median to the 90th percentile over 1.2816 where that is
    more. The second knows of the states that take a tenth of the time or more, such as
    running with theta in a night of sleep, to which the MAD is blind.
    A baseline that was fixed at the start would fail when the signal drifts over minutes
    to hours; one over a window of hours, or the whole recording, holds.

    Parameters
    ----------
    values : ndarray
        (step, channel).
    usable : ndarray of bool
        Entries that may count.
    window_steps : int
        Length of the window; 0 or more than the recording takes the recording.
    upper : bool
        False for the MAD alone.

    Returns
    -------
    centre, spread : ndarray
        (step, channel), linear between the windows' centres. NaN for a channel that has
        too little data for any baseline.
    """
    n_steps, n_channels = values.shape
    length = n_steps if window_steps == 0 else min(window_steps, n_steps)
    n_windows = 1 + int(np.ceil((n_steps - length) / max(1, length // WINDOWS_PER_LENGTH)))
    starts = np.linspace(0, n_steps - length, n_windows).round().astype(int)
    centre = np.full((n_steps, n_channels), np.nan, np.float32)
    spread = np.full_like(centre, np.nan)
    at = np.arange(n_steps)
    for c in range(n_channels):
        known = []
        for a in starts:
            x = values[a : a + length, c][usable[a : a + length, c]]
            if len(x) >= MIN_STEPS:
                known.append((a + length / 2, *_middle_and_spread(x, upper)))
        if known:
            times, middles, spreads = np.array(known).T
            centre[:, c] = np.interp(at, times, middles)
            spread[:, c] = np.interp(at, times, spreads)
    return centre, spread


def _middle_and_spread(values: FloatArray32, upper: bool) -> tuple[float, float]:
    middle, high = (float(q) for q in np.percentile(values, [50.0, 90.0]))
    mad = float(np.median(np.abs(values - middle)))
    return middle, max(1.4826 * mad, (high - middle) / 1.2816 if upper else 0.0)


def robust_z(
    values: FloatArray32, usable: npt.NDArray[np.bool_], window_steps: int, least_spread: float
) -> FloatArray32:
    """Distance from the baseline in its robust standard deviations, at least `least_spread`."""
    centre, spread = baseline(values, usable, window_steps)
    return in_spreads(values - centre, spread, least_spread)


def in_spreads(above: FloatArray32, spread: FloatArray32, least_spread: float) -> FloatArray32:
    """A distance in units of a spread that is at least `least_spread`."""
    return (above / np.maximum(spread, least_spread)).astype(np.float32)
