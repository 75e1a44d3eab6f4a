"""Muscle tone from what distant sites share above 300 Hz."""

import numpy as np
import pytest

from vigil.spectra.muscle import emg_from_lfp

RNG = np.random.default_rng(0)


def test_shared_muscle_activity_gives_the_correlation_of_its_share():
    muscle = RNG.normal(size=(20, 1, 5000))
    x = (muscle + RNG.normal(size=(20, 3, 5000))).astype(np.float32)
    tone = emg_from_lfp(x, [[0], [1], [2]], 1250.0)
    assert tone.mean() == pytest.approx(0.5, abs=0.03)


def test_independent_sites_share_nothing():
    x = RNG.normal(size=(20, 2, 5000)).astype(np.float32)
    assert abs(emg_from_lfp(x, [[0], [1]], 1250.0).mean()) < 0.03


def test_slow_rhythms_do_not_count():
    t = np.arange(5000) / 1250
    x = RNG.normal(size=(5, 2, 5000)) + 50 * np.sin(2 * np.pi * 7 * t)
    assert abs(emg_from_lfp(x.astype(np.float32), [[0], [1]], 1250.0).mean()) < 0.05


@pytest.mark.parametrize(("sites", "rate"), [([[0]], 1250.0), ([[0], [1]], 1000.0)])
def test_cannot_be_known_from_one_site_or_at_a_low_rate(sites, rate):
    x = RNG.normal(size=(3, 2, 5000)).astype(np.float32)
    assert np.isnan(emg_from_lfp(x, sites, rate)).all()
