"""Folds: which steps a detector is measured on, and which it must not have seen for that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigil.folds import Fold, leave_animals_out
from vigil.page.words import count_words
from vigil.recording import RecordingError
from vigil.seizures.trained.labels import BACKGROUND, SEIZURE, UNLABELLED, Interval, Labels
from vigil.seizures.trained.model import Store

GUARD_S = 60.0
"""Time beside a block that is not learnt from: the context of 30 s reaches into it."""
FEWEST_SEIZURES = 3
FEWEST_TO_LEARN = 2
"""Seizures that have to be left to learn from in every fold."""
LEAST_BACKGROUND_S = 600.0


@dataclass(frozen=True)
class LabelledRecording:
    """Evidence and labels of one recording.

    Parameters
    ----------
    recording, animal : str
    store : Store
    labels : ndarray of int8, (step,)
        1 seizure, 0 background, -1 neither learnt from nor measured on.
    seizures : tuple of (start_s, stop_s)
    by_thresholds : tuple of (start_s, stop_s)
        Seizures by the detector without labels.
    called : ndarray of bool, (step,)
        Steps of which that detector said anything: seizures, candidates, artefacts.
    """

    recording: str
    animal: str
    store: Store
    labels: Labels
    seizures: tuple[Interval, ...]
    by_thresholds: tuple[Interval, ...]
    called: npt.NDArray[np.bool_]

    @property
    def step_s(self) -> float:
        """Length of a step."""
        return float(self.store.step_s)

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Steps with a label, (step,)."""
        return np.asarray(self.labels != UNLABELLED)

    @property
    def guard(self) -> int:
        """Steps beside a block that are not learnt from."""
        return round(GUARD_S / self.step_s)

    @property
    def n_steps(self) -> int:
        """Steps of the recording."""
        return len(self.labels)


def make_folds(recordings: Sequence[LabelledRecording], blocks: int) -> list[Fold]:
    """Leave out one animal at a time; where that leaves too few seizures, one block of time.

    Parameters
    ----------
    recordings : sequence of LabelledRecording
    blocks : int
        Blocks of time, where animals cannot be left out.

    Raises
    ------
    RecordingError
        When there are too few seizures, or no background, to learn from.
    """
    check_enough(recordings)
    folds = leave_animals_out(recordings)
    if len(folds) > 1 and all(_enough(recordings, f) for f in folds):
        return folds
    folds = _blocks_of_time(recordings, blocks)
    if all(_enough(recordings, f) for f in folds):
        return folds
    raise RecordingError(
        "The labelled seizures lie too close together to leave blocks of time out: of each model "
        f"{FEWEST_TO_LEARN} seizures and {LEAST_BACKGROUND_S / 60:g} min of background must be "
        f"left {GUARD_S:g} s away from what it is measured on; label more."
    )


def check_enough(recordings: Sequence[LabelledRecording]) -> None:
    """Refuse labels that nothing can be learnt from."""
    n = sum(_has_a_step(r, seizure) for r in recordings for seizure in r.seizures)
    if n < FEWEST_SEIZURES:
        raise RecordingError(
            f"The seizure labels hold {count_words(n, 'seizure')} that could be learnt from, and "
            f"at least {FEWEST_SEIZURES} are needed; label more, or take seizure_labels out of the "
            "table."
        )
    background_s = sum((r.labels == BACKGROUND).sum() * r.step_s for r in recordings)
    if background_s < LEAST_BACKGROUND_S:
        raise RecordingError(
            f"The seizure labels leave {background_s:g} s of background, and at least "
            f"{LEAST_BACKGROUND_S:g} s are needed to learn what is no seizure; label more."
        )


def _has_a_step(recording: LabelledRecording, seizure: Interval) -> bool:
    """Whether any step is labelled for a seizure, which may be shorter than one."""
    first, last = (int(t / recording.step_s) for t in seizure)
    return bool((recording.labels[first : last + 1] == SEIZURE).any())


def _enough(recordings: Sequence[LabelledRecording], fold: Fold) -> bool:
    """Whether enough seizures, each for the most part, and background are left to learn from."""
    seizures, background_s = 0, 0.0
    for r in recordings:
        seen = fold.learns_from(r)
        background_s += float((r.labels[seen] == BACKGROUND).sum() * r.step_s)
        ictal = seen & (r.labels == SEIZURE)
        for a, b in r.seizures:
            first, last = round(a / r.step_s), round(b / r.step_s)
            seizures += bool(ictal[first:last].sum() > (last - first) / 2)
    return seizures >= FEWEST_TO_LEARN and background_s >= LEAST_BACKGROUND_S


def _blocks_of_time(recordings: Sequence[LabelledRecording], blocks: int) -> list[Fold]:
    """Blocks with about equally many seizures each, cut halfway between two; end to end."""
    starts = np.cumsum([0] + [r.n_steps for r in recordings])
    spans = [
        (start + a / r.step_s, start + b / r.step_s)
        for r, start in zip(recordings, starts, strict=False)
        for a, b in r.seizures
    ]
    n = min(blocks, len(spans))
    edges = [0]
    for k in range(1, n):
        after = round(k * len(spans) / n)
        edges.append(round((spans[after - 1][1] + spans[after][0]) / 2))
    edges.append(int(starts[-1]))
    folds = []
    for k in range(n):
        held = {}
        for r, start in zip(recordings, starts, strict=False):
            first, last = max(0, edges[k] - start), min(r.n_steps, edges[k + 1] - start)
            if last > first:
                held[r.recording] = (int(first), int(last))
        folds.append(Fold(f"block{k + 1}", "", held))
    return folds
