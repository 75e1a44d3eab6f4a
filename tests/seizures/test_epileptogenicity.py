import numpy as np

from vigil.seizures.onset.epileptogenicity import (
    detection_times_s,
    energy_ratio,
    epileptogenicity_index,
)

RATE = 1000.0


def tone(hz, seconds=10.0):
    return np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE)) / RATE)


def test_two_tones_have_the_ratio_of_their_powers():
    x = (3.0 * tone(30) + 2.0 * tone(8))[:, None]
    ratio, time_s = energy_ratio(x, RATE)
    np.testing.assert_allclose(ratio, 9.0 / 4.0, rtol=1e-3)
    np.testing.assert_allclose(np.diff(time_s), 0.25)
    assert time_s[0] == 0.5


def test_chirp_crosses_from_below_to_above_one_where_it_crosses_12_hz():
    t = np.arange(int(40 * RATE)) / RATE
    chirp = np.sin(2 * np.pi * (5.0 * t + 0.25 * t**2))  # 5 Hz + 0.5 Hz/s: 12 Hz at 14 s
    ratio, time_s = energy_ratio(chirp[:, None], RATE)
    crossing = time_s[np.flatnonzero(ratio[:, 0] > 1.0)[0]]
    assert abs(crossing - 14.0) <= 0.5
    assert (ratio[time_s < 11, 0] < 0.02).all()
    assert (ratio[time_s > 17, 0] > 50).all()


def test_mains_and_its_harmonics_do_not_count():
    x = tone(8) + tone(20)
    noisy = x + 30 * tone(50) + 10 * tone(100)
    clean, _ = energy_ratio(x[:, None], RATE, 50.0)
    notched, _ = energy_ratio(noisy[:, None], RATE, 50.0)
    np.testing.assert_allclose(notched, clean, rtol=1e-3)
    wrong, _ = energy_ratio(noisy[:, None], RATE, 60.0)
    assert wrong.min() > 100


def test_detection_times_follow_the_rise_whatever_the_channel_s_own_level():
    rng = np.random.default_rng(3)
    time_s = np.arange(160) * 0.25
    base = np.exp(0.2 * rng.standard_normal((160, 3)))
    base[:, 0] *= np.where(time_s >= 32, 6.0, 1.0)
    base[:, 1] *= np.where(time_s >= 35, 6.0, 1.0) * 0.01
    found = detection_times_s(base, time_s, 30.0, 0.1, 10.0)
    np.testing.assert_allclose(found[:2], [32.0, 35.0], atol=1.0)
    assert np.isnan(found[2])


def test_index_is_ratio_over_delay():
    time_s = np.arange(0, 40, 0.25)
    ratio = np.ones((len(time_s), 3))
    ratio[time_s >= 10, 0] = 4.0
    ratio[time_s >= 13, 1] = 4.0
    index = epileptogenicity_index(ratio, time_s, np.array([10.0, 13.0, np.nan]), 5.0)
    np.testing.assert_allclose(index, [1.0, 1.0 / 4.0, 0.0])  # (0 + 1) against (3 + 1) seconds
