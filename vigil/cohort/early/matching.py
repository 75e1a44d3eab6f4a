"""Stretches between seizures that a stretch before a seizure is compared with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigil.cohort.early.clock import FloatArray
from vigil.cohort.early.lead import Bools, Ints
from vigil.compiled import compiled
from vigil.recording import STATES

LEAST_CONTROLS = 8
MOST_CONTROLS = 600  # of an animal


@dataclass(frozen=True)
class Controls:
    """Stretches between seizures.

    Parameters
    ----------
    ends : ndarray, (control,)
        Windows with which they end.
    state : ndarray, (control,)
    clock_h : ndarray, (control,)
        NaN where the hour is not known.
    barred : ndarray, (set, control)
        Too near an onset of a set.
    """

    ends: Ints
    state: Ints
    clock_h: FloatArray
    barred: Bools


def thinned(state: Ints, most: int = MOST_CONTROLS) -> Ints:
    """Places of at most so many stretches, evenly over the time of each state, in rising order.

    States that are rare keep all they have up to an even share, so that a seizure that begins in
    one finds others to be compared with.

    Parameters
    ----------
    state : ndarray, (stretch,)
        In the order of time.
    """
    names, counts = np.unique(state, return_counts=True)
    kept, room = [], most
    for left, k in enumerate(np.argsort(counts, kind="stable")):
        places = np.flatnonzero(state == names[k])
        n = min(len(places), room // (len(names) - left))
        room -= n
        kept.append(places[np.linspace(0, len(places) - 1, n).astype(np.int64)])
    return np.sort(np.concatenate(kept)) if kept else np.zeros(0, np.int64)


def matched_auc(
    scores: npt.NDArray[np.float32],
    control_scores: npt.NDArray[np.float32],
    at: Ints,
    state: Ints,
    clock_h: FloatArray,
    controls: Controls,
    match_h: float,
) -> FloatArray:
    """Share of the matched stretches between seizures that score lower, (set, seizure).

    The mean over seizures is the area under the ROC curve of matched pairs (Janes and Pepe 2009,
    Biometrika 96:371): what state or hour alone can tell does not count. NaN where a seizure
    has no stretch or fewer than eight to compare with.

    Parameters
    ----------
    scores : ndarray, (set, seizure)
    control_scores : ndarray, (set, control)
        By the model of the same set.
    at : ndarray, (set, seizure)
        Windows of the seizures' stretches, -1 where there is none.
    state, clock_h : ndarray, (window,)
    """
    order = np.argsort(controls.state, kind="stable")
    states = np.arange(len(STATES) + 1)
    return _areas(
        np.ascontiguousarray(scores, dtype=np.float32),
        np.ascontiguousarray(control_scores[:, order], dtype=np.float32),
        at.astype(np.int64),
        state,
        clock_h,
        np.searchsorted(controls.state[order], states).astype(np.int64),
        controls.clock_h[order],
        np.ascontiguousarray(controls.barred[:, order]),
        float(match_h),
    )


@compiled(nogil=True)
def _areas(
    scores: npt.NDArray[np.float32],
    control_scores: npt.NDArray[np.float32],
    at: Ints,
    state: Ints,
    clock_h: FloatArray,
    first_of_state: Ints,
    control_h: FloatArray,
    barred: Bools,
    match_h: float,
) -> FloatArray:
    area = np.full(scores.shape, np.nan)
    for s in range(scores.shape[0]):
        for j in range(scores.shape[1]):
            window = at[s, j]
            if window < 0:
                continue
            n, lower = 0, 0
            for c in range(first_of_state[state[window]], first_of_state[state[window] + 1]):
                apart = abs((clock_h[window] - control_h[c] + 12) % 24 - 12)
                # an hour that is not known fits every other
                if not barred[s, c] and not apart > match_h:
                    n += 1
                    lower += control_scores[s, c] < scores[s, j]
            if n >= LEAST_CONTROLS:
                area[s, j] = lower / n
    return area
