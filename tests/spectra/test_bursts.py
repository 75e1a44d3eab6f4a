"""Bursts put into 1/f noise at known times."""

import dataclasses

import numpy as np
import pytest

from vigil.spectra.band_envelope import Envelope, band_envelope, make_quadrature
from vigil.spectra.bursts import (
    BURSTS,
    RIPPLES,
    SPINDLES,
    Baseline,
    burst_peaks,
    burst_rates,
    bursts_per_min,
    margin_rows,
    reaches,
    usual_level,
)

RATE = 1250.0
N = int(600 * RATE)
T = np.arange(N) / RATE
AT_S = np.arange(5, 595, 6.0) + np.random.default_rng(5).uniform(-0.5, 0.5, 99)
CENTRE_HZ = {"spindle": 12.5, "ripple": 150.0}
WIDTH_S = {"spindle": 0.4, "ripple": 0.02}


def envelope_of(x, burst):
    return band_envelope(x, 0, make_quadrature(RATE, burst.band_hz))


@pytest.fixture(scope="module")
def noise():
    """Ten minutes of 100 uV whose power falls with f^1.5, two channels."""
    shape = np.maximum(np.fft.rfftfreq(N, 1 / RATE), 0.5) ** -0.75
    white = np.random.default_rng(0).normal(size=(2, N))
    x = np.fft.irfft(np.fft.rfft(white) * shape, N)
    return (100 * x / x.std()).astype(np.float32)


def with_bursts(x, name, baseline, height):
    """The first channel with bursts whose peaks are `height` spreads above the usual level."""
    amplitude = baseline.median[0] + height * baseline.spread[0]
    phase = np.random.default_rng(6).uniform(0, 2 * np.pi, len(AT_S))
    y = x[:1].astype(float)
    for at, p in zip(AT_S, phase, strict=True):
        near = np.abs(T - at) < 3
        t = T[near] - at
        wave = np.cos(2 * np.pi * CENTRE_HZ[name] * t + p)
        y[0, near] += amplitude * np.exp(-0.5 * (t / WIDTH_S[name]) ** 2) * wave
    return y.astype(np.float32)


@pytest.mark.parametrize(("name", "height"), [("spindle", 6), ("ripple", 8)])
def test_bursts_in_noise_are_found_at_their_times(noise, name, height):
    burst = BURSTS[name]
    baseline = usual_level([envelope_of(noise, burst)])
    one = Baseline(baseline.median[:1], baseline.spread[:1])
    x = with_bursts(noise, name, baseline, height)
    peaks_s = burst_peaks(envelope_of(x, burst), one, burst, RATE)[0] / RATE
    apart_s = np.abs(peaks_s[:, None] - AT_S)
    hit = apart_s.min(axis=0) < WIDTH_S[name]
    assert hit.mean() >= 0.97
    assert (apart_s.min(axis=1) >= WIDTH_S[name]).sum() <= {"spindle": 2, "ripple": 10}[name]


@pytest.mark.parametrize(("name", "per_min"), [("spindle", 0.3), ("ripple", 0.8)])
def test_false_alarms_in_noise_are_rare(noise, name, per_min):
    burst = BURSTS[name]
    envelope = envelope_of(noise, burst)
    peaks = burst_peaks(envelope, usual_level([envelope]), burst, RATE)
    assert all(len(p) / 10 <= per_min for p in peaks)


def test_ripples_need_a_rate_that_reaches_them():
    assert not reaches(RIPPLES, 400.0)
    assert reaches(RIPPLES, 500.0)
    assert reaches(SPINDLES, 100.0)


@pytest.mark.parametrize("name", BURSTS)
@pytest.mark.parametrize("epochs_at_once", [1, 7, 60])
def test_block_size_does_not_matter_to_the_bit(noise, name, epochs_at_once):
    burst, n_rows = BURSTS[name], 5001  # no multiple of the envelope's step
    quadrature = make_quadrature(RATE, burst.band_hz)
    # low thresholds and short bursts have many bursts, some of them joined and some too long
    busy = dataclasses.replace(burst, edge=0.5, peak=1.0, apart_s=burst.least_s)
    whole = band_envelope(noise, 0, quadrature)
    baseline = usual_level([whole])
    epoch_rows = np.arange(N // n_rows) * n_rows
    for counted in (burst, busy):
        margin = margin_rows(RATE, counted)
        expected = burst_rates(noise, 0, N, epoch_rows, n_rows, counted, quadrature, baseline, RATE)
        assert np.isfinite(expected).all()
        pieces = []
        for i in range(0, len(epoch_rows), epochs_at_once):
            rows = epoch_rows[i : i + epochs_at_once]
            a, b = max(0, rows[0] - margin), min(N, rows[-1] + n_rows + margin)
            x = np.ascontiguousarray(noise[:, a:b])
            part = band_envelope(x, a, quadrature)
            at = (part.first_row - whole.first_row) // part.step
            assert np.array_equal(part.values, whole.values[:, at : at + part.values.shape[1]])
            pieces.append(burst_rates(x, a, N, rows, n_rows, counted, quadrature, baseline, RATE))
        assert np.array_equal(np.hstack(pieces), expected)
    assert expected.sum() > 1000


def peaks_of(values, **changes):
    """Bursts of one channel whose usual level is 0 with a spread of 1, at 100 values a second."""
    least = {"edge": 1.0, "peak": 3.0, "least_s": 0.03, "most_s": 0.1, "apart_s": 0.02}
    burst = dataclasses.replace(SPINDLES, **(least | changes))
    envelope = Envelope(np.array([values], np.float32), 40, 10)
    level = Baseline(np.zeros(1), np.ones(1))
    return burst_peaks(envelope, level, burst, 1000.0)[0].tolist()


def test_what_counts_as_a_burst():
    quiet = [0.0] * 5
    assert peaks_of([*quiet, 2, 2, 4, 2, 2, *quiet]) == [40 + 70]
    assert peaks_of([*quiet, 2, 2, 2.9, 2, 2, *quiet]) == []  # too low
    assert peaks_of([*quiet, 0, 2, 4, 0, 0, *quiet]) == []  # too short
    assert peaks_of([*quiet, 4, *[2] * 12, *quiet]) == []  # too long
    assert peaks_of([2, 2, 4, 2, 2, *quiet]) == []  # cut by the border
    assert peaks_of([*quiet, 2, 2, 4, 2, 2]) == []
    # one burst with a dip, two with a pause
    assert peaks_of([*quiet, 2, 4, 2, 0.5, 2, 5, 2, *quiet]) == [40 + 100]
    assert peaks_of([*quiet, 2, 4, 3, 2, *quiet, 2, 5, 2, 2, *quiet]) == [40 + 60, 40 + 150]
    assert peaks_of([*quiet, 2, 4, 2, 0.5, 2, 5, 2, *[2] * 8, *quiet]) == []  # joined, too long


def test_a_burst_counts_in_the_epoch_that_holds_its_peak():
    epochs = np.array([0, 1000, 2000, 3000])
    peaks = np.array([999, 1000, 1500, 2999])
    rates = bursts_per_min(peaks, epochs, 1000, (0, 4000), 250.0)
    assert rates.tolist() == [15, 30, 15, 0]


def test_rates_are_of_what_is_known_of_an_epoch():
    epochs, peaks = np.array([0, 1000, 2000]), np.array([800, 1500])
    rates = bursts_per_min(peaks, epochs, 1000, (400, 2400), 250.0)
    assert rates[:2].tolist() == [25, 15]  # 2.4 s of the first epoch are known
    assert np.isnan(rates[2])


def test_a_dead_channel_has_no_rate(noise):
    x = noise[:, :50_000].copy()
    x[1] = 3.0
    quadrature = make_quadrature(RATE, SPINDLES.band_hz)
    level = usual_level([band_envelope(x, 0, quadrature)])
    epochs = np.arange(2, 8) * 5000
    rates = burst_rates(x, 0, 50_000, epochs, 5000, SPINDLES, quadrature, level, RATE)
    assert np.isfinite(rates[0]).all()
    assert np.isnan(rates[1]).all()


def test_a_segment_shorter_than_the_filter_has_no_rate(noise):
    quadrature = make_quadrature(RATE, SPINDLES.band_hz)
    level = usual_level([band_envelope(noise, 0, quadrature)])
    x = np.ascontiguousarray(noise[:, :1000])
    assert band_envelope(x, 0, quadrature).values.shape == (2, 0)
    rates = burst_rates(x, 0, 1000, np.array([0]), 1000, SPINDLES, quadrature, level, RATE)
    assert np.isnan(rates).all()
    assert np.isnan(usual_level([band_envelope(x, 0, quadrature)]).median).all()
