"""A sleep model: gradient-boosted trees (Chen and Guestrin 2016) and what goes with them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import xgboost as xgb

from vigil.sleep.agreement import SCORED
from vigil.sleep.hmm import forward_backward, learn_transitions
from vigil.sleep.settings import Settings

FloatArray = npt.NDArray[np.float64]
States = npt.NDArray[np.str_]


@dataclass(frozen=True)
class LabelledRecording:
    """Predictors and labels of one recording.

    Parameters
    ----------
    recording, animal : str
    predictors : DataFrame
        One row per epoch.
    labels : ndarray of str, (epoch,)
        wake, nrem, rem; anything else is not learnt from.
    provisional : ndarray of str, (epoch,)
        What the threshold scorer says, to compare with.
    """

    recording: str
    animal: str
    predictors: pd.DataFrame
    labels: States
    provisional: States


@dataclass(frozen=True)
class SleepModel:
    """Trees, the predictors they want, and the statistics of the labels they learnt from.

    `smoothing` is 'hmm' or 'none'.
    """

    booster: xgb.Booster
    predictors: tuple[str, ...]
    transitions: FloatArray
    shares: FloatArray
    animals: tuple[str, ...]
    smoothing: str = "none"

    def probabilities(self, predictors: pd.DataFrame) -> FloatArray:
        """Probability of wake, NREM and REM, (epoch, 3); NaN where nothing is known.

        Predictors that the recording lacks are missing values to the trees.
        """
        table = predictors.reindex(columns=list(self.predictors))
        empty = table.isna().all(axis=1).to_numpy(dtype=bool)
        matrix = xgb.DMatrix(table.to_numpy(dtype=np.float32), feature_names=list(table.columns))
        p = np.asarray(self.booster.predict(matrix), dtype=np.float64)
        p[empty] = np.nan
        if self.smoothing == "hmm":
            p = forward_backward(p, self.transitions, self.shares)
            p[empty] = np.nan
        return p

    def save(self, path: Path) -> None:
        """Write XGBoost's own JSON; what else belongs to the model are attributes in it."""
        statistics = {
            "transitions": self.transitions.tolist(),
            "shares": self.shares.tolist(),
            "animals": list(self.animals),
            "smoothing": self.smoothing,
        }
        self.booster.set_attr(vigil=json.dumps(statistics))
        path.write_bytes(self.booster.save_raw("json"))

    @staticmethod
    def load(path: Path) -> SleepModel:
        """Read what `save` wrote."""
        booster = xgb.Booster()
        booster.load_model(bytearray(path.read_bytes()))
        statistics = json.loads(booster.attr("vigil") or "{}")
        return SleepModel(
            booster,
            tuple(booster.feature_names or ()),
            np.asarray(statistics["transitions"]),
            np.asarray(statistics["shares"]),
            tuple(statistics["animals"]),
            statistics["smoothing"],
        )


def train_model(
    recordings: list[LabelledRecording], settings: Settings, threads: int
) -> SleepModel:
    """Fit the trees to labelled recordings.

    Epochs are weighted so that the states count alike, less strongly than their
    inverse shares: the square root, which keeps rare REM from being overcalled.

    Parameters
    ----------
    recordings : list of LabelledRecording
    settings : Settings
    threads : int
        Cores that the fit may use; more than there are slow it down a hundredfold.
    """
    columns = list(dict.fromkeys(str(c) for r in recordings for c in r.predictors))
    table = pd.concat([r.predictors.reindex(columns=columns) for r in recordings])
    labels = np.concatenate([r.labels for r in recordings])
    known = np.isin(labels, SCORED)
    y = np.array([SCORED.index(s) for s in labels[known]])
    counts = np.bincount(y, minlength=len(SCORED))
    weight = np.sqrt(len(y) / np.maximum(counts, 1))[y]
    matrix = xgb.DMatrix(
        table[known].to_numpy(dtype=np.float32), y, weight=weight, feature_names=columns
    )
    booster = xgb.train(
        {
            "objective": "multi:softprob",
            "num_class": len(SCORED),
            "max_depth": settings.depth,
            "eta": settings.learning_rate,
            "subsample": 0.7,
            "colsample_bytree": 0.3,
            "min_child_weight": 3,
            "tree_method": "hist",
            "nthread": threads,
            "seed": settings.seed,
        },
        matrix,
        num_boost_round=settings.trees,
    )
    transitions, _ = learn_transitions([r.labels for r in recordings], SCORED)
    weighted = np.bincount(y, weights=weight, minlength=len(SCORED)) + 1.0
    return SleepModel(
        booster,
        tuple(columns),
        transitions,
        weighted / weighted.sum(),
        tuple(sorted({r.animal for r in recordings})),
    )
