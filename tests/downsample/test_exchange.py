"""The store as other programs open it."""

from datetime import UTC, datetime

import mne
import numpy as np
import pandas as pd
import pytest
import zarr

from vigil.downsample.exchange import to_mne, to_xarray
from vigil.downsample.files import create_lfp, open_lfp
from vigil.recording import Montage, Segments

RATE_HZ = 1000.0
MONTAGE = Montage(
    ("a", "b", "m", "h", "r"),
    ("ca1", "cx", "neck", "", ""),
    ("l", "r", "", "", ""),
    ("lfp", "lfp", "emg", "ecg", "reference"),
)
SEGMENTS = Segments((0.0, 20.0, 40.0004), (10.0, 25.0, 42.0004), (10000, 5000, 2000), RATE_HZ)
SCALE_UV = [0.5, -0.25, 2.0, 1.0, 1.0]


@pytest.fixture
def store(tmp_path):
    path = tmp_path / "lfp.zarr"
    array = create_lfp(path, MONTAGE, SEGMENTS, SCALE_UV, "2026-03-01T09:30:00+01:00")
    steps = np.random.default_rng(0).normal(0, 300, (17000, 5))
    array[:] = steps.astype(np.int16)
    return path


@pytest.fixture
def uv(store):
    """All rows in microvolts."""
    return open_lfp(store).read_uv(0, 17000)


def test_plain_zarr_alone_gives_microvolts(store, uv):
    group = zarr.open_group(str(store), mode="r")
    assert np.array_equal(group["lfp"][:] * np.float32(group.attrs["scale_uv"]), uv)


def test_mne_sees_the_samples_in_their_places(store, uv):
    raw = to_mne(store)
    assert not raw.preload
    assert (raw.info["sfreq"], raw.n_times) == (RATE_HZ, 42000)
    data = raw.get_data() * 1e6
    for at, first, n in ((0, 0, 10000), (20000, 10000, 5000), (40000, 15000, 2000)):
        assert data[:, at : at + n] == pytest.approx(uv[first : first + n].T, rel=1e-6)
    assert not data[:, 10000:20000].any()
    assert not data[:, 25000:40000].any()


def test_mne_reads_any_piece_and_any_channels(store):
    whole = to_mne(store).get_data()
    raw = to_mne(store)
    assert np.array_equal(raw.get_data(["m", "a"], 9990, 20010), whole[[2, 0], 9990:20010])
    assert np.array_equal(raw.get_data([1], 12000, 13000), whole[[1], 12000:13000])
    cut = to_mne(store).pick(["b", "h"]).crop(24.0, 41.0).load_data()
    assert np.array_equal(cut.get_data(), whole[[1, 3], 24000:41001])


def test_mne_knows_kinds_gaps_and_the_start(store):
    raw = to_mne(store)
    assert raw.get_channel_types() == ["seeg", "seeg", "emg", "ecg", "misc"]
    assert raw.info["meas_date"] == datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
    assert list(raw.annotations.description) == ["BAD_ACQ_SKIP"] * 2
    assert raw.annotations.onset == pytest.approx([10.0, 25.0])
    assert raw.annotations.duration == pytest.approx([10.0, 15.0])
    assert raw.info["bads"] == []


def test_mne_filters_do_not_cross_a_gap(store):
    raw = to_mne(store).pick(["a"]).load_data(verbose=False)
    before = raw.get_data()
    raw.filter(None, 100.0, verbose=False)
    alone = mne.io.RawArray(before[:, 20000:25000], raw.info, verbose=False)
    alone.filter(None, 100.0, verbose=False)
    assert raw.get_data(start=20000, stop=25000) == pytest.approx(alone.get_data(), abs=1e-12)


def test_mne_references_copies_joins_and_saves(store, tmp_path):
    raw = to_mne(store)
    volts = raw.get_data()
    mean = volts[:2] - volts[:2].mean(axis=0)
    raw.pick("seeg").set_eeg_reference(ch_type="seeg", projection=True, verbose=False)
    assert raw.copy().apply_proj(verbose=False).get_data() == pytest.approx(mean, abs=1e-12)
    both = mne.concatenate_raws([to_mne(store), to_mne(store)], verbose=False)
    assert np.array_equal(both.get_data(start=42000), volts)
    to_mne(store).save(tmp_path / "copy_raw.fif", verbose=False)
    saved = mne.io.read_raw_fif(tmp_path / "copy_raw.fif", verbose=False)
    assert saved.get_data() == pytest.approx(volts, rel=1e-6, abs=1e-12)
    # MNE writes no samples there, and marks them once more when it reads the file
    assert set(saved.annotations.description) == {"BAD_ACQ_SKIP"}


def test_bad_channels_of_the_table_are_bads(store, tmp_path):
    quality = pd.DataFrame(
        {"channel": list("abmhr"), "verdict": ["warn", "bad", "ok", "bad", "ok"]}
    )
    quality.to_csv(tmp_path / "quality.tsv", sep="\t", index=False)
    assert to_mne(store).info["bads"] == ["b", "h"]
    quality.assign(verdict="ok").to_csv(tmp_path / "other.tsv", sep="\t", index=False)
    assert to_mne(store, tmp_path / "other.tsv").info["bads"] == []
    with pytest.raises(FileNotFoundError):
        to_mne(store, tmp_path / "absent.tsv")


@pytest.mark.parametrize(
    ("text", "moment"),
    [("", None), ("2026-03-01T09:30:00", datetime(2026, 3, 1, 9, 30, tzinfo=UTC))],
)
def test_a_start_without_a_zone_and_no_start(tmp_path, text, moment):
    segments = Segments((0.5,), (1.5,), (1000,), RATE_HZ)
    montage = Montage(("a",), ("ca1",), ("",), ("lfp",))
    create_lfp(tmp_path / "lfp.zarr", montage, segments, [1.0], text)[:] = 7
    raw = to_mne(tmp_path / "lfp.zarr")
    assert raw.info["meas_date"] == moment
    assert raw.annotations.duration == pytest.approx([0.5])
    assert raw.get_data()[0, [499, 500]] == pytest.approx([0.0, 7e-6])


def test_xarray_equals_the_store_with_honest_times(store, uv):
    x = to_xarray(store)
    assert (x.dims, x.shape, x.attrs["units"]) == (("time", "channel"), (17000, 5), "uV")
    assert not x.variable._in_memory
    assert np.array_equal(x.to_numpy(), uv)
    assert x["time_s"].to_numpy() == pytest.approx(SEGMENTS.time_s(np.arange(17000)))
    assert x["time_s"].to_numpy()[10000] == 20.0
    for name in ("region", "hemisphere", "kind"):
        assert x[name].to_numpy().tolist() == list(getattr(MONTAGE, name))


def test_xarray_picks_before_it_reads(store, uv):
    x = to_xarray(store)
    assert np.array_equal(x.sel(channel="b").isel(time=slice(5, 900, 7)).to_numpy(), uv[5:900:7, 1])
    assert np.array_equal(
        x.isel(time=[3, 16000, 8]).sel(channel=["m", "a"]), uv[[3, 16000, 8]][:, [2, 0]]
    )
    assert np.array_equal(x[:, x["kind"] == "lfp"].to_numpy(), uv[:, :2])
    assert np.array_equal(x.isel(time=slice(20, 10, -1))[:, 0].to_numpy(), uv[20:10:-1, 0])
    assert float(x[10001, 2]) == uv[10001, 2]


def test_xarray_of_a_stretch(store, uv):
    x = to_xarray(store, 9.5, 20.5)
    assert np.array_equal(x.to_numpy(), uv[9500:10500])
    assert x["time_s"].to_numpy()[[0, 499, 500, -1]] == pytest.approx([9.5, 9.999, 20.0, 20.499])
    assert np.array_equal(x[490:510, 3].to_numpy(), uv[9990:10010, 3])
    assert to_xarray(store, 12.0, 18.0).shape == (0, 5)


def test_many_short_segments_move_nothing_behind_them(tmp_path):
    # 4000 segments of a row each within 0.8 s, four for each sample of the grid
    starts = [0.0002 * i for i in range(4000)] + [0.8]
    rows = [1] * 4000 + [12_500]
    ends = [t + n / 1250 for t, n in zip(starts, rows, strict=True)]
    segments = Segments(tuple(starts), tuple(ends), tuple(rows), 1250.0)
    montage = Montage(("a",), ("ca1",), ("",), ("lfp",))
    array = create_lfp(tmp_path / "lfp.zarr", montage, segments, [1.0])
    array[:] = np.arange(16_500)[:, None]
    raw = to_mne(tmp_path / "lfp.zarr")
    assert raw.n_times == 1000 + 12_500
    seen = np.rint(raw.get_data()[0] * 1e6).astype(int)
    assert seen[1001:].tolist() == list(range(4001, 16_500))
    # what lies on the grid is, of the rows nearest to each sample, the first
    times = segments.time_s(np.arange(16_500))
    assert np.abs(times[seen] - raw.times).max() <= 0.5 / 1250 + 1e-9
    assert len(raw.annotations) == 0
    x = to_xarray(tmp_path / "lfp.zarr")
    assert float(x["time_s"][4001]) == pytest.approx(raw.times[1001])
