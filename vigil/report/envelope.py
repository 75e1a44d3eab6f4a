"""Long signals drawn small: extremes per bin, never plain decimation, which hides spikes."""

from __future__ import annotations

import warnings
from itertools import pairwise

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def bin_edges(start_s: float, stop_s: float, n_bins: int) -> FloatArray:
    """Borders of equal bins, `n_bins + 1` of them."""
    return np.linspace(start_s, stop_s, n_bins + 1)


def min_max(
    time_s: npt.ArrayLike, values: npt.ArrayLike, edges_s: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Smallest and largest value in each bin, NaN where a bin has none.

    Parameters
    ----------
    time_s, values : array, (sample,)
        Ascending times and the signal; NaN values are left out.
    edges_s : array, (bin + 1,)
        Borders of the bins, ascending.

    Returns
    -------
    low, high : array, (bin,)
    """
    time, value = np.asarray(time_s, float), np.asarray(values, float)
    low = np.full(len(edges_s) - 1, np.nan)
    high = low.copy()
    keep = np.isfinite(value) & (time >= edges_s[0]) & (time < edges_s[-1])
    time, value = time[keep], value[keep]
    if not len(value):
        return low, high
    which = np.searchsorted(edges_s, time, side="right") - 1
    first = np.flatnonzero(np.diff(which, prepend=-1))
    low[which[first]] = np.minimum.reduceat(value, first)
    high[which[first]] = np.maximum.reduceat(value, first)
    return low, high


def quantiles(
    time_s: npt.ArrayLike, values: npt.ArrayLike, edges_s: FloatArray, shares: tuple[float, ...]
) -> FloatArray:
    """Quantiles of a signal in each bin, (share, bin), NaN where a bin has no sample.

    Parameters
    ----------
    time_s, values : array, (sample,)
        Ascending times and the signal; NaN values are left out.
    edges_s : array, (bin + 1,)
        Borders of the bins, ascending.
    shares : tuple of float
        Which quantiles, 0 to 1.
    """
    time, value = np.asarray(time_s, float), np.asarray(values, float)
    keep = np.isfinite(value)
    time, value = time[keep], value[keep]
    borders = np.searchsorted(time, edges_s)
    out = np.full((len(shares), len(edges_s) - 1), np.nan)
    for i, (a, b) in enumerate(pairwise(borders)):
        if b > a:
            out[:, i] = np.quantile(value[a:b], shares)
    return out


def mean_columns(
    time_s: npt.ArrayLike, columns: npt.NDArray[np.floating], edges_s: FloatArray
) -> FloatArray:
    """Mean of the columns of an image in each bin of time, NaN where a bin has none.

    Parameters
    ----------
    time_s : array, (time,)
    columns : array, (time, frequency)
        NaN columns are left out.
    edges_s : array, (bin + 1,)

    Returns
    -------
    array, (bin, frequency)
    """
    time = np.asarray(time_s, float)
    out = np.full((len(edges_s) - 1, columns.shape[1]), np.nan)
    which = np.searchsorted(edges_s, time, side="right") - 1
    keep = (which >= 0) & (which < len(out))
    rows, which = np.asarray(columns, float)[keep], which[keep]
    first = np.flatnonzero(np.diff(which, prepend=-1))
    if not len(first):
        return out
    there = np.isfinite(rows)
    total = np.add.reduceat(np.where(there, rows, 0.0), first, axis=0)
    count = np.add.reduceat(there.astype(float), first, axis=0)
    out[which[first]] = np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)
    return out


def relative_db(power: npt.NDArray[np.floating]) -> FloatArray:
    """Power in dB above its own median over time, frequency by frequency.

    This takes the 1/f slope away, so that rhythms of all frequencies show in one
    picture: red is more power than usual at that frequency, blue is less.

    Parameters
    ----------
    power : array, (time, frequency)
        In any unit; NaN where there are no data.
    """
    with np.errstate(divide="ignore", invalid="ignore"), warnings.catch_warnings():
        # a frequency without a single valid value stays NaN, which is what is meant
        warnings.simplefilter("ignore", RuntimeWarning)
        level = 10 * np.log10(np.where(np.asarray(power) > 0, power, np.nan).astype(float))
        return np.asarray(level - np.nanmedian(level, axis=0))


def robust_limit(values: npt.NDArray[np.floating]) -> float:
    """Limit of a colour scale around zero: three times the value that 75 % stay under.

    A quantile near the end would follow the seizures of a short recording, and leave the
    rhythms of sleep pale. Without finite values it is 1.
    """
    finite = np.abs(values[np.isfinite(values)])
    if not len(finite):
        return 1.0
    limit = min(3 * float(np.quantile(finite, 0.75)), float(finite.max()))
    return limit if limit > 0 else 1.0
