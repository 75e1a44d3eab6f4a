"""Bouts: stretches of epochs of one state, ended by another state, a gap or the recording."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pandas as pd

States = npt.NDArray[np.str_]


def epoch_length_s(hypnogram: pd.DataFrame) -> float:
    """Length of the epochs in seconds; NaN without any."""
    return float(hypnogram["duration_s"].iloc[0]) if len(hypnogram) else np.nan


def states_in_line(hypnogram: pd.DataFrame) -> States:
    """States of the epochs from the first one on; those without a row are unclassified.

    What counts neighbours (transitions, bouts, latencies) would otherwise join the two sides of
    a hole in the table.
    """
    if not len(hypnogram):
        return np.empty(0, dtype="<U12")
    start_s = hypnogram["start_s"].to_numpy(dtype=np.float64)
    place = np.round((start_s - start_s[0]) / epoch_length_s(hypnogram)).astype(np.int64)
    states = np.full(int(place[-1]) + 1, "unclassified", dtype="<U12")
    states[place] = hypnogram["state"].to_numpy(dtype=str)
    return states


def bouts_of(states: States) -> pd.DataFrame:
    """One row per bout.

    Parameters
    ----------
    states : ndarray, (epoch,)
        As of `states_in_line`.

    Returns
    -------
    DataFrame
        `state`, `first` (place of its first epoch), `epochs`, and the states `before` and `after`
        it, '' at the ends of the recording.
    """
    borders = bout_borders(states)
    state = np.array([states[first] for first, _ in borders], dtype="<U12")
    return pd.DataFrame(
        {
            "state": state,
            "first": [first for first, _ in borders],
            "epochs": [last - first for first, last in borders],
            "before": np.concatenate([[""], state[:-1]]) if len(state) else state,
            "after": np.concatenate([state[1:], [""]]) if len(state) else state,
        }
    ).astype({"first": np.int64, "epochs": np.int64})


def bout_borders(states: States) -> list[tuple[int, int]]:
    """Borders [first, last) of the bouts of equal state."""
    if not len(states):
        return []
    edges = np.flatnonzero(states[1:] != states[:-1]) + 1
    borders = [0, *edges.tolist(), len(states)]
    return list(itertools.pairwise(borders))
