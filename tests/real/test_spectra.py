"""Spectra of real recordings against what their publishers and independent packages find."""

import numpy as np
import pytest
from specparam import SpectralModel

from vigil.spectra.bands import choose_bins
from vigil.spectra.features import spectral_features
from vigil.spectra.multitaper import make_tapers, power_density, tapered_fourier
from vigil.spectra.settings import Settings

# what the README of rat_hippocampus_lfp gives as verified: file, rate, peak of theta
THETA = [
    ("neurodsp_sample_data_2.npy", 1000.0, 6.3),
    ("bycycle_ca1.npy", 1250.0, 7.9),
    ("bycycle_ec3.npy", 1250.0, 7.9),
]


@pytest.fixture
def features_of(realdata):
    """Spectra in epochs of 4 s of a file, and their features."""

    def run(name, rate_hz):
        x = np.load(realdata / "rat_hippocampus_lfp" / name).astype(np.float32)
        n = round(4 * rate_hz)
        tapers = make_tapers(n, rate_hz, 4.0)
        density = power_density(
            tapered_fourier(x[: len(x) // n * n].reshape(-1, n), tapers), tapers
        )
        bins = choose_bins(tapers.frequency_hz, Settings(mains_hz=60.0), rate_hz)

        def features(p):
            return spectral_features(tapers.frequency_hz, p, bins.bands, bins.usable)

        return tapers.frequency_hz, density, features

    return run


@pytest.mark.parametrize(("name", "rate_hz", "theta_hz"), THETA)
def test_theta_lies_where_its_publishers_have_it(features_of, name, rate_hz, theta_hz):
    _, density, features = features_of(name, rate_hz)
    found = features(density)
    peak_hz = np.median(found["theta_peak"])
    assert 6 <= peak_hz <= 8.5
    assert peak_hz == pytest.approx(theta_hz, abs=0.4)
    # nearly every epoch has theta, ten times what is under it
    assert (np.abs(found["theta_peak"] - theta_hz) < 1.2).mean() > 0.95
    assert (found["theta_height"] > 1).mean() > 0.9


@pytest.mark.parametrize(("name", "rate_hz", "_"), THETA)
def test_the_exponent_is_what_specparam_finds(features_of, name, rate_hz, _):
    frequency_hz, density, features = features_of(name, rate_hz)

    def of_specparam(p, range_hz):
        model = SpectralModel(
            aperiodic_mode="fixed", peak_width_limits=(1, 12), max_n_peaks=6, verbose=False
        )
        model.fit(frequency_hz, p, list(range_hz))
        return model.results.get_params("aperiodic")[1]

    whole = density.mean(axis=0)
    peer = of_specparam(whole, (2, 45))
    # these spectra bend: the peer differs from itself by 0.1 to 0.2 from 2 to 3 Hz on
    assert features(whole[None])["exponent"][0] == pytest.approx(peer, abs=0.3)
    each = np.array([of_specparam(p, (2, 45)) for p in density])
    own = features(density)["exponent"]
    assert np.corrcoef(own, each)[0, 1] > 0.7
    assert np.median(own) == pytest.approx(np.median(each), abs=0.3)
