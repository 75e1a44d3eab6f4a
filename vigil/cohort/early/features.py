"""What a model sees of a window: features against the animal's own past, and their change."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigil.cohort.early.clock import Animal, FloatArray
from vigil.cohort.early.settings import EarlySettings
from vigil.recording import STATES

LEVEL, CHANGE = "level", "change"
FARTHEST = 5.0  # robust spreads; what lies beyond says artefact, not how much
ROWS = 240  # of the past are enough for a median
LEAST_OF_STATE = 30  # windows, else the past of all states stands in
EVERY_S = 3600.0  # the past is looked at anew

Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Stretches:
    """The stretch of `sop_min` that ends with each window, as a model sees it.

    Parameters
    ----------
    x : ndarray, (window, predictor)
        Levels of all features, then their changes; 0 is what is usual.
    usable : ndarray, (window,)
        Enough of the stretch is clean, between seizures, and has a past.
    state : ndarray, (window,)
        The state that fills most of the stretch.
    """

    x: Float32
    usable: npt.NDArray[np.bool_]
    state: npt.NDArray[np.int64]


def chosen(features: Sequence[str], patterns: Sequence[str]) -> list[str]:
    """Features that match one of the patterns."""
    return [f for f in features if any(re.search(p, f) for p in patterns)]


def between_seizures(animal: Animal, postictal_min: float) -> npt.NDArray[np.bool_]:
    """Windows that neither a seizure nor the time after one touches, (window,)."""
    before = np.searchsorted(animal.onsets_s, animal.time_s, side="left") - 1
    latest = np.concatenate([[-np.inf], np.maximum.accumulate(animal.stops_s)])
    free_s = latest[before + 1] + 60 * postictal_min
    return np.asarray(animal.time_s - animal.window_s >= free_s)


def stretches(animal: Animal, features: Sequence[str], settings: EarlySettings) -> Stretches:
    """Levels and changes of some features of an animal.

    Parameters
    ----------
    features : sequence of str
        Those that the animal lacks are 0, as what cannot be told is taken as usual.
    """
    fit = animal.valid & between_seizures(animal, settings.postictal_min)
    z = against_past(animal, fit, settings)
    known = fit & np.isfinite(z).any(axis=1)
    z = np.where(known[:, None], np.nan_to_num(z), 0)
    level, clean = _mean_before(animal.time_s, z, known, 0, 60 * settings.sop_min)
    past, past_clean = _mean_before(
        animal.time_s, z, known, 60 * settings.sop_min, 60 * (settings.sop_min + settings.past_min)
    )
    window_min = animal.window_s / 60
    # a change against less than a quarter of its past is not known
    has_past = past_clean * window_min >= settings.past_min / 4
    change = np.where(has_past[:, None], level - past, 0)
    usable = known & (clean * window_min >= settings.sop_min / 2)
    place = {f: k for k, f in enumerate(animal.features)}
    here = [(j, place[f]) for j, f in enumerate(features) if f in place]
    x = np.zeros((len(z), 2 * len(features)), np.float32)
    for j, k in here:
        x[:, j] = level[:, k]
        x[:, len(features) + j] = change[:, k]
    one_hot = np.eye(len(STATES))[animal.state]
    shares, _ = _mean_before(
        animal.time_s, one_hot, np.ones(len(z), bool), 0, 60 * settings.sop_min
    )
    return Stretches(x, usable, np.argmax(shares, axis=1).astype(np.int64))


def against_past(animal: Animal, fit: npt.NDArray[np.bool_], settings: EarlySettings) -> FloatArray:
    """Robust z of each window against the same state in the hours before, (window, feature).

    NaN where there is too little past. Nothing that comes later plays a part.
    """
    z = np.full(animal.numbers.shape, np.nan)
    most = round(settings.baseline_h * 3600 / animal.window_s)
    least = settings.least_baseline_h * 3600 / animal.window_s
    hour = np.floor(animal.time_s / EVERY_S).astype(np.int64)
    firsts = np.flatnonzero(np.r_[True, np.diff(hour) != 0])
    for first, last in zip(firsts.tolist(), [*firsts[1:].tolist(), len(hour)], strict=True):
        same = fit[:first] & (animal.span[:first] == animal.span[first])
        past = np.flatnonzero(same[-2 * most :])[-most:] + max(0, first - 2 * most)
        if len(past) < least:
            continue
        whole = _centre_and_spread(animal.numbers, past)
        for state in np.unique(animal.state[first:last]):
            of_state = past[animal.state[past] == state]
            few = len(of_state) < LEAST_OF_STATE
            centre, spread = whole if few else _centre_and_spread(animal.numbers, of_state)
            rows = first + np.flatnonzero(animal.state[first:last] == state)
            # a feature that hardly ever moves in a state must not explode when it does
            z[rows] = (animal.numbers[rows] - centre) / np.fmax(spread, 0.05 * whole[1])
    return np.asarray(np.clip(z, -FARTHEST, FARTHEST))


def _centre_and_spread(
    values: Float32, rows: npt.NDArray[np.int64]
) -> tuple[FloatArray, FloatArray]:
    some = values[rows[np.linspace(0, len(rows) - 1, min(len(rows), ROWS)).astype(np.int64)]]
    known = np.isfinite(some)
    # a column with nothing in it has no median; asking for one would warn
    some = some if known.all() else np.where(known.any(axis=0), some, 0)
    median, mean = (np.median, np.mean) if known.all() else (np.nanmedian, np.nanmean)
    centre = median(some, axis=0)
    apart = np.abs(some - centre)
    spread = 1.4826 * median(apart, axis=0)
    # counts that are mostly 0 have a spread all the same (1.2533: the same of a normal's mean)
    spread = np.where(spread > 0, spread, 1.2533 * mean(apart, axis=0))
    return centre.astype(float), np.where(spread > 0, spread, np.nan).astype(float)


def _mean_before(
    time_s: FloatArray, x: FloatArray, counted: npt.NDArray[np.bool_], from_s: float, to_s: float
) -> tuple[FloatArray, FloatArray]:
    """Mean of the counted rows that end in (t - to_s, t - from_s], and how many they are."""
    slack = 1e-3
    low = np.searchsorted(time_s, time_s - to_s + slack, side="right")
    high = np.searchsorted(time_s, time_s - from_s + slack, side="right")
    total = np.zeros((len(x) + 1, x.shape[1]))
    np.cumsum(np.where(counted[:, None], x, 0), axis=0, out=total[1:])
    number = np.concatenate([[0], np.cumsum(counted)])
    n = (number[high] - number[low]).astype(float)
    return (total[high] - total[low]) / np.maximum(n, 1)[:, None], n
