"""An animal made ready: what models see, its lead seizures, surrogates and matched time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vigil.cohort.early.clock import Animal, FloatArray
from vigil.cohort.early.features import Float32, Stretches, stretches
from vigil.cohort.early.lead import (
    MISSING,
    Bools,
    Ints,
    interictal,
    lead_seizures,
    near_onsets,
    windows_before,
)
from vigil.cohort.early.matching import Controls, thinned
from vigil.cohort.early.settings import EarlySettings
from vigil.cohort.early.surrogates import candidates, draw


@dataclass(frozen=True)
class Case:
    """An animal, its lead seizures and their surrogates.

    Parameters
    ----------
    lead : ndarray, (lead seizure,)
        Places among the animal's seizures.
    onsets_s : ndarray, (set, lead seizure)
        The real ones first.
    windows : ndarray, (lead time, set, lead seizure)
        Windows that end a lead time before each onset, -1 where there is none to use.
    between : ndarray, (window,)
        Usable, and no seizure comes within the longest lead time.
    possible : list of ndarray
        Windows after which each lead seizure could as well have begun.
    not_testable : int
        Lead seizures left out as there is hardly other time like theirs.
    """

    animal: Animal
    stretches: Stretches
    lead: Ints
    onsets_s: FloatArray
    windows: Ints
    controls: Controls
    between: Bools
    possible: list[Ints]
    not_testable: int

    @property
    def n(self) -> int:
        """Number of lead seizures."""
        return len(self.lead)

    def rows(self, turned: Float32, lead: int) -> tuple[Float32, Bools]:
        """Rows before the seizures of each set at a lead time, 0 where there is none."""
        at = self.windows[lead]
        there = at != MISSING
        rows = turned[np.maximum(at, 0)]
        rows[~there] = 0
        return rows, there

    def rows_up_to(self, turned: Float32, lead: int) -> tuple[Float32, Bools]:
        """Means of the rows from the shortest lead time up to one, 0 where there are none.

        What rises slowly looks the same shortly before a seizure, where there is more of it.
        """
        total, n = self.rows(turned, 0)
        n = n.astype(np.float32)
        for k in range(1, lead + 1):
            rows, there = self.rows(turned, k)
            total = total + rows
            n = n + there
        mean = total / np.maximum(n, 1)[:, :, None]
        return np.asarray(mean, dtype=np.float32), n > 0


def case(
    animal: Animal, features: list[str], settings: EarlySettings, rng: np.random.Generator
) -> Case:
    """Make an animal ready."""
    seen = stretches(animal, features, settings)
    lead = lead_seizures(animal, seen, settings)
    possible = candidates(animal, seen, lead, settings)
    testable = np.array([len(c) > 0 for c in possible], dtype=bool)
    not_testable = int((~testable).sum())
    lead = lead[testable] if len(lead) else lead
    possible = [c for c in possible if len(c)]
    drawn = draw(animal, possible, settings, rng)
    onsets_s = np.vstack([animal.onsets_s[lead], drawn])
    at = np.stack([windows_before(animal, seen, onsets_s, m) for m in settings.lead_min])
    ends = interictal(animal, seen, lead, settings)
    ends = ends[thinned(seen.state[ends])]
    controls = Controls(
        ends,
        seen.state[ends],
        animal.clock_h[ends],
        near_onsets(animal.time_s[ends], onsets_s, settings),
    )
    following = np.searchsorted(animal.onsets_s, animal.time_s, side="left")
    next_s = np.r_[animal.onsets_s, np.inf][following]
    between = seen.usable & (next_s - animal.time_s > 60 * settings.interictal_min)
    return Case(animal, seen, lead, onsets_s, at, controls, between, possible, not_testable)
