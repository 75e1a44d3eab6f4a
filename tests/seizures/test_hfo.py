"""Oscillations that were planted are found; noise, spikes, glitches and mains are none."""

import numpy as np
import pytest

from vigil.seizures.interictal.bands import (
    FAST_RIPPLE,
    RIPPLE,
    background_sd,
    band_pass,
    make_band,
)
from vigil.seizures.interictal.oscillations import common, oscillations
from vigil.seizures.settings import Settings

RATE_HZ = 1250.0
MINUTE = 75_000
AT = np.arange(1, 59) * 1250 + 300  # one a second
NEAR = np.arange(-100, 101) / RATE_HZ


@pytest.fixture(scope="module")
def pink():
    """Noise (channel, row) of 80 uV whose power falls with the square of the frequency."""

    def make(n_channels, seed, n=MINUTE):
        white = np.random.default_rng(seed).standard_normal((n_channels, n))
        hz = np.fft.rfftfreq(n, 1 / RATE_HZ)
        x = np.fft.irfft(np.fft.rfft(white) / np.maximum(hz, 0.5), n)
        return (80 * x / x.std(axis=1, keepdims=True)).astype(np.float32)

    return make


def ripple(hz, fwhm_s, amplitude):
    return amplitude * np.exp(-4 * np.log(2) * (NEAR / fwhm_s) ** 2) * np.cos(2 * np.pi * hz * NEAR)


def plant(x, shape):
    for at in AT:
        x[:, at - 100 : at + 101] += shape
    return x


def found(x, name, regions=None):
    """Share of the planted that is found, and how many others per channel and minute."""
    band = make_band(name, RATE_HZ)
    regions = regions or ["a"] * len(x)
    events, _ = oscillations(x, np.ones(x.shape[1], bool), band, regions, Settings())
    off = [np.abs(e[:, 1:2] - AT) for e in events]
    hits = sum((d.min(axis=0, initial=MINUTE) < 60).sum() for d in off)
    others = sum((d.min(axis=1) >= 60).sum() for d in off)
    return hits / len(AT) / len(x), others / len(x)


def sd_of(x, name):
    band = make_band(name, RATE_HZ)
    y = band_pass(x, band)
    return background_sd(y, np.ones(y.shape[1], bool))[:, None]


# measured: 0.35, 0.90, 1.00 for ripples, 0.20, 0.80, 0.99 for fast ones (amplitude 3, 4, 5 sd)
@pytest.mark.parametrize(
    ("name", "hz", "fwhm_s"),
    [(RIPPLE, 110, 0.06), (RIPPLE, 150, 0.05), (RIPPLE, 200, 0.04), (FAST_RIPPLE, 300, 0.03)],
)
def test_what_stands_out_is_found_and_what_does_not_is_not(pink, name, hz, fwhm_s):
    quiet = pink(4, 5)
    for amplitude, low, high in ((2, 0.0, 0.1), (4, 0.65, 1.0), (5, 0.95, 1.0), (12, 1.0, 1.0)):
        x = plant(quiet.copy(), ripple(hz, fwhm_s, amplitude * sd_of(quiet, name)))
        share, others = found(x, name)
        assert low <= share <= high, amplitude
        assert others <= 0.25


def test_a_burst_lies_where_it_was_planted(pink):
    quiet = pink(2, 6)
    x = plant(quiet.copy(), ripple(150, 0.05, 10 * sd_of(quiet, RIPPLE)))
    events, _ = oscillations(
        x, np.ones(MINUTE, bool), make_band(RIPPLE, RATE_HZ), ["a", "b"], Settings()
    )
    for e in events:
        own = e[np.abs(e[:, 1:2] - AT).min(axis=1) < 60]
        assert np.median(np.abs(own[:, 1] - AT)) <= 8  # one of the crests around the top
        length_s = (own[:, 2] - own[:, 0]) / RATE_HZ
        # above 2.6 of 10 standard deviations: 1.39 of the half width
        assert np.median(length_s) == pytest.approx(0.05 * np.sqrt(np.log2(10 / 2.6)), abs=0.007)


def test_noise_has_few(pink):
    x = pink(32, 7)
    for name in (RIPPLE, FAST_RIPPLE):
        events, _ = oscillations(
            x, np.ones(MINUTE, bool), make_band(name, RATE_HZ), ["a"] * 32, Settings()
        )
        assert sum(map(len, events)) / 32 <= 0.1  # per minute


SHARP = {
    "spike of 20 ms": np.exp(-0.5 * (NEAR / 0.008) ** 2),
    "spike of 10 ms": np.exp(-0.5 * (NEAR / 0.004) ** 2),
    "spike of 5 ms": np.exp(-0.5 * (NEAR / 0.002) ** 2),
    "spike and wave": np.exp(-0.5 * (NEAR / 0.008) ** 2)
    - 0.5 * np.exp(-0.5 * ((NEAR - 0.03) / 0.012) ** 2),
    "two phases": np.exp(-0.5 * (NEAR / 0.002) ** 2)
    - 0.8 * np.exp(-0.5 * ((NEAR - 0.01) / 0.003) ** 2),
    "glitch": (np.abs(NEAR) < 1e-6) * 1.0,
    "step": (NEAR > 0) * np.exp(-np.maximum(NEAR, 0) / 0.01),
}


@pytest.mark.parametrize("kind", SHARP)
@pytest.mark.parametrize("size_uv", [300.0, 4000.0])
def test_sharp_transients_ring_and_are_no_oscillation(pink, kind, size_uv):
    x = plant(pink(2, 8), (size_uv * SHARP[kind]).astype(np.float32))
    for name in (RIPPLE, FAST_RIPPLE):
        share, others = found(x, name)
        assert share <= 0.02
        assert others <= 0.5


def test_a_ripple_that_rides_on_a_spike_is_found(pink):
    quiet = pink(4, 9)
    x = plant(quiet.copy(), ripple(150, 0.05, 8 * sd_of(quiet, RIPPLE)))
    x = plant(x, (600 * SHARP["spike of 20 ms"]).astype(np.float32))
    assert found(x, RIPPLE)[0] > 0.95


def test_the_bands_are_told_apart(pink):
    quiet = pink(4, 10)
    slow = plant(quiet.copy(), ripple(140, 0.05, 10 * sd_of(quiet, RIPPLE)))
    fast = plant(quiet.copy(), ripple(380, 0.03, 10 * sd_of(quiet, FAST_RIPPLE)))
    assert found(slow, RIPPLE)[0] == 1.0
    assert found(slow, FAST_RIPPLE)[0] == 0.0
    assert found(fast, FAST_RIPPLE)[0] == 1.0
    assert found(fast, RIPPLE)[0] == 0.0


def test_mains_is_no_oscillation_whether_it_stays_or_comes_and_goes(pink):
    t = np.arange(MINUTE) / RATE_HZ
    hum = sum(np.sin(2 * np.pi * hz * t) for hz in (50, 100, 150, 200, 250, 350, 450))
    quiet = pink(2, 11)
    for switched in (np.ones(MINUTE), (t % 7.0 < 2.0) * 1.0):
        for name in (RIPPLE, FAST_RIPPLE):
            x = (quiet + 20 * hum * switched).astype(np.float32)
            assert sum(found(x, name)) <= 0.5


def test_what_most_regions_have_at_once_is_common(pink):
    quiet = pink(8, 12)
    x = plant(quiet.copy(), ripple(150, 0.05, 10 * sd_of(quiet, RIPPLE)))
    four = ["a", "a", "b", "b", "c", "c", "d", "d"]
    assert found(x, RIPPLE, four)[0] < 0.05
    # of two regions none can be called the common one
    assert found(x, RIPPLE, ["a"] * 4 + ["b"] * 4)[0] == 1.0
    half = np.concatenate([x[:4], quiet[4:]])
    assert found(half, RIPPLE, four)[0] == pytest.approx(0.5)


def test_common_asks_for_most_regions():
    channel, top = np.array([0, 1, 2, 2]), np.array([100, 104, 108, 900])
    regions = ["a", "b", "c", "d"]
    assert common(channel, top, regions, 12.0).tolist() == [True, True, True, False]
    assert not common(channel, top, regions, 3.0).any()
    assert not common(channel, top, ["a", "b", "b", "d"], 12.0).any()


def test_a_dead_channel_has_no_background_and_no_bursts(pink):
    x = pink(2, 13)
    x[1] = 7.0
    events, sd = oscillations(
        x, np.ones(MINUTE, bool), make_band(RIPPLE, RATE_HZ), ["a", "b"], Settings()
    )
    assert sd[0] > 0
    assert sd[1] == 0
    assert len(events[1]) == 0
