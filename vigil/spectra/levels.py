"""A spectrogram at several resolutions of time: what its coarser levels are, and what is kept.

Level 0 is the spectrogram as computed. The columns of the coarser levels are means over
`FACTORS` of its columns, so that a day fits a page's width without reading all of it: at
a step of 1 s, a day has 86 400 columns at level 0, 8 640 at level 1 and 1 440 at level 2.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FACTORS = (1, 10, 60)
"""Columns of level 0 behind one column of each level."""

UNIT = math.lcm(*FACTORS)
"""Columns of level 0 after which the columns of all levels end together."""

MANTISSA_BITS = 7
"""Bits of the mantissa that are kept, of float32's 23. Rounding changes a value by at most
2^-8 = 0.4 % or 0.017 dB. The value itself, of three tapers, scatters by 2.7 dB (Percival and
Walden 1993, the variance of the logarithm of a chi-squared variable of six degrees of freedom).
"""


@dataclass(frozen=True)
class Bands:
    """What the frequencies of a spectrogram are called.

    Parameters
    ----------
    range_hz : mapping
        Lowest and highest frequency of each band.
    mains_hz, mains_width_hz : float
        The mains, and what is left out to each side of their harmonics beyond what the tapers
        spread.
    """

    range_hz: Mapping[str, tuple[float, float]]
    mains_hz: float
    mains_width_hz: float


@dataclass(frozen=True)
class Grid:
    """Where the columns and frequencies of a spectrogram lie.

    Parameters
    ----------
    time_s : ndarray, (column,)
        Middle of each window, `step_s` apart.
    frequency_hz : ndarray, (frequency,)
    step_s, window_s : float
        Distance of the columns, and length of their windows.
    half_width_hz : float
        How far the tapers spread a line to each side: nw / window_s (Thomson 1982).
    """

    time_s: npt.NDArray[np.float64]
    frequency_hz: npt.NDArray[np.float64]
    step_s: float
    window_s: float
    half_width_hz: float


def factors_of(n_columns: int) -> tuple[int, ...]:
    """Factors of the levels that a spectrogram of so many columns has.

    A level of which there would not be two whole columns is left out; level 0 always is.
    """
    return tuple(f for f in FACTORS if f == 1 or n_columns >= 2 * f)


def level_length(n_columns: int, factor: int) -> int:
    """Columns of a level; the last one may be the mean of fewer columns, or missing."""
    return -(-n_columns // factor)


def level_times_s(grid: Grid, factor: int) -> npt.NDArray[np.float64]:
    """Middles of the columns of a level on the recording's clock, (column,)."""
    place = (np.arange(level_length(len(grid.time_s), factor)) + 0.5) * factor - 0.5
    return np.asarray(grid.time_s[0] + place * grid.step_s, dtype=np.float64)


def coarse_means(power: npt.NDArray[np.float32], factor: int) -> npt.NDArray[np.float32]:
    """Means over each `factor` consecutive columns, of those that are there.

    With fewer than half of them there is none: the mean of a few columns scatters more than
    its neighbours, and would draw a bright edge beside a gap.

    Parameters
    ----------
    power : ndarray, (row, column, frequency)
        A column is NaN at all frequencies or at none.
    factor : int
        Columns per mean; the last mean may have fewer.

    Returns
    -------
    ndarray, (row, mean, frequency)
        NaN where fewer than half of the columns are there.
    """
    n_rows, n_columns, n_frequencies = power.shape
    n_means = level_length(n_columns, factor)
    if n_means * factor > n_columns:
        rest = np.full((n_rows, n_means * factor - n_columns, n_frequencies), np.nan, np.float32)
        power = np.concatenate([power, rest], axis=1)
    groups = power.reshape(n_rows, n_means, factor, n_frequencies)
    there = ~np.isnan(groups[..., 0])
    count = there.sum(axis=2)
    if there.all():
        total = groups.sum(axis=2, dtype=np.float64)
    else:
        total = np.where(there[..., None], groups, 0).sum(axis=2, dtype=np.float64)
    mean = np.full(total.shape, np.nan, np.float32)
    np.divide(
        total, count[..., None], out=mean, where=2 * count[..., None] >= factor, casting="same_kind"
    )
    return mean


def round_mantissa(
    values: npt.NDArray[np.float32], bits: int = MANTISSA_BITS
) -> npt.NDArray[np.float32]:
    """Values with a shorter mantissa, rounded to the nearest, which compress better.

    NaN stays NaN and infinity stays infinity.
    """
    drop = 23 - bits
    whole = np.ascontiguousarray(values, dtype=np.float32).view(np.uint32)
    # half a step, and a little less where the last kept bit is even: ties go to even
    half = np.uint32((1 << (drop - 1)) - 1) + ((whole >> np.uint32(drop)) & np.uint32(1))
    rounded = ((whole + half) >> np.uint32(drop)) << np.uint32(drop)
    return np.asarray(np.where(np.isfinite(values), rounded.view(np.float32), values))
