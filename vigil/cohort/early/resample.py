"""Resamples of seizures and of animals, and means that leave out what is missing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from vigil.cohort.early.clock import FloatArray

LOW, HIGH = 2.5, 97.5  # per cent, of the intervals


def resamples(sizes: Sequence[int], count: int, rng: np.random.Generator) -> FloatArray:
    """How often each seizure is in each resample, (resample, seizure)."""
    parts = []
    times = rng.multinomial(len(sizes), np.full(len(sizes), 1 / len(sizes)), count)
    for a, n in enumerate(sizes):
        # an animal that is drawn twice has its seizures drawn twice as often
        parts.append(rng.multinomial(n * times[:, a], np.full(n, 1 / n)))
    return np.concatenate(parts, axis=1).astype(float)


def ratio(above: npt.ArrayLike, below: npt.ArrayLike) -> FloatArray:
    """Quotient, NaN where there is nothing below."""
    below = np.asarray(below, dtype=float)
    return np.asarray(np.where(below > 0, above / np.where(below > 0, below, 1), np.nan))


def mean(values: FloatArray) -> FloatArray:
    """Mean over the known entries of each row, NaN where there are none."""
    known = np.isfinite(values)
    return ratio(np.where(known, values, 0).sum(axis=1), known.sum(axis=1))


def weighted(counts: FloatArray, values: FloatArray) -> FloatArray:
    """Mean of the known values in each resample, (resample,)."""
    known = np.isfinite(values)
    return ratio(counts @ np.where(known, values, 0), counts @ known.astype(float))


def percentile(values: FloatArray, level: float) -> float:
    """Percentile of the known values."""
    known = values[np.isfinite(values)]
    return float(np.percentile(known, level)) if len(known) else np.nan


def interval(name: str, values: FloatArray) -> dict[str, float]:
    """Both ends of an interval, under the names of their columns."""
    return {
        f"{name}_low": percentile(values, LOW),
        f"{name}_high": percentile(values, HIGH),
    }
