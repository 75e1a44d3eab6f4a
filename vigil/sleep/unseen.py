"""Which model scores which epochs: one that has not learnt from them, as far as there is one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.folds import read_folds
from vigil.sleep.model import SleepModel


@dataclass(frozen=True)
class Scored:
    """Probabilities of a recording's epochs, and whose they are.

    Parameters
    ----------
    probability : ndarray, (epoch, 3)
    scorer : str
        Name of the chosen scorer.
    animals : tuple of str
        What the models learnt from.
    unseen : str
        What the models had not seen: 'animal', 'blocks' of time, or '' where the recording is not
        of those that were learnt from.
    spread : mapping
        Of each feature of the brain that the model knows, as of `spread_of`.
    beats_thresholds : bool
        As of the model.
    """

    probability: npt.NDArray[np.float64]
    scorer: str
    animals: tuple[str, ...]
    unseen: str
    spread: Mapping[str, float]
    beats_thresholds: bool

    @staticmethod
    def of(model: SleepModel, probability: npt.NDArray[np.float64], unseen: str) -> Scored:
        """What a model says, with what is known of it."""
        return Scored(
            probability, model.name, model.animals, unseen, model.spread, model.beats_thresholds
        )


def score_unseen(
    folder: Path, listed: Path, whole: Path, recording: str, animal: str, normal: pd.DataFrame
) -> Scored:
    """Score a recording by models that have not learnt from it.

    A recording of an animal that was left out is scored by the model without that animal, and
    a recording of which blocks were left out block by block; any other by the model of all labels.

    Parameters
    ----------
    folder, listed : path
        Models of the folds, and the list of the folds.
    whole : path
        Model of all labels.
    recording, animal : str
    normal : DataFrame
        As of `predictors.normalise_features`.
    """
    folds = read_folds(listed)
    for fold in folds:
        if fold.animal and fold.animal == animal:
            model = SleepModel.load(folder / f"{fold.name}.json")
            return Scored.of(model, model.probabilities(normal), "animal")
    model = SleepModel.load(whole)
    probability = model.probabilities(normal)
    blocks = [f for f in folds if recording in f.held]
    for fold in blocks:
        first, last = fold.held[recording]
        own = SleepModel.load(folder / f"{fold.name}.json").probabilities(normal)
        probability[first:last] = own[first:last]
    return Scored.of(model, probability, "blocks" if blocks else "")
