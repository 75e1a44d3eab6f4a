"""Lead seizures, the stretches before an onset, and the time between seizures."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vigil.cohort.early.clock import Animal, FloatArray
from vigil.cohort.early.features import Stretches
from vigil.cohort.early.settings import EarlySettings

MISSING = -1
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def clusters(onsets_s: FloatArray, lead_seizure_min: float) -> Ints:
    """Cluster of each seizure: a lead seizure and those that follow it, (seizure,)."""
    if not len(onsets_s):
        return np.zeros(0, np.int64)
    return np.cumsum(np.r_[True, np.diff(onsets_s) > 60 * lead_seizure_min]) - 1


def lead_seizures(animal: Animal, stretches: Stretches, settings: EarlySettings) -> Ints:
    """Seizures that lead, were recorded up to their onset, and of whose past enough is known.

    Returns
    -------
    ndarray, (lead seizure,)
        Their places among the animal's seizures.
    """
    group = clusters(animal.onsets_s, settings.lead_seizure_min)
    first = np.flatnonzero(np.r_[True, np.diff(group) > 0]) if len(group) else group
    at = windows_before(animal, stretches, animal.onsets_s[first], settings.lead_min[0])
    watched = seen_before(animal, animal.onsets_s[first], settings.lead_seizure_min)
    return np.asarray(first[(at != MISSING) & (watched >= 0.5)], dtype=np.int64)


def seen_before(animal: Animal, time_s: FloatArray, lead_seizure_min: float) -> FloatArray:
    """Share of the time before each moment that was recorded: an unseen seizure may lead, too."""
    if not lead_seizure_min:
        return np.ones(len(time_s))
    span_s = 60 * lead_seizure_min
    n = np.searchsorted(animal.time_s, time_s, side="right") - np.searchsorted(
        animal.time_s, time_s - span_s, side="right"
    )
    return np.asarray(n * animal.window_s / span_s)


def windows_before(
    animal: Animal, stretches: Stretches, onsets_s: FloatArray, lead_min: float
) -> Ints:
    """The last window that ends a lead time before each onset, -1 where it is not usable.

    Parameters
    ----------
    onsets_s : ndarray, any shape
    """
    end_s = onsets_s - 60 * lead_min
    at = np.searchsorted(animal.time_s, end_s + 1e-3, side="right") - 1
    inside = np.maximum(at, 0)
    fresh = (at >= 0) & (end_s - animal.time_s[inside] < animal.window_s)
    return np.where(fresh & stretches.usable[inside], at, MISSING)


def interictal(animal: Animal, stretches: Stretches, lead: Ints, settings: EarlySettings) -> Ints:
    """Ends of stretches between seizures that do not overlap, (stretch,).

    What lies before a lead seizure that is asked about does not count here: it is left out with
    the onsets of each set of onsets, the real ones and the surrogates alike. What lies before any
    other seizure is left out: one that follows in a cluster, or leads and cannot be tested.

    Parameters
    ----------
    lead : ndarray, (lead seizure,)
        Places of those that are asked about among the animal's seizures.
    """
    others = np.delete(animal.onsets_s, lead)
    step = max(1, round(60 * settings.sop_min / animal.window_s))
    ends = np.flatnonzero(stretches.usable)[::step]
    return np.asarray(ends[~_soon(animal.time_s[ends], others, 60 * settings.interictal_min)])


def near_onsets(times_s: FloatArray, onsets_s: FloatArray, settings: EarlySettings) -> Bools:
    """Times that lie before or after an onset of a set of onsets, (set, time).

    Parameters
    ----------
    times_s : ndarray, (time,)
    onsets_s : ndarray, (set, seizure)
    """
    near = np.zeros((len(onsets_s), len(times_s)), bool)
    for k in range(len(onsets_s)):
        own = np.sort(onsets_s[k])
        near[k] = _soon(times_s, own, 60 * settings.interictal_min)
        near[k] |= _soon(-times_s[::-1], -own[::-1], 60 * settings.postictal_min)[::-1]
    return near


def _soon(times_s: FloatArray, onsets_s: FloatArray, gap_s: float) -> Bools:
    """Times with an onset within a gap after them; onsets in rising order."""
    following = np.searchsorted(onsets_s, times_s, side="left")
    return np.asarray(np.r_[onsets_s, np.inf][following] - times_s <= gap_s)
