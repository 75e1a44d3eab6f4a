"""From the probability of each step to seizures, and which thresholds do that best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from vigil.seizures.detection import join, runs
from vigil.seizures.trained.labels import Interval
from vigil.seizures.trained.matching import Matched, pool

ENTER = (0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95)
KEEP = (0.05, 0.1, 0.2, 0.35, 0.5, 0.65)
MIN_DURATION_S = (3.0, 5.0, 10.0)
"""Tried as the shortest seizure, as far as the settings allow seizures as short."""
ALIKE_F1 = 0.01
ALIKE_OVERLAP = 0.01
RULE = (
    "the greatest F1 in the strict sense, of those within 0.01 of it the greatest median overlap, "
    "and of those within 0.01 of that the one that begins a seizure nearest to a probability of "
    "one half"
)


@dataclass(frozen=True)
class Decoding:
    """How probabilities become seizures.

    Parameters
    ----------
    enter : float
        A seizure reaches this probability in at least one step.
    keep : float
        It goes on above this one (hysteresis).
    min_duration_s : float
        Shorter ones are none.
    merge_s : float
        Steps above `keep` that are closer than this belong together.
    """

    enter: float
    keep: float
    min_duration_s: float
    merge_s: float


def decode(
    probability: npt.NDArray[np.floating], step_s: float, how: Decoding
) -> list[tuple[int, int]]:
    """Seizures in steps [first, last), in the order of time.

    Parameters
    ----------
    probability : ndarray, (step,)
        NaN, where there are no data, ends a seizure that it interrupts for `merge_s`.
    step_s : float
    how : Decoding
    """
    with np.errstate(invalid="ignore"):
        weak, strong = probability >= how.keep, probability >= how.enter
    reached = np.concatenate([[0], np.cumsum(strong)])
    # a step further than the length of the silence: `join` joins what is closer
    whole = join(runs(weak), round(how.merge_s / step_s))
    least = how.min_duration_s / step_s - 1e-9
    return [(a, b) for a, b in whole if reached[b] > reached[a] and b - a >= least]


def in_seconds(ranges: Sequence[tuple[int, int]], step_s: float) -> list[Interval]:
    """Ranges of steps as times."""
    return [(a * step_s, b * step_s) for a, b in ranges]


def candidates(merge_s: float, min_duration_s: float) -> list[Decoding]:
    """All that are tried, none of which finds a seizure shorter than `min_duration_s`."""
    lengths = sorted({max(length, min_duration_s) for length in MIN_DURATION_S})
    return [
        Decoding(enter, keep, length, merge_s)
        for enter, keep, length in product(ENTER, KEEP, lengths)
        if keep <= enter
    ]


def choose_decoding(tried: Sequence[Decoding], matched: Sequence[Sequence[Matched]]) -> Decoding:
    """The decoding that does best on stretches that are not reported on, by `RULE`.

    Parameters
    ----------
    tried : sequence of Decoding
    matched : sequence of sequences of Matched
        Of each decoding, what became of the events of each stretch.
    """
    found = [pool(m) for m in matched]
    f1 = np.nan_to_num([f["f1"] for f in found])
    overlap = np.nan_to_num([f["overlap"] for f in found])
    able = f1 >= f1.max() - ALIKE_F1
    able &= overlap >= overlap[able].max() - ALIKE_OVERLAP
    order = sorted(
        np.flatnonzero(able).tolist(),
        key=lambda i: (abs(tried[i].enter - 0.5), -overlap[i], -tried[i].min_duration_s),
    )
    return tried[order[0]]
