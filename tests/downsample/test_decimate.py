"""The resampling, against scipy and against closed forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from vigil.downsample.decimate import choose_ratio, design_decimator

RATES = [
    (32000, 1250),
    (32000, 1000),
    (32000, 2000),
    (30000, 1250),
    (30000, 1000),
    (30000, 2000),
    (24000, 1250),
    (32768, 1250),
    (44100, 1250),
    (2000, 1250),
    (1017.375, 1000),
    (512e6 / 17920, 1250),  # measured by a clock of microseconds
    (31999.9, 1250),
    (1250.2, 1250),
    (24414.0625, 1000),
    (50000, 1250),
]
SOME = [
    design_decimator(*rates)
    for rates in [(32000, 1250), (30000, 1000), (2000, 1250), (32768, 1250), (1017.375, 1000)]
]


def noise(n, seed=0):
    return np.random.default_rng(seed).normal(500, 3000, n).astype(np.int16)


@pytest.mark.parametrize(("rate_in", "rate_out"), RATES)
def test_equals_float64_resample_poly_with_the_same_taps_to_90_db(rate_in, rate_out):
    d = design_decimator(rate_in, rate_out)
    x = noise(int(rate_in))
    wanted = signal.resample_poly(
        x.astype(float), d.up, d.down, window=d.equivalent_taps() / d.up, padtype="edge"
    )
    lo, hi = d.sample_range(0, len(wanted))
    ours = d.apply(np.pad(x, (-lo, max(0, hi - len(x))), mode="edge"), 0, len(wanted))
    assert len(ours) == d.n_rows(len(x))
    error_db = 20 * np.log10(np.abs(ours - wanted).max() / np.abs(wanted).max())
    assert error_db < -120
    # and rounded to steps of the converter, against the whole range of the converter
    steps = d.reduce(x)
    assert 20 * np.log10(np.std(steps - wanted) / 32768) < -90
    assert np.abs(steps - wanted).max() < 0.51


@pytest.mark.parametrize(("rate_in", "rate_out"), RATES)
def test_flat_to_four_fifths_of_the_new_nyquist_and_gone_from_it_on(rate_in, rate_out):
    d = design_decimator(rate_in, rate_out)
    taps = d.equivalent_taps() / d.up
    assert np.abs(taps - taps[::-1]).max() < 1e-12 * taps.max()
    n = 1 << int(np.ceil(np.log2(16 * len(taps))))
    gain_db = 20 * np.log10(np.maximum(np.abs(np.fft.rfft(taps, n)), 1e-12))
    frequency = np.arange(len(gain_db)) / n * d.up * rate_in
    nyquist = rate_in * d.up / d.down / 2
    assert np.abs(gain_db[frequency <= 0.8 * nyquist]).max() < 0.01
    assert gain_db[frequency >= nyquist].max() < -84


@pytest.mark.parametrize(("rate_in", "rate_out"), RATES)
def test_the_rate_is_the_one_asked_for(rate_in, rate_out):
    d = design_decimator(rate_in, rate_out)
    assert rate_in * d.up / d.down == pytest.approx(rate_out, rel=1e-6)
    assert d.down % d.step == 0


def test_nominal_rates_give_their_exact_ratio_and_measured_ones_a_cheap_one():
    assert choose_ratio(1250 / 32768, 0.8, 84).denominator == 16384
    for rate_in in np.random.default_rng(3).uniform(29_000, 33_000, 20):
        d = design_decimator(rate_in, 1250)
        assert d.step > 2
        assert d.up <= 4096


@pytest.mark.parametrize("rate_in", [1250.0001, 1250.002, 1250.1, 1249.0])
def test_a_rate_that_is_the_wanted_one_but_for_the_clock_is_passed_through(rate_in):
    d = design_decimator(rate_in, 1250)
    assert (d.up, d.down) == (1, 1)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SOME), st.integers(1, 6000), st.integers(0, 2**32 - 1), st.data())
def test_any_piece_is_the_same_to_the_bit_as_the_whole(d, n, seed, data):
    x = noise(n, seed)
    whole = d.reduce(x)
    first = data.draw(st.integers(0, len(whole) - 1))
    last = data.draw(st.integers(first + 1, len(whole)))
    assert np.array_equal(d.reduce(x, first, last), whole[first:last])


@pytest.mark.parametrize("d", SOME)
def test_pieces_of_a_long_signal_are_the_same_to_the_bit_before_they_are_rounded(d):
    x = noise(400_000)
    last = d.n_rows(380_000)
    lo, hi = d.sample_range(last // 100, last)
    whole = d.apply(x[lo:hi], last // 100, last).copy()
    for a, b in [(0.01, 0.0101), (0.05, 0.2), (0.9, 0.9999)]:
        first, end = round(a * last) + 1, round(b * last) + 1
        lo, hi = d.sample_range(first, end)
        piece = d.apply(np.ascontiguousarray(x[lo:hi]), first, end)
        assert np.array_equal(piece, whole[first - last // 100 : end - last // 100])


@pytest.mark.parametrize(("rate_in", "rate_out"), [(32000, 1250), (30000, 1250), (32768, 1000)])
def test_a_sine_keeps_its_size_and_its_moment(rate_in, rate_out):
    t = np.arange(3 * rate_in) / rate_in
    x = np.rint(30000 * np.sin(2 * np.pi * 40 * t)).astype(np.int16)
    y = design_decimator(rate_in, rate_out).reduce(x)
    wanted = 30000 * np.sin(2 * np.pi * 40 * np.arange(len(y)) / rate_out)
    # half a step of rounding, and the ripple
    assert np.abs(y - wanted)[200:-200].max() < 0.5 + 30000 * 2e-4


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(SOME), st.integers(-32768, 32767), st.integers(1, 3000))
def test_a_constant_stays_constant_to_the_ends(d, value, n):
    assert np.abs(d.reduce(np.full(n, value, np.int16)).astype(int) - value).max() <= 6


def test_a_source_that_is_slow_enough_is_passed_through():
    x = noise(500)
    assert np.array_equal(design_decimator(1000, 1250).reduce(x), x)
    assert np.array_equal(design_decimator(1000, 1250).reduce(x, 7, 33), x[7:33])
