import numpy as np

from vigil.seizures.baseline import smooth, windows, yardstick


def known(x, usable, window_steps):
    """The yardstick of values that are in memory."""
    return yardstick(lambda a, b: (x[a:b], usable[a:b]), len(x), window_steps)


def baseline(x, usable, window_steps):
    return known(x, usable, window_steps).over(0, len(x))


def robust_z(x, usable, window_steps, least_spread):
    return known(x, usable, window_steps).z(x, 0, least_spread)


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


def test_windows_lie_at_places_that_the_length_of_a_recording_does_not_move():
    assert windows(100, 0) == windows(100, 200) == [(0, 100)]
    assert windows(100, 40) == [(a, a + 40) for a in range(0, 61, 10)]
    assert windows(105, 40)[:-1] == windows(100, 40)
    assert windows(105, 40)[-1] == (65, 105)


def test_middle_and_spread_of_a_window_agree_with_numpy():
    rng = np.random.default_rng(2)
    x = rng.gamma(1.5, 2.0, (501, 5)).astype(np.float32)
    usable = rng.random(x.shape) < 0.8
    found = yardstick(lambda a, b: (x[a:b], usable[a:b]), len(x), 0)
    alone = yardstick(lambda a, b: (x[a:b], usable[a:b]), len(x), 0, upper=False)
    for c in range(5):
        y = x[usable[:, c], c]
        middle, high = np.percentile(y, [50, 90])
        mad = 1.4826 * np.median(np.abs(y - middle))
        np.testing.assert_allclose(found.middle[0, c], middle, rtol=1e-6)
        np.testing.assert_allclose(
            found.spread[0, c], max(mad, (high - middle) / 1.2816), rtol=1e-6
        )
        np.testing.assert_allclose(alone.spread[0, c], mad, rtol=1e-6)


def test_a_part_of_a_recording_has_the_baseline_of_the_whole():
    rng = np.random.default_rng(3)
    x = rng.standard_normal((1000, 3)).astype(np.float32)
    usable = np.ones(x.shape, bool)
    usable[200:500, 1] = False  # windows that know nothing of this channel are bridged
    usable[:, 2] = False
    known = yardstick(lambda a, b: (x[a:b], usable[a:b]), 1000, 100)
    centre, spread = known.over(0, 1000)
    for part in ((0, 90), (333, 334), (700, 1000)):
        for some, every in zip(known.over(*part), (centre, spread), strict=True):
            np.testing.assert_array_equal(some, every[slice(*part)])
    whole = baseline(x, usable, 100)
    np.testing.assert_array_equal(whole[0], centre)
    assert np.isfinite(centre[:, :2]).all()
    between = np.interp(350, [known.at[6], known.at[18]], known.middle[[6, 18], 1])
    np.testing.assert_allclose(centre[350, 1], between, rtol=1e-5)
    assert np.isnan(centre[:, 2]).all()
