"""Train on all labelled animals, and measure on animals left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.sleep.agreement import agreement, confusion
from vigil.sleep.hypnogram import states_of
from vigil.sleep.model import LabelledRecording, SleepModel, train_model
from vigil.sleep.settings import Settings

States = npt.NDArray[np.str_]

SCORERS = {"model": "none", "model and hmm": "hmm"}
CLEARLY_BETTER = 0.005
"""Gain in kappa below which smoothing, which costs brief awakenings, is left out."""


def leave_one_animal_out(
    recordings: list[LabelledRecording],
    settings: Settings,
    threads: int,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[dict[str, SleepModel], pd.DataFrame, pd.DataFrame]:
    """Models that have not seen one animal each, and how well they score it.

    Parameters
    ----------
    recordings : list of LabelledRecording
        Of at least two animals.
    settings : Settings
    threads : int

    Returns
    -------
    models : dict
        By the animal that each has not seen.
    comparison : DataFrame
        One row per animal and scorer (threshold, model, model and hmm) with the measures of
        `agreement`, and rows for all animals together.
    confusion : DataFrame
        Of the scorer that the settings ask for, all animals together.
    """
    animals = sorted({r.animal for r in recordings})
    models: dict[str, SleepModel] = {}
    rows: list[dict[str, object]] = []
    pooled: dict[str, list[States]] = {}
    labels: list[States] = []
    for animal in animals:
        progress(f"leaving out {animal}")
        train = [r for r in recordings if r.animal != animal]
        test = [r for r in recordings if r.animal == animal]
        models[animal] = train_model(train, settings, threads)
        truth = np.concatenate([r.labels for r in test])
        labels.append(truth)
        scores = {"threshold": np.concatenate([r.provisional for r in test])}
        for name, smoothing in SCORERS.items():
            model = replace(models[animal], smoothing=smoothing)
            scores[name] = np.concatenate(
                [
                    states_of(model.probabilities(r.predictors), settings.min_confidence)
                    for r in test
                ]
            )
        for name, states in scores.items():
            pooled.setdefault(name, []).append(states)
            rows.append({"left_out": animal, "scorer": name, **agreement(truth, states)})
    everything = np.concatenate(labels)
    for name, parts in pooled.items():
        measures = agreement(everything, np.concatenate(parts))
        rows.append({"left_out": "all", "scorer": name, **measures})
    comparison = pd.DataFrame(rows)
    smoothing = settings.smoothing if settings.smoothing != "auto" else choose_smoothing(comparison)
    chosen = next(name for name, s in SCORERS.items() if s == smoothing)
    models = {animal: replace(model, smoothing=smoothing) for animal, model in models.items()}
    return models, comparison, confusion(everything, np.concatenate(pooled[chosen]))


def choose_smoothing(comparison: pd.DataFrame) -> str:
    """Smooth where that agrees clearly better with the labels of animals left out."""
    pooled = comparison[comparison["left_out"] == "all"].set_index("scorer")["kappa"]
    return "hmm" if pooled["model and hmm"] > pooled["model"] + CLEARLY_BETTER else "none"
