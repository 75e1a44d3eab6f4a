"""Muscle tone from what distant sites share above 300 Hz."""

import numpy as np
import pytest

from vigil.spectra import muscle as muscle_tone
from vigil.spectra.bands import choose_bins
from vigil.spectra.settings import Settings

RNG = np.random.default_rng(0)


def emg_from_lfp(x, rate_hz=1250.0, clean=None):
    bins = choose_bins(np.fft.rfftfreq(x.shape[-1], 1 / rate_hz), Settings(), rate_hz).fast
    clean = np.ones(x.shape[:2], bool) if clean is None else clean
    return muscle_tone.emg_from_lfp(x, clean, rate_hz, bins)


def test_shared_muscle_activity_gives_the_correlation_of_its_share():
    muscle = RNG.normal(size=(20, 1, 5000))
    x = (muscle + RNG.normal(size=(20, 3, 5000))).astype(np.float32)
    tone = emg_from_lfp(x)
    assert tone.mean() == pytest.approx(0.5, abs=0.03)


def test_independent_sites_share_nothing():
    x = RNG.normal(size=(20, 2, 5000)).astype(np.float32)
    assert abs(emg_from_lfp(x).mean()) < 0.03


def test_slow_rhythms_do_not_count():
    t = np.arange(5000) / 1250
    x = RNG.normal(size=(5, 2, 5000)) + 50 * np.sin(2 * np.pi * 7 * t)
    assert abs(emg_from_lfp(x.astype(np.float32)).mean()) < 0.05


@pytest.mark.parametrize(("sites", "rate_hz"), [(1, 1250.0), (2, 1000.0)])
def test_cannot_be_known_from_one_site_or_at_a_low_rate(sites, rate_hz):
    x = RNG.normal(size=(3, sites, 5000)).astype(np.float32)
    assert np.isnan(emg_from_lfp(x, rate_hz)).all()


def test_a_site_with_an_artefact_does_not_count():
    shared = RNG.normal(size=(4, 1, 5000))
    x = (shared + RNG.normal(size=(4, 3, 5000))).astype(np.float32)
    x[1, 2] = np.nan
    clean = np.array([[True, True, True], [True, True, False], [True, False, False], [False] * 3])
    tone = emg_from_lfp(x, clean=clean)
    assert tone[:2] == pytest.approx([0.5, 0.5], abs=0.05)
    assert np.isnan(tone[2:]).all()


def test_harmonics_of_the_mains_that_sites_share_are_no_muscle():
    t = np.arange(5000) / 1250
    lines = sum(3 * np.sin(2 * np.pi * f * t + f) for f in (350.02, 450.0, 549.97))
    x = (RNG.normal(0, 5, (10, 4, 5000)) + lines).astype(np.float32)
    assert abs(emg_from_lfp(x).mean()) < 0.03
