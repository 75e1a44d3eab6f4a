"""Alarms along the test time: time in warning, false alarms, and probabilities.

An alarm at t says that a seizure begins between t + lead and t + lead + sop; for so long a
warning is on (Snyder et al. 2008, J Neurosci Methods 172:113).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from vigil.cohort.early.clock import FloatArray
from vigil.cohort.early.lead import Bools

QUANTILES = (*np.arange(0.6, 0.97, 0.02), *np.arange(0.97, 0.9995, 0.001))
ITERATIONS = 50
MEASURES = ("told", "interictal_h", "warned_h", "false_alarms", "brier", "brier_base", "forecasts")


def warned(
    alarms: Bools, time_s: FloatArray, at_s: FloatArray, lead_min: float, sop_min: float
) -> Bools:
    """Moments that lie under a warning, (moment,)."""
    n = np.concatenate([[0], np.cumsum(alarms)])
    first = np.searchsorted(time_s, at_s - 60 * (lead_min + sop_min), side="left")
    last = np.searchsorted(time_s, at_s - 60 * lead_min, side="right")
    return np.asarray(n[last] > n[first])


def threshold(
    scores: FloatArray,
    usable: Bools,
    interictal: Bools,
    time_s: FloatArray,
    lead_min: float,
    sop_min: float,
    most_share: float,
) -> float:
    """Lowest threshold that keeps the time in warning of a training part at or below a share."""
    if not interictal.any():
        return np.inf
    levels = np.quantile(scores[interictal], QUANTILES)

    def too_often(place: int) -> bool:
        on = warned(
            (scores >= levels[place]) & usable, time_s, time_s[interictal], lead_min, sop_min
        )
        return bool(on.mean() > most_share)

    # the higher the threshold the less there is of warnings
    place = bisect_left(range(len(levels)), True, key=lambda k: not too_often(k))
    return float(levels[min(place, len(levels) - 1)])


def fit_probability(between: FloatArray, before: FloatArray, base: float) -> tuple[float, float]:
    """Intercept and slope of a logistic curve from scores to probabilities (Platt 1999).

    Parameters
    ----------
    between, before : ndarray
        Scores between seizures, and before training seizures.
    base : float
        Share of all stretches that a seizure follows: the weight of `before`.
    """
    even = float(np.log(base / (1 - base)))
    if not len(before) or not len(between) or before.mean() <= between.mean():
        return even, 0.0  # nothing learnt: the base rate
    centre, spread = between.mean(), between.std() or 1.0
    x = (np.concatenate([between, before]) - centre) / spread
    came = np.r_[np.zeros(len(between)), np.ones(len(before))]
    weight = np.r_[
        np.full(len(between), (1 - base) / len(between)), np.full(len(before), base / len(before))
    ]
    design = np.column_stack([np.ones(len(x)), x])
    found = np.array([even, 0.0])
    for _ in range(ITERATIONS):
        p = 1 / (1 + np.exp(-np.clip(design @ found, -30, 30)))
        slope = design.T @ (weight * (came - p))
        bend = (design * (weight * p * (1 - p))[:, None]).T @ design
        # a slope of n seizures is known as well as n seizures allow
        bend[1, 1] += base / len(before)
        slope[1] -= base / len(before) * found[1]
        step = np.linalg.solve(bend + 1e-12 * np.eye(2), slope)
        found = found + np.clip(step, -1, 1)
    steep = max(0.0, float(found[1])) / spread
    return float(found[0]) - steep * float(centre), steep


def probability(scores: FloatArray, intercept: float, slope: float) -> FloatArray:
    """Probability that a seizure comes, by `fit_probability`."""
    return np.asarray(1 / (1 + np.exp(-np.clip(intercept + slope * scores, -30, 30))))


def measured(
    alarms: Bools,
    chances: FloatArray,
    base: float,
    time_s: FloatArray,
    window_s: float,
    usable: Bools,
    interictal: Bools,
    segment: npt.NDArray[np.int64],
    lead_onsets_s: FloatArray,
    all_onsets_s: FloatArray,
    lead_min: float,
    sop_min: float,
) -> Mapping[str, FloatArray]:
    """What warnings did in the stretch of time up to each test seizure, one value per seizure.

    Parameters
    ----------
    alarms, chances : ndarray, (window,)
        Of the whole recording; what is not `usable` counts for nothing.
    segment : ndarray, (window,)
        Number of the test seizure that a window belongs to, -1 for none.
    lead_onsets_s : ndarray, (test seizure,)

    Returns
    -------
    mapping
        `MEASURES`: whether the seizure came under a warning; hours between seizures, hours of
        them under a warning, false alarms; sums of squared errors of the probabilities and of the
        base rate, and how many forecasts they are of.
    """
    n = len(lead_onsets_s)
    alarms = alarms & usable & (segment >= 0)
    quiet = interictal & (segment >= 0)
    on = np.zeros(len(time_s), bool)
    on[quiet] = warned(alarms, time_s, time_s[quiet], lead_min, sop_min)
    # an alarm that goes on or comes back within the warning is the same alarm
    again = np.r_[False, warned(alarms, time_s, time_s[1:] - 1e-3, 0, sop_min)]
    from_s, to_s = time_s + 60 * lead_min, time_s + 60 * (lead_min + sop_min)
    # a seizure that comes sooner than it was announced makes no false alarm, and the forecasts
    # just before it are neither right nor wrong
    false = alarms & ~again & ~_any_between(all_onsets_s, time_s, to_s)
    came = _any_between(lead_onsets_s, from_s, to_s)
    asked = usable & (segment >= 0)
    judged = asked & ~_any_between(all_onsets_s, time_s, from_s)

    def per_seizure(values: npt.NDArray[np.generic], which: Bools) -> FloatArray:
        weight = np.asarray(values, dtype=float)[which]
        return np.bincount(segment[which], weight, n).astype(float)

    hour = np.full(len(time_s), window_s / 3600)
    return {
        "told": warned(alarms, time_s, lead_onsets_s, lead_min, sop_min).astype(float),
        "interictal_h": per_seizure(hour, quiet),
        "warned_h": per_seizure(hour, quiet & on),
        "false_alarms": per_seizure(false, asked),
        "brier": per_seizure((chances - came) ** 2, judged),
        "brier_base": per_seizure((base - came) ** 2, judged),
        "forecasts": per_seizure(np.ones(len(time_s)), judged),
    }


def _any_between(onsets_s: FloatArray, from_s: FloatArray, to_s: FloatArray) -> Bools:
    onsets_s = np.sort(onsets_s)
    return np.asarray(
        np.searchsorted(onsets_s, to_s, side="right")
        > np.searchsorted(onsets_s, from_s, side="right")
    )
