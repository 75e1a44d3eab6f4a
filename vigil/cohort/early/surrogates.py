"""Surrogate onset times, and what is better than they are.

Under the null hypothesis a seizure could as well have begun at any other time of the same few
hours at which the animal was in the same state and as long without a seizure: the onsets are
drawn anew within fixed parts of the day. Rate, hour of the day, state and all that changes
slowly (drift, series of bad days) stay as they are, so none of them can make a forecast look
good. The idea is that of seizure time surrogates (Andrzejak et al. 2003, Phys Rev E 67:010901),
with intervals as in the jitter method of Amarasingham et al. 2012 (J Neurophysiol 107:517).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vigil.cohort.early.clock import Animal, FloatArray
from vigil.cohort.early.features import Stretches
from vigil.cohort.early.lead import MISSING, Ints, clusters, seen_before, windows_before
from vigil.cohort.early.settings import EarlySettings

LEAST_CANDIDATES = 10
TRIES = 10  # of an onset that would lie too near to another
ROUNDS = 30  # of a set that comes to nothing


def candidates(
    animal: Animal, stretches: Stretches, lead: Ints, settings: EarlySettings
) -> list[Ints]:
    """Windows after which each lead seizure could as well have begun.

    They lie in the same part of the day, in the same state (at the onset and in the stretch
    before it), and no seizure of another cluster came within `lead_seizure_min` before. Where
    there are fewer than ten the stretch before is not matched; then none are given.
    """
    onsets_s = animal.onsets_s
    group = clusters(onsets_s, settings.lead_seizure_min)
    possible = (
        windows_before(animal, stretches, animal.time_s, settings.lead_min[0]) != MISSING
    ) & (seen_before(animal, animal.time_s, settings.lead_seizure_min) >= 0.5)
    before = np.searchsorted(onsets_s, animal.time_s, side="right") - 1
    part = np.floor(animal.time_s / (3600 * settings.surrogate_h))
    found = []
    for k in lead:
        now = int(np.searchsorted(animal.time_s, onsets_s[k], side="right")) - 1
        latest = np.where(before >= 0, onsets_s[np.maximum(before, 0)], -np.inf)
        own = (before >= 0) & (group[np.maximum(before, 0)] == group[k])
        # without its own cluster the seizure before that one counts
        first_of_own = int(np.flatnonzero(group == group[k])[0])
        earlier = onsets_s[first_of_own - 1] if first_of_own else -np.inf
        latest = np.where(own, earlier, latest)
        at_risk = animal.time_s - latest > 60 * settings.lead_seizure_min
        same = possible & at_risk & (part == np.floor(onsets_s[k] / (3600 * settings.surrogate_h)))
        same &= (animal.span == animal.span[now]) & (animal.state == animal.state[now])
        close = np.flatnonzero(same & (stretches.state == stretches.state[now]))
        wide = np.flatnonzero(same)
        enough = close if len(close) >= LEAST_CANDIDATES else wide
        found.append(enough if len(enough) >= LEAST_CANDIDATES else wide[:0])
    return found


def draw(
    animal: Animal, possible: list[Ints], settings: EarlySettings, rng: np.random.Generator
) -> FloatArray:
    """Sets of surrogate onsets, each in the order of time, (surrogate, seizure).

    Two of a set are as far apart as lead seizures are, where that can be had.
    """
    drawn = np.full((settings.n_surrogates, len(possible)), np.nan)
    todo = np.arange(len(drawn))
    for _ in range(ROUNDS):
        drawn[todo], crowded = _draw(animal, possible, len(todo), settings, rng)
        todo = todo[crowded]
        if not len(todo):
            break
    return np.sort(drawn, axis=1)


def _draw(
    animal: Animal, possible: list[Ints], count: int, settings: EarlySettings,
    rng: np.random.Generator,
) -> tuple[FloatArray, npt.NDArray[np.bool_]]:  # fmt: skip
    """Sets of onsets, (set, seizure), and the sets in which two are too near to each other."""
    drawn = np.full((count, len(possible)), np.nan)
    crowded = np.zeros(count, bool)
    for j, windows in enumerate(possible):
        todo = np.ones(count, bool)
        for _ in range(TRIES):
            pick = windows[rng.integers(len(windows), size=todo.sum())]
            drawn[todo, j] = animal.time_s[pick] + rng.uniform(0, animal.window_s, todo.sum())
            gap = np.abs(drawn[:, :j] - drawn[:, [j]])
            todo = (gap < 60 * settings.lead_seizure_min).any(axis=1)
            if not todo.any():
                break
        crowded |= todo
    return drawn, crowded


def standardised(values: FloatArray) -> FloatArray:
    """Values of all sets against their spread over the sets, real one and surrogates alike.

    Parameters
    ----------
    values : ndarray, (set, test)
        The real onsets first.
    """
    # a test that most sets lack says nothing
    n = np.isfinite(values).sum(axis=0)
    filled = np.where(n > 0, values, 0)
    mean, spread = np.nanmean(filled, axis=0), np.nanstd(filled, axis=0)
    usable = (spread > 0) & (n >= len(values) / 2)
    z = (values - mean) / np.where(usable, spread, np.nan)
    return np.asarray(np.where(np.isfinite(z), z, -np.inf))


def p_of_family(values: FloatArray, two_sided: bool = False) -> FloatArray:
    """P of each test, corrected over all of them, (test,); NaN where there is no test.

    Step-down by the maximum (Westfall and Young 1993): the strongest is judged against the
    strongest of each surrogate, the next against the strongest of what is left. The chance that
    any test is called better where there is nothing is at most the level, however tests hang
    together.

    Parameters
    ----------
    values : ndarray, (set, test)
        The real onsets first.
    two_sided : bool
        Small values count as large ones do.
    """
    z = standardised(values)
    if two_sided:
        z = np.where(np.isfinite(z), np.abs(z), -np.inf)
    order = np.argsort(-z[0], kind="stable")
    strongest_left = np.maximum.accumulate(z[:, order[::-1]], axis=1)[:, ::-1]
    p = np.empty(z.shape[1])
    p[order] = np.maximum.accumulate((strongest_left >= z[0, order]).mean(axis=0))
    return np.where(np.isfinite(z[0]), p, np.nan)
