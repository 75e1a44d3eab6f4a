"""Rules after the scorer: movement means awake, forbidden transitions, least lengths of bouts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from vigil.sleep.bouts import bout_borders

States = npt.NDArray[np.str_]


def movement_is_wake(
    states: States, speed_cm_s: npt.NDArray[np.float64] | None, movement_cm_s: float
) -> States:
    """Sleep during which the head travels is wakefulness.

    Parameters
    ----------
    states : ndarray of str, (epoch,)
    speed_cm_s : ndarray, (epoch,), or None
        Mean speed of the head; NaN where it was not seen.
    movement_cm_s : float
        Speed from which the animal is awake.
    """
    if speed_cm_s is None:
        return states
    asleep = np.isin(states, ("nrem", "rem"))
    return np.where((speed_cm_s >= movement_cm_s) & asleep, "wake", states)


def forbid_transitions(
    states: States, forbidden: Sequence[tuple[str, str]], brief_epochs: int
) -> States:
    """A state that must not follow the one before counts as that one.

    Wakefulness of at most `brief_epochs` after sleep is passed over: what follows is judged by
    the sleep before it. What follows unclassified epochs stays.

    Parameters
    ----------
    states : ndarray of str, (epoch,)
    forbidden : sequence of (before, after)
    brief_epochs : int
    """
    pairs = {tuple(pair) for pair in forbidden}
    fixed = states.copy()
    awake_for, slept = 0, ""
    for i, state in enumerate(fixed):
        if i:
            before = fixed[i - 1]
            if before == "wake" and slept and awake_for <= brief_epochs:
                before = slept
            if (before, state) in pairs:
                # what is passed over is not what the bout turns into
                fixed[i] = state = fixed[i - 1]
        if state == "wake":
            awake_for += 1
        elif state in ("nrem", "rem"):
            awake_for, slept = 0, str(state)
    return fixed


def drop_short_bouts(states: States, min_epochs: Mapping[Any, int]) -> States:
    """Bouts that are too short take the state before them; the first bout stays.

    Parameters
    ----------
    states : ndarray of str, (epoch,)
    min_epochs : mapping
        Least number of epochs of a bout by state; 1 where none is given.
    """
    fixed = states.copy()
    for first, last in bout_borders(states):
        if last - first < min_epochs.get(str(fixed[first]), 1) and first > 0:
            fixed[first:last] = fixed[first - 1]
    return fixed
