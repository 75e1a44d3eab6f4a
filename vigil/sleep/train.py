"""Train every scorer on the same folds, and choose."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.folds import Fold
from vigil.recording import SCORED
from vigil.sleep.agreement import codes_of
from vigil.sleep.calibration import Calibration
from vigil.sleep.dropout import hide_by_chance, parts_of
from vigil.sleep.folds import LabelledRecording
from vigil.sleep.hmm import learn_transitions
from vigil.sleep.logistic import Logistic
from vigil.sleep.model import SleepModel
from vigil.sleep.predictors import contexts, make_predictors
from vigil.sleep.settings import Settings
from vigil.sleep.trees import Example, Trees, boost, compress, grow_forest

FloatArray = npt.NDArray[np.float64]

LEARNERS = ("logistic", "forest", "xgboost")
MOST_LOGISTIC_EPOCHS = 40_000
"""Logistic regression holds its epochs at once; of more, every n-th is taken."""

Learner = Logistic | Trees


@dataclass(frozen=True)
class Learnt:
    """What is learnt from the epochs of a fold.

    Parameters
    ----------
    learners : mapping
        By their names.
    transitions : ndarray, (from, to)
    shares : ndarray, (state,)
        Of the states among the epochs learnt from.
    animals : tuple of str
    spread : mapping
        Of each feature of the brain: the median of the recordings.
    """

    learners: Mapping[str, Learner]
    transitions: FloatArray
    shares: FloatArray
    animals: tuple[str, ...]
    spread: Mapping[str, float]

    def model(
        self, learner: str, smoothing: str, calibration: Calibration, beats: bool = True
    ) -> SleepModel:
        """One of the learners with what goes with it."""
        return SleepModel(
            scorer_name(learner, smoothing),
            self.learners[learner],
            smoothing,
            self.transitions,
            self.shares,
            calibration,
            self.animals,
            self.spread,
            beats,
        )


def scorer_name(learner: str, smoothing: str) -> str:
    """Name of a scorer in the comparison."""
    return learner if smoothing == "none" else f"{learner} + {smoothing}"


def features_of(recordings: Sequence[LabelledRecording]) -> list[str]:
    """Features without context that any of the recordings has."""
    return list(dict.fromkeys(str(c) for r in recordings for c in r.normal))


def learn(
    recordings: Sequence[LabelledRecording],
    fold: Fold,
    settings: Settings,
    threads: int,
    which: Collection[str] = LEARNERS,
    progress: Callable[[str], None] = lambda _: None,
) -> Learnt:
    """Fit learners to the epochs that a fold leaves.

    Epochs count alike: weights that make states count alike would have to be undone for honest
    probabilities.

    Parameters
    ----------
    recordings : sequence of LabelledRecording
    fold : Fold
        One that holds nothing learns from all.
    settings : Settings
    threads : int
        Cores that the fit may use.
    which : collection of str
        Of `LEARNERS`.
    progress : callable
        Is told what is being fitted.
    """
    seen = {r.recording: fold.learns_from(r) for r in recordings}
    used = [r for r in recordings if seen[r.recording].any()]
    features = features_of(recordings)
    columns = tuple(f"{c}{suffix}" for suffix in contexts() for c in features)
    epochs = sum(int(mine.sum()) for mine in seen.values())
    give = partial(examples_of, used, seen, features, settings)
    learners: dict[str, Learner] = {}
    if "logistic" in which:
        progress("logistic regression")
        learners["logistic"] = _fit_logistic(columns, give, epochs)
    if {"forest", "xgboost"} & set(which):
        examples = compress(columns, give, threads)
        if "forest" in which:
            progress("random forest")
            learners["forest"] = grow_forest(examples, settings, threads)
        if "xgboost" in which:
            progress("boosted trees")
            learners["xgboost"] = boost(examples, settings, threads)
    sequences = [np.where(seen[r.recording], r.labels, "") for r in used]
    transitions, shares = learn_transitions(sequences, SCORED)
    animals = tuple(sorted({r.animal for r in used}))
    return Learnt(learners, transitions, shares, animals, usual_spread(used))


def usual_spread(recordings: Sequence[LabelledRecording]) -> dict[str, float]:
    """Spread of each feature of the brain, the median of the recordings that have it."""
    table = pd.DataFrame({i: r.spread for i, r in enumerate(recordings)})
    return {str(name): float(v) for name, v in table.median(axis=1).dropna().items()}


def examples_of(
    recordings: Sequence[LabelledRecording],
    seen: Mapping[str, npt.NDArray[np.bool_]],
    features: Sequence[str],
    settings: Settings,
) -> Iterator[Example]:
    """Epochs to learn from, recording by recording.

    The context is made anew each time: with it all recordings would take five times the memory.
    """
    for r in recordings:
        table = make_predictors(r.normal, features)
        values = table.to_numpy(dtype=np.float32, copy=True)
        mine = seen[r.recording] & ~np.isnan(values).all(axis=1)
        if settings.dropout:
            parts = parts_of(list(table.columns))
            hide_by_chance(values, parts, settings.dropout, settings.seed, r.recording)
        yield values[mine], codes_of(r.labels[mine])


def _fit_logistic(
    columns: tuple[str, ...], give: Callable[[], Iterator[Example]], epochs: int
) -> Logistic:
    every = -(-epochs // MOST_LOGISTIC_EPOCHS)
    parts = [(x[::every].copy(), y[::every]) for x, y in give()]
    x, y = (np.concatenate(p) for p in zip(*parts, strict=True))
    return Logistic.fit(columns, x, y)
