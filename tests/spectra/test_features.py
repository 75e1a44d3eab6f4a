"""Features of signals whose values are known in closed form, and their list."""

import re

import numpy as np
import pytest

from vigil.spectra.bands import choose_bins
from vigil.spectra.bursts import BURSTS, reaches
from vigil.spectra.feature_page import PAGE, feature_page
from vigil.spectra.features import (
    amplitude_features,
    list_features,
    muscle_features,
    pair_features,
    spectral_features,
)
from vigil.spectra.multitaper import make_tapers, power_density, tapered_fourier
from vigil.spectra.settings import Settings

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
    computed = [*of_trace(x), *amplitude_features(x, RATE), *(f"{b}_rate" for b in BURSTS)]
    assert computed == [f.name for f in list_features(BANDS)]


@pytest.mark.parametrize("left_out", ["sigma", "beta", "high_gamma", "ripple"])
def test_the_list_follows_the_bands_that_there_are(left_out):
    bands = {b: k for b, k in BANDS.items() if b != left_out}
    computed = list(spectral_features(F, np.ones((1, len(F))), bands, BINS.usable))
    listed = [f.name for f in list_features(bands, {})]
    assert listed[: len(computed)] == computed
    assert not [name for name in listed if left_out in name]


def test_a_low_rate_has_no_ripples():
    bursts = {name: b for name, b in BURSTS.items() if reaches(b, 400.0)}
    names = [f.name for f in list_features(["delta", "theta"], bursts)]
    assert "spindle_rate" in names
    assert "ripple_rate" not in names


@pytest.mark.parametrize("listed", [list_features(BANDS), pair_features(BANDS), muscle_features()])
def test_every_feature_has_a_name_of_its_own_a_unit_a_formula_and_a_source(listed):
    assert len({f.name for f in listed}) == len(listed)
    for f in listed:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", f.name)
        assert f.unit, f.name
        assert f.formula, f.name
        assert f.source, f.name
        # the page is a table
        assert "|" not in f.unit + f.source


def test_the_page_of_the_manual_is_what_the_list_says():
    assert PAGE.read_text() == feature_page(), "run `make docs`"


def test_the_page_is_a_table_without_broken_cells():
    rows = [line for line in feature_page().splitlines() if line.startswith("| `")]
    listed = [*list_features(BANDS), *pair_features(BANDS), *muscle_features()]
    assert len(rows) == len(listed)
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 5 for row in rows)


def test_flat_spectrum():
    v = of_density(np.full(len(F), 2.0))
    assert v["log_power_delta"] == pytest.approx(np.log10(2))
    assert v["theta_delta"] == pytest.approx(0)
    assert v["sigma_times_theta"] == pytest.approx(np.log10(4))
    assert v["share_delta"] == pytest.approx(3 / 93, rel=0.01)  # of 99 Hz, 6 are the mains
    assert v["edge_95"] == pytest.approx(98 - 0.05 * 93, abs=0.5)
    assert v["edge_50"] == pytest.approx(1 + 46.5, abs=0.5)
    assert v["entropy"] == pytest.approx(1)
    assert v["exponent"] == pytest.approx(0, abs=1e-9)
    assert v["offset"] == pytest.approx(np.log10(2))
    assert v["theta_height"] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("exponent", [1.0, 2.5])
def test_a_power_law(exponent):
    v = of_density(np.maximum(F, 0.1) ** -exponent)
    assert v["exponent"] == pytest.approx(exponent, abs=1e-9)
    assert v["offset"] == pytest.approx(0, abs=1e-9)
    inside = F[BANDS["theta"]] ** -exponent
    assert v["log_power_theta"] == pytest.approx(np.log10(inside.mean()), abs=1e-9)


def test_a_theta_rhythm_does_not_change_the_exponent():
    p = np.maximum(F, 0.1) ** -2.0 * 10 ** np.exp(-0.5 * ((F - 7.5) / 0.8) ** 2)
    v = of_density(p)
    assert v["exponent"] == pytest.approx(2.0, abs=1e-3)
    assert v["theta_peak"] == pytest.approx(7.5, abs=0.1)
    assert v["theta_height"] == pytest.approx(1.0, abs=0.01)


def test_an_epoch_without_power_has_no_spectral_features():
    p = np.ones((3, len(F)), np.float32)
    p[1], p[2] = 0, np.nan
    for name, values in spectral_features(F, p, BANDS, BINS.usable).items():
        assert np.isnan(values).tolist() == [False, True, True], name


def test_an_epoch_does_not_depend_on_its_neighbours():
    x = brown_noise_uv(6).astype(np.float32)
    density = power_density(tapered_fourier(x, TAPERS), TAPERS).astype(np.float32)
    whole = spectral_features(F, density, BANDS, BINS.usable)
    for i in range(6):
        one = spectral_features(F, density[i : i + 1], BANDS, BINS.usable)
        assert all(one[name][0] == values[i] for name, values in whole.items())


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
    logarithms = {f.name for f in list_features(BANDS) if f.unit.startswith("log10")}
    for name, value in clean.items():
        if name.startswith("edge"):
            assert np.abs(hum[name] - value).max() <= 0.5, name
            continue
        # the line is fitted up to 45 Hz; an epoch of 4 s tells its exponent to 0.12
        if name in ("exponent", "offset", "theta_height"):
            assert np.abs(hum[name] - value).max() <= 0.03
            continue
        # of logarithms compare what they are of
        ratio = 10 ** (hum[name] - value) if name in logarithms else hum[name] / value
        # the skirt of a line 10^4 above its neighbours reaches the bands beside it
        limit = 0.08 if "low_gamma" in name else 0.02 if "high_gamma" in name else 0.01
        assert np.abs(ratio - 1).max() < limit, name


@pytest.mark.parametrize("rate_hz", [1249.9995, 1250.05])
def test_a_rate_that_a_clock_measured_moves_no_frequency_over_a_border(rate_hz):
    """The same samples; the frequencies of bands lie on the grid of 0.25 Hz."""
    density = power_density(tapered_fourier(brown_noise_uv(20), TAPERS), TAPERS)
    measured_hz = np.fft.rfftfreq(5000, 1 / rate_hz)
    bins = choose_bins(measured_hz, Settings(), rate_hz)
    nominal = spectral_features(F, density, BANDS, BINS.usable)
    for name, values in spectral_features(measured_hz, density, bins.bands, bins.usable).items():
        assert np.allclose(values, nominal[name], rtol=1e-3, atol=1e-3), name
