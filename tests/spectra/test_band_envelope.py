"""Envelopes of sinusoids, and of blocks of a signal."""

import numpy as np
import pytest
from scipy import signal

from vigil.spectra.band_envelope import band_envelope, make_quadrature

SIGMA, RIPPLE = (10.0, 15.0), (120.0, 180.0)


@pytest.mark.parametrize("band_hz", [SIGMA, RIPPLE])
@pytest.mark.parametrize("rate_hz", [500.0, 1000.0, 1250.0, 1017.25, 2000.0])
def test_a_sinusoid_in_the_band_has_its_amplitude_and_one_outside_nothing(rate_hz, band_hz):
    t = np.arange(int(6 * rate_hz)) / rate_hz
    low, high = band_hz
    middle, width = (low + high) / 2, high - low
    frequencies = (middle, low, high, low - width / 2, high + width / 2)
    tones = [50 * np.cos(2 * np.pi * f * t + 0.4) for f in frequencies]
    values = band_envelope(np.array(tones, np.float32), 0, make_quadrature(rate_hz, band_hz)).values
    assert values[0] == pytest.approx(np.full(values.shape[1], 50.0), rel=2e-3)
    assert values[1:3] == pytest.approx(np.full((2, values.shape[1]), 25.0), rel=2e-2)
    assert (values[3:] < 50 * 10 ** (-55 / 20)).all()


@pytest.mark.parametrize("band_hz", [SIGMA, RIPPLE])
def test_it_is_the_hilbert_envelope_of_the_filtered_signal_in_time(band_hz):
    rate_hz = 1250.0
    x = np.random.default_rng(0).normal(0, 20, 40_000).astype(np.float32)
    quadrature = make_quadrature(rate_hz, band_hz)
    envelope = band_envelope(x[None], 0, quadrature)
    # the cosine alone is a linear-phase band pass, whose first tap is zero
    centred = np.r_[quadrature.cosine[1:], 0].astype(float)
    filtered = np.convolve(x, centred, "full")[quadrature.half - 1 :][: len(x)]
    rows = envelope.first_row + envelope.step * np.arange(envelope.values.shape[1])
    expected = np.abs(signal.hilbert(filtered))[rows]
    inner = slice(len(rows) // 4, -len(rows) // 4)  # a transform has ends
    np.testing.assert_allclose(envelope.values[0, inner], expected[inner], atol=0.02)


@pytest.mark.parametrize("first", [1, 31, 32, 4097])
def test_a_block_has_the_bits_of_the_whole(first):
    x = np.random.default_rng(1).normal(0, 20, (2, 20_000)).astype(np.float32)
    for band_hz in (SIGMA, RIPPLE):
        quadrature = make_quadrature(1250.0, band_hz)
        whole = band_envelope(x, 0, quadrature)
        part = band_envelope(x[:, first : first + 9000], first, quadrature)
        at, odd = divmod(part.first_row - whole.first_row, whole.step)
        assert odd == 0
        assert part.values.shape[1] >= (9000 - 2 * quadrature.half) // quadrature.step
        assert np.array_equal(part.values, whole.values[:, at : at + part.values.shape[1]])


def test_a_piece_shorter_than_the_filter_has_no_envelope():
    quadrature = make_quadrature(1250.0, SIGMA)
    for n in (0, 10, 2 * quadrature.half - 1):
        assert band_envelope(np.ones((3, n), np.float32), 0, quadrature).values.shape == (3, 0)
    exact = np.ones((3, 2 * quadrature.half), np.float32)
    assert band_envelope(exact, -quadrature.half, quadrature).values.shape == (3, 1)
