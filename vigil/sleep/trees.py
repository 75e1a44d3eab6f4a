"""Trees: boosted ones (XGBoost, Chen and Guestrin 2016) and a random forest (Breiman 2001).

Both are XGBoost's: a forest is one round of boosting with many trees side by side, each on
a random part of the epochs and predictors. So both take missing values as they are, learn from
one compressed copy of the predictors, and are written as XGBoost's own JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import xgboost as xgb

from vigil.sleep.settings import Settings

FloatArray = npt.NDArray[np.float64]
FloatMatrix = npt.NDArray[np.float32]

Example = tuple[FloatMatrix, npt.NDArray[np.int64]]
"""Predictors and states of the epochs of one recording."""


class _Recordings(xgb.DataIter):
    """Hands the recordings to XGBoost one by one, as often as it asks."""

    def __init__(self, columns: tuple[str, ...], give: Callable[[], Iterable[Example]]) -> None:
        self._columns, self._give = list(columns), give
        self._left = iter(give())
        super().__init__()

    def next(self, input_data: Callable[..., None]) -> bool:
        for predictors, state in self._left:
            if len(state):
                input_data(data=predictors, label=state, feature_names=self._columns)
                return True
        return False

    def reset(self) -> None:
        self._left = iter(self._give())


def compress(
    columns: tuple[str, ...], give: Callable[[], Iterable[Example]], threads: int
) -> xgb.QuantileDMatrix:
    """Epochs of many recordings, each predictor as one of at most 256 steps.

    Parameters
    ----------
    columns : tuple of str
    give : callable
        Gives the recordings one by one, each time anew; only one is held at a time.
    threads : int
    """
    return xgb.QuantileDMatrix(_Recordings(columns, give), nthread=threads)


@dataclass(frozen=True)
class Trees:
    """Boosted trees or a forest, as XGBoost holds them."""

    booster: xgb.Booster

    @property
    def columns(self) -> tuple[str, ...]:
        """Predictors."""
        return tuple(self.booster.feature_names or ())

    def probabilities(self, predictors: FloatMatrix) -> FloatArray:
        """Probability of each state, (epoch, state)."""
        matrix = xgb.DMatrix(predictors, feature_names=list(self.columns))
        p = np.asarray(self.booster.predict(matrix), dtype=np.float64)
        # a forest's trees vote for each state by themselves
        p = np.clip(p, 1e-6, 1.0)
        return np.asarray(p / p.sum(axis=1, keepdims=True))


def boost(examples: xgb.QuantileDMatrix, settings: Settings, threads: int) -> Trees:
    """Fit boosted trees."""
    own = {
        "objective": "multi:softprob",
        "num_class": 3,
        "max_depth": settings.depth,
        "eta": settings.learning_rate,
        "subsample": 0.7,
        "colsample_bytree": 0.3,
        "min_child_weight": 3,
    }
    return Trees(xgb.train(_common(settings, threads) | own, examples, settings.trees))


def grow_forest(examples: xgb.QuantileDMatrix, settings: Settings, threads: int) -> Trees:
    """Fit a random forest."""
    own = {
        # regression on shares of states: leaves are votes, and splits are Gini's
        "objective": "reg:squarederror",
        "base_score": 0.0,
        "num_parallel_tree": settings.forest_trees,
        # a deep tree's histograms of many predictors take gigabytes otherwise
        "max_cached_hist_node": 64,
        "max_depth": 12,
        "eta": 1.0,
        "subsample": 0.632,
        "colsample_bynode": float(examples.num_col()) ** -0.5,
        "min_child_weight": 2,
        # shrunken leaves would only blur the trees' votes
        "lambda": 1e-3,
    }
    states = examples.get_label().astype(int)
    examples.set_info(label=np.eye(3, dtype=np.float32)[states])
    booster = xgb.train(_common(settings, threads) | own, examples, 1)
    examples.set_info(label=states)
    return Trees(booster)


def _common(settings: Settings, threads: int) -> dict[str, Any]:
    """What both share; more threads than there are cores slow them down a hundredfold."""
    return {
        "tree_method": "hist",
        "nthread": threads,
        "seed": settings.seed,
    }
