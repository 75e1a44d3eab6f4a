"""Intervals and tests that hold for any number of animals, however small: no normal theory."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import stats

FloatArray = npt.NDArray[np.float64]
LEVEL = 0.95
NO_INTERVAL = (float("nan"), float("nan"))
SCORE_STEPS = 1000  # scores are rounded to this share of one, so that sums can be counted


def share_interval(hits: int, n: int) -> tuple[float, float]:
    """Exact interval of a share (Clopper and Pearson 1934); NaN for none of none."""
    if n == 0:
        return NO_INTERVAL
    found = stats.binomtest(hits, n).proportion_ci(LEVEL, method="exact")
    return float(found.low), float(found.high)


def rate_interval(count: float, time: float) -> tuple[float, float]:
    """Exact interval of a Poisson rate (Garwood 1936), events over the unit of the time."""
    if not time > 0:
        return NO_INTERVAL
    tail = (1 - LEVEL) / 2
    low = stats.chi2.ppf(tail, 2 * count) / 2 if count else 0.0
    return float(low / time), float(stats.chi2.isf(tail, 2 * count + 2) / 2 / time)


def median_interval(values: npt.ArrayLike) -> tuple[float, float]:
    """Exact interval of a median between two of the values (Thompson 1936).

    NaN below six values: the interval from the least to the largest then holds the median with
    less than 95 %.
    """
    x = np.sort(np.asarray(values, dtype=np.float64))
    place = int(stats.binom.ppf((1 - LEVEL) / 2, len(x), 0.5)) if len(x) else 0
    if place == 0:  # the chance that all lie on one side is larger than the tail
        return NO_INTERVAL
    return float(x[place - 1]), float(x[len(x) - place])


def shift_between(first: npt.ArrayLike, second: npt.ArrayLike) -> tuple[float, float, float]:
    """How much larger the first values are: the median difference and its exact interval.

    Hodges and Lehmann 1963; the interval inverts the test of Mann and Whitney. Infinite values
    stand for 'never' and are larger than any other, and as large as each other. The interval
    is NaN where there are too few values for one.
    """
    x, y = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if not len(x) or not len(y):
        return float("nan"), *NO_INTERVAL
    differences = np.sort(subtract(x[:, None], y[None, :]).ravel())
    chance = np.cumsum(_rank_sum_counts(len(x), len(y)))
    place = int(np.searchsorted(chance, (1 - LEVEL) / 2, side="right"))
    middle = median(differences)
    if place == 0:
        return middle, *NO_INTERVAL
    return middle, float(differences[place - 1]), float(differences[len(differences) - place])


def subtract(a: npt.ArrayLike, b: npt.ArrayLike) -> FloatArray:
    """Difference in which two values that are both infinite are equal."""
    left, right = np.broadcast_arrays(np.asarray(a, np.float64), np.asarray(b, np.float64))
    same = left == right
    return np.asarray(np.where(same, 0.0, left - np.where(same, 0.0, right)))


def median(values: npt.ArrayLike) -> float:
    """Median that may be infinite; NaN of nothing.

    Between a finite and an infinite value in the middle it is the infinite one.
    """
    x = np.sort(np.asarray(values, dtype=np.float64))
    if not len(x):
        return float("nan")
    low, high = x[(len(x) - 1) // 2], x[len(x) // 2]
    return float(low if low == high else (low + high) / 2)


def between_p(first: npt.ArrayLike, second: npt.ArrayLike, seed: int) -> float:
    """Two-sided p of a permutation test on the sum of mean ranks, ties allowed.

    All divisions of the values into two groups of these sizes are counted, or 20 000 drawn ones
    where there are more. NaN where a group is empty.
    """
    x, y = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if not len(x) or not len(y):
        return float("nan")
    if min(len(x), len(y)) == 1:  # any one of all the values may be the single one
        single, rest = (x, y) if len(x) == 1 else (y, x)
        return one_of_each_p([float(single[0])], [rest])
    ranks = stats.rankdata(np.concatenate([x, y]))

    def difference(a: FloatArray, b: FloatArray, axis: int) -> FloatArray:
        return np.asarray(a.mean(axis=axis) - b.mean(axis=axis))

    # mean ranks differ in steps; what differs by rounding alone is as extreme
    found = stats.permutation_test(
        (ranks[: len(x)].round(1), ranks[len(x) :].round(1)),
        difference,
        vectorized=True,
        n_resamples=20_000,
        rng=np.random.default_rng(seed),
    )
    return float(found.pvalue)


def share_below(value: float, others: npt.ArrayLike) -> float:
    """Share of the other values that lie below, ties counted half; NaN without others."""
    x = np.asarray(others, dtype=np.float64)
    if not len(x):
        return float("nan")
    return float(np.mean((x < value) + 0.5 * (x == value)))


def one_of_each_p(chosen: list[float], others: list[FloatArray]) -> float:
    """Two-sided exact p that the chosen value of each animal stands out of its own others.

    The statistic is the mean over animals of `share_below`. If nothing sets the chosen value
    apart, it may be any of its animal's values with the same chance: the distribution of the
    sum over animals follows from that alone (a permutation test within animals, Good 2005).

    Parameters
    ----------
    chosen : list of float
        One value per animal.
    others : list of ndarray
        Its other values, at least one.
    """
    if not chosen:
        return float("nan")
    chance, reached = np.ones(1), 0
    for value, mine in zip(chosen, others, strict=True):
        whole = np.concatenate([[value], mine])
        scores = [
            round(SCORE_STEPS * share_below(x, np.delete(whole, i))) for i, x in enumerate(whole)
        ]
        reached += scores[0]
        single = np.bincount(scores, minlength=SCORE_STEPS + 1) / len(whole)
        chance = np.convolve(chance, single)
    below, above = chance[: reached + 1].sum(), chance[reached:].sum()
    return float(min(1.0, 2 * min(below, above)))


def _rank_sum_counts(n: int, m: int) -> FloatArray:
    """Chance of each value 0 ... nm of the statistic of Mann and Whitney without ties."""
    counts = np.ones(1)  # with shares of one each value stays exact enough and in range
    for i in range(1, m + 1):
        # the product over i of (1 - q^(n+i)) / (1 - q^i), each factor a chance of its own
        longer = np.concatenate([counts, np.zeros(n + i)])
        longer[n + i :] -= counts
        for k in range(i, len(longer)):
            longer[k] += longer[k - i]
        counts = np.maximum(longer[: n * i + 1], 0.0) * (i / (n + i))
    return counts
