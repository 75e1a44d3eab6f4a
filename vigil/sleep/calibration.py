"""Calibration: a probability of 0.8 is right in 80 of 100 epochs that no model has seen.

Temperature scaling (Guo et al. 2017, ICML): the logarithms of the probabilities are divided by
one number and made probabilities again. The likeliest state stays the same. More numbers, such as
one per state, would follow how often a state comes in the epochs of some folds, and be wrong for
another time of day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.special import softmax

FloatArray = npt.NDArray[np.float64]

LEAST = 1e-9
"""Probabilities below are taken for this."""
BOUNDS = (0.2, 10.0)
"""Least and largest temperature."""


@dataclass(frozen=True)
class Calibration:
    """A temperature: above 1 the model had been too sure of itself."""

    temperature: float = 1.0

    @staticmethod
    def fit(probability: FloatArray, state: npt.NDArray[np.int64]) -> Calibration:
        """The temperature under which labels are likeliest.

        Parameters
        ----------
        probability : ndarray, (epoch, state)
            Finite, of epochs that the model had not seen.
        state : ndarray of int, (epoch,)
            What experts say.
        """
        if not len(state):
            return Calibration()
        each = np.arange(len(state))

        def surprise(log_temperature: float) -> float:
            p = Calibration(float(np.exp(log_temperature))).apply(probability)
            return float(-np.log(np.maximum(p[each, state], LEAST)).mean())

        best = minimize_scalar(surprise, bounds=np.log(BOUNDS), method="bounded")
        return Calibration(float(np.exp(best.x)))

    def apply(self, probability: FloatArray) -> FloatArray:
        """Calibrated probabilities, (epoch, state); NaN where they were."""
        score = np.log(np.maximum(probability, LEAST)) / self.temperature
        return np.asarray(softmax(score, axis=1))
