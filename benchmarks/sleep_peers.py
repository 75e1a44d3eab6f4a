"""Learners of the sleep model beside others of their kind, from the same predictors in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import xgboost as xgb

from vigil.sleep.logistic import Logistic
from vigil.sleep.settings import Settings
from vigil.sleep.trees import boost, compress, grow_forest

Predictors = npt.NDArray[np.float32]
States = npt.NDArray[np.int64]
Probability = Callable[[Predictors], Any]


def ours(kind: str) -> Callable[..., Probability]:
    """Vigil's, with the compression of the predictors."""
    fit = {"boosted": boost, "forest": grow_forest}[kind]

    def work(c: tuple[str, ...], x: Predictors, y: States, s: Settings, n: int) -> Probability:
        return fit(compress(c, lambda: [(x, y)], n), s, n).probabilities

    return work


def logistic(c: tuple[str, ...], x: Predictors, y: States, s: Settings, n: int) -> Probability:
    return Logistic.fit(c, x, y).probabilities


def forest(c: tuple[str, ...], x: Predictors, y: States, s: Settings, n: int) -> Probability:
    """A random forest of scikit-learn: as many trees, as deep."""
    from sklearn.ensemble import RandomForestClassifier

    model = RandomForestClassifier(
        s.forest_trees, max_depth=12, max_features="sqrt", min_samples_leaf=2, n_jobs=n,
        random_state=s.seed,
    )  # fmt: skip
    return model.fit(x, y).predict_proba


def boosted(c: tuple[str, ...], x: Predictors, y: States, s: Settings, n: int) -> Probability:
    """Boosted trees of scikit-learn on histograms: as many rounds, as deep."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    model = HistGradientBoostingClassifier(
        max_iter=s.trees, max_depth=s.depth, learning_rate=s.learning_rate, max_features=0.3,
        early_stopping=False, random_state=s.seed,
    )  # fmt: skip
    with threadpool_limits(n):
        return model.fit(x, y).predict_proba


def exact(c: tuple[str, ...], x: Predictors, y: States, s: Settings, n: int) -> Probability:
    """XGBoost as one would call it first: its classifier, on the whole table."""
    model = xgb.XGBClassifier(
        n_estimators=s.trees, max_depth=s.depth, learning_rate=s.learning_rate, n_jobs=n,
        random_state=s.seed,
    )  # fmt: skip
    return model.fit(x, y).predict_proba


PEERS: dict[str, Callable[..., Probability]] = {
    "Vigil, boosted": ours("boosted"),
    "Vigil, forest": ours("forest"),
    "Vigil, logistic": logistic,
    "scikit-learn HistGradientBoostingClassifier": boosted,
    "scikit-learn RandomForestClassifier": forest,
    "xgboost XGBClassifier": exact,
}
