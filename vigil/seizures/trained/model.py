"""A trained detector: boosted trees, how far they are to be believed, and how they are read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import xgboost as xgb
from scipy.special import expit, logit

from vigil.recording import RecordingError
from vigil.seizures.evidence import Evidence
from vigil.seizures.trained.decode import Decoding
from vigil.seizures.trained.predictors import (
    FloatMatrix,
    columns,
    context_steps,
    empty,
    make_predictors,
)

FloatArray = npt.NDArray[np.float64]

ATTRIBUTE = "vigil"
SECTION_STEPS = 7200
"""Steps that are read at once: an hour of half seconds."""
LEAST = 1e-7


class Store(Protocol):
    """Evidence of a recording that is read section by section, as `files.open_evidence` gives."""

    @property
    def n_steps(self) -> int:
        """Steps of the recording."""

    @property
    def step_s(self) -> float:
        """Length of a step."""

    def read(self, first: int, last: int) -> Evidence:
        """Evidence of the steps [first, last)."""


@dataclass(frozen=True)
class SeizureModel:
    """Boosted trees (XGBoost, Chen and Guestrin 2016) and what goes with them.

    Parameters
    ----------
    booster : Booster
    temperature : float
        Divides the log odds (Guo et al. 2017); above 1 the trees had been too sure.
    decoding : Decoding
        How its probabilities become seizures.
    animals : tuple of str
        What it learnt from.
    step_s, keep_z, enter_z : float
        Of the evidence that it learnt from.
    beats_thresholds : bool
        Whether it is chosen before the detector without labels, by `comparison.RULE`.
    """

    booster: xgb.Booster
    temperature: float
    decoding: Decoding
    animals: tuple[str, ...]
    step_s: float
    keep_z: float
    enter_z: float
    beats_thresholds: bool = True

    def raw(self, predictors: FloatMatrix) -> FloatArray:
        """Probability of a seizure in each step, (step,), calibrated by nothing."""
        p = np.asarray(self.booster.inplace_predict(predictors), dtype=np.float64)
        p[empty(predictors)] = np.nan
        return p

    def save(self, path: Path) -> None:
        """Write XGBoost's own JSON, in which the rest is an attribute."""
        about = {
            "temperature": self.temperature,
            "decoding": asdict(self.decoding),
            "animals": list(self.animals),
            "step_s": self.step_s,
            "keep_z": self.keep_z,
            "enter_z": self.enter_z,
            "beats_thresholds": self.beats_thresholds,
        }
        self.booster.set_attr(**{ATTRIBUTE: json.dumps(about)})
        path.write_bytes(self.booster.save_raw("json"))

    @staticmethod
    def load(path: Path) -> SeizureModel:
        """Read what `save` wrote.

        Raises
        ------
        RecordingError
            When the file is no model of this version.
        """
        booster = xgb.Booster()
        try:
            booster.load_model(bytearray(path.read_bytes()))
            about = json.loads(booster.attr(ATTRIBUTE) or "")
        except (xgb.core.XGBoostError, ValueError) as error:
            raise RecordingError(f"{path.name} is no model of seizures; train it anew.") from error
        if booster.feature_names != columns():
            raise RecordingError(
                f"The seizure model {path.name} wants other predictors than this version makes; "
                "train it anew."
            )
        decoding = Decoding(**about.pop("decoding"))
        animals = tuple(about.pop("animals"))
        return SeizureModel(booster=booster, decoding=decoding, animals=animals, **about)


def calibrate(raw: npt.NDArray[np.floating], temperature: float) -> FloatArray:
    """Probabilities whose log odds are divided by the temperature; NaN stays."""
    p = np.clip(np.asarray(raw, dtype=np.float64), LEAST, 1 - LEAST)
    return np.asarray(expit(logit(p) / temperature))


def sections(
    store: Store,
    keep_z: float,
    enter_z: float,
    section_steps: int = SECTION_STEPS,
    first: int = 0,
    last: int | None = None,
) -> Iterator[tuple[int, FloatMatrix]]:
    """First step and predictors of section after section; only one is held at a time.

    The context of a section is read with it, so that its borders cannot be seen in the result.
    """
    stop = store.n_steps if last is None else last
    around = context_steps(store.step_s)
    for a in range(first, stop, section_steps):
        b = min(a + section_steps, stop)
        lo, hi = max(0, a - around), min(store.n_steps, b + around)
        table = make_predictors(store.read(lo, hi), store.step_s, keep_z, enter_z)
        yield a, table[a - lo : b - lo]


def raw_probabilities(
    store: Store,
    model: SeizureModel,
    first: int = 0,
    last: int | None = None,
    section_steps: int = SECTION_STEPS,
) -> npt.NDArray[np.float32]:
    """Probability of the steps [first, last), calibrated by nothing; NaN without data."""
    if not np.isclose(store.step_s, model.step_s):
        raise RecordingError(
            f"The seizure model learnt from steps of {model.step_s:g} s, this recording has steps "
            f"of {store.step_s:g} s; set step_s of seizures back, or train anew."
        )
    stop = store.n_steps if last is None else last
    out = np.full(stop - first, np.nan, dtype=np.float32)
    parts = sections(store, model.keep_z, model.enter_z, section_steps, first, stop)
    for a, table in parts:
        out[a - first : a - first + len(table)] = model.raw(table)
    return out


def probabilities(
    store: Store,
    model: SeizureModel,
    first: int = 0,
    last: int | None = None,
    section_steps: int = SECTION_STEPS,
) -> npt.NDArray[np.float32]:
    """Calibrated probability of a seizure in the steps [first, last), (step,); NaN without data.

    Parameters
    ----------
    store : Store
        Evidence of the recording, read section by section.
    model : SeizureModel
    first, last : int
        Steps; all by default.
    section_steps : int
        How many are read at once.
    """
    raw = raw_probabilities(store, model, first, last, section_steps)
    return calibrate(raw, model.temperature).astype(np.float32)
