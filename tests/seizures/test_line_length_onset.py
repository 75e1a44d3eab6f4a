import numpy as np

from vigil.seizures.line_length_onset import line_length_onsets_s

RATE = 1000.0


def noise(seed, seconds=60.0, channels=3):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((int(seconds * RATE), channels))


def test_planted_rises_are_found_within_a_step_and_silence_is_none():
    x = noise(1)
    for c, at in enumerate((35.0, 37.5)):
        x[int(at * RATE) :, c] *= 3.0
    found = line_length_onsets_s(x, RATE, 30.0, 0.25, 3.0, 0.1)
    np.testing.assert_allclose(found[:2], [35.0, 37.5], atol=0.26)
    assert np.isnan(found[2])


def test_disconnected_channel_is_none():
    x = noise(2)
    x[:, 1] = 0.0
    assert np.isnan(line_length_onsets_s(x, RATE, 30.0, 0.25, 3.0, 0.1)).all()


def test_slow_build_up_is_found_at_its_foot():
    x = noise(3)
    t = np.arange(len(x)) / RATE
    x[:, 0] *= 1.0 + 0.3 * np.clip(t - 35.0, 0, None)  # twice as large after 3.3 s
    found = line_length_onsets_s(x, RATE, 30.0, 0.25, 3.0, 0.1)
    assert 35.0 <= found[0] <= 37.0


def test_what_rose_before_the_search_is_no_onset():
    x = noise(4)
    x[int(29 * RATE) :, 0] *= 3.0
    assert np.isnan(line_length_onsets_s(x, RATE, 30.0, 0.25, 3.0, 0.1)[0])
