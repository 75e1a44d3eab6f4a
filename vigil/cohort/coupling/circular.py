"""Statistics of hours on a clock (Fisher 1993, Statistical Analysis of Circular Data)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

DAY_H = 24.0
FloatArray = npt.NDArray[np.float64]


def mean_vector(hours: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> FloatArray:
    """Mean of unit vectors that point to hours of the day, as complex numbers.

    Parameters
    ----------
    hours : array_like, (..., event)
    weights : array_like, (..., event), optional
        How much each event counts.

    Returns
    -------
    ndarray of complex, (...)
        The size is the mean resultant length (0 spread evenly, 1 all at one hour).
    """
    at = np.exp(2j * np.pi * np.asarray(hours, dtype=np.float64) / DAY_H)
    w = np.ones(at.shape) if weights is None else np.asarray(weights, dtype=np.float64)
    total = w.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):  # no events have no mean
        return np.asarray((w * at).sum(axis=-1) / total)


def hour_of(vector: npt.ArrayLike) -> FloatArray:
    """Hour of the day, 0 to 24, to which a mean vector points."""
    return np.asarray(np.angle(np.asarray(vector)) * DAY_H / (2 * np.pi) % DAY_H)


def rayleigh_p(resultant: float, n: int) -> float:
    """Chance of a mean resultant length as large among n independent hours, evenly spread.

    Closed form of Wilkie 1983 (as in Zar 2010, eq. 27.4), good to two decimals from n = 5 on. It
    takes for granted that each hour was watched equally long.
    """
    if n < 1:
        return float("nan")
    total = n * resultant
    inside = max(1 + 4 * n + 4 * (n**2 - total**2), 0.0)
    return float(min(1.0, np.exp(np.sqrt(inside) - (1 + 2 * n))))
