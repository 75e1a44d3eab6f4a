"""Filters of ripples and fast ripples, and the background that thresholds stand on."""

import numpy as np
import pytest
from scipy import signal

from vigil.seizures.interictal.bands import FAST_RIPPLE, RIPPLE, background_sd, band_pass, make_band


@pytest.mark.parametrize(
    ("name", "rate_hz", "band_hz"),
    [
        (RIPPLE, 1250.0, (80.0, 250.0)),
        (FAST_RIPPLE, 1250.0, (250.0, 500.0)),
        (RIPPLE, 2000.0, (80.0, 250.0)),
        (FAST_RIPPLE, 1000.0, (250.0, 400.0)),  # as far as the rate holds it
        (RIPPLE, 500.0, (80.0, 200.0)),
    ],
)
def test_a_band_passes_its_own_and_nothing_slow(name, rate_hz, band_hz):
    band = make_band(name, rate_hz)
    assert band.band_hz == pytest.approx(band_hz)
    hz, gain = signal.freqz(band.taps, worN=4096, fs=rate_hz)
    gain = np.abs(gain)
    low, high = band_hz
    middle = (hz > low + 0.25 * (high - low)) & (hz < high - 0.25 * (high - low))
    assert gain[middle] == pytest.approx(1.0, abs=0.01)
    for border in band_hz:  # half of the amplitude
        assert np.interp(border, hz, gain) == pytest.approx(0.5, abs=0.03)
    assert gain[hz < low - 0.3 * (high - low)].max(initial=0.0) < 2e-3
    assert gain[0] < 1e-6


def test_what_the_rate_does_not_hold_is_no_band():
    assert make_band(FAST_RIPPLE, 900.0) is None
    assert make_band(RIPPLE, 305.0) is None


def test_filtered_values_are_those_of_scipy_and_have_no_delay():
    rng = np.random.default_rng(0)
    x = (rng.standard_normal((3, 2000)) * 50 + 4000).astype(np.float32)
    band = make_band(RIPPLE, 1250.0)
    y = band_pass(x, band)
    wanted = signal.correlate(x - x[:, :1], band.taps[None], "valid")[:, : y.shape[1]]
    assert y == pytest.approx(wanted, abs=1e-3)
    t = np.arange(2000) / 1250.0
    wave = np.sin(2 * np.pi * 165 * t)[None].astype(np.float32)
    assert band_pass(wave, band)[0] == pytest.approx(
        wave[0, band.half : band.half + y.shape[1]], abs=0.01
    )
    assert band_pass(x[:, : band.half], band).shape == (3, 0)


def test_bursts_do_not_raise_the_background():
    rng = np.random.default_rng(1)
    y = rng.normal(0, 3.0, (2, 75_000)).astype(np.float32)
    valid = np.ones(75_000, bool)
    y[1, 10_000:12_000] *= 20
    assert background_sd(y, valid) == pytest.approx(3.0, rel=0.06)
    y[:, :40_000] *= 5
    valid[:40_000] = False
    assert background_sd(y, valid) == pytest.approx(3.0, rel=0.06)
    assert background_sd(np.zeros((1, 5000), np.float32), np.ones(5000, bool)) == 0
