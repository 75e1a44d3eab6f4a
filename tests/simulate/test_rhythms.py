import numpy as np
import pytest

from vigil.simulate.rhythms import Oscillator, ripples, slow_wave, spindles, theta_wave


def test_oscillator_has_its_frequency_in_any_block():
    pieces = Oscillator(1000.0)
    phase = np.concatenate([pieces(np.full(n, 7.5)) for n in (400, 1, 599)])
    np.testing.assert_array_equal(phase, Oscillator(1000.0)(np.full(1000, 7.5)))
    assert phase[-1] == pytest.approx(2 * np.pi * 7.5)


def test_unit_variance():
    assert theta_wave(np.linspace(0, 200 * np.pi, 100_000)).std() == pytest.approx(1, rel=0.01)
    noise = np.random.default_rng(0).standard_normal(200_000)
    assert slow_wave(noise).std() == pytest.approx(1, rel=0.02)
    assert slow_wave(noise).mean() == pytest.approx(0, abs=0.02)


@pytest.mark.parametrize("make", [lambda *a: spindles(*a, 12.5), ripples])
def test_events_cross_the_borders_of_blocks(make):
    time_s = np.arange(0, 60, 1 / 2000)
    whole = make((1, "r"), time_s, 0)
    blocks = [make((1, "r"), time_s[k * 2000 : (k + 3) * 2000], k) for k in range(0, 60, 3)]
    np.testing.assert_array_equal(np.concatenate(blocks), whole)
    assert 0.3 < np.abs(whole).max() < 4
    assert np.mean(np.abs(whole) > 0.1) < 0.5
