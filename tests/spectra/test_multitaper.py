"""Multitaper spectra against mne, scipy and closed forms."""

from concurrent.futures import ThreadPoolExecutor

import mne
import numpy as np
import pytest
from scipy import signal

from vigil.spectra.connectivity import coupling_by_band
from vigil.spectra.multitaper import (
    bins_of_band,
    make_tapers,
    multitaper_density,
    power_density,
    tapered_fourier,
)

RATE = 1250.0
TAPERS = make_tapers(5000, RATE, 4.0)


def density(x):
    return power_density(tapered_fourier(x, TAPERS), TAPERS)


def density_of_mne(x, nw):
    """In float64. Of 2 nw tapers `low_bias` leaves out the last, whose eigenvalue is below 0.9."""
    return mne.time_frequency.psd_array_multitaper(
        x.astype(np.float64), RATE, bandwidth=2 * nw * RATE / x.shape[-1], adaptive=False,
        low_bias=True, normalization="full", verbose="error",
    )  # fmt: skip


def brain(n_windows, n, seed):
    """Power that falls with the frequency as that of a brain does, on an offset."""
    rng = np.random.default_rng(seed)
    walk = np.cumsum(rng.normal(0, 5, (n_windows, n)), axis=-1)
    return (walk + rng.normal(0, 10, (n_windows, n)) + 300).astype(np.float32)


def test_equals_mne():
    x = np.random.default_rng(1).normal(0, 50, (3, 5000))
    wanted, f = density_of_mne(x, 4.0)
    assert np.array_equal(f, TAPERS.frequency_hz)
    assert np.allclose(density(x), wanted, rtol=1e-5)
    assert np.allclose(density(x.astype(np.float32)), wanted, rtol=1e-5)


@pytest.mark.parametrize(("n", "nw"), [(5000, 4.0), (2500, 2.0)])
@pytest.mark.parametrize("signal_of", ["noise", "brain"])
def test_band_powers_of_the_fast_way_equal_those_of_mne(n, nw, signal_of):
    if signal_of == "brain":
        x = brain(40, n, 5)
    else:
        x = np.random.default_rng(6).normal(0, 50, (40, n)).astype(np.float32)
    tapers = make_tapers(n, RATE, nw)
    wanted, f = density_of_mne(x, nw)
    found = multitaper_density(x, tapers, round(200 * n / RATE) + 1)
    assert found.dtype == np.float32
    assert found.shape == (40, round(200 * n / RATE) + 1)
    for low, high in [(1, 4), (6, 9), (10, 15), (15, 30), (30, 55), (65, 100), (120, 180)]:
        k = np.flatnonzero((f >= low) & (f < high))
        np.testing.assert_allclose(found[:, k].mean(1), wanted[:, k].mean(1), rtol=2e-6)
    # a single frequency may have lost most of its power to its neighbours
    assert np.median(np.abs(found / wanted[:, : found.shape[1]] - 1)) < 1e-6


def test_every_frequency_is_there_and_counted_once():
    """The densities of all frequencies add up to the power of the tapered windows (Parseval)."""
    for n in (5000, 625):
        x = brain(5, n, 7)
        tapers = make_tapers(n, RATE, 4.0)
        found = multitaper_density(x, tapers)
        assert found.shape == (5, n // 2 + 1)
        v = x - x.mean(1, keepdims=True, dtype=np.float64)
        wanted = ((v[:, None] * tapers.values) ** 2).sum(-1) @ tapers.weights
        np.testing.assert_allclose(
            found.sum(1, dtype=np.float64) * tapers.frequency_hz[1], wanted, rtol=1e-6
        )
        np.testing.assert_array_equal(multitaper_density(x, tapers, 7), found[:, :7])


def test_a_window_has_the_same_bits_in_any_company():
    x = brain(53, 5000, 8)
    x[20] *= 1e6
    x[31] = np.nan
    whole = multitaper_density(x, TAPERS, 801)
    assert np.isnan(whole[31]).all()
    assert np.isfinite(np.delete(whole, 31, axis=0)).all()
    for size in (1, 3, 16, 17, 50):
        parts = [multitaper_density(x[i : i + size], TAPERS, 801) for i in range(0, 53, size)]
        np.testing.assert_array_equal(np.concatenate(parts), whole)
    np.testing.assert_array_equal(multitaper_density(x[::-1], TAPERS, 801), whole[::-1])
    with ThreadPoolExecutor(4) as pool:
        parts = pool.map(lambda i: multitaper_density(x[i : i + 5], TAPERS, 801), range(0, 53, 5))
        np.testing.assert_array_equal(np.concatenate(list(parts)), whole)


def test_windows_of_any_shape_and_none():
    x = brain(6, 5000, 9)
    whole = multitaper_density(x, TAPERS, 100)
    np.testing.assert_array_equal(
        multitaper_density(x.reshape(2, 3, 5000), TAPERS, 100), whole.reshape(2, 3, 100)
    )
    by_row = np.ascontiguousarray(x.T)
    by_row.flags.writeable = False
    np.testing.assert_array_equal(multitaper_density(by_row.T, TAPERS, 100), whole)
    assert multitaper_density(x[:0], TAPERS, 100).shape == (0, 100)


def test_lengths_without_a_fast_way_go_through_scipy():
    x = brain(3, 4069, 10)  # 13 * 313
    tapers = make_tapers(4069, RATE, 4.0)
    wanted, f = density_of_mne(x, 4.0)
    found = multitaper_density(x, tapers, 600)
    k = (f >= 1) & (f < 100)
    np.testing.assert_allclose(found[:, k[:600]].mean(1), wanted[:, k].mean(1), rtol=1e-5)
    np.testing.assert_array_equal(multitaper_density(x[1:2], tapers, 600), found[1:2])


def test_what_does_not_fit_is_refused():
    x = brain(1, 5000, 11)
    with pytest.raises(ValueError, match="windows of 4999 samples do not fit tapers of 5000"):
        multitaper_density(x[:, 1:], TAPERS)
    for wrong in (0, 2502):
        with pytest.raises(ValueError, match=f"1 to 2501 frequencies, not {wrong}"):
            multitaper_density(x, TAPERS, wrong)


def test_closed_forms_of_the_fast_way():
    """A sinusoid between all tapers' reach of 0 Hz and Nyquist has the power of its amplitude."""
    t = np.arange(5000) / RATE
    amplitudes = np.array([1.0, 80.0, 3000.0])
    x = amplitudes[:, None] * np.sin(2 * np.pi * 37 * t) + 1000
    p = multitaper_density(x.astype(np.float32), TAPERS).astype(np.float64)
    f = TAPERS.frequency_hz
    # a sinusoid's power under a taper, as long as its two sides do not meet: |A/2 V(f - f0)|^2
    shape = (np.abs(np.fft.fft(TAPERS.values, axis=-1)) ** 2 * TAPERS.weights[:, None]).sum(0)
    near = np.abs(f - 37) <= 1
    offset = np.round((f[near] - 37) * 4).astype(int)
    wanted = 2 * (amplitudes[:, None] / 2) ** 2 * shape[offset] / RATE
    np.testing.assert_allclose(p[:, near].sum(1), wanted.sum(1), rtol=1e-5)


def test_the_density_of_an_impulse_is_flat_and_known():
    """All frequencies of an impulse have the same power: that of the tapers where it stands."""
    x = np.zeros((3, 5000), np.float32)
    at = [1700, 2500, 3333]
    x[np.arange(3), at] = 1000
    p = multitaper_density(x, TAPERS)[:, 40:-1]  # but what the removed mean leaves near 0 Hz
    wanted = 2 * 1000**2 * TAPERS.weights @ TAPERS.values[:, at] ** 2 / RATE
    np.testing.assert_allclose(p.mean(1, dtype=np.float64), wanted, rtol=1e-5)
    np.testing.assert_allclose(p, np.broadcast_to(wanted[:, None], p.shape), rtol=5e-4)


def test_white_noise_has_the_density_of_its_variance():
    x = np.random.default_rng(2).normal(0, 30, (400, 5000))
    assert density(x)[:, 10:-10].mean() == pytest.approx(30**2 / (RATE / 2), rel=0.01)
    fast = multitaper_density(x.astype(np.float32), TAPERS)
    assert fast[:, 10:-10].mean() == pytest.approx(30**2 / (RATE / 2), rel=0.002)


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
    fourier = [tapered_fourier(x, TAPERS) for x in (a, b)]
    every = {"all": np.ones(2501, bool)}
    ours = coupling_by_band(fourier, TAPERS.weights, every).coherence.mean()
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
