"""Velocity, acceleration and jerk by Savitzky-Golay filters (Savitzky and Golay 1964)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from scipy.interpolate import CubicSpline
from scipy.signal import savgol_filter

FloatArray = npt.NDArray[np.float64]

# frames further than this from a regular grid, in steps, are not filtered as if they were on it
IRREGULAR = 0.01


def fill_short_gaps(value: FloatArray, max_samples: int) -> FloatArray:
    """Interpolate gaps of at most `max_samples` linearly; longer ones and the ends stay NaN."""
    filled = value.copy()
    for a, b in _stretches(np.isnan(value)):
        if a > 0 and b < len(value) and b - a <= max_samples:
            filled[a:b] = np.interp(np.arange(a, b), [a - 1, b], [value[a - 1], value[b]])
    return filled


def smooth_derivatives(
    value: FloatArray, time_s: FloatArray, window: int, polyorder: int, orders: tuple[int, ...]
) -> list[FloatArray]:
    """Derivatives of a track that may have holes, at the times of its samples.

    Each stretch between holes is fitted on its own; half a window is blanked beside a
    hole, where the fit leans on one side only. The ends of the whole track stay.

    The filter needs a regular grid. A stretch whose times deviate from one by more than
    1 % of the step is brought to the grid by a cubic spline, and its derivatives back to
    the true times.

    Parameters
    ----------
    value : ndarray, (sample,)
        The track, NaN in holes.
    time_s : ndarray, (sample,)
        Rising times of the samples.
    window : int
        Length of the filter in samples, odd.
    polyorder : int
        Order of its polynomial.
    orders : tuple of int
        Derivatives wanted; 0 is the smoothed track.

    Returns
    -------
    list of ndarray, (sample,)
        In units of `value` per second to the power of the order.
    """
    results = [np.full(len(value), np.nan) for _ in orders]
    half = window // 2
    for a, b in _stretches(np.isfinite(value)):
        if b - a < window:
            continue
        at_s, track = time_s[a:b], value[a:b]
        regular_s, step_s = np.linspace(at_s[0], at_s[-1], b - a, retstep=True)
        irregular = bool(np.abs(at_s - regular_s).max() > IRREGULAR * step_s)
        if irregular:
            track = CubicSpline(at_s, track)(regular_s)
        first = a if a == 0 else a + half
        last = b if b == len(value) else b - half
        for result, order in zip(results, orders, strict=True):
            fit = savgol_filter(track, window, polyorder, deriv=order, delta=float(step_s))
            if irregular:
                fit = CubicSpline(regular_s, fit)(at_s)
            result[first:last] = fit[first - a : last - a]
    return results


def unwrap_stretches(angle_rad: FloatArray) -> FloatArray:
    """Angle without jumps of a full turn, within each stretch between holes."""
    unwrapped = angle_rad.copy()
    for a, b in _stretches(np.isfinite(angle_rad)):
        unwrapped[a:b] = np.unwrap(angle_rad[a:b])
    return unwrapped


def _stretches(which: npt.NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Borders [a, b) of the stretches in which `which` is true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], which.astype(np.int8), [0]])))
    return itertools.islice(itertools.pairwise(edges.tolist()), 0, None, 2)
