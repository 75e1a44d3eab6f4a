"""Features of signals whose values are known in closed form."""

import numpy as np
import pytest

from vigil.spectra.features import (
    amplitude_features,
    list_features,
    power_law_exponent,
    spectral_features,
)
from vigil.spectra.multitaper import make_tapers, power_density, tapered_fourier
from vigil.spectra.settings import Settings
from vigil.spectra.table import choose_bins

RATE = 1250.0
TAPERS = make_tapers(5000, RATE, 4.0)
F = TAPERS.frequency_hz
BINS = choose_bins(F, Settings(), RATE)
BANDS = BINS.bands
T = np.arange(5000) / RATE


def of_density(p):
    return {k: v[0] for k, v in spectral_features(F, p[None], BANDS, BINS.usable).items()}


def of_trace(x):
    density = power_density(tapered_fourier(x, TAPERS), TAPERS)
    return spectral_features(F, density, BANDS, BINS.usable)


def test_the_list_is_what_is_computed():
    x = np.random.default_rng(0).normal(size=(2, 5000)).astype(np.float32)
    computed = of_trace(x)
    computed |= amplitude_features(x, RATE)
    assert list(computed) == [f.name for f in list_features(BANDS)]


def test_flat_spectrum():
    v = of_density(np.full(len(F), 2.0))
    assert v["log_power_delta"] == pytest.approx(np.log10(2))
    assert v["theta_delta"] == pytest.approx(0)
    assert v["share_delta"] == pytest.approx(3 / 93, rel=0.01)  # of 99 Hz, 6 are the mains
    assert v["edge_95"] == pytest.approx(98 - 0.05 * 93, abs=0.5)
    assert v["edge_50"] == pytest.approx(1 + 46.5, abs=0.5)
    assert v["entropy"] == pytest.approx(1)
    assert v["slope"] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("exponent", [-1.0, -2.5])
def test_the_exponent_of_a_power_law(exponent):
    p = np.maximum(F, 0.1) ** exponent
    assert power_law_exponent(F, p[None])[0] == pytest.approx(exponent, abs=1e-9)


def test_a_theta_rhythm_does_not_change_the_exponent():
    p = np.maximum(F, 0.1) ** -2.0 + 3 * np.exp(-0.5 * ((F - 7.5) / 0.5) ** 2)
    assert power_law_exponent(F, p[None])[0] == pytest.approx(-2.0, abs=1e-3)
    assert of_density(p)["theta_peak"] == pytest.approx(7.5, abs=0.3)


def test_a_sinusoid():
    # 8 Hz: Hjorth's mobility of a sine is its angular frequency, its complexity one
    v = amplitude_features((100 * np.sin(2 * np.pi * 8 * T))[None].astype(np.float32), RATE)
    assert v["log_activity"][0] == pytest.approx(np.log10(5000), abs=1e-3)
    assert v["mobility"][0] == pytest.approx(2 * np.pi * 8, rel=1e-3)
    assert v["complexity"][0] == pytest.approx(1, rel=1e-3)
    assert v["log_line_length"][0] == pytest.approx(np.log10(4 * 100 * 8), abs=1e-3)
    assert v["kurtosis"][0] == pytest.approx(-1.5, abs=1e-3)


def test_units_scale_as_they_should():
    x = np.random.default_rng(4).normal(0, 20, (1, 5000)).astype(np.float32)
    a, b = (amplitude_features(k * x, RATE) for k in (1, 10))
    assert b["log_activity"] - a["log_activity"] == pytest.approx(2, abs=1e-4)
    assert b["mobility"] == pytest.approx(a["mobility"], rel=1e-4)


def brown_noise_uv(n_epochs):
    """Noise of 150 uV whose power falls with the square of the frequency, as an LFP's does."""
    rng = np.random.default_rng(9)
    shape = 1 / np.maximum(np.fft.rfftfreq(5000, 1 / RATE), 0.5)
    x = np.fft.irfft(np.fft.rfft(rng.normal(size=(n_epochs, 5000))) * shape, 5000)
    return 150 * x / x.std()


@pytest.mark.parametrize("line_hz", [50.0, 50.04])
def test_a_strong_line_of_the_mains_changes_the_spectral_features_by_less_than_1_percent(line_hz):
    x = brown_noise_uv(8)
    line = 100 * np.sin(2 * np.pi * line_hz * T + 0.3) + 10 * np.sin(4 * np.pi * line_hz * T)
    clean, hum = of_trace(x.astype(np.float32)), of_trace((x + line).astype(np.float32))
    for name, value in clean.items():
        if name.startswith("edge"):
            # read off a grid of 0.25 Hz
            assert np.abs(hum[name] - value).max() <= 0.5, name
            continue
        # of logarithms compare what they are of
        as_power = name.startswith("log_power") or name == "theta_delta"
        ratio = 10 ** (hum[name] - value) if as_power else hum[name] / value
        # the skirt of a line 10^4 above its neighbours reaches the bands beside it
        limit = 0.08 if "low_gamma" in name else 0.02 if "high_gamma" in name else 0.01
        assert np.abs(ratio - 1).max() < limit, name
