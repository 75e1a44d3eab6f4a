"""Train on all labelled animals, and measure on animals left out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.sleep.agreement import agreement, confusion
from vigil.sleep.hypnogram import states_of
from vigil.sleep.model import LabelledRecording, SleepModel, train_model
from vigil.sleep.settings import Settings

States = npt.NDArray[np.str_]


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
        for name, smoothing in (("model", "none"), ("model and hmm", "hmm")):
            scores[name] = np.concatenate(
                [
                    states_of(
                        models[animal].probabilities(r.predictors, smoothing),
                        settings.min_confidence,
                    )
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
    chosen = "model and hmm" if settings.smoothing == "hmm" else "model"
    return models, pd.DataFrame(rows), confusion(everything, np.concatenate(pooled[chosen]))
