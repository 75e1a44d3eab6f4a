"""When a series rises: the Page-Hinkley test and the cumulative sum that it comes from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Change:
    """Index of the first value after the change, and of the value that raised the alarm."""

    change: int
    alarm: int


def page_hinkley(
    values: npt.ArrayLike, bias: float, threshold: float, warm_up: int = 0
) -> Change | None:
    """First rise of the mean of a series (Page 1954, Hinkley 1970; Bartolomei et al. 2008).

    U[n] is the sum over i <= n of (x[i] - mean(x[0..i]) - bias). The alarm is raised at the
    first n at which U has climbed more than `threshold` above its minimum; the change is
    the value after that minimum.

    Parameters
    ----------
    values : array
        The series, without NaN.
    bias : float
        Rise of the mean that is not of interest.
    threshold : float
        How far U must climb (lambda).
    warm_up : int
        Leading values that only make the mean; the sum begins after them.

    Returns
    -------
    Change or None
        None when the series does not rise.
    """
    x = np.asarray(values, dtype=np.float64)
    mean = np.cumsum(x) / np.arange(1, len(x) + 1)
    return _climb((x - mean - bias)[warm_up:], threshold, warm_up)


def cumulative_sum(z: npt.ArrayLike, reference: float, threshold: float) -> Change | None:
    """First rise of a standardised series above a reference value (Page 1954).

    The same as `page_hinkley` with a mean that is known beforehand.

    Parameters
    ----------
    z : array
        The series in standard deviations of its baseline, without NaN.
    reference : float
        Half of the smallest rise of interest, in standard deviations.
    threshold : float
        How far the sum of (z - reference) must climb.
    """
    return _climb(np.asarray(z, dtype=np.float64) - reference, threshold, 0)


def foot(above: npt.ArrayLike, first: int, alarm: int) -> int:
    """Index of the first value after the lowest point of a sum, between two places.

    With `above` the series less a reference between its levels before and after, this is
    the most likely place of the change (Hinkley 1971). Values that are all above the
    reference give `first`.
    """
    total = np.r_[0.0, np.cumsum(np.asarray(above, dtype=np.float64)[first : alarm + 1])]
    return first + int(np.flatnonzero(total == total[:-1].min())[-1])


def _climb(increments: npt.NDArray[np.float64], threshold: float, offset: int) -> Change | None:
    total = np.r_[0.0, np.cumsum(increments)]
    lowest = np.minimum.accumulate(total)
    alarms = np.flatnonzero(total - lowest > threshold)
    if not len(alarms):
        return None
    alarm = int(alarms[0])
    # of equal minima the last one is the change
    change = int(np.flatnonzero(total[: alarm + 1] == lowest[alarm])[-1])
    return Change(change + offset, alarm - 1 + offset)
