import numpy as np
import pytest

from vigil.report.envelope import (
    bin_edges,
    mean_columns,
    min_max,
    quantiles,
    relative_db,
    robust_limit,
)


def test_a_single_spike_survives_any_reduction():
    time = np.arange(1_000_000) / 1000
    value = np.zeros_like(time)
    value[123_457] = 500.0
    low, high = min_max(time, value, bin_edges(0, 1000, 50))
    assert high[6] == 500.0
    assert np.count_nonzero(high) == 1
    assert not low.any()


def test_min_max_equals_a_loop_and_empty_bins_are_nan():
    rng = np.random.default_rng(1)
    time = np.sort(rng.uniform(0, 10, 300))
    time = time[(time < 4) | (time > 6)]
    value = rng.normal(size=len(time))
    value[5] = np.nan
    edges = bin_edges(0, 10, 20)
    low, high = min_max(time, value, edges)
    for i in range(20):
        inside = value[(time >= edges[i]) & (time < edges[i + 1])]
        if not np.isfinite(inside).any():
            assert np.isnan(low[i])
            assert np.isnan(high[i])
        else:
            assert low[i] == np.nanmin(inside)
            assert high[i] == np.nanmax(inside)
    assert np.isnan(low[8:12]).all()


def test_min_max_of_nothing_is_nan():
    low, high = min_max([], [], bin_edges(0, 1, 3))
    assert np.isnan(low).all()
    assert np.isnan(high).all()


def test_quantiles_of_a_uniform_ramp():
    time = np.linspace(0, 100, 10_001)[:-1]
    low, middle, high = quantiles(time, time % 10, bin_edges(0, 100, 10), (0.0, 0.5, 1.0))
    assert np.allclose(low, 0)
    assert np.allclose(middle, 4.995)
    assert np.allclose(high, 9.99)


def test_mean_columns_averages_power_and_leaves_gaps_open():
    power = np.arange(12.0).reshape(6, 2)
    power[4:] = np.nan
    mean = mean_columns(np.arange(6) + 0.5, power, bin_edges(0, 6, 3))
    assert np.allclose(mean[:2], [[1, 2], [5, 6]])
    assert np.isnan(mean[2]).all()


def test_relative_db_knows_no_unit_and_no_slope():
    power = np.array([[1.0, 1e-6], [10.0, 1e-5], [100.0, 1e-4]])
    assert np.allclose(relative_db(power), [[-10, -10], [0, 0], [10, 10]])
    assert np.allclose(relative_db(7 * power), relative_db(power))


def test_relative_db_of_an_empty_column_is_nan():
    level = relative_db(np.array([[np.nan, 1.0], [np.nan, 1.0]]))
    assert np.isnan(level[:, 0]).all()
    assert np.allclose(level[:, 1], 0)


@pytest.mark.parametrize("values", [np.array([]), np.array([np.nan]), np.zeros(4)])
def test_robust_limit_is_never_zero(values):
    assert robust_limit(values) == 1.0


def test_robust_limit_does_not_follow_a_seizure():
    quiet = np.linspace(-2, 2, 1000)
    seizure = np.full(120, 30.0)
    assert robust_limit(np.append(quiet, seizure)) == pytest.approx(3 * 1.5, rel=0.15)


def test_robust_limit_is_not_above_the_data():
    assert robust_limit(np.array([-3.0, 3.0, np.nan])) == 3.0
