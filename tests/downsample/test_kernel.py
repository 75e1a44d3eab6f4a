"""The compiled loops against numpy."""

import numpy as np
import pytest

from vigil.downsample import kernel

RNG = np.random.default_rng(4)


@pytest.mark.parametrize(
    ("step", "filtered"), [(8, kernel.fir_of_eight), (16, kernel.fir_of_sixteen)]
)
@pytest.mark.parametrize("taps", [64, 128, 192])
def test_the_filter_for_a_common_step_is_the_plain_one(step, filtered, taps):
    x = RNG.normal(0, 1000, 47 * 16 * step + taps).astype(np.float32)
    h = RNG.normal(0, 1, taps).astype(np.float32)
    y = np.empty(47 * 16, np.float32)
    filtered(x, h, y)
    wanted = [x[step * n : step * n + taps].astype(float) @ h for n in range(len(y))]
    assert np.abs(y - wanted).max() < 1e-6 * np.abs(wanted).max()
    plain = np.empty_like(y)
    kernel.fir_of_any(x, h, step, plain)
    assert np.abs(y - plain).max() < 1e-6 * np.abs(wanted).max()


@pytest.mark.parametrize(("step", "taps"), [(1, 64), (3, 64), (8, 64), (8, 128), (12, 192)])
@pytest.mark.parametrize("n", [16, 512, 528])
def test_the_coarse_filter(step, taps, n):
    x = RNG.integers(-32768, 32768, (n - 1) * step + taps).astype(np.int16)
    h = RNG.normal(0, 1, taps).astype(np.float32)
    y = np.empty(n, np.float32)
    kernel.coarse(x, h, step, y)
    wanted = [x[step * k : step * k + taps].astype(float) @ h for k in range(n)]
    assert np.abs(y - wanted).max() < 1e-6 * np.abs(wanted).max()


@pytest.mark.parametrize("step", [3, 16])
@pytest.mark.parametrize("rounds", [16, 528])
def test_the_fine_filter(step, rounds):
    x = RNG.normal(0, 1000, rounds * step + 400).astype(np.float32)
    bank = RNG.normal(0, 1, (5, 192)).astype(np.float32)
    starts = np.array([3, 0, 16, 7, 20])
    y = np.empty(rounds * 5, np.float32)
    kernel.fine(x, bank, starts, step, y)
    wanted = [
        x[step * b + s : step * b + s + 192].astype(float) @ taps
        for b in range(rounds)
        for s, taps in zip(starts, bank, strict=True)
    ]
    assert np.abs(y - wanted).max() < 1e-6 * np.abs(wanted).max()


def test_rounding_goes_to_the_nearest_step_and_stops_at_the_ends():
    x = np.array([0.4, -0.6, 1.5, 2.5, 32767.4, 4e4, -4e4, -32768.6], np.float32)
    y = np.empty(len(x), np.int16)
    kernel.round_to_int16(x, y)
    assert y.tolist() == [0, -1, 2, 2, 32767, 32767, -32768, -32768]


@pytest.mark.parametrize(("channels", "held", "rows"), [(1, 5, 5), (3, 100, 77), (64, 4096, 4095)])
def test_transposing(channels, held, rows):
    x = RNG.integers(-9, 9, (channels, held)).astype(np.int16)
    y = np.empty((rows, channels), np.int16)
    kernel.transpose(x, y)
    assert np.array_equal(y, x[:, :rows].T)


def test_extremes_and_counts():
    x = RNG.integers(-32768, 32768, 1000).astype(np.int16)
    low, high = np.empty(8, np.int16), np.empty(8, np.int16)
    kernel.window_extremes(x, low, high, 125)
    assert np.array_equal(low, x.reshape(8, 125).min(1))
    assert np.array_equal(high, x.reshape(8, 125).max(1))
    assert kernel.count_outside(x, -20000, 30000) == ((x <= -20000) | (x >= 30000)).sum()
