"""What a detector learns from, and the boosted trees that learn it."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import xgboost as xgb
from scipy.ndimage import binary_dilation

from vigil.folds import Fold
from vigil.seizures.settings import Settings
from vigil.seizures.trained.decode import Decoding
from vigil.seizures.trained.folds import LabelledRecording
from vigil.seizures.trained.labels import SEIZURE, UNLABELLED
from vigil.seizures.trained.model import SeizureModel, sections
from vigil.seizures.trained.predictors import FloatMatrix, columns, empty

Steps = npt.NDArray[np.int64]

AROUND_S = 60.0
"""Time before and after each seizure of which all steps are taken."""
MOST_STEPS = 400_000
"""Steps to learn from in all, beside those in and around seizures: 400 MB of predictors."""


@dataclass(frozen=True)
class Examples:
    """Steps of one recording that may be learnt from.

    Parameters
    ----------
    steps : ndarray of int, (example,)
    predictors : ndarray, (example, predictor)
    ictal : ndarray of bool, (example,)
    weight : ndarray, (example,)
        How many steps each stands for.
    """

    steps: Steps
    predictors: FloatMatrix
    ictal: npt.NDArray[np.bool_]
    weight: npt.NDArray[np.float32]


def choose_steps(
    recording: LabelledRecording, most: int, seed: int
) -> tuple[Steps, npt.NDArray[np.float32]]:
    """Steps of a recording to learn from, and how many each stands for.

    Seizures are rare: all of their steps and those around them are taken, of what the detector
    without labels called anything half of `most`, and of the rest as many by chance. Weights make
    up for what is not taken, so that probabilities stay honest.

    Parameters
    ----------
    recording : LabelledRecording
    most : int
        Steps beside those in and around seizures.
    seed : int
        With the recording's name it decides what is drawn.
    """
    known = recording.labels != UNLABELLED
    around = round(AROUND_S / recording.step_s)
    near = binary_dilation(recording.labels == SEIZURE, np.ones(2 * around + 1, dtype=bool))
    rng = np.random.default_rng([seed, zlib.crc32(recording.recording.encode())])
    steps = [np.flatnonzero(known & near)]
    weight = [np.ones(len(steps[0]), dtype=np.float32)]
    for mask in (recording.called, ~recording.called):
        mine = np.flatnonzero(known & ~near & mask)
        n = min(len(mine), max(1, most // 2))
        if n:
            steps.append(np.sort(rng.choice(mine, n, replace=False)))
            weight.append(np.full(n, len(mine) / n, dtype=np.float32))
    return np.concatenate(steps), np.concatenate(weight)


def gather(recording: LabelledRecording, most: int, settings: Settings) -> Examples:
    """Predictors of the chosen steps, read section by section; those without data are left out."""
    steps, weight = choose_steps(recording, most, settings.seed)
    order = np.argsort(steps)
    steps, weight = steps[order], weight[order]
    table = np.empty((len(steps), len(columns())), dtype=np.float32)
    for a, part in sections(recording.store, settings.keep_z, settings.enter_z):
        lo, hi = np.searchsorted(steps, (a, a + len(part)))
        table[lo:hi] = part[steps[lo:hi] - a]
    there = ~empty(table)
    return Examples(
        steps[there],
        table[there],
        recording.labels[steps[there]] == SEIZURE,
        weight[there],
    )


def gather_all(recordings: Sequence[LabelledRecording], settings: Settings) -> dict[str, Examples]:
    """Examples of every recording, by its name."""
    most = MOST_STEPS // len(recordings)
    return {r.recording: gather(r, most, settings) for r in recordings}


class _Parts(xgb.DataIter):
    """Hands the recordings to XGBoost one by one, as often as it asks."""

    def __init__(self, parts: Iterable[Examples]) -> None:
        self._parts = list(parts)
        self._left: Iterator[Examples] = iter(self._parts)
        super().__init__()

    def next(self, input_data: object) -> bool:
        for part in self._left:
            if len(part.steps):
                input_data(  # type: ignore[operator]  # XGBoost's own function
                    data=part.predictors,
                    label=part.ictal.astype(np.float32),
                    weight=part.weight,
                    feature_names=columns(),
                )
                return True
        return False

    def reset(self) -> None:
        self._left = iter(self._parts)


def seen_by(
    recordings: Sequence[LabelledRecording], examples: dict[str, Examples], fold: Fold
) -> Iterator[tuple[LabelledRecording, Examples]]:
    """What a fold leaves to learn from, recording by recording."""
    for r in recordings:
        mine, seen = examples[r.recording], fold.learns_from(r)
        kept = seen[mine.steps]
        if kept.any():
            part = Examples(
                mine.steps[kept], mine.predictors[kept], mine.ictal[kept], mine.weight[kept]
            )
            yield r, part


def learn(
    recordings: Sequence[LabelledRecording],
    examples: dict[str, Examples],
    fold: Fold,
    settings: Settings,
    threads: int,
) -> tuple[xgb.Booster, tuple[str, ...]]:
    """Fit boosted trees to what a fold leaves.

    Parameters
    ----------
    recordings : sequence of LabelledRecording
    examples : dict
        As of `gather_all`.
    fold : Fold
        One that holds nothing learns from all.
    settings : Settings
    threads : int

    Returns
    -------
    booster : Booster
    animals : tuple of str
        Learnt from.
    """
    used = list(seen_by(recordings, examples, fold))
    matrix = xgb.QuantileDMatrix(_Parts(part for _, part in used), nthread=threads)
    parameters = {
        "objective": "binary:logistic",
        "max_depth": settings.depth,
        "eta": settings.learning_rate,
        "subsample": 0.7,
        "colsample_bytree": 0.3,
        "min_child_weight": 3,
        # log odds of rare events: single leaves must not jump
        "max_delta_step": 1,
        "tree_method": "hist",
        "nthread": threads,
        "seed": settings.seed,
    }
    booster = xgb.train(parameters, matrix, settings.trees)
    return booster, tuple(sorted({r.animal for r, _ in used}))


def make_model(
    booster: xgb.Booster,
    animals: tuple[str, ...],
    temperature: float = 1.0,
    decoding: Decoding | None = None,
    beats: bool = True,
    *,
    settings: Settings,
) -> SeizureModel:
    """The trees with what goes with them, as far as it is known yet."""
    return SeizureModel(
        booster,
        temperature,
        decoding or Decoding(0.5, 0.5, settings.min_duration_s, settings.merge_s),
        animals,
        settings.step_s,
        settings.keep_z,
        settings.enter_z,
        beats,
    )
