"""Sums over the bins of spectra whose powers are known."""

import numpy as np
import pytest
from scipy import stats

from vigil.spectra.band_power import log_power, power_sum, spectral_edges_hz, spectral_entropy

F = np.arange(0, 200, 0.25)
BROAD = (F >= 1) & (F < 100)


def density(seed=0, n=5):
    return np.random.default_rng(seed).gamma(7, 1 / 7, (n, len(F))).astype(np.float32)


def test_sums_are_those_of_float64():
    p = density()
    # float32 sums differ in the seventh digit
    np.testing.assert_allclose(power_sum(p, BROAD), p[:, BROAD].astype(float).sum(1), rtol=1e-13)
    expected = np.log10(p[:, BROAD].astype(float).mean(1))
    np.testing.assert_allclose(log_power(p, BROAD), expected, rtol=1e-12)


def test_edges_of_a_flat_spectrum_with_a_hole():
    hole = BROAD & ~((F >= 40) & (F < 50))
    edges = spectral_edges_hz(F, np.ones((1, len(F))), hole, (0.5, 0.95))[:, 0]
    # 89 Hz count, from half a step below 1 Hz on
    assert edges[0] == pytest.approx(0.875 + 0.5 * 89 + 10, abs=1e-9)
    assert edges[1] == pytest.approx(0.875 + 0.95 * 89 + 10, abs=1e-9)


def test_edges_of_a_single_line_lie_inside_its_width():
    p = np.zeros((1, len(F)))
    p[0, 80] = 3.0  # 20 Hz
    edges = spectral_edges_hz(F, p, BROAD, (0.5, 0.95))[:, 0]
    assert edges == pytest.approx([20.0, 20.0 + 0.45 * 0.25])


def test_entropy_is_that_of_scipy():
    p = density(1)
    expected = stats.entropy(p[:, BROAD].astype(float), axis=1) / np.log(BROAD.sum())
    np.testing.assert_allclose(spectral_entropy(p, BROAD), expected, rtol=1e-10)
    assert spectral_entropy(np.ones((1, len(F))), BROAD)[0] == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_what_has_no_power_is_missing(value):
    p = density(2, 3)
    p[1] = value
    for result in (
        log_power(p, BROAD),
        spectral_entropy(p, BROAD),
        *spectral_edges_hz(F, p, BROAD, (0.5, 0.95)),
    ):
        assert np.isnan(result).tolist() == [False, True, False]


def test_an_epoch_does_not_depend_on_its_neighbours():
    p = density(3, 7)
    for one in (log_power, spectral_entropy, power_sum):
        whole = one(p, BROAD)
        assert all(one(p[i : i + 1], BROAD)[0] == whole[i] for i in range(7))
