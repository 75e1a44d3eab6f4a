"""Bouts of movement and of immobility."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.recording import stretches

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

COLUMNS = ("start_s", "duration_s", "kind", "mean_speed_cm_s", "peak_speed_cm_s", "distance_cm")


def find_bouts(
    time_s: FloatArray,
    speed_cm_s: FloatArray,
    moving_cm_s: float,
    still_cm_s: float,
    min_moving_s: float,
    min_immobile_s: float,
) -> pd.DataFrame:
    """Stretches in which the animal moves, and in which it is immobile.

    Movement begins above `moving_cm_s` and ends below `still_cm_s` (a Schmitt trigger, the
    start and stop velocity of Noldus' EthoVision).
    A pause shorter than `min_immobile_s` between two movements joins them. Movements none
    of which lasts `min_moving_s` by itself are no bout, however many are joined, and pauses
    that are too short for immobility are none either: they are in no row. A frame
    without a speed ends whatever it is in; a stretch after it that starts between the two
    thresholds is immobile until it moves.

    Parameters
    ----------
    time_s, speed_cm_s : ndarray, (frame,)
        Speed of the head; NaN where it is not known.
    moving_cm_s, still_cm_s : float
        Upper and lower threshold.
    min_moving_s, min_immobile_s : float
        Least duration of each kind.

    Returns
    -------
    DataFrame
        `start_s`, `duration_s`, `kind` (moving, immobile), `mean_speed_cm_s`,
        `peak_speed_cm_s`, `distance_cm`, in the order of time.
    """
    n = len(time_s)
    if n < 2:
        return pd.DataFrame({c: [] for c in COLUMNS})
    step_s = np.gradient(time_s)
    known = np.isfinite(speed_cm_s)
    stirring = known & _schmitt(speed_cm_s, known, moving_cm_s, still_cm_s)
    moving = stirring.copy()
    first, last = _of_length(known & ~moving, step_s, 0.0, min_immobile_s)
    # a pause that a gap or the end of the recording touches is not between two movements
    between = (first > 0) & (last < n)
    between &= moving[np.maximum(first - 1, 0)] & moving[np.minimum(last, n - 1)]
    _paint(moving, first[between], last[between])
    # twitches joined by short pauses are no movement
    first, last = stretches(moving)
    lasting = np.zeros(n, dtype=np.float64)
    lasting[_of_length(stirring, step_s, min_moving_s, np.inf)[0]] = 1
    real = _sums(lasting, first, last) > 0
    paused = known & ~moving
    moving = np.zeros(n, dtype=np.bool_)
    _paint(moving, first[real], last[real])

    rows = []
    for kind, which, least_s in (
        ("moving", moving, min_moving_s),
        ("immobile", paused, min_immobile_s),
    ):
        first, last = _of_length(which, step_s, least_s, np.inf)
        if len(first):
            sums = _sums(np.where(known, speed_cm_s, 0.0) * step_s, first, last)
            seconds = _sums(step_s, first, last)
            # reduceat takes the peak of [first, last) from every second pair of borders
            borders = np.column_stack([first, last]).ravel()
            padded = np.append(np.where(known, speed_cm_s, -np.inf), -np.inf)
            peak = np.maximum.reduceat(padded, borders)[::2]
            rows.append(
                pd.DataFrame(
                    {
                        "start_s": time_s[first],
                        "duration_s": seconds,
                        "kind": kind,
                        "mean_speed_cm_s": sums / seconds,
                        "peak_speed_cm_s": peak,
                        "distance_cm": sums,
                    }
                )
            )
    if not rows:
        return pd.DataFrame({c: [] for c in COLUMNS})
    return pd.concat(rows).sort_values("start_s").reset_index(drop=True)


def _schmitt(value: FloatArray, known: BoolArray, upper: float, lower: float) -> BoolArray:
    """True from above `upper` until below `lower`; unknown values start anew as false."""
    word = np.zeros(len(value), dtype=np.int8)
    word[known & (value > upper)] = 1
    word[~known | (value < lower)] = -1
    # values between the thresholds repeat the last word
    at = np.where(word != 0, np.arange(len(value)), 0)
    return np.asarray(word[np.maximum.accumulate(at)] > 0)


def _of_length(
    which: BoolArray, step_s: FloatArray, least_s: float, below_s: float
) -> tuple[IntArray, IntArray]:
    """Borders of the stretches that last at least one time and less than another."""
    first, last = stretches(which)
    seconds = _sums(step_s, first, last)
    # times of frames are rounded; a millionth of a second decides nothing
    keep = (seconds >= least_s - 1e-6) & (seconds < below_s - 1e-6)
    return first[keep], last[keep]


def _sums(value: FloatArray, first: IntArray, last: IntArray) -> FloatArray:
    total = np.concatenate([[0.0], np.cumsum(value)])
    return np.asarray(total[last] - total[first])


def _paint(which: BoolArray, first: IntArray, last: IntArray) -> None:
    for a, b in zip(first.tolist(), last.tolist(), strict=True):
        which[a:b] = True
