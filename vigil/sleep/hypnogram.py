"""The hypnogram: states, probabilities and confidence of the epochs."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.recording import SCORED
from vigil.sleep.rules import drop_short_bouts, forbid_transitions, movement_is_wake
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


def apply_rules(states: States, speed_cm_s: FloatArray | None, settings: Settings) -> States:
    """The rules after the scorer, in their order."""
    states = movement_is_wake(states, speed_cm_s, settings.movement_cm_s)
    states = drop_short_bouts(states, settings.min_bout_epochs)
    pairs = settings.forbidden_transitions
    return forbid_transitions(states, pairs, settings.brief_awakening_epochs)


def make_hypnogram(
    start_s: FloatArray,
    duration_s: FloatArray,
    scored: States,
    probability: FloatArray,
    labels: States | None = None,
    keep_labels: bool = True,
) -> pd.DataFrame:
    """The table hypnogram.parquet holds.

    `state` is the expert's where one labelled the epoch and labels are kept, else the
    scorer's; `scored` is the scorer's in any case and `label` the expert's, '' without one.
    `confidence` is the probability that the scorer gave to `state`, whoever named it. The
    threshold scorer gives none.
    """
    label = np.full(len(scored), "", dtype="<U12") if labels is None else labels
    states = np.where(label != "", label, scored) if keep_labels else scored
    confidence = np.full(len(states), np.nan)
    for i, state in enumerate(SCORED):
        confidence[states == state] = probability[states == state, i]
    table = pd.DataFrame({"start_s": start_s, "duration_s": duration_s, "state": states})
    for i, state in enumerate(SCORED):
        table[f"p_{state}"] = probability[:, i]
    return table.assign(confidence=confidence, scored=scored, label=label)
