import numpy as np

from vigil.seizures.baseline import baseline, robust_z, smooth


def test_smoothing_is_a_mean_that_stops_at_gaps():
    x = np.array([[1.0], [2.0], [6.0], [np.nan], [10.0], [20.0]], np.float32)
    np.testing.assert_allclose(smooth(x, 3)[:, 0], [1.5, 3.0, 4.0, np.nan, 15.0, 15.0])


def test_a_bad_step_of_one_channel_is_left_out_of_its_mean():
    x = np.array([[1.0, 1.0], [np.nan, 1.0], [5.0, 1.0]], np.float32)
    np.testing.assert_allclose(smooth(x, 3)[:, 0], [1.0, np.nan, 5.0])


def test_median_and_spread_of_normal_noise():
    x = (3.0 + 2.0 * np.random.default_rng(0).standard_normal((20000, 1))).astype(np.float32)
    centre, spread = baseline(x, np.ones(x.shape, bool), 0)
    np.testing.assert_allclose(centre, 3.0, atol=0.05)
    np.testing.assert_allclose(spread, 2.0, atol=0.05)


def test_a_drift_is_followed_by_a_window_and_not_by_the_whole():
    rng = np.random.default_rng(1)
    n = 24 * 3600
    drift = np.linspace(0, 3, n)[:, None]
    x = (drift + 0.1 * rng.standard_normal((n, 1))).astype(np.float32)
    usable = np.ones(x.shape, bool)
    assert np.abs(robust_z(x, usable, 7200, 0.2)).max() < 3.0
    centre, _ = baseline(x, usable, 0)
    assert np.abs(x - centre).max() > 1.4


def test_what_is_not_usable_does_not_count_and_too_little_is_no_baseline():
    x = np.zeros((200, 2), np.float32)
    x[100:] = 9.0
    usable = np.ones(x.shape, bool)
    usable[100:, 0] = False
    usable[30:, 1] = False
    centre, _ = baseline(x, usable, 0)
    assert (centre[:, 0] == 0.0).all()
    assert np.isnan(centre[:, 1]).all()


def test_least_spread_bounds_the_z():
    x = np.zeros((100, 1), np.float32)
    x[50] = 1.0
    assert robust_z(x, np.ones(x.shape, bool), 0, 0.2)[50, 0] == np.float32(5.0)


def test_a_state_that_takes_an_eighth_of_the_time_is_within_the_spread():
    rng = np.random.default_rng(2)
    x = (0.05 * rng.standard_normal((8000, 1))).astype(np.float32)
    x[::8] += 0.7
    _, spread = baseline(x, np.ones(x.shape, bool), 0)
    np.testing.assert_allclose(spread, 0.7 / 1.2816, rtol=0.1)
    x[::8] -= 0.7
    x[::50] += 3.0  # seizures take less than a tenth, and do not hide themselves
    _, spread = baseline(x, np.ones(x.shape, bool), 0)
    np.testing.assert_allclose(spread, 0.05, rtol=0.1)
