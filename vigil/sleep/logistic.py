"""Logistic regression: the plainest model that the trees have to beat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from vigil.sleep.dropout import parts_of

FloatArray = npt.NDArray[np.float64]
FloatMatrix = npt.NDArray[np.float32]

LIMIT = 5.0
"""Normalised values beyond are cut: an artefact must not outweigh all else in a sum."""
PENALTY = 0.1
"""Inverse strength of the ridge (scikit-learn's C): predictors are many and say the same."""
MOST_ITERATIONS = 200


@dataclass(frozen=True)
class Logistic:
    """Weights of the predictors, and of the parts that may be missing.

    A missing value counts as the mean of its predictor; that a part is missing has a weight of
    its own.

    Parameters
    ----------
    columns : tuple of str
        Predictors.
    mean, scale : ndarray, (predictor,)
        Of the epochs learnt from.
    weights : ndarray, (state, predictor + part)
    bias : ndarray, (state,)
    """

    columns: tuple[str, ...]
    mean: FloatArray
    scale: FloatArray
    weights: FloatArray
    bias: FloatArray

    @staticmethod
    def fit(
        columns: tuple[str, ...],
        predictors: FloatMatrix,
        state: npt.NDArray[np.int64],
    ) -> Logistic:
        """Fit to epochs.

        Parameters
        ----------
        columns : tuple of str
        predictors : ndarray, (epoch, predictor)
        state : ndarray of int, (epoch,)
            All of 0 to 2 are there.
        """
        known = np.isfinite(predictors)
        count = np.maximum(known.sum(axis=0), 1)
        mean = np.where(known, predictors, 0.0).sum(axis=0, dtype=np.float64) / count
        spread = np.where(known, predictors - mean.astype(np.float32), 0.0)
        scale = np.sqrt((spread**2).sum(axis=0, dtype=np.float64) / count)
        scale[scale < 1e-9] = 1.0
        empty = Logistic(columns, mean, scale, np.zeros((3, 0)), np.zeros(3))
        model = LogisticRegression(C=PENALTY, max_iter=MOST_ITERATIONS, tol=1e-3)
        model.fit(empty._terms(predictors), state)
        return Logistic(
            columns, mean, scale, model.coef_.astype(np.float64), model.intercept_.astype(float)
        )

    def probabilities(self, predictors: FloatMatrix) -> FloatArray:
        """Probability of each state, (epoch, state)."""
        score = self._terms(predictors) @ self.weights.T + self.bias
        return np.asarray(softmax(score, axis=1), dtype=np.float64)

    def _terms(self, predictors: FloatMatrix) -> FloatMatrix:
        z = (predictors - self.mean.astype(np.float32)) / self.scale.astype(np.float32)
        missing = [
            np.isnan(predictors[:, places]).all(axis=1)
            for places in parts_of(self.columns).values()
        ]
        z = np.clip(np.nan_to_num(z, nan=0.0), -LIMIT, LIMIT)
        return np.column_stack([z, *missing]).astype(np.float32)

    def to_json(self) -> dict[str, Any]:
        """Plain lists."""
        numbers = {n: getattr(self, n).tolist() for n in ("mean", "scale", "weights", "bias")}
        return {"columns": list(self.columns), **numbers}

    @staticmethod
    def from_json(content: dict[str, Any]) -> Logistic:
        """What `to_json` gave."""
        numbers = [np.asarray(content[n]) for n in ("mean", "scale", "weights", "bias")]
        return Logistic(tuple(content["columns"]), *numbers)
