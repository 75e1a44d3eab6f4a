"""Folds: which epochs a model is measured on, and which it must not have seen for that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.folds import Fold, leave_animals_out
from vigil.recording import SCORED, RecordingError

States = npt.NDArray[np.str_]

GUARD_EPOCHS = 15
"""Epochs beside a block that are not learnt from: their context reaches into it."""
LEAST_EPOCHS = 10
"""Epochs of each state that a model needs to learn from; a state it never saw it never scores."""


@dataclass(frozen=True)
class LabelledRecording:
    """Features and labels of one recording.

    Parameters
    ----------
    recording, animal : str
    start_s : ndarray, (epoch,)
        Starts of the epochs.
    normal : DataFrame
        As of `normalise_features`, one row per epoch.
    labels : ndarray of str, (epoch,)
        wake, nrem, rem; anything else is not learnt from.
    provisional : ndarray of str, (epoch,)
        What the threshold scorer says, to compare with.
    spread : Series
        As of `spread_of`.
    speed_cm_s : ndarray, (epoch,), or None
        Mean speed of the head, for the rules after the scorer.
    """

    recording: str
    animal: str
    start_s: npt.NDArray[np.float64]
    normal: pd.DataFrame
    labels: States
    provisional: States
    spread: pd.Series
    speed_cm_s: npt.NDArray[np.float64] | None

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Epochs whose label is a state, (epoch,)."""
        return np.isin(self.labels, SCORED)

    @property
    def guard(self) -> int:
        """Epochs beside a block that are not learnt from."""
        return GUARD_EPOCHS


def make_folds(recordings: Sequence[LabelledRecording], blocks: int) -> list[Fold]:
    """Leave out one animal at a time; of one animal, one block of its time.

    Never single epochs: neighbours are alike, so a model would be asked what it was told.

    Parameters
    ----------
    recordings : sequence of LabelledRecording
    blocks : int
        Blocks of time, where animals cannot be left out.

    Raises
    ------
    RecordingError
        When labels are too few to learn each state from in every fold.
    """
    folds = leave_animals_out(recordings)
    if len(folds) > 1:
        lacking = {f.name: _lacking(recordings, f) for f in folds}
        if not any(lacking.values()):
            return folds
    folds = _blocks_of_time(recordings, blocks)
    for fold in folds:
        if state := _lacking(recordings, fold):
            raise RecordingError(
                f"The labels hold too little {state} to learn it from: each of {blocks} blocks of "
                f"time is left out in turn, and {LEAST_EPOCHS} epochs of every state have to be "
                "left; label more of it."
            )
    return folds


def _lacking(recordings: Sequence[LabelledRecording], fold: Fold) -> str:
    """A state of which too few epochs are left to learn from, or ''."""
    for state in SCORED:
        if sum((r.labels[fold.learns_from(r)] == state).sum() for r in recordings) < LEAST_EPOCHS:
            return state
    return ""


def _blocks_of_time(recordings: Sequence[LabelledRecording], blocks: int) -> list[Fold]:
    """Blocks with equally many labelled epochs each; a block may span recordings."""
    known = [r.known for r in recordings]
    total = sum(int(k.sum()) for k in known)
    held: list[dict[str, tuple[int, int]]] = [{} for _ in range(blocks)]
    before = 0
    for r, k in zip(recordings, known, strict=True):
        rank = before + np.cumsum(k) - k
        before += int(k.sum())
        block = np.minimum(rank * blocks // max(total, 1), blocks - 1)
        for b in np.unique(block):
            mine = np.flatnonzero(block == b)
            held[b][r.recording] = (int(mine[0]), int(mine[-1]) + 1)
    return [Fold(f"block{i + 1}", "", h) for i, h in enumerate(held) if h]
