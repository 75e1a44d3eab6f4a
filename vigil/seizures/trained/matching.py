"""Events against an expert's, as the package timescoring matches them in its strict preset here.

The training chooses by these figures, and the workflow does without the package; a test asks both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vigil.seizures.scoring import SAMPLES_PER_S, STRICT, Interval, match

DAY_S = 86400.0
MEASURES = ("sensitivity", "precision", "f1", "fp_per_day", "onset_error_s", "overlap")


@dataclass(frozen=True)
class Matched:
    """What became of the events of one stretch of time.

    Parameters
    ----------
    seizures, hits, false_alarms : int
        True events, those of them that were found, and found ones that touch none.
    duration_s : float
    errors_s : tuple of float
        Found less true onset of each true event that was found.
    overlaps : tuple of float
        Intersection over union of each true event with the found one that overlaps it most.
    """

    seizures: int
    hits: int
    false_alarms: int
    duration_s: float
    errors_s: tuple[float, ...]
    overlaps: tuple[float, ...]


def match_strictly(
    truth: Sequence[Interval], found: Sequence[Interval], duration_s: float
) -> Matched:
    """Match events (start, stop in s), each in the order of time and apart from one another.

    As in timescoring (Dan et al. 2024): events closer than `merge_s` are one, longer ones than
    `split_s` several; a true event counts as found when any found one reaches into it, widened by
    the tolerances, and a found one is false when it reaches into none. Times are in tenths of
    a second, as there. Onsets and overlaps are of the events as they are.
    """
    n = round(duration_s * SAMPLES_PER_S)
    wide = [
        (max(0.0, a - STRICT.before_s), min(duration_s, b + STRICT.after_s))
        for a, b in _pieces(truth)
    ]
    true_ticks, found_ticks = _ticks(wide, n), _ticks(_pieces(found), n)
    both = np.maximum(true_ticks[:, None, 0], found_ticks[None, :, 0]) < np.minimum(
        true_ticks[:, None, 1], found_ticks[None, :, 1]
    )
    errors, overlaps = match(truth, found)
    return Matched(
        len(true_ticks),
        int(both.any(axis=1).sum()),
        int((~both.any(axis=0)).sum()),
        duration_s,
        tuple(errors),
        tuple(overlaps),
    )


def pool(matched: Sequence[Matched]) -> dict[str, float]:
    """Measures of several stretches together.

    Returns
    -------
    dict
        `seizures`, `hours`, `sensitivity`, `precision`, `f1`, `fp_per_day`, and the medians
        `onset_error_s` (without sign, of the seizures that were found) and `overlap` (of all
        seizures, 0 for a missed one); NaN where there is nothing to measure on.
    """
    true, hits, false = (
        sum(getattr(m, name) for m in matched) for name in ("seizures", "hits", "false_alarms")
    )
    days = sum(m.duration_s for m in matched) / DAY_S
    errors = [abs(e) for m in matched for e in m.errors_s]
    overlaps = [o for m in matched for o in m.overlaps]
    nan = float("nan")
    return {
        "seizures": true,
        "hours": 24 * days,
        "sensitivity": hits / true if true else nan,
        "precision": hits / (hits + false) if hits + false else nan,
        "f1": 2 * hits / (hits + false + true) if true + false else nan,
        "fp_per_day": false / days if days else nan,
        "onset_error_s": float(np.median(errors)) if errors else nan,
        "overlap": float(np.median(overlaps)) if overlaps else nan,
    }


def _pieces(events: Sequence[Interval]) -> list[Interval]:
    """Events after the merging of near ones and the splitting of long ones."""
    merged: list[Interval] = []
    for a, b in events:
        if merged and a - merged[-1][1] < STRICT.merge_s:
            merged[-1] = (merged[-1][0], b)
        else:
            merged.append((a, b))
    out: list[Interval] = []
    for a, b in merged:
        while b - a > STRICT.split_s:
            out.append((a, a + STRICT.split_s))
            a += STRICT.split_s
        out.append((a, b))
    return out


def _ticks(events: Sequence[Interval], n: int) -> np.ndarray:
    rows = [(round(a * SAMPLES_PER_S), min(n, round(b * SAMPLES_PER_S))) for a, b in events]
    return np.array(rows, dtype=np.int64).reshape(-1, 2)
