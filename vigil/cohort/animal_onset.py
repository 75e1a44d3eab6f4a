"""Where the seizures of an animal begin: its seizures pooled, with a bootstrap over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.seizures.files import NONE, RESOLVED, SEPARATOR, UNRESOLVED


@dataclass(frozen=True)
class AnimalOnset:
    """Where the seizures of an animal begin.

    Parameters
    ----------
    region : str
        The region in which most of them begin; '' when no onset is known.
    confidence : float
        Share of the draws in which that region has most of the seizures; NaN for none.
    share, low, high : float
        Share of the animal's seizures that begin there, and its 95 % interval.
    n_seizures, n_resolved : int
        Seizures with an onset, and those of them that are resolved on their own.
    status : str
        `resolved`, `unresolved` or `none`.
    """

    region: str
    confidence: float
    share: float
    low: float
    high: float
    n_seizures: int
    n_resolved: int
    status: str


def animal_onset(
    seizures: pd.DataFrame,
    regions: Sequence[str],
    draws: int = 2000,
    least_confidence: float = 0.8,
    seed: Sequence[int] = (0,),
) -> AnimalOnset:
    """Pool the seizures of an animal.

    A draw takes as many seizures as there are, with replacement (Efron 1979), and for each of
    them one region: one of those named, with the chance that they are right, else one of the
    others. A single seizure so gives its own confidence and not certainty, and more that
    agree give more than each of them.

    Parameters
    ----------
    seizures : DataFrame
        Rows of `consensus.tsv` of all recordings of the animal: region, confidence, status.
        Regions that begin together stand with '+' between them.
    regions : sequence of str
        All regions with electrodes.
    draws : int
        Draws of the bootstrap.
    least_confidence : float
        An animal whose region wins fewer of the draws is unresolved.
    seed : sequence of int
        Seed of the draws.
    """
    table = seizures[(seizures["status"] != NONE) & seizures["confidence"].notna()]
    if not len(table):
        nan = float("nan")
        return AnimalOnset("", nan, nan, nan, nan, 0, 0, NONE)
    names = list(dict.fromkeys([*regions, *_named(table)]))
    chance = np.stack(
        [
            region_chances(str(r).split(SEPARATOR), float(p), names)
            for r, p in zip(table["region"], table["confidence"], strict=True)
        ]
    )
    rng = np.random.default_rng(list(seed))
    n = len(table)
    picked = rng.integers(n, size=(draws, n))
    edge = np.cumsum(chance, axis=1)[picked]  # (draw, seizure, region)
    drawn = (rng.random((draws, n, 1)) > edge).sum(axis=2).clip(max=len(names) - 1)
    counts = (drawn[:, :, None] == np.arange(len(names))).sum(axis=1)
    most = counts == counts.max(axis=1, keepdims=True)
    votes = (most / most.sum(axis=1, keepdims=True)).mean(axis=0)
    best = int(np.argmax(votes))
    shares = counts[:, best] / n
    low, high = np.quantile(shares, [0.025, 0.975])
    resolved = len(names) > 1 and votes[best] >= least_confidence
    return AnimalOnset(
        names[best],
        float(votes[best]),
        float(chance[:, best].mean()),
        float(low),
        float(high),
        n,
        int((table["status"] == RESOLVED).sum()),
        RESOLVED if resolved else UNRESOLVED,
    )


def region_chances(
    named: Sequence[str], confidence: float, regions: Sequence[str]
) -> npt.NDArray[np.float64]:
    """Chance of each region: those named share the confidence, the others the rest."""
    mine = np.isin(np.asarray(regions), list(named))
    others = (~mine).sum()
    if not others:
        return np.asarray(mine / mine.sum())
    each = confidence / max(1, int(mine.sum()))
    return np.asarray(np.where(mine, each, (1.0 - confidence) / others))


def _named(table: pd.DataFrame) -> list[str]:
    return [name for field in table["region"] for name in str(field).split(SEPARATOR)]
