"""Spectrograms of channels and regions, in blocks."""

import numpy as np
import pytest
from mne.time_frequency import psd_array_multitaper

from vigil.downsample.files import Lfp, create_lfp, open_lfp
from vigil.recording import Montage, Segments
from vigil.spectra import spectrogram
from vigil.spectra.spectrogram import (
    columns_at_once,
    plan_spectrogram,
    present_median,
    spans_of_flags,
    spectrogram_blocks,
)

RATE = 1250.0
NAMES = ("a1", "a2", "a3", "b1")
MONTAGE = Montage(NAMES, ("ca1",) * 3 + ("cx",), ("",) * 4, ("lfp",) * 4)
REGIONS = {"ca1": [0, 1, 2], "cx": [3]}
SCALE_UV = 0.1


def make_lfp(path, segments, seed=8):
    """Noise of 20 uV, and theta of 100 uV in ca1 from 12 s on."""
    rng = np.random.default_rng(seed)
    t = segments.time_s(np.arange(segments.n_rows))
    x = rng.normal(0, 200, (len(t), 4))
    x[:, :3] += np.where(t >= 12, 1000 * np.sin(2 * np.pi * 7 * t), 0)[:, None]
    create_lfp(path, MONTAGE, segments, [SCALE_UV] * 4)[:] = np.round(x).astype(np.int16)
    return open_lfp(path)


@pytest.fixture(scope="module")
def lfp(tmp_path_factory):
    """24 s with a gap of 3 s."""
    segments = Segments((0.0, 12.0), (9.0, 24.0), (11250, 15000), RATE)
    return make_lfp(tmp_path_factory.mktemp("lfp") / "lfp.zarr", segments)


def whole(lfp, plan, **options):
    blocks = list(spectrogram_blocks(lfp, REGIONS, plan, **options))
    return [np.concatenate([getattr(b, n) for b in blocks], 1) for n in ("regions", "channels")]


@pytest.fixture(scope="module")
def plan(lfp):
    return plan_spectrogram(lfp.segments, 2.0, 1.0, 100.0, 2.0)


def test_columns_are_missing_in_the_gap_and_peak_at_theta(lfp, plan):
    power, _ = whole(lfp, plan)
    time_s, f = plan.grid.time_s, plan.grid.frequency_hz
    assert power.shape == (2, len(time_s), len(f))
    assert power.dtype == np.float32
    assert (time_s[0], time_s[-1], f[-1]) == (1.0, 23.0, 100.0)
    missing = np.isnan(power[0])
    assert time_s[missing.all(1)].tolist() == time_s[missing.any(1)].tolist() == [9, 10, 11, 12]
    assert f[np.nanmean(power[0, time_s > 14], axis=0).argmax()] == pytest.approx(7, abs=0.5)
    # white noise of 20 uV
    assert np.nanmean(power[1][:, f > 5]) == pytest.approx(20**2 / 625, rel=0.05)


def test_a_column_is_what_mne_finds_in_its_window(lfp, plan):
    _, channels = whole(lfp, plan)
    x = np.asarray(lfp.array[1250:3750]).T * SCALE_UV
    x = x - x.mean(1, keepdims=True)
    # half bandwidth of NW = 2 in 2 s
    expected, f = psd_array_multitaper(
        x, RATE, 0, 100, bandwidth=2.0, adaptive=False, low_bias=True, normalization="full"
    )
    assert np.allclose(f, plan.grid.frequency_hz)
    assert channels[:, 1, 1:] == pytest.approx(expected[:, 1:], rel=1e-5)


def test_a_region_is_the_median_of_its_channels(lfp, plan):
    regions, channels = whole(lfp, plan)
    assert np.array_equal(regions[0], np.median(channels[:3], axis=0), equal_nan=True)
    assert np.array_equal(regions[1], channels[3], equal_nan=True)


@pytest.mark.parametrize("columns", [1, 7])
def test_the_same_bits_for_any_threads_and_blocks(lfp, plan, columns, monkeypatch):
    expected = whole(lfp, plan)
    monkeypatch.setattr(spectrogram, "COLUMNS_AT_ONCE", columns)
    found = whole(lfp, plan, threads=3)
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(expected, found, strict=True))


def test_what_an_artefact_touches_is_missing_in_its_channel_only(lfp, plan):
    _, clean = whole(lfp, plan)
    bad_s = {0: np.array([[4.5, 4.75], [20.0, 20.25]]), 3: np.array([[4.5, 4.75]])}
    regions, channels = whole(lfp, plan, bad_s=bad_s)
    time_s = plan.grid.time_s
    gap = [9, 10, 11, 12]
    assert time_s[np.isnan(channels[0, :, 0])].tolist() == [4, 5, *gap, 20, 21]
    assert time_s[np.isnan(channels[1, :, 0])].tolist() == gap
    assert time_s[np.isnan(regions[0, :, 0])].tolist() == gap
    assert time_s[np.isnan(regions[1, :, 0])].tolist() == [4, 5, *gap]
    assert np.array_equal(regions[0, 3], np.median(clean[1:3, 3], axis=0))
    assert np.array_equal(regions[0, 5], np.median(clean[:3, 5], axis=0))


def test_flags_become_spans():
    flags = np.zeros((8, 3), np.uint8)
    flags[[0, 1, 4], 0] = 2
    flags[7, 2] = 1
    spans = spans_of_flags(flags, 100.0, 0.25, [5, 6, 9])
    assert set(spans) == {5, 9}
    assert spans[5].tolist() == [[100, 100.5], [101, 101.25]]
    assert spans[9].tolist() == [[101.75, 102]]


def test_the_median_leaves_out_what_is_missing():
    x = np.float32([[[1], [1], [np.nan]], [[2], [np.nan], [np.nan]], [[9], [3], [np.nan]]])
    assert present_median(x)[:, 0] == pytest.approx([2, 2, np.nan], nan_ok=True)


def test_no_more_rows_are_read_at_once_of_a_longer_recording(tmp_path, monkeypatch):
    monkeypatch.setattr(spectrogram, "VALUES_AT_ONCE", 40_000)
    seen = {}
    read_uv = Lfp.read_uv

    def spy(self, first, last, channels=None):
        seen.setdefault(self.segments.n_rows, []).append(last - first)
        return read_uv(self, first, last, channels)

    monkeypatch.setattr(Lfp, "read_uv", spy)
    for seconds in (30, 90):
        segments = Segments((0.0,), (float(seconds),), (seconds * 1250,), RATE)
        lfp = make_lfp(tmp_path / f"{seconds}.zarr", segments)
        list(spectrogram_blocks(lfp, REGIONS, plan_spectrogram(segments, 2.0, 1.0, 100.0, 2.0)))
    short, long = seen.values()
    assert max(short) == max(long) <= 10_000
    assert len(long) > 2.5 * len(short)


@pytest.mark.parametrize(
    ("window_s", "step_s", "n_channels", "columns"),
    [(2.0, 1.0, 4, 240), (2.0, 1.0, 64, 49), (30.0, 60.0, 64, 1), (30.0, 0.1, 1, 106)],
)
def test_blocks_are_small_whatever_the_windows(window_s, step_s, n_channels, columns):
    segments = Segments((0.0,), (600.0,), (750_000,), RATE)
    plan = plan_spectrogram(segments, window_s, step_s, 100.0, 2.0)
    assert columns_at_once(plan, n_channels, RATE) == columns


def test_a_recording_shorter_than_a_window_has_one_missing_column(tmp_path):
    segments = Segments((0.0,), (1.0,), (1250,), RATE)
    lfp = make_lfp(tmp_path / "lfp.zarr", segments)
    regions, channels = whole(lfp, plan_spectrogram(segments, 2.0, 1.0, 100.0, 2.0))
    assert regions.shape[:2] == (2, 1)
    assert np.isnan(regions).all()
    assert np.isnan(channels).all()
