"""Multitaper spectra against mne, scipy and closed forms."""

import mne
import numpy as np
import pytest
from scipy import signal

from vigil.spectra.multitaper import (
    bins_of_band,
    coherence,
    make_tapers,
    power_density,
    tapered_fourier,
)

RATE = 1250.0
TAPERS = make_tapers(5000, RATE, 4.0)


def density(x):
    return power_density(tapered_fourier(x, TAPERS), TAPERS)


def test_equals_mne():
    x = np.random.default_rng(1).normal(0, 50, (3, 5000))
    wanted, f = mne.time_frequency.psd_array_multitaper(
        x, RATE, bandwidth=2.0, adaptive=False, low_bias=True, normalization="full", verbose="error"
    )
    assert np.array_equal(f, TAPERS.frequency_hz)
    assert np.allclose(density(x), wanted, rtol=1e-5)
    assert np.allclose(density(x.astype(np.float32)), wanted, rtol=1e-5)


def test_white_noise_has_the_density_of_its_variance():
    x = np.random.default_rng(2).normal(0, 30, (400, 5000))
    assert density(x)[:, 10:-10].mean() == pytest.approx(30**2 / (RATE / 2), rel=0.01)


def test_a_sinusoid_has_the_power_of_its_amplitude():
    t = np.arange(5000) / RATE
    p = density((80 * np.sin(2 * np.pi * 37 * t))[None])[0]
    f = TAPERS.frequency_hz
    near = np.abs(f - 37) <= 2
    assert p[near].sum() * f[1] == pytest.approx(80**2 / 2, rel=0.002)
    assert p[near].sum() / p.sum() > 0.998


def test_coherence_against_scipy_for_a_known_mixture():
    rng = np.random.default_rng(3)
    shared = rng.normal(size=(300, 5000))
    a, b = (shared + rng.normal(size=shared.shape) for _ in range(2))
    ours = coherence(tapered_fourier(a, TAPERS), tapered_fourier(b, TAPERS), TAPERS).mean()
    _, theirs = signal.coherence(a.ravel(), b.ravel(), RATE, nperseg=1250)
    # the squared coherence is 1/4; K tapers add a bias of about (1 - c)^2 / K
    assert theirs.mean() == pytest.approx(0.25, abs=0.01)
    assert ours == pytest.approx(0.25 + 0.75**2 / 7, abs=0.02)


def test_bands_leave_out_the_mains_and_its_harmonics():
    f = np.arange(0, 200, 0.5)
    bins = bins_of_band(f, (30.0, 120.0), 50.0, 1.0)
    assert not bins[(f >= 49) & (f <= 51)].any()
    assert not bins[(f >= 99) & (f <= 101)].any()
    assert bins[(f >= 30) & (f < 49)].all()
    assert not bins[f >= 120].any()
