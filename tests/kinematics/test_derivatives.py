"""Derivatives of trajectories that are known in closed form."""

import numpy as np
import pytest
from scipy.signal import savgol_filter

from vigil.kinematics.derivatives import fill_short_gaps, smooth_derivatives, unwrap_stretches

T = np.arange(600) / 30.0


def test_a_cubic_is_exact():
    x = 2 + 3 * T - 0.5 * T**2 + 0.1 * T**3
    x0, v, a, j = smooth_derivatives(x, T, 15, 4, (0, 1, 2, 3))
    assert np.allclose(x0, x)
    assert np.allclose(v, 3 - T + 0.3 * T**2, atol=1e-6)
    assert np.allclose(a, -1 + 0.6 * T, atol=1e-5)
    assert np.allclose(j, 0.6, atol=1e-3)


def test_a_circle_has_its_speed_acceleration_and_jerk():
    # radius 10 cm, once in 4 s
    w = 2 * np.pi / 4
    parts = [smooth_derivatives(10 * f(w * T), T, 15, 4, (1, 2, 3)) for f in (np.cos, np.sin)]
    speed, acceleration, jerk = (np.hypot(a, b)[10:-10] for a, b in zip(*parts, strict=True))
    assert speed == pytest.approx(10 * w, rel=0.001)
    assert acceleration == pytest.approx(10 * w**2, rel=0.005)
    assert jerk == pytest.approx(10 * w**3, rel=0.05)


def test_less_noise_than_repeated_central_differences():
    # 1 px of noise at 4.2 px/cm on a slow walk
    x = 5 * np.sin(2 * np.pi * 0.25 * T) + np.random.default_rng(0).normal(0, 1 / 4.2, len(T))
    (a,) = smooth_derivatives(x, T, 15, 4, (2,))
    plain = np.gradient(np.gradient(x, T), T)
    true = -5 * (2 * np.pi * 0.25) ** 2 * np.sin(2 * np.pi * 0.25 * T)
    inside = slice(10, -10)
    assert np.std((a - true)[inside]) < 0.25 * np.std((plain - true)[inside])


def test_nothing_crosses_a_long_gap_and_half_a_window_is_blanked():
    x = np.where(T < 10, 0.0, 100.0)
    x[300:330] = np.nan
    (v,) = smooth_derivatives(x, T, 15, 4, (1,))
    assert np.allclose(v[np.isfinite(v)], 0, atol=1e-9)
    assert np.flatnonzero(np.isnan(v)).tolist() == list(range(293, 337))


def test_short_gaps_are_filled_and_long_ones_and_ends_are_not():
    x = np.array([np.nan, 1, np.nan, 3, np.nan, np.nan, np.nan, 7, np.nan])
    assert fill_short_gaps(x, 2)[1:4].tolist() == [1, 2, 3]
    assert np.isnan(fill_short_gaps(x, 2)[[0, 4, 5, 6, 8]]).all()
    assert fill_short_gaps(x, 3)[4:8].tolist() == [4, 5, 6, 7]


def test_angles_are_unwrapped_within_stretches():
    angle = np.array([3.0, -3.0, np.nan, 3.0, -3.0])
    out = unwrap_stretches(angle)
    assert out[1] == pytest.approx(2 * np.pi - 3)
    assert out[3] == 3.0


def test_frames_that_jitter_are_differentiated_at_their_true_times():
    w = 2 * np.pi * 0.5
    at_s = T + np.random.default_rng(0).uniform(-0.005, 0.005, len(T))
    orders = (0, 1, 2, 3)
    regular = smooth_derivatives(np.sin(w * T), T, 15, 4, orders)
    jitter = smooth_derivatives(np.sin(w * at_s), at_s, 15, 4, orders)
    true = [w**k * np.sin(w * at_s + k * np.pi / 2) for k in orders]
    true_regular = [w**k * np.sin(w * T + k * np.pi / 2) for k in orders]
    inside = slice(10, -10)
    for k in orders:
        # no worse than on a regular grid, but for half a percent of the amplitude
        error = np.abs(jitter[k] - true[k])[inside].max() / w**k
        filter_error = np.abs(regular[k] - true_regular[k])[inside].max() / w**k
        assert error < filter_error + 0.005


def test_a_cubic_is_exact_on_irregular_times_beside_a_hole():
    at_s = T + np.random.default_rng(1).uniform(-0.005, 0.005, len(T))
    x = 2 + 3 * at_s - 0.5 * at_s**2 + 0.1 * at_s**3
    x[300:330] = np.nan
    v, a = smooth_derivatives(x, at_s, 15, 4, (1, 2))
    there = np.isfinite(v)
    assert np.flatnonzero(~there).tolist() == list(range(293, 337))
    assert np.allclose(v[there], (3 - at_s + 0.3 * at_s**2)[there], atol=1e-6)
    assert np.allclose(a[there], (-1 + 0.6 * at_s)[there], atol=1e-5)


@pytest.mark.parametrize("order", [0, 1, 2, 3])
@pytest.mark.parametrize("late_s", [0.0, 0.002])
def test_the_filter_of_scipy_where_frames_are_regular(order, late_s):
    x = np.cumsum(np.random.default_rng(4).normal(0, 1, 600)) + 1e4
    # one frame that is late makes the windows about it irregular, and their fits others
    at_s = T + late_s * (np.arange(600) == 300)
    (found,) = smooth_derivatives(x, at_s, 21, 5, (order,))
    expected = savgol_filter(x, 21, 5, deriv=order, delta=1 / 30)
    same = np.abs(np.arange(600) - 300) > (10 if late_s else -1)
    assert found[same] == pytest.approx(expected[same], rel=1e-6, abs=1e-6 * 30**order)


def test_a_clock_that_wanders_over_a_day_changes_nothing():
    # 20 parts in a million, up and down: no regular grid follows it for long
    n = 200_000
    at_s = np.arange(n) / 30 + 0.1 * np.sin(2 * np.pi * np.arange(n) / n)
    (v,) = smooth_derivatives(np.sin(at_s), at_s, 21, 5, (1,))
    assert np.abs(v - np.cos(at_s)).max() < 1e-4


def test_a_jump_ends_a_stretch_and_a_gap_before_it_stays():
    x = np.where(T < 10, 0.0, 100.0)
    (v,) = smooth_derivatives(x, T, 15, 4, (1,), np.array([300]))
    assert np.flatnonzero(np.isnan(v)).tolist() == list(range(293, 307))
    assert np.allclose(v[np.isfinite(v)], 0, atol=1e-9)
    x[297:300] = np.nan
    assert np.isnan(fill_short_gaps(x, 8, np.array([300]))[297:300]).all()
    assert np.isfinite(fill_short_gaps(x, 8)).all()
