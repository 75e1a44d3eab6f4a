"""Measures of signals whose power, hum and correlation are known."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigil.downsample.excerpts import measure_excerpts
from vigil.downsample.files import create_lfp, open_lfp
from vigil.recording import Montage, Segments, excerpt_rows

RATE_HZ = 1250.0


@pytest.fixture
def stored(tmp_path):
    """Writer of a store from signals in uV, (channel, sample)."""

    def write(signals_uv, rate_hz=RATE_HZ):
        n_channels, n = np.shape(signals_uv)
        names = tuple(f"c{i}" for i in range(n_channels))
        montage = Montage(names, names, ("",) * n_channels, ("lfp",) * n_channels)
        segments = Segments((0.0,), (n / rate_hz,), (n,), rate_hz)
        array = create_lfp(tmp_path / "lfp.zarr", montage, segments, [0.1] * n_channels)
        array[:] = np.rint(np.transpose(signals_uv) / 0.1).astype(np.int16)
        return open_lfp(tmp_path / "lfp.zarr")

    return write


def white(n_channels, seconds=60, rate_hz=RATE_HZ, seed=0):
    return np.random.default_rng(seed).normal(size=(n_channels, round(seconds * rate_hz)))


def test_power_and_noise_floor_of_white_noise(stored):
    m = measure_excerpts(stored(40 * white(3)))
    density = 40**2 / (RATE_HZ / 2)
    # without 3 Hz at each multiple of 50 or 60 Hz, the bins at its borders included
    lines = 2.25 * (9 if m.mains_hz == 50 else 8)
    assert np.median(m.rms_uv) == pytest.approx(np.sqrt(density * (499 - lines)), rel=0.02)
    assert np.median(m.rhythm_uv) == pytest.approx(np.sqrt(density * (99 - 2.25)), rel=0.05)
    assert m.noise_floor_uv2_hz == pytest.approx(np.full(3, density), rel=0.1)


@pytest.mark.parametrize("mains_hz", [50.0, 60.0])
def test_hum_is_found_at_its_frequency_with_its_share(stored, mains_hz):
    x = 20 * white(2)
    time_s = np.arange(x.shape[1]) / RATE_HZ
    x[0] += 30 * np.sin(2 * np.pi * (mains_hz + 0.05) * time_s)
    x[0] += 10 * np.sin(2 * np.pi * 3 * mains_hz * time_s)
    m = measure_excerpts(stored(x))
    assert m.mains_hz == mains_hz
    hum_uv2 = (30**2 + 10**2) / 2
    rest_uv2 = 20**2 * 499 / 625
    assert m.mains_share == pytest.approx([hum_uv2 / (hum_uv2 + rest_uv2), 0], abs=0.02)
    # the peak of a line under a Hann window of 4 s: A^2 / 2 over a width of 1.5 bins
    line_db = 10 * np.log10(30**2 / 2 / (1.5 / 4) / (20**2 / 625 * np.log(2)))
    assert m.mains_db[0] == pytest.approx(line_db, abs=1.5)
    assert m.mains_db[1] < 6
    # the hum is no part of the channel's own signal
    assert np.median(m.rms_uv[:, 0]) == pytest.approx(np.median(m.rms_uv[:, 1]), rel=0.02)


def test_correlation_of_signals_that_share_a_known_part(stored):
    common, own = white(1), white(4, seed=1)
    x = 30 * np.concatenate([common + 0.5 * own[:2], -common + 0.5 * own[2:3], own[3:]])
    m = measure_excerpts(stored(x))
    assert m.related[0, 1] == pytest.approx(1 / 1.25, abs=0.03)
    assert m.related[0, 2] == pytest.approx(1 / 1.25, abs=0.03)  # whatever its sign
    assert m.related[:3, 3].max() < 0.12
    assert (m.alike <= m.related).all()


def test_slow_waves_alone_make_no_relation(stored):
    drift = np.cumsum(white(2, seed=2), axis=1)
    m = measure_excerpts(stored(20 * drift / drift.std()))
    assert m.related[0, 1] < 0.15


def test_a_copy_is_alike_and_a_close_contact_is_not(stored):
    field, own = white(1), white(2, seed=3)
    x = 100 * np.concatenate([field, field, field + 0.1 * own[:1]])
    m = measure_excerpts(stored(x))
    assert m.alike[0, 1] > 0.99999
    assert m.alike[0, 2] == pytest.approx(1 / np.sqrt(1.01), abs=0.002)


@pytest.mark.parametrize("rate_hz", [250.0, 305.0, 999.7, 2000.0])
def test_any_rate(stored, rate_hz):
    m = measure_excerpts(stored(50 * white(2, rate_hz=rate_hz), rate_hz))
    assert np.isfinite(m.rms_uv).all()
    # at low rates the upper end holds few bins, and the quietest excerpts lie lower
    assert m.noise_floor_uv2_hz == pytest.approx(2500 / (rate_hz / 2), rel=0.35)


def test_mains_are_not_looked_for_where_the_rate_does_not_reach(stored):
    m = measure_excerpts(stored(50 * white(2, rate_hz=100.0), 100.0))
    assert np.isnan(m.mains_hz)
    assert np.isnan(m.mains_share).all()
    assert np.isfinite(m.related).all()


@pytest.mark.parametrize("seconds", [0.0, 0.5])
def test_too_short_to_say(stored, seconds):
    m = measure_excerpts(stored(50 * white(2, seconds=seconds)))
    assert len(m.rms_uv) == 0
    assert np.isnan(m.related).all()


def test_excerpts_are_spread_and_never_cross_a_gap():
    segments = Segments((0.0, 100.0, 200.0), (50.0, 101.0, 400.0), (5000, 100, 20000), 100.0)
    rows = excerpt_rows(segments, 20, 4.0)
    assert len(rows) == 20
    assert {last - first for first, last in rows} == {400}
    assert rows[0] == (0, 400)
    assert rows[-1] == (24700, 25100)
    assert all(last <= 5000 or first >= 5100 for first, last in rows)
    gaps = np.diff([first for first, _ in rows])
    assert gaps.max() < 2 * gaps.min()


@given(st.lists(st.integers(1, 3000), min_size=1, max_size=12), st.integers(1, 30))
def test_excerpts_lie_inside_segments_and_share_no_row(lengths, count):
    starts = tuple(100.0 * k for k in range(len(lengths)))
    stops = tuple(a + n / 100 for a, n in zip(starts, lengths, strict=True))
    segments = Segments(starts, stops, tuple(lengths), 100.0)
    rows = excerpt_rows(segments, count, 4.0)
    assert 1 <= len(rows) <= count
    borders = [(a, a + n) for a, n in zip(segments.first_rows, segments.rows, strict=True)]
    for first, last in rows:
        assert last - first == min(400, max(lengths))
        assert any(a <= first and last <= b for a, b in borders)
    assert all(a[1] <= b[0] for a, b in pairwise(rows))


def test_excerpts_of_short_recordings_do_not_overlap():
    rows = excerpt_rows(Segments((0.0,), (10.0,), (1000,), 100.0), 20, 4.0)
    assert [last - first for first, last in rows] == [400, 400]
    assert rows[0][1] <= rows[1][0]
    assert excerpt_rows(Segments((0.0, 9.0), (2.0, 12.0), (200, 300), 100.0), 20, 4.0) == [
        (200, 500)
    ]
