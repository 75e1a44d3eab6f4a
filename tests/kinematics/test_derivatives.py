"""Derivatives of trajectories that are known in closed form."""

import numpy as np
import pytest
from scipy.signal import savgol_filter

from vigil.kinematics.derivatives import fill_short_gaps, smooth_derivatives, unwrap_stretches

T = np.arange(600) / 30.0
# frames further apart have a hole between them
GAP_S = 0.3


def test_a_cubic_is_exact():
    x = 2 + 3 * T - 0.5 * T**2 + 0.1 * T**3
    x0, v, a, j = smooth_derivatives(x, T, 0.5, 4, (0, 1, 2, 3), GAP_S)
    inner = slice(7, -7)
    assert np.allclose(x0[inner], x[inner])
    assert np.allclose(v[inner], (3 - T + 0.3 * T**2)[inner], atol=1e-6)
    assert np.allclose(a[inner], (-1 + 0.6 * T)[inner], atol=1e-5)
    assert np.allclose(j[inner], 0.6, atol=1e-3)
    # the fit leans on one side at the ends of the track
    for derivative in (x0, v, a, j):
        assert np.flatnonzero(np.isnan(derivative)).tolist() == [*range(7), *range(593, 600)]


def test_a_circle_has_its_speed_acceleration_and_jerk():
    # radius 10 cm, once in 4 s
    w = 2 * np.pi / 4
    parts = [
        smooth_derivatives(10 * f(w * T), T, 0.5, 4, (1, 2, 3), GAP_S) for f in (np.cos, np.sin)
    ]
    speed, acceleration, jerk = (np.hypot(a, b)[10:-10] for a, b in zip(*parts, strict=True))
    assert speed == pytest.approx(10 * w, rel=0.001)
    assert acceleration == pytest.approx(10 * w**2, rel=0.005)
    assert jerk == pytest.approx(10 * w**3, rel=0.05)


def test_less_noise_than_repeated_central_differences():
    # 1 px of noise at 4.2 px/cm on a slow walk
    x = 5 * np.sin(2 * np.pi * 0.25 * T) + np.random.default_rng(0).normal(0, 1 / 4.2, len(T))
    (a,) = smooth_derivatives(x, T, 0.5, 4, (2,), GAP_S)
    plain = np.gradient(np.gradient(x, T), T)
    true = -5 * (2 * np.pi * 0.25) ** 2 * np.sin(2 * np.pi * 0.25 * T)
    inside = slice(10, -10)
    assert np.std((a - true)[inside]) < 0.25 * np.std((plain - true)[inside])


def test_nothing_crosses_a_long_gap_and_half_a_window_is_blanked():
    x = np.where(T < 10, 0.0, 100.0)
    x[300:330] = np.nan
    (v,) = smooth_derivatives(x, T, 0.5, 4, (1,), GAP_S)
    assert np.allclose(v[np.isfinite(v)], 0, atol=1e-9)
    assert np.flatnonzero(np.isnan(v)).tolist() == [*range(7), *range(293, 337), *range(593, 600)]


def test_short_gaps_are_filled_and_long_ones_and_ends_are_not():
    x = np.array([np.nan, 1, np.nan, 3, np.nan, np.nan, np.nan, 7, np.nan])
    t = np.arange(9.0)
    assert fill_short_gaps(x, t, 3.5)[1:4].tolist() == [1, 2, 3]
    assert np.isnan(fill_short_gaps(x, t, 3.5)[[0, 4, 5, 6, 8]]).all()
    assert fill_short_gaps(x, t, 4.5)[4:8].tolist() == [4, 5, 6, 7]
    # a frame that came late is filled at its own time
    t[2] = 2.5
    assert fill_short_gaps(x, t, 3.5)[2] == 2.5


def test_angles_are_unwrapped_within_stretches():
    angle = np.array([3.0, -3.0, np.nan, 3.0, -3.0])
    out = unwrap_stretches(angle)
    assert out[1] == pytest.approx(2 * np.pi - 3)
    assert out[3] == 3.0


def test_frames_that_jitter_are_differentiated_at_their_true_times():
    w = 2 * np.pi * 0.5
    at_s = T + np.random.default_rng(0).uniform(-0.005, 0.005, len(T))
    orders = (0, 1, 2, 3)
    regular = smooth_derivatives(np.sin(w * T), T, 0.5, 4, orders, GAP_S)
    jitter = smooth_derivatives(np.sin(w * at_s), at_s, 0.5, 4, orders, GAP_S)
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
    v, a = smooth_derivatives(x, at_s, 0.5, 4, (1, 2), GAP_S)
    there = np.isfinite(v)
    assert np.flatnonzero(~there).tolist() == [*range(7), *range(293, 337), *range(593, 600)]
    assert np.allclose(v[there], (3 - at_s + 0.3 * at_s**2)[there], atol=1e-6)
    assert np.allclose(a[there], (-1 + 0.6 * at_s)[there], atol=1e-5)


@pytest.mark.parametrize("order", [0, 1, 2, 3])
@pytest.mark.parametrize("late_s", [0.0, 0.002])
def test_the_filter_of_scipy_where_frames_are_regular(order, late_s):
    x = np.cumsum(np.random.default_rng(4).normal(0, 1, 600)) + 1e4
    # one frame that is late makes the windows about it irregular, and their fits others
    at_s = T + late_s * (np.arange(600) == 300)
    (found,) = smooth_derivatives(x, at_s, 0.7, 5, (order,), GAP_S)
    expected = savgol_filter(x, 21, 5, deriv=order, delta=1 / 30)
    same = np.abs(np.arange(600) - 300) > (10 if late_s else -1)
    same[:10] = same[-10:] = False
    assert found[same] == pytest.approx(expected[same], rel=1e-6, abs=1e-6 * 30**order)


def test_a_clock_that_wanders_over_a_day_changes_nothing():
    # 20 parts in a million, up and down: no regular grid follows it for long
    n = 200_000
    at_s = np.arange(n) / 30 + 0.1 * np.sin(2 * np.pi * np.arange(n) / n)
    (v,) = smooth_derivatives(np.sin(at_s), at_s, 0.7, 5, (1,), GAP_S)
    assert np.nanmax(np.abs(v - np.cos(at_s))) < 1e-4


def test_a_jump_ends_a_stretch_and_a_gap_before_it_stays():
    x = np.where(T < 10, 0.0, 100.0)
    (v,) = smooth_derivatives(x, T, 0.5, 4, (1,), GAP_S, np.array([300]))
    assert np.flatnonzero(np.isnan(v)).tolist() == [*range(7), *range(293, 307), *range(593, 600)]
    assert np.allclose(v[np.isfinite(v)], 0, atol=1e-9)
    x[297:300] = np.nan
    assert np.isnan(fill_short_gaps(x, T, GAP_S, np.array([300]))[297:300]).all()
    assert np.isfinite(fill_short_gaps(x, T, GAP_S)).all()


@pytest.mark.parametrize(("rate_hz", "step"), [(30, 2), (30, 3), (15, 2)])
def test_frames_that_were_not_tracked_bend_nothing(rate_hz, step):
    # straight lines through frames without a mark would cost 1.3, 3.1 and 5.2 % of the speed
    at_s = np.arange(20 * rate_hz) / rate_hz
    w = 2 * np.pi
    x = np.where(np.arange(len(at_s)) % step == 0, np.sin(w * at_s), np.nan)
    (v,) = smooth_derivatives(x, at_s, 0.7, 5, (1,), GAP_S)
    error = v / w - np.cos(w * at_s)
    assert np.isfinite(error[rate_hz:-rate_hz]).all()
    assert np.sqrt(np.nanmean(error**2) / 0.5) < 0.006


@pytest.mark.parametrize("slow_hz", [10, 15, 20, 24])
def test_windows_keep_their_seconds_where_the_rate_changes(slow_hz):
    at_s = np.concatenate([np.arange(900) / 30, 30 + np.arange(30 * slow_hz) / slow_hz])
    w = 2 * np.pi
    (a,) = smooth_derivatives(np.sin(w * at_s), at_s, 0.7, 5, (2,), GAP_S)
    (j,) = smooth_derivatives(np.sin(w * at_s), at_s, 1.0, 5, (3,), GAP_S)
    slow = (at_s > 32) & (at_s < 58)
    for k, found, within in ((2, a, 0.04), (3, j, 0.10)):
        true = w**k * np.sin(w * at_s + k * np.pi / 2)
        assert np.sqrt(np.mean((found - true)[slow] ** 2) / (0.5 * w ** (2 * k))) < within


def test_no_sample_is_noisier_than_those_in_the_middle():
    rng = np.random.default_rng(5)
    found = np.array(
        [
            smooth_derivatives(rng.normal(0, 1, 90), T[:90], 1.0, 5, (3,), GAP_S)[0]
            for _ in range(300)
        ]
    )
    known = np.isfinite(found[0])
    sd = found[:, known].std(axis=0)
    assert known.sum() == 60
    assert sd.max() < 1.4 * np.median(sd)


def test_a_window_of_few_samples_grows_until_they_suffice():
    at_s = np.arange(100) / 5
    (v,) = smooth_derivatives(at_s**3, at_s, 0.7, 5, (1,), 0.5)
    assert np.flatnonzero(np.isfinite(v)).tolist() == list(range(3, 97))
    assert np.allclose(v[3:-3], 3 * at_s[3:-3] ** 2)


def test_frames_in_a_bridged_gap_are_hardly_noisier():
    rng = np.random.default_rng(6)
    x = rng.normal(0, 1, (300, 90))
    x[:, 40:48] = np.nan
    found = np.array([smooth_derivatives(row, T[:90], 0.7, 5, (2,), GAP_S)[0] for row in x])
    sd = found[:, np.isfinite(found[0])].std(axis=0)
    # ten times, if the window did not grow
    assert sd.max() < 3 * np.median(sd)
