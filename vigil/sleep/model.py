"""A sleep model: what learnt, the order of states it expects, and how far it is to be believed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import xgboost as xgb

from vigil.sleep.calibration import Calibration
from vigil.sleep.dropout import AFTER, hide, parts_of
from vigil.sleep.hmm import forward, forward_backward
from vigil.sleep.logistic import Logistic
from vigil.sleep.predictors import make_predictors
from vigil.sleep.trees import Trees

FloatArray = npt.NDArray[np.float64]

ATTRIBUTE = "vigil"


@dataclass(frozen=True)
class SleepModel:
    """A learner and what goes with it.

    Parameters
    ----------
    name : str
        The scorer's name in the comparison, such as 'xgboost + hmm'.
    learner : Logistic or Trees
    smoothing : str
        'none', 'hmm' or 'causal hmm'.
    transitions : ndarray, (from, to)
    shares : ndarray, (state,)
        Of the states among the epochs learnt from.
    calibration : Calibration
    animals : tuple of str
        What it learnt from.
    spread : mapping
        Of each feature of the brain, as of `spread_of`: the median of the recordings.
    beats_thresholds : bool
        Whether it agreed at least as well as the thresholds with labels it had not seen.
    """

    name: str
    learner: Logistic | Trees
    smoothing: str
    transitions: FloatArray
    shares: FloatArray
    calibration: Calibration
    animals: tuple[str, ...]
    spread: Mapping[str, float]
    beats_thresholds: bool = True

    @property
    def features(self) -> list[str]:
        """The features without context that it wants."""
        return [c for c in self.learner.columns if "@" not in c]

    def probabilities(self, normal: pd.DataFrame) -> FloatArray:
        """Probability of wake, NREM and REM, (epoch, 3); NaN where nothing is known.

        Parameters
        ----------
        normal : DataFrame
            As of `normalise_features`; what the recording lacks is missing to the learner.
        """
        table = make_predictors(normal, self.features)
        raw = raw_probabilities(self.learner, table, self.smoothing)
        return self.calibration.apply(smooth(raw, self.smoothing, self.transitions, self.shares))

    def save(self, path: Path) -> None:
        """Write JSON: of trees XGBoost's own, in which the rest is an attribute."""
        about = {
            "name": self.name,
            "smoothing": self.smoothing,
            "transitions": self.transitions.tolist(),
            "shares": self.shares.tolist(),
            "temperature": self.calibration.temperature,
            "animals": list(self.animals),
            "spread": dict(self.spread),
            "beats_thresholds": self.beats_thresholds,
        }
        if isinstance(self.learner, Trees):
            self.learner.booster.set_attr(**{ATTRIBUTE: json.dumps(about)})
            path.write_bytes(self.learner.booster.save_raw("json"))
        else:
            path.write_text(json.dumps({ATTRIBUTE: about, "logistic": self.learner.to_json()}))

    @staticmethod
    def load(path: Path) -> SleepModel:
        """Read what `save` wrote."""
        content = json.loads(path.read_bytes())
        learner: Logistic | Trees
        if "logistic" in content:
            learner, about = Logistic.from_json(content["logistic"]), content[ATTRIBUTE]
        else:
            booster = xgb.Booster()
            booster.load_model(bytearray(path.read_bytes()))
            learner, about = Trees(booster), json.loads(booster.attr(ATTRIBUTE) or "{}")
        return SleepModel(
            about["name"],
            learner,
            about["smoothing"],
            np.asarray(about["transitions"]),
            np.asarray(about["shares"]),
            Calibration(about["temperature"]),
            tuple(about["animals"]),
            about["spread"],
            about["beats_thresholds"],
        )


def raw_probabilities(
    learner: Logistic | Trees, table: pd.DataFrame, smoothing: str = "none"
) -> FloatArray:
    """What a learner says of each epoch alone, (epoch, 3); NaN where nothing is known.

    Parameters
    ----------
    learner : Logistic or Trees
    table : DataFrame
        As of `make_predictors`.
    smoothing : str
        'causal hmm' hides the epochs after, which are not known while the animal is recorded.
    """
    values = table.to_numpy(dtype=np.float32)
    empty = np.isnan(values).all(axis=1)
    if smoothing == "causal hmm":
        values = hide(values, parts_of(list(table.columns)), [AFTER])
    p = learner.probabilities(values)
    p[empty] = np.nan
    return p


def smooth(
    raw: FloatArray, smoothing: str, transitions: FloatArray, shares: FloatArray
) -> FloatArray:
    """Probabilities after the hidden Markov model, (epoch, 3); NaN where nothing was known."""
    if smoothing == "none":
        return raw
    work = forward if smoothing == "causal hmm" else forward_backward
    p = work(raw, transitions, shares)
    p[np.isnan(raw).any(axis=1)] = np.nan
    return p
