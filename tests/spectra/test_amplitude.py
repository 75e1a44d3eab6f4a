"""Features of traces whose values are known in closed form, or to scipy and numpy."""

import numpy as np
import pytest
from scipy import stats

from vigil.spectra.amplitude import QUANTILES, amplitude_features

RATE = 1250.0
T = np.arange(5000) / RATE


def noise(seed=4, n=3, offset=0.0):
    return (np.random.default_rng(seed).normal(0, 20, (n, 5000)) + offset).astype(np.float32)


def test_a_sinusoid():
    # 8 Hz: Hjorth's mobility of a sine is its angular frequency, its complexity one
    v = amplitude_features((100 * np.sin(2 * np.pi * 8 * T))[None].astype(np.float32), RATE)
    assert v["log_activity"][0] == pytest.approx(np.log10(5000), abs=1e-6)
    assert v["mobility"][0] == pytest.approx(2 * np.pi * 8, rel=1e-3)
    assert v["complexity"][0] == pytest.approx(1, rel=1e-3)
    assert v["log_line_length"][0] == pytest.approx(np.log10(4 * 100 * 8), abs=1e-3)
    assert v["kurtosis"][0] == pytest.approx(-1.5, abs=1e-4)
    # a sine spends a quarter of its time below -100 sin 45 degrees
    assert v["quantile_25"][0] == pytest.approx(-100 / np.sqrt(2), abs=0.5)
    assert v["quantile_95"][0] == pytest.approx(100 * np.sin(np.pi * 0.45), abs=0.5)


@pytest.mark.parametrize("offset", [0.0, 500.0])
def test_as_numpy_and_scipy_have_it_whatever_the_offset(offset):
    x = noise(offset=offset)
    v = x.astype(float) - x.astype(float).mean(1, keepdims=True)
    d, dd = np.diff(v, axis=1) * RATE, np.diff(v, n=2, axis=1) * RATE**2
    found = amplitude_features(x, RATE)
    mobility = np.sqrt((d**2).mean(1) / (v**2).mean(1))
    expected = {
        "log_activity": np.log10(x.astype(float).var(axis=1)),
        "mobility": mobility,
        "complexity": np.sqrt((dd**2).mean(1) / (d**2).mean(1)) / mobility,
        "log_line_length": np.log10(np.abs(d).mean(1)),
        "kurtosis": stats.kurtosis(v, axis=1),
    } | {f"quantile_{round(100 * q):02d}": np.quantile(v, q, axis=1) for q in QUANTILES}
    assert list(found) == list(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-8, atol=1e-8, err_msg=name)


def test_units_scale_as_they_should():
    a, b = (amplitude_features(k * noise(), RATE) for k in (1, 10))
    assert b["log_activity"] - a["log_activity"] == pytest.approx(2, abs=1e-5)
    assert b["log_line_length"] - a["log_line_length"] == pytest.approx(1, abs=1e-5)
    assert b["quantile_05"] == pytest.approx(10 * a["quantile_05"], rel=1e-5)
    for name in ("mobility", "complexity", "kurtosis"):
        assert b[name] == pytest.approx(a[name], rel=1e-5)


@pytest.mark.parametrize("trace", [np.full(5000, 7.0), np.r_[np.nan, np.ones(4999)]])
def test_a_constant_trace_and_one_with_a_hole_have_no_features(trace):
    x = noise()
    x[1] = trace
    for name, values in amplitude_features(x, RATE).items():
        assert np.isnan(values).tolist() == [False, True, False], name


def test_an_epoch_does_not_depend_on_its_neighbours():
    x = noise(5, 7)
    whole = amplitude_features(x, RATE)
    for i in range(7):
        one = amplitude_features(x[i : i + 1], RATE)
        assert all(one[name][0] == values[i] for name, values in whole.items())
