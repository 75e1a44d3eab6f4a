"""Distributions with two modes: where the dip between them lies, and a trigger at it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.mixture import GaussianMixture

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

FEWEST_VALUES = 20
FEWEST_OF_MODE = 5
LEAST_SEPARATION = 2.5
"""Distance of two modes in standard deviations; below 2 a sum of two normals has one mode."""
LEAST_SHARE = 0.03
"""A mode with a smaller share of the values is a handful of outliers."""
LEAST_EVIDENCE = 6.0
"""By how much two modes must beat one in BIC: strong evidence (Kass and Raftery 1995)."""
LEAST_DEPTH = 0.1
"""A small mode beside a large one may be a shoulder of it without a dip."""
LEAST_SEEN = 0.5
"""How deep the histogram itself dips, for the depth that the two normals have."""
MOST_VALUES = 3000
"""More values, spread evenly over the recording, move a threshold by less than its own error."""
STARTS = ((0.2, 0.8), (0.5, 0.97), (0.03, 0.5))
"""Quantiles at which the two modes are looked for first: alike, or one of them small."""
TAILS = 0.005
"""Share at each end that is left out: a few values far off widen both modes."""
FEWEST_EPOCHS = 5
"""Of fewer epochs nothing is said about a state."""


@dataclass(frozen=True)
class Split:
    """A distribution with two modes.

    Parameters
    ----------
    low, dip, high : float
        The modes and the least density between them.
    depth : float
        How far the dip lies below the lower of the two modes, 0 to 1.
    seen : bool
        Whether the histogram dips there too, and not only the two normals.
    """

    low: float
    dip: float
    high: float
    depth: float
    seen: bool = True


def find_split(values: FloatArray) -> Split | None:
    """Two modes of a distribution and the dip between them, or None where there is one.

    One and two normal distributions of equal width are fitted. Two are believed when their
    BIC is clearly better and they lie apart. Epochs between two states may fill the dip; whether
    it is there is told, as a flat distribution without a dip is fitted by two normals, too.

    Parameters
    ----------
    values : ndarray
        NaN is left out.
    """
    finite = values[np.isfinite(values)]
    if len(finite) < FEWEST_VALUES or np.ptp(finite) < 1e-9:
        return None
    first, last = np.quantile(finite, [TAILS, 1 - TAILS])
    finite = finite[(finite >= first) & (finite <= last)]
    if np.std(finite) < 1e-9:
        return None
    finite = finite[:: int(np.ceil(len(finite) / MOST_VALUES))]
    # in standard deviations, as the fit adds 1e-6 to every variance
    centre, scale = float(np.mean(finite)), float(np.std(finite))
    z = ((finite - centre) / scale)[:, None]
    two = max((_two_normals(z, start) for start in STARTS), key=lambda m: float(m.lower_bound_))
    low, high = np.sort(two.means_.ravel())
    width = float(np.sqrt(two.covariances_.ravel()[0]))
    # one normal of mean 0 and variance 1 has two parameters
    one_bic = len(z) * (np.log(2 * np.pi) + 1) + 2 * np.log(len(z))
    if (
        two.bic(z) > one_bic - LEAST_EVIDENCE
        or high - low < LEAST_SEPARATION * width
        or two.weights_.min() < max(LEAST_SHARE, FEWEST_OF_MODE / len(z))
    ):
        return None
    grid = np.linspace(low, high, 201)
    density = np.exp(two.score_samples(grid[:, None]))
    dip = int(np.argmin(density))
    depth = float(1 - density[dip] / min(density[0], density[-1]))
    if depth < LEAST_DEPTH:
        return None
    seen = _seen_depth(z.ravel(), low, float(grid[dip]), high, width) >= LEAST_SEEN * depth
    low, at, high = (float(centre + scale * v) for v in (low, grid[dip], high))
    return Split(low, at, high, depth, seen)


def _two_normals(z: FloatArray, start: tuple[float, float]) -> GaussianMixture:
    return GaussianMixture(
        2,
        covariance_type="tied",
        means_init=np.quantile(z, start)[:, None],
        weights_init=[1 - np.mean(start), np.mean(start)],
        precisions_init=[[4.0]],
        init_params="random_from_data",
        random_state=0,
        tol=1e-4,
        max_iter=300,
    ).fit(z)


def _seen_depth(z: FloatArray, low: float, dip: float, high: float, width: float) -> float:
    """How far the values thin out at the dip, against the thinner of the two modes."""
    half = width / 2
    at_dip, at_low, at_high = (float(np.mean(np.abs(z - at) < half)) for at in (dip, low, high))
    return 1 - at_dip / max(min(at_low, at_high), 1 / len(z))


def schmitt_trigger(values: FloatArray, split: Split, stickiness: float = 0.5) -> BoolArray:
    """Above the dip, with hysteresis: a state changes part of the way from the dip to a mode.

    After missing values it begins anew at the dip; where values are missing it is False.

    Parameters
    ----------
    values : ndarray, (epoch,)
    split : Split
    stickiness : float
        How far towards the other mode a value has to go, 0 (the dip) to 1 (the mode).
    """
    up = split.dip + stickiness * (split.high - split.dip)
    down = split.dip + stickiness * (split.low - split.dip)
    # what a value says: above, below, or nothing new; the first one of a run always says
    says = np.where(values > up, 1, np.where(values < down, 0, -1))
    missing = ~np.isfinite(values)
    begins = ~missing & np.append(True, missing[:-1])
    says = np.where(begins & (says < 0), values > split.dip, says)
    says[missing] = 0
    heard = np.maximum.accumulate(np.where(says >= 0, np.arange(len(values)), 0))
    return np.asarray(says[heard] == 1, dtype=bool)


def smooth(values: FloatArray, epoch_s: float, window_s: float) -> FloatArray:
    """Centred median over about `window_s`, an odd number of epochs; what is missing stays so."""
    n = 2 * round((window_s / epoch_s - 1) / 2) + 1
    if n < 3:
        return values
    series = pd.Series(values)
    medians = series.rolling(n, center=True, min_periods=1).median()
    return medians.where(series.notna()).to_numpy(dtype=np.float64)


def standard(values: FloatArray, which: BoolArray) -> FloatArray:
    """In standard deviations of some epochs."""
    known = values[which & np.isfinite(values)]
    if len(known) < FEWEST_EPOCHS or np.ptp(known) < 1e-9:
        return np.full(len(values), np.nan)
    return np.asarray((values - np.mean(known)) / np.std(known))


def effect(values: FloatArray, more: BoolArray, less: BoolArray) -> float:
    """Difference of two means in standard deviations (Cohen 1988); 0 where one is not known."""
    a, b = (values[w & np.isfinite(values)] for w in (more, less))
    if min(len(a), len(b)) < FEWEST_EPOCHS:
        return 0.0
    spread = np.sqrt((np.var(a) + np.var(b)) / 2)
    return float((np.mean(a) - np.mean(b)) / max(spread, 1e-12))
