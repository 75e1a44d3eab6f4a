"""The aperiodic part of spectra that are made of a known line and known rhythms."""

import numpy as np
import pytest
from specparam import SpectralModel

from vigil.spectra.aperiodic import fit_aperiodic, rhythm_peak
from vigil.spectra.multitaper import make_tapers, power_density, tapered_fourier

TAPERS = make_tapers(5000, 1250.0, 4.0)
F = TAPERS.frequency_hz
USABLE = np.abs(F - 50) > 2
THETA = (F >= 5) & (F <= 11)

THETA_ALONE = [(7.5, 1.0, 0.8)]
RHYTHMS = {
    "none": [],
    "theta": THETA_ALONE,
    "theta and sigma": [(7.5, 1.0, 0.8), (12, 0.5, 1.2)],
    "theta and its harmonic": [(8, 1.4, 1.2), (16, 0.5, 1.7)],
    "theta and beta": [(7.5, 0.8, 0.8), (22, 0.5, 2.5)],
    "theta and low gamma": [(7.5, 0.8, 0.8), (35, 0.4, 5)],
    "three": [(7.5, 1, 0.8), (15, 0.6, 0.8), (40, 0.5, 4)],
}
"""Centre in Hz, height in log10, standard deviation in Hz: the model of specparam."""


def spectrum(exponent, offset, rhythms):
    log_p = offset - exponent * np.log10(np.maximum(F, 0.1))
    for centre, height, width in rhythms:
        log_p = log_p + height * np.exp(-0.5 * ((F - centre) / width) ** 2)
    return 10**log_p


def of_specparam(density):
    model = SpectralModel(
        aperiodic_mode="fixed", peak_width_limits=(1, 12), max_n_peaks=6, verbose=False
    )
    model.fit(F, density, [2, 45])
    offset, exponent = model.results.get_params("aperiodic")
    return exponent, offset


@pytest.mark.parametrize("rhythms", RHYTHMS.values(), ids=RHYTHMS)
@pytest.mark.parametrize("exponent", [1.0, 2.0, 2.5])
def test_the_line_under_rhythms_is_the_truth_and_what_specparam_finds(exponent, rhythms):
    density = spectrum(exponent, 3.0, rhythms)
    found = [v[0] for v in fit_aperiodic(F, density[None], USABLE)]
    assert found == pytest.approx([exponent, 3.0], abs=0.07)
    peer = of_specparam(density)
    assert peer == pytest.approx([exponent, 3.0], abs=0.1)
    assert found == pytest.approx(peer, abs=0.1)


def test_a_power_law_is_found_to_rounding():
    found = fit_aperiodic(F, spectrum(1.7, -2.0, [])[None], USABLE)
    assert [v[0] for v in found] == pytest.approx([1.7, -2.0], abs=1e-9)


def test_epochs_of_noise_have_the_exponent_of_their_noise_as_specparam_says():
    rng = np.random.default_rng(1)
    shape = np.maximum(np.fft.rfftfreq(250_000, 1 / 1250), 0.2) ** -0.75
    x = np.fft.irfft(np.fft.rfft(rng.normal(size=250_000)) * shape, 250_000)
    density = power_density(tapered_fourier(x.reshape(-1, 5000).astype(np.float32), TAPERS), TAPERS)
    exponent, _ = fit_aperiodic(F, density, USABLE)
    peer = np.array([of_specparam(p)[0] for p in density])
    # of 50 epochs, each of which is known to 0.14
    assert exponent.mean() == pytest.approx(1.5, abs=0.06)
    assert exponent.std() < 1.15 * peer.std()
    assert np.abs(exponent - peer).mean() < 0.15


def test_broad_theta_and_its_harmonic_do_not_raise_the_line_of_noisy_epochs():
    white = np.random.default_rng(4).normal(size=(50, 5000)).astype(np.float32)
    noise = power_density(tapered_fourier(white, TAPERS), TAPERS)
    density = spectrum(2.0, 3.0, [(7.5, 0.8, 1.5), (15, 0.5, 2)]) * noise / noise.mean()
    exponent, offset = fit_aperiodic(F, density, USABLE)
    assert exponent.mean() == pytest.approx(2.0, abs=0.06)
    assert offset.mean() == pytest.approx(3.0, abs=0.06)


def test_a_peak_and_its_height():
    density = np.stack([spectrum(c, 2.0, [(8.2, h, 0.9)]) for c, h in ((1.0, 0.7), (2.0, 1.2))])
    line = fit_aperiodic(F, density, USABLE)
    peak_hz, height = rhythm_peak(F, density, THETA, *line)
    assert peak_hz == pytest.approx([8.2, 8.2], abs=0.05)
    assert height == pytest.approx([0.7, 1.2], abs=0.02)


def test_without_a_rhythm_the_peak_is_near_the_middle_and_low():
    density = spectrum(2.0, 3.0, [])[None]
    peak_hz, height = rhythm_peak(F, density, THETA, *fit_aperiodic(F, density, USABLE))
    assert peak_hz[0] == pytest.approx(8.0, abs=1e-6)
    assert height[0] == pytest.approx(0.0, abs=1e-9)


def test_what_has_no_power_somewhere_has_no_line_and_no_peak():
    density = np.stack([spectrum(1.0, 2.0, THETA_ALONE)] * 4)
    density[1] = 0
    density[2, 100] = np.nan  # 25 Hz
    density[3, 200] = np.nan  # the mains, which do not count
    line = fit_aperiodic(F, density, USABLE)
    for result in (*line, *rhythm_peak(F, density, THETA, *line)):
        assert np.isnan(result).tolist() == [False, True, True, False]


def test_too_few_frequencies_have_no_line():
    few = USABLE & ((F == 3) | (F == 20))
    assert np.isnan(fit_aperiodic(F, spectrum(1, 2, [])[None], few)).all()


def test_an_epoch_does_not_depend_on_its_neighbours():
    rng = np.random.default_rng(2)
    density = (spectrum(2, 3, THETA_ALONE) * rng.gamma(7, 1 / 7, (9, len(F)))).astype(np.float32)
    whole = np.array(fit_aperiodic(F, density, USABLE))
    each = np.hstack([fit_aperiodic(F, density[i : i + 1], USABLE) for i in range(9)])
    assert np.array_equal(whole, each)
