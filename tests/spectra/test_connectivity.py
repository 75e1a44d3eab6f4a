"""Coherence, lags and amplitude correlations of signals whose values are known."""

import numpy as np
import pytest
from scipy import fft, signal

from vigil.spectra.connectivity import amplitude_correlations, coupling_by_band, pairs_of

RATE = 1250.0
N = 5000
T = np.arange(N) / RATE
F = fft.rfftfreq(N, 1 / RATE)
NAMED = {
    "delta": (1, 4), "theta": (6, 9), "sigma": (10, 15), "beta": (15, 30),
    "low_gamma": (30, 55), "high_gamma": (65, 100), "ripple": (120, 180),
}  # fmt: skip


def bins_of(low_hz, high_hz):
    """Frequencies of a band, as the mains leave them: with a hole in low gamma and ripple."""
    mains = (np.abs(F - 50) <= 2) | (np.abs(F - 150) <= 2)
    f = F
    return (f >= low_hz) & (f < high_hz) & ~mains


BANDS = {name: bins_of(*band_hz) for name, band_hz in NAMED.items()}
ORDER = list(BANDS)
TAPERS, RATIOS = signal.windows.dpss(N, 4.0, 7, sym=False, return_ratios=True)
WEIGHTS = RATIOS / RATIOS.sum()


def transforms(x):
    """Tapered transforms, one (epoch, taper, frequency) per region of (region, epoch, sample)."""
    x = np.asarray(x) - np.mean(x, axis=-1, keepdims=True)
    return list(fft.rfft(x[..., None, :] * TAPERS).astype(np.complex64))


def coupling(x, bands=BANDS):
    return coupling_by_band(transforms(x), WEIGHTS, bands)


def noise(seed, *shape):
    return np.random.default_rng(seed).normal(size=(*shape, N))


def test_coherence_equals_its_definition_in_double_precision():
    x = noise(0, 3, 5)
    x[1] += 0.5 * x[0]
    c = coupling(x)
    z = fft.rfft((x - x.mean(-1, keepdims=True))[..., None, :] * TAPERS)
    for p, (i, j) in enumerate(pairs_of(3)):
        cross = np.einsum("ekf,k->ef", z[i] * z[j].conj(), WEIGHTS)
        power = [np.einsum("ekf,k->ef", np.abs(z[r]) ** 2, WEIGHTS) for r in (i, j)]
        wanted = np.abs(cross) ** 2 / (power[0] * power[1])
        for b, bins in enumerate(BANDS.values()):
            assert c.coherence[p, :, b] == pytest.approx(wanted[:, bins].mean(1), rel=1e-5)
            angle = np.angle(cross[:, bins].sum(1))
            assert c.phase_lag_rad[p, :, b] == pytest.approx(angle, abs=1e-4)


def test_coherence_against_scipy_and_the_closed_form_of_a_common_input():
    # what both share falls from 10 Hz on
    sos = signal.butter(1, 10, fs=RATE, output="sos")
    shared = 3 * signal.sosfilt(sos, noise(1, 400).ravel())
    a, b = (shared + k for k in noise(2, 2, 400).reshape(2, -1))
    _, theirs = signal.coherence(a, b, RATE, nperseg=N)
    _, gain = signal.sosfreqz(sos, F, fs=RATE)
    true = (9 * np.abs(gain) ** 2 / (9 * np.abs(gain) ** 2 + 1)) ** 2
    ours = coupling(np.stack([a, b]).reshape(2, 400, N)).coherence.mean(axis=(0, 1))
    for value, bins in zip(ours, BANDS.values(), strict=True):
        assert theirs[bins].mean() == pytest.approx(true[bins].mean(), abs=0.01)
        # K tapers add a bias of about (1 - c)^2 / K
        for wanted in (theirs[bins], true[bins]):
            assert value == pytest.approx((wanted + (1 - wanted) ** 2 / 7).mean(), abs=0.02)


@pytest.mark.parametrize(("band", "hz"), [("theta", 7.5), ("sigma", 12.0), ("low_gamma", 40.0)])
@pytest.mark.parametrize("delay_s", [-0.008, 0.0, 0.004, 0.01])
def test_a_delay_is_a_phase(band, hz, delay_s):
    a, b = (np.sin(2 * np.pi * hz * (T - d))[None] for d in (0.0, delay_s))
    lag = coupling(np.stack([a, b])).phase_lag_rad[0, 0, ORDER.index(band)]
    # positive where the first leads
    assert lag == pytest.approx(2 * np.pi * hz * delay_s, abs=1e-3)


def test_a_delay_of_noise_is_a_phase_in_every_band():
    late = 5  # samples: 4 ms
    whole = np.random.default_rng(3).normal(size=40 * (N + late))
    whole = whole.reshape(40, -1)
    lag = coupling(np.stack([whole[:, late:], whole[:, :-late]])).phase_lag_rad[0]
    for b, bins in enumerate(BANDS.values()):
        wanted = 2 * np.pi * F[bins].mean() * late / RATE
        mean = np.angle(np.exp(1j * lag[:, b]).mean())
        assert mean == pytest.approx(np.angle(np.exp(1j * wanted)), abs=0.03)


def test_pairs_are_in_their_order():
    assert pairs_of(4) == [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    x = noise(4, 3, 1)
    x[2] = x[0]
    assert coupling(x).coherence[:, 0].round(2).min(axis=1).tolist()[1] == 1
    assert coupling(x).coherence[[0, 2]].max() < 0.6


def modulated(seed, n_epochs, swing):
    """Two independent noises with a common amplitude that swings at half a hertz."""
    loud = 1 + swing * np.sin(2 * np.pi * 0.5 * T)
    return (loud * noise(seed, n_epochs, 2)).astype(np.float32)


def rounded(n, share):
    place = (np.arange(n) + 0.5) / n
    return np.sin(np.pi / 2 * np.clip(np.minimum(place, 1 - place) / share, 0, 1)) ** 2


def full_rate(x, bins):
    """Amplitude correlation by the textbook: the analytic band signal at the full rate."""
    inside = np.flatnonzero(bins)
    own = slice(inside[0], inside[-1] + 1)
    size = own.stop - own.start
    spectrum = np.zeros((*x.shape[:-1], N), complex)
    faded = (x - x.mean(-1, keepdims=True)) * rounded(N, 0.25 / 4)
    spectrum[..., own] = 2 * (fft.fft(faded)[..., own] * rounded(size, 0.25) * bins[own])
    edge = round(N * (0.25 / 4 + 1 / size))
    kept = np.abs(fft.ifft(spectrum))[..., edge:-edge]
    return np.array([np.corrcoef(a, b)[0, 1] for a, b in kept])


@pytest.mark.parametrize("swing", [0.0, 0.8])
def test_amplitudes_equal_those_of_the_full_rate(swing):
    x = modulated(5, 40, swing)
    ours = amplitude_correlations(x, RATE, BANDS)[0]
    for b, bins in enumerate(BANDS.values()):
        off = ours[:, b] - full_rate(x.astype(float), bins)
        # eight samples per change of the amplitude stand for all, and begin and end up to an
        # eighth of a change elsewhere
        assert np.abs(off).max() < 0.1
        assert np.sqrt((off**2).mean()) < 0.03
        assert abs(off.mean()) < 0.01


def test_the_analytic_signal_of_the_reference_is_that_of_hilbert():
    # the band alone, by scipy's filter and Hilbert transform: other edges, same meaning
    x = modulated(6, 60, 0.8)
    sos = signal.butter(4, (65, 100), "bandpass", fs=RATE, output="sos")
    amplitude = np.abs(signal.hilbert(signal.sosfiltfilt(sos, x.astype(float))))[..., 200:-200]
    theirs = np.mean([np.corrcoef(a, b)[0, 1] for a, b in amplitude])
    ours = amplitude_correlations(x, RATE, BANDS)[0, :, ORDER.index("high_gamma")].mean()
    assert ours == pytest.approx(theirs, abs=0.05)


def test_a_common_modulation_is_seen_where_the_band_is_wide_enough():
    r = amplitude_correlations(modulated(7, 60, 0.9), RATE, BANDS)[0].mean(axis=0)
    assert r[ORDER.index("high_gamma")] > 0.5
    assert r[ORDER.index("ripple")] > 0.5
    assert (r[ORDER.index("sigma") :] > 0.3).all()


def test_independent_noise_has_no_common_amplitude():
    r = amplitude_correlations(noise(8, 400, 2).astype(np.float32), RATE, BANDS)[0]
    # the spread is that of as many independent values as the band has changes
    assert np.abs(r.mean(axis=0)).max() < 0.06
    assert r[:, ORDER.index("ripple")].std() < 0.1


def test_the_ends_of_an_epoch_are_no_event():
    # what drifts by 2 mV in an epoch ends elsewhere than it began, in both regions
    drift = 2000 * (T / T[-1] - 0.5)
    x = (10 * noise(9, 60, 2) + drift).astype(np.float32)
    r = amplitude_correlations(x, RATE, BANDS)[0, :, ORDER.index("high_gamma")]
    assert abs(r.mean()) < 0.05


def test_the_same_signal_and_its_inverse_have_the_same_amplitude():
    x = noise(10, 3, 1).astype(np.float32)
    r = amplitude_correlations(np.concatenate([x, -3 * x], axis=1), RATE, BANDS)
    assert r == pytest.approx(np.ones_like(r), abs=1e-5)


def test_the_same_to_the_bit_for_any_block():
    x = noise(11, 9, 4).astype(np.float32)
    regions = transforms(x.swapaxes(0, 1))
    whole = coupling_by_band(regions, WEIGHTS, BANDS)
    together = amplitude_correlations(x, RATE, BANDS)
    for size in (1, 2, 5):
        for i in range(0, 9, size):
            part = coupling_by_band([r[i : i + size] for r in regions], WEIGHTS, BANDS)
            assert np.array_equal(part.coherence, whole.coherence[:, i : i + size])
            assert np.array_equal(part.phase_lag_rad, whole.phase_lag_rad[:, i : i + size])
            some = amplitude_correlations(x[i : i + size], RATE, BANDS)
            assert np.array_equal(some, together[:, i : i + size])


def test_a_slow_wave_that_both_share_is_no_event_of_the_fast_bands():
    # 2.3 Hz: the ends of the epoch do not meet
    wave = 300 * np.sin(2 * np.pi * (2.3 * T + np.random.default_rng(15).random((80, 1, 1))))
    r = amplitude_correlations((10 * noise(16, 80, 2) + wave).astype(np.float32), RATE, BANDS)[0]
    # two cycles lie between the wave and theta
    assert np.abs(r.mean(axis=0)[ORDER.index("theta") :]).max() < 0.12


@pytest.mark.parametrize("value", [np.nan, 0.0])
def test_pairs_with_a_missing_region_are_missing(value):
    x = noise(12, 2, 3).astype(np.float32)
    x[1, 2] = value
    c = coupling(x.swapaxes(0, 1))
    for values in (c.coherence, c.phase_lag_rad, amplitude_correlations(x, RATE, BANDS)):
        assert np.isfinite(values[:, 0]).all()
        assert np.isfinite(values[0, 1]).all()
        assert np.isnan(values[1:, 1]).all()


def test_an_epoch_too_short_for_a_band_has_no_amplitudes():
    x = noise(13, 4, 2)[..., :1250].astype(np.float32)
    f = fft.rfftfreq(1250, 1 / RATE)
    bands = {"delta": (f >= 1) & (f < 4), "beta": (f >= 15) & (f < 30), "none": f < 0}
    r = amplitude_correlations(x, RATE, bands)[0]
    assert np.isnan(r[:, [0, 2]]).all()
    assert np.isfinite(r[:, 1]).all()


def test_a_single_region_has_no_pairs():
    x = noise(14, 2, 1).astype(np.float32)
    assert coupling(x.swapaxes(0, 1)).coherence.shape == (0, 2, len(BANDS))
    assert amplitude_correlations(x, RATE, BANDS).shape == (0, 2, len(BANDS))
