import numpy as np
import pytest

from vigil.seizures.onset.line_length import (
    contrast_z,
    last_quiet_s,
    line_length_onsets_s,
    line_length_z,
    risen_before,
)

RATE = 1000.0


def onsets_s(x, least_spread_ln=0.1):
    z, time_s = line_length_z(x, RATE, 30.0, 0.25, least_spread_ln)
    return line_length_onsets_s(z, time_s, 30.0, 3.0)


def noise(seed, seconds=60.0, channels=3):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((int(seconds * RATE), channels))


def test_planted_rises_are_found_within_a_step_and_silence_is_none():
    x = noise(1)
    for c, at in enumerate((35.0, 37.5)):
        x[int(at * RATE) :, c] *= 3.0
    found = onsets_s(x)
    np.testing.assert_allclose(found[:2], [35.0, 37.5], atol=0.26)
    assert np.isnan(found[2])


def test_disconnected_channel_is_none():
    x = noise(2)
    x[:, 1] = 0.0
    assert np.isnan(onsets_s(x)).all()


def test_slow_build_up_is_found_at_its_foot():
    x = noise(3)
    t = np.arange(len(x)) / RATE
    x[:, 0] *= 1.0 + 0.3 * np.clip(t - 35.0, 0, None)  # twice as large after 3.3 s
    found = onsets_s(x)
    assert 35.0 <= found[0] <= 37.0


def test_what_rose_before_the_search_is_no_onset():
    x = noise(4)
    x[int(29 * RATE) :, 0] *= 3.0
    assert np.isnan(onsets_s(x)[0])


def test_a_burst_that_dies_away_before_the_event_is_no_onset():
    x = noise(5, channels=2)
    x[int(32 * RATE) : int(34 * RATE)] *= 3.0
    x[int(40 * RATE) :, 0] *= 3.0
    z, time_s = line_length_z(x, RATE, 30.0, 0.25, 0.1)
    begins = last_quiet_s(z, time_s, 30.0, 40.0, 3.0)
    assert begins[0] == pytest.approx(38.0, abs=0.5)  # the last two seconds of quiet
    found = line_length_onsets_s(z, time_s, begins, 3.0)
    assert found[0] == pytest.approx(40.0, abs=0.26)
    assert np.isnan(found[1])
    assert line_length_onsets_s(z, time_s, 30.0, 3.0)[1] == pytest.approx(32.0, abs=0.26)


def test_what_is_up_from_before_the_search_into_the_event_is_told():
    x = noise(6)
    x[int(28 * RATE) :, 0] *= 3.0
    x[int(28 * RATE) : int(33 * RATE), 1] *= 3.0
    x[int(35 * RATE) :, 2] *= 3.0
    z, time_s = line_length_z(x, RATE, 30.0, 0.25, 0.1)
    up = risen_before(z, time_s, 30.0, 38.0, 3.0)
    np.testing.assert_array_equal(up, [True, False, False])


def test_contrast_is_the_height_of_the_first_second():
    z = np.zeros((40, 2))
    z[20:, 0] = 7.0
    time_s = np.arange(40) * 0.25
    found = contrast_z(z, time_s, np.array([5.0, np.nan]))
    assert found[0] == 7.0
    assert np.isnan(found[1])
