"""Which model judges which steps: one that has not learnt from them, as far as there is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vigil.folds import Fold, read_folds
from vigil.seizures.detection import Event, speaking
from vigil.seizures.evidence import Evidence
from vigil.seizures.settings import Settings
from vigil.seizures.trained.decode import decode
from vigil.seizures.trained.model import SeizureModel, Store, probabilities

LEAST_SHARE = 0.2
"""Share of a seizure during which a channel takes part in it."""


@dataclass(frozen=True)
class Judged:
    """Probability of each step of a recording, the seizures by it, and whose they are.

    Parameters
    ----------
    probability : ndarray, (step,)
        Calibrated; NaN where there are no data.
    ranges : list of (first, last)
        Seizures in steps [first, last), in the order of time, apart from one another.
    unseen : str
        What the models had not seen: 'animal', 'blocks' of time, or '' where the recording is
        not of those that were learnt from.
    animals : tuple of str
        What the model learnt from.
    """

    probability: npt.NDArray[np.float32]
    ranges: list[tuple[int, int]]
    unseen: str
    animals: tuple[str, ...]


def judge_unseen(
    folder: Path, listed: Path, whole: Path, recording: str, animal: str, store: Store
) -> Judged:
    """Judge a recording by models that have not learnt from it.

    A recording of an animal that was left out is judged by the model without that animal, one of
    which blocks were left out block by block, any other by the model of all labels.

    Parameters
    ----------
    folder, listed : path
        Models of the folds, and the list of the folds.
    whole : path
        Model of all labels.
    recording, animal : str
    store : Store
        Evidence of the recording.
    """
    folds = read_folds(listed)
    for fold in folds:
        if fold.animal and fold.animal == animal:
            return _judge(store, [(0, store.n_steps, _load(folder, fold))], "animal")
    blocks = sorted((f.held[recording], f) for f in folds if recording in f.held)
    if blocks:
        parts = [(first, last, _load(folder, f)) for (first, last), f in blocks]
        return _judge(store, parts, "blocks")
    return _judge(store, [(0, store.n_steps, SeizureModel.load(whole))], "")


def _load(folder: Path, fold: Fold) -> SeizureModel:
    return SeizureModel.load(folder / f"{fold.name}.json")


def _judge(store: Store, parts: Sequence[tuple[int, int, SeizureModel]], unseen: str) -> Judged:
    """Stretch by stretch; each model's own thresholds hold in its own stretch.

    What touches at the border of two stretches is one seizure.
    """
    p = np.full(store.n_steps, np.nan, dtype=np.float32)
    ranges: list[tuple[int, int]] = []
    animals: set[str] = set()
    for first, last, model in parts:
        last = min(last, store.n_steps)
        p[first:last] = probabilities(store, model, first, last)
        mine = decode(p[first:last], store.step_s, model.decoding)
        for a, b in ((first + a, first + b) for a, b in mine):
            if ranges and a <= ranges[-1][1]:
                ranges[-1] = (ranges[-1][0], max(b, ranges[-1][1]))
            else:
                ranges.append((a, b))
        animals |= set(model.animals)
    return Judged(p, ranges, unseen, tuple(sorted(animals)))


def events_of(judged: Judged, store: Store, settings: Settings) -> list[Event]:
    """The seizures with their channels and confidence.

    Channels take part that speak for a seizure, or stay above `keep_z`, in a fifth of it; where
    none does, the one whose line length is highest. The confidence is the mean probability.
    """
    events = []
    for a, b in judged.ranges:
        evidence = store.read(a, b)
        confidence = float(np.nanmean(judged.probability[a:b]))
        events.append(Event(a, b, channels_of(evidence, settings), confidence))
    return events


def channels_of(evidence: Evidence, settings: Settings) -> tuple[int, ...]:
    """Positions of the channels that take part in a seizure."""
    line = np.asarray(evidence.line_length_z, dtype=np.float32)
    with np.errstate(invalid="ignore"):
        above = line >= settings.keep_z
    for mask in (speaking(evidence, settings), above):
        taking_part = np.flatnonzero(mask.mean(axis=0) >= LEAST_SHARE)
        if len(taking_part):
            return tuple(int(c) for c in taking_part)
    mean = np.nan_to_num(line, nan=-np.inf).mean(axis=0)
    return (int(np.argmax(mean)),)
