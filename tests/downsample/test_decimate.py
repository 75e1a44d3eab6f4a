"""The resampling, against scipy and against closed forms."""

import numpy as np
import pytest
from scipy import signal

from vigil.downsample.decimate import design_decimator

RATES = [(32000, 1250), (32000, 1000), (30000, 1250), (24000, 1250), (32768, 1250)]


def resample(decimator, x, pieces):
    n = decimator.n_out(len(x))
    out = []
    for first in range(0, n, pieces):
        last = min(n, first + pieces)
        lo, hi = decimator.input_range(first, last)
        a, b = max(lo, 0), min(hi, len(x))
        padded = np.pad(x[a:b], (a - lo, hi - b), mode="edge")
        out.append(decimator.apply(padded, lo, first, last))
    return np.concatenate(out)


@pytest.mark.parametrize(("rate_in", "rate_out"), RATES)
def test_equals_scipy_with_the_same_taps(rate_in, rate_out):
    x = np.random.default_rng(0).normal(500, 1000, rate_in).astype(np.float32)
    d = design_decimator(rate_in, rate_out)
    wanted = signal.resample_poly(
        x.astype(float), d.up, d.down, window=d.taps / d.up, padtype="edge"
    )
    ours = resample(d, x, 10**9)
    assert len(ours) == len(wanted)
    error_db = 20 * np.log10(np.abs(ours - wanted).max() / np.abs(wanted).max())
    assert error_db < -90


@pytest.mark.parametrize("pieces", [7, 100, 333])
def test_the_same_to_the_bit_for_any_piece(pieces):
    x = np.random.default_rng(1).normal(0, 1000, 40000).astype(np.float32)
    d = design_decimator(32000, 1250)
    assert np.array_equal(resample(d, x, pieces), resample(d, x, 10**9))


def test_the_response_is_flat_to_500_hz_and_gone_from_625_hz():
    d = design_decimator(32000, 1250)
    f, h = signal.freqz(d.taps / d.up, worN=1 << 17, fs=32000 * d.up)
    gain_db = 20 * np.log10(np.maximum(np.abs(h), 1e-12))
    assert np.abs(gain_db[f <= 500]).max() < 0.01
    assert gain_db[f >= 625].max() < -80


def test_no_delay_and_no_change_of_a_sine():
    t = np.arange(64000) / 32000
    y = resample(design_decimator(32000, 1250), np.sin(2 * np.pi * 40 * t).astype(np.float32), 999)
    wanted = np.sin(2 * np.pi * 40 * np.arange(len(y)) / 1250)
    assert np.abs(y - wanted)[100:-100].max() < 1e-3


def test_a_source_that_is_slow_enough_is_passed_through():
    d = design_decimator(1000, 1250)
    x = np.arange(50, dtype=np.float32)
    assert np.array_equal(resample(d, x, 7), x)
