import numpy as np

from vigil.seizures.onset.fast_activity import fast_activity_onsets_s

RATE = 1000.0


def background(seed, seconds=60.0):
    t = np.arange(int(seconds * RATE)) / RATE
    slow = 20 * np.sin(2 * np.pi * 7 * t + seed)
    return t, slow + 2.0 * np.random.default_rng(seed).standard_normal(len(t))


def test_fast_activity_at_low_voltage_is_found_and_spikes_are_not():
    t, low_voltage = background(4)
    _, spikes = background(5)
    _, quiet = background(6)
    low_voltage += 5 * np.sin(2 * np.pi * 75 * t) * (t >= 36)
    for at in np.arange(36, 60, 0.2):  # sharp and tall: fast power rises, the amplitude too
        spikes += 800 * np.exp(-0.5 * ((t - at) / 0.004) ** 2)
    x = np.stack([low_voltage, spikes, quiet], axis=1)
    found = fast_activity_onsets_s(x, RATE, 50.0, 30.0, 0.25, 3.0, 1.0, 2.0, 0.1)
    assert abs(found[0] - 36.0) <= 0.5
    assert np.isnan(found[1:]).all()


def test_mains_hum_is_no_fast_activity():
    t, x = background(7)
    x += 50 * np.sin(2 * np.pi * 50 * t) * (t >= 40) + 20 * np.sin(2 * np.pi * 100 * t) * (t >= 40)
    found = fast_activity_onsets_s(x[:, None], RATE, 50.0, 30.0, 0.25, 3.0, 1.0, 2.0, 0.1)
    assert np.isnan(found[0])


def test_a_line_that_wanders_through_the_bands_is_followed_from_its_begin():
    t, x = background(8)
    since = np.clip(t - 36.0, 0.0, 4.0)
    x += 2.5 * np.sin(2 * np.pi * (90 * since - 5.0 * since**2)) * (t >= 36) * (t < 40)
    found = fast_activity_onsets_s(x[:, None], RATE, 50.0, 30.0, 0.25, 3.0, 1.0, 2.0, 0.1)
    assert abs(found[0] - 36.0) <= 0.5
