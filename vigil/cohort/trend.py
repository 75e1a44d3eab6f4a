"""A seizure against what the trend of its animal's others predicts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from vigil.cohort import exact

FloatArray = npt.NDArray[np.float64]
FEWEST_FOR_TREND, LAST, MOST = 5, 3, 1000
"""Others from which a trend is told; else how many of the last are compared with; and how many
of the last are looked at, since a line is drawn through each two of them."""


@dataclass(frozen=True)
class Expected:
    """What an animal's other seizures let one expect of a seizure.

    Parameters
    ----------
    value : float
        On the line, or the median of the last others.
    own : float
        How far the seizure lies from it; scaled like `others`.
    others : ndarray
        How far each of the others lies from the line, scaled to what the seizure's own distance
        spreads by if nothing sets it apart.
    trend : bool
        Whether a trend was removed.
    """

    value: float
    own: float
    others: FloatArray
    trend: bool


def expect(value: float, place: float, others: FloatArray, places: FloatArray) -> Expected:
    """What the trend of the others predicts at a place in their order.

    The line is that of Theil and Sen (Sen 1968), drawn through the others alone. A point that a
    line was drawn through lies closer to it than a new one, and a new one the farther out, the
    farther: by sqrt(1 - h) and sqrt(1 + h) with the leverage h of least squares (Cook and
    Weisberg 1982). Divided by these, the distances may be ranked together.

    Parameters
    ----------
    value, place : float
        Of the seizure; the value may be infinite.
    others, places : ndarray, shape (n,)
        Of the others, in their order, n >= 1. Below five the last three are compared with as
        they are.
    """
    others, places = others[-MOST:], places[-MOST:]
    if len(others) < FEWEST_FOR_TREND:
        last = others[-LAST:]
        return Expected(exact.median(last), value, last, trend=False)
    slope, intercept, *_ = stats.theilslopes(others, places, method="joint")
    on_line = intercept + slope * places
    predicted = float(intercept + slope * place)
    middle = places.mean()
    spread = ((places - middle) ** 2).sum()
    leverage = 1 / len(places) + (places - middle) ** 2 / spread
    leverage_own = 1 / len(places) + (place - middle) ** 2 / spread
    # what differs by rounding alone is tied
    fine = 1e-9 * max(1e-300, float(np.abs(others).max()))
    left = np.round((others - on_line) / fine) * fine / np.sqrt(1 - leverage)
    own = value - predicted
    if np.isfinite(own):
        own = float(np.round(own / fine) * fine / np.sqrt(1 + leverage_own))
    return Expected(predicted, own, left, trend=True)
