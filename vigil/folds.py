"""Folds: what a model is measured on, and must not have learnt from.

Sleep and seizures learn from labels in the same way: one animal is left out at a time, or one
block of time. What a place in time is, an epoch or a step, they say themselves.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt


class Labelled(Protocol):
    """A recording with labels."""

    @property
    def recording(self) -> str:
        """Id of the recording."""

    @property
    def animal(self) -> str:
        """Id of the animal."""

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Which places have a label that can be learnt from, (place,)."""

    @property
    def guard(self) -> int:
        """Places beside a block that are not learnt from: their context reaches into it."""


class Saved(Protocol):
    """A model that can be written."""

    def save(self, path: Path) -> None:
        """Write it as JSON."""


@dataclass(frozen=True)
class Fold:
    """What one model is measured on.

    Parameters
    ----------
    name : str
        Name of the animal that is left out, or of the block of time.
    animal : str
        The animal that is left out, '' for blocks.
    held : mapping
        By recording the places [first, last) that are left out.
    """

    name: str
    animal: str
    held: Mapping[str, tuple[int, int]]

    def learns_from(self, recording: Labelled) -> npt.NDArray[np.bool_]:
        """Labelled places of a recording that this fold's model may learn from, (place,)."""
        known = np.array(recording.known, dtype=bool)
        if recording.recording in self.held:
            first, last = self.held[recording.recording]
            guard = 0 if self.animal else recording.guard
            known[max(0, first - guard) : last + guard] = False
        return known


EVERYTHING = Fold("all", "", {})
"""Leaves nothing out: for the model of all labels."""


def leave_animals_out(recordings: Sequence[Labelled]) -> list[Fold]:
    """One fold for each animal, which holds all of its recordings."""
    return [
        Fold(a, a, {r.recording: (0, len(r.known)) for r in recordings if r.animal == a})
        for a in sorted({r.animal for r in recordings})
    ]


def write_folds(
    folder: Path, listed: Path, folds: Sequence[Fold], models: Mapping[str, Saved]
) -> None:
    """Write the models of the folds, and beside them which places each has not seen."""
    folder.mkdir()
    for name, model in models.items():
        model.save(folder / f"{name}.json")
    content = [{"name": f.name, "animal": f.animal, "held": dict(f.held)} for f in folds]
    listed.write_text(json.dumps(content, indent=1) + "\n")


def read_folds(path: Path) -> list[Fold]:
    """What `write_folds` listed."""
    return [
        Fold(f["name"], f["animal"], {r: (a, b) for r, (a, b) in f["held"].items()})
        for f in json.loads(path.read_text())
    ]
