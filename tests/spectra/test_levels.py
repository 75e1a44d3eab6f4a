"""Coarser columns of a spectrogram, and how its values are rounded."""

import numpy as np
import pytest

from vigil.spectra.levels import (
    FACTORS,
    MANTISSA_BITS,
    UNIT,
    Grid,
    coarse_means,
    factors_of,
    level_times_s,
    round_mantissa,
)


@pytest.mark.parametrize(
    ("n_columns", "factors"), [(1, (1,)), (19, (1,)), (20, (1, 10)), (119, (1, 10)), (120, FACTORS)]
)
def test_a_level_has_at_least_two_whole_columns(n_columns, factors):
    assert factors_of(n_columns) == factors


def test_all_levels_end_together_after_a_unit():
    assert all(UNIT % f == 0 for f in FACTORS)


def test_means_are_of_the_columns_that_are_there_if_they_are_half():
    power = np.arange(1, 10, dtype=np.float32)[None, :, None] * np.float32([1, 10])
    power[0, [1, 3, 4, 5]] = np.nan
    # columns 1 and 3; 7 and 8; none of 4 to 6 and one of the last, which would have three
    means = coarse_means(power[:, :8], 3)
    assert means.dtype == np.float32
    assert means[0, :, 0] == pytest.approx([2, np.nan, 7.5], nan_ok=True)
    assert means[0, :, 1] == pytest.approx([20, np.nan, 75], nan_ok=True)
    assert np.isnan(coarse_means(power[:, :7], 3)[0, 2]).all()
    assert coarse_means(power[:, :9], 4)[0, :, 0] == pytest.approx([2, 7.5, np.nan], nan_ok=True)


def test_means_of_whole_groups():
    power = np.random.default_rng(0).random((2, 60, 3), dtype=np.float32)
    expected = power.astype(float).reshape(2, 6, 10, 3).mean(2)
    assert np.array_equal(coarse_means(power, 10), expected.astype(np.float32))


def test_a_coarse_column_lies_in_the_middle_of_its_own():
    grid = Grid(np.arange(25) + 1.0, np.arange(3.0), 1.0, 2.0, 1.0)
    assert level_times_s(grid, 10).tolist() == [5.5, 15.5, 25.5]
    assert level_times_s(grid, 1).tolist() == grid.time_s.tolist()


def test_rounding_keeps_values_within_half_of_the_last_bit():
    x = np.exp(np.random.default_rng(1).uniform(-40, 40, 100_000)).astype(np.float32)
    rounded = round_mantissa(x)
    assert np.abs(rounded / x - 1).max() <= 2.0 ** -(MANTISSA_BITS + 1)
    assert np.array_equal(rounded, round_mantissa(rounded))
    assert not (rounded.view(np.uint32) & ((1 << (23 - MANTISSA_BITS)) - 1)).any()


def test_ties_are_rounded_to_even_so_that_the_mean_stays():
    step = 2.0**-2
    x = np.float32([1 + step / 2, 1 + 3 * step / 2])
    assert round_mantissa(x, 2).tolist() == [1, 1 + 2 * step]


def test_rounding_leaves_what_is_no_number():
    x = np.float32([np.nan, np.inf, 0.0, -np.nan])
    assert np.array_equal(round_mantissa(x), x, equal_nan=True)
