"""Rules after the scorer: movement means awake, REM follows sleep, bouts have a least length."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pandas as pd

States = npt.NDArray[np.str_]

BRIEF_AWAKENING_EPOCHS = 3
"""Wakefulness of at most so many epochs interrupts sleep and does not end it."""


def movement_is_wake(states: States, movement: pd.DataFrame | None, movement_cm_s: float) -> States:
    """Sleep during which the head travels is wakefulness."""
    if movement is None:
        return states
    moving = (movement["movement.speed"] > movement_cm_s).to_numpy(dtype=bool)
    return np.where(moving & np.isin(states, ("nrem", "rem")), "wake", states)


def rem_follows_sleep(states: States) -> States:
    """REM after wakefulness is wakefulness, unless that was a brief awakening from sleep.

    REM after unclassified epochs stays.
    """
    fixed = states.copy()
    awake_for = BRIEF_AWAKENING_EPOCHS + 1
    for i, state in enumerate(fixed):
        if state == "rem" and i and fixed[i - 1] == "wake" and awake_for > BRIEF_AWAKENING_EPOCHS:
            fixed[i] = state = "wake"
        awake_for = awake_for + 1 if state == "wake" else 0
    return fixed


def drop_short_bouts(states: States, min_epochs: int) -> States:
    """Bouts of NREM or REM shorter than `min_epochs` take the state before them.

    Brief awakenings are real and are kept.
    """
    fixed = states.copy()
    for first, last in bout_borders(states):
        if last - first < min_epochs and fixed[first] in ("nrem", "rem") and first > 0:
            fixed[first:last] = fixed[first - 1]
    return fixed


def bout_borders(states: States) -> list[tuple[int, int]]:
    """Borders [first, last) of the bouts of equal state."""
    if not len(states):
        return []
    edges = np.flatnonzero(states[1:] != states[:-1]) + 1
    borders = [0, *edges.tolist(), len(states)]
    return list(itertools.pairwise(borders))
