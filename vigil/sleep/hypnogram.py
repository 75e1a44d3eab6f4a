"""The hypnogram: states, probabilities and confidence of the epochs, and their summary."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.recording import STATES
from vigil.sleep.agreement import SCORED
from vigil.sleep.rules import (
    bout_borders,
    drop_short_bouts,
    movement_is_wake,
    rem_follows_sleep,
)
from vigil.sleep.settings import Settings

FloatArray = npt.NDArray[np.float64]
States = npt.NDArray[np.str_]


def states_of(probability: FloatArray, min_confidence: float) -> States:
    """The likeliest state of each epoch; unclassified below the confidence or without data."""
    known = np.isfinite(probability).all(1)
    best = np.argmax(np.nan_to_num(probability), axis=1)
    states: States = np.asarray(SCORED)[best].astype("<U12")
    states[~known | (np.nan_to_num(probability).max(1) < min_confidence)] = "unclassified"
    return states


def apply_rules(states: States, movement: pd.DataFrame | None, settings: Settings) -> States:
    """The rules after the scorer, in their order."""
    states = movement_is_wake(states, movement, settings.movement_cm_s)
    states = drop_short_bouts(states, settings.min_bout_epochs)
    return rem_follows_sleep(states) if settings.rem_after_sleep else states


def make_hypnogram(
    start_s: FloatArray, duration_s: FloatArray, states: States, probability: FloatArray
) -> pd.DataFrame:
    """The table hypnogram.parquet holds.

    `confidence` is the probability of the state that is named; where a rule overruled the
    scorer it is the probability that the scorer gave to the rule's state. The threshold scorer
    gives none.
    """
    confidence = np.full(len(states), np.nan)
    for i, state in enumerate(SCORED):
        confidence[states == state] = probability[states == state, i]
    table = pd.DataFrame({"start_s": start_s, "duration_s": duration_s, "state": states})
    for i, state in enumerate(SCORED):
        table[f"p_{state}"] = probability[:, i]
    return table.assign(confidence=confidence)


def summarise(hypnogram: pd.DataFrame) -> pd.DataFrame:
    """Share, bouts and their lengths for each state.

    Parameters
    ----------
    hypnogram : DataFrame
        As of `make_hypnogram`.

    Returns
    -------
    DataFrame
        `state`, `epochs`, `minutes`, `share` (of the classified time; of all time for
        unclassified), `bouts`, `mean_bout_s`.
    """
    states = hypnogram["state"].to_numpy(dtype=str)
    duration_s = hypnogram["duration_s"].to_numpy(dtype=np.float64)
    bouts = bout_borders(states)
    classified_s = duration_s[states != "unclassified"].sum()
    rows = []
    for state in STATES:
        own = states == state
        total_s = duration_s[own].sum()
        of = duration_s.sum() if state == "unclassified" else classified_s
        lengths = [duration_s[a:b].sum() for a, b in bouts if states[a] == state]
        rows.append(
            {
                "state": state,
                "epochs": int(own.sum()),
                "minutes": total_s / 60,
                "share": total_s / of if of else np.nan,
                "bouts": len(lengths),
                "mean_bout_s": float(np.mean(lengths)) if lengths else np.nan,
            }
        )
    return pd.DataFrame(rows)
