"""Features of signals whose values are known in closed form."""

import numpy as np
import pytest

from vigil.spectra.features import (
    amplitude_features,
    list_features,
    power_law_exponent,
    spectral_features,
)
from vigil.spectra.multitaper import bins_of_band, make_tapers, power_density, tapered_fourier
from vigil.spectra.settings import Settings

RATE = 1250.0
TAPERS = make_tapers(5000, RATE, 4.0)
F = TAPERS.frequency_hz
BANDS = {b: bins_of_band(F, edges, 50.0, 1.0) for b, edges in Settings().bands.items()}
T = np.arange(5000) / RATE


def of_density(p):
    return {k: v[0] for k, v in spectral_features(F, p[None], BANDS).items()}


def test_the_list_is_what_is_computed():
    x = np.random.default_rng(0).normal(size=(2, 5000)).astype(np.float32)
    computed = spectral_features(F, power_density(tapered_fourier(x, TAPERS), TAPERS), BANDS)
    computed |= amplitude_features(x, RATE)
    assert list(computed) == [f.name for f in list_features(BANDS)]


def test_flat_spectrum():
    v = of_density(np.full(len(F), 2.0))
    assert v["log_power_delta"] == pytest.approx(np.log10(2))
    assert v["theta_delta"] == pytest.approx(0)
    assert v["share_delta"] == pytest.approx(3 / 99, rel=0.01)
    assert v["edge_95"] == pytest.approx(1 + 0.95 * 99, abs=0.5)
    assert v["edge_50"] == pytest.approx(50.5, abs=0.5)
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
