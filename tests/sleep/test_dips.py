"""Dips between two modes, a trigger at them, and smoothing, on numbers that are known."""

import numpy as np
import pytest
from scipy.stats import norm

from vigil.sleep.dips import Split, find_split, schmitt_trigger, smooth

RNG = np.random.default_rng(0)


def two_modes(apart, n=2000, share=0.5, seed=0):
    """Two normal distributions of width 1, at their quantiles, so that chance plays no part."""
    few = round(share * n)
    return np.concatenate([norm.ppf((np.arange(m) + 0.5) / m) for m in (n - few, few)]) + np.repeat(
        [0.0, apart], [n - few, few]
    )


def test_two_modes_are_split_at_the_dip():
    split = find_split(two_modes(5))
    assert split.low == pytest.approx(0, abs=0.1)
    assert split.high == pytest.approx(5, abs=0.1)
    assert split.dip == pytest.approx(2.5, abs=0.1)
    assert split.depth == pytest.approx(1 - 2 * norm.pdf(2.5) / norm.pdf(0), abs=0.03)
    assert split.seen


def test_the_dip_of_unequal_modes_lies_towards_the_small_one():
    # where the derivative of 0.9 N(0) + 0.1 N(6) is 0
    split = find_split(two_modes(6, share=0.1))
    assert split.dip == pytest.approx(3.39, abs=0.15)


def test_unit_and_offset_do_not_matter():
    x = two_modes(5)
    split, other = find_split(x), find_split(1e-3 * x + 7)
    assert other.dip == pytest.approx(1e-3 * split.dip + 7, abs=1e-6)
    assert other.depth == pytest.approx(split.depth, abs=1e-6)


def test_the_order_of_many_values_hardly_matters():
    x = two_modes(5, n=20_000)
    shuffled = find_split(np.random.default_rng(1).permutation(x))
    assert shuffled.dip == pytest.approx(find_split(x).dip, abs=0.1)


@pytest.mark.parametrize("seed", range(20))
def test_one_mode_is_not_split(seed):
    assert find_split(np.random.default_rng(seed).normal(0, 1, 3000)) is None


def test_modes_that_touch_and_a_handful_of_outliers_are_not_split():
    assert find_split(two_modes(2)) is None
    assert find_split(two_modes(8, share=0.02)) is None
    assert find_split(np.append(two_modes(0, n=30), [40.0, 41.0, 42.0])) is None


def test_a_flat_distribution_has_no_dip_that_is_seen():
    split = find_split(np.linspace(0, 1, 3000))
    assert split is None or not split.seen


def test_constant_few_or_missing_values_are_not_split():
    assert find_split(np.ones(100)) is None
    assert find_split(np.append(np.ones(100), 2.0)) is None
    assert find_split(np.array([0.0, 1.0] * 5)) is None
    assert find_split(np.full(100, np.nan)) is None
    assert find_split(np.array([])) is None


def test_missing_values_do_not_move_the_dip():
    x = RNG.permutation(two_modes(5))
    holes = np.insert(x, [100, 700, 701], np.nan)
    assert find_split(holes).dip == find_split(x).dip


SPLIT = Split(0.0, 5.0, 10.0, 1.0)


def test_the_schmitt_trigger_ignores_flicker_at_the_dip():
    values = np.array([0, 4.9, 5.1, 7.6, 5.1, 4.9, 2.4, 5.1])
    assert schmitt_trigger(values, SPLIT).tolist() == [
        False, False, False, True, True, True, False, False,
    ]  # fmt: skip


def test_without_stickiness_it_is_a_threshold():
    values = np.array([4.9, 5.1, 4.9, 5.1])
    assert schmitt_trigger(values, SPLIT, 0.0).tolist() == [False, True, False, True]


def test_after_missing_values_the_trigger_begins_anew():
    values = np.array([9, 5.1, np.nan, 4.9, 4.9, np.nan, np.nan, 5.1, 5.1])
    assert schmitt_trigger(values, SPLIT).tolist() == [
        True, True, False, False, False, False, False, True, True,
    ]  # fmt: skip


def test_nothing_but_missing_values_is_nowhere_above():
    assert not schmitt_trigger(np.full(5, np.nan), SPLIT).any()
    assert not len(schmitt_trigger(np.array([]), SPLIT))


@pytest.mark.parametrize(("epoch_s", "n"), [(4.0, 3), (1.0, 15), (2.5, 5), (10.0, 1), (20.0, 1)])
def test_smoothing_takes_an_odd_number_of_epochs_near_the_window(epoch_s, n):
    step = np.repeat([0.0, 1.0], 20)
    spike = np.zeros(41)
    spike[20 - n // 4 : 20 - n // 4 + n // 2] = 5.0
    # less than half of a window is smoothed away, an edge stays where it is
    assert not smooth(spike, epoch_s, 15.0).any()
    assert np.array_equal(smooth(step, epoch_s, 15.0), step)
    wide = np.zeros(41)
    wide[10 : 10 + n // 2 + 1] = 5.0
    assert smooth(wide, epoch_s, 15.0).any()


def test_smoothing_fills_no_holes():
    values = np.array([1.0, np.nan, 1.0, 3.0, 2.0])
    smoothed = smooth(values, 4.0, 15.0)
    assert np.isnan(smoothed[1])
    assert smoothed[[0, 3]].tolist() == [1.0, 2.0]
