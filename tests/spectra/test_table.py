"""The table of features of a small recording."""

import logging

import numpy as np
import pytest
import zarr

from vigil.downsample.files import create_lfp, good_channels, open_lfp
from vigil.recording import Montage, Segments
from vigil.spectra import table
from vigil.spectra.files import open_spectrogram, read_features, write_spectrogram
from vigil.spectra.run import run
from vigil.spectra.settings import Settings
from vigil.spectra.spectrogram import region_spectrogram
from vigil.stage import Job

RATE = 1250.0
NAMES = ("a1", "a2", "b1", "m")
MONTAGE = Montage(NAMES, ("ca1", "ca1", "cx", "neck"), ("",) * 4, ("lfp", "lfp", "lfp", "emg"))


@pytest.fixture
def lfp(tmp_path):
    """24 s with a gap of 3 s: theta of 100 uV in ca1 from 12 s on."""
    rng = np.random.default_rng(8)
    segments = Segments((0.0, 12.0), (9.0, 24.0), (11250, 15000), RATE)
    t = segments.time_s(np.arange(segments.n_rows))
    x = rng.normal(0, 200, (len(t), 4))
    x[:, :2] += np.where(t >= 12, 1000 * np.sin(2 * np.pi * 7 * t), 0)[:, None]
    store = create_lfp(tmp_path / "lfp.zarr", MONTAGE, segments, [0.1] * 4)
    store[:] = np.round(x).astype(np.int16)
    return open_lfp(tmp_path / "lfp.zarr")


def test_epochs_gaps_and_names(lfp):
    features = table.feature_table(lfp, good_channels(lfp, None), Settings())
    assert features["start_s"].tolist() == [0, 4, 8, 12, 16, 20]
    assert features["valid"].tolist() == [1, 1, 0.25, 1, 1, 1]
    values = features.drop(columns=["start_s", "duration_s", "valid"])
    assert values.iloc[2].isna().all()
    assert values.drop(index=2).notna().all(axis=None)
    assert (features["ca1.log_power_theta"][3:] - features["ca1.log_power_theta"][0] > 1).all()
    assert features["ca1.theta_peak"][4] == pytest.approx(7, abs=0.3)
    assert features["emg.log_rms"][0] == pytest.approx(np.log10(20 * np.sqrt(468 / 625)), abs=0.03)
    assert {"ca1~cx.coherence_theta", "cx.slope", "emg.from_lfp"} <= set(features)


def test_the_same_for_any_block_size(lfp, monkeypatch):
    whole = table.feature_table(lfp, good_channels(lfp, None), Settings())
    monkeypatch.setattr(table, "EPOCHS_AT_ONCE", 2)
    pieces = table.feature_table(lfp, good_channels(lfp, None), Settings())
    assert np.allclose(whole.to_numpy(), pieces.to_numpy(), rtol=1e-6, equal_nan=True)


def test_a_region_without_usable_channels_has_no_columns(lfp):
    features = table.feature_table(lfp, {"cx": [2]}, Settings())
    assert not [c for c in features if c.startswith(("ca1", "emg.log"))]
    assert features["emg.from_lfp"].isna().all()


def test_spectrogram_is_missing_in_the_gap_and_peaks_at_theta(lfp):
    regions = {"ca1": [0, 1], "cx": [2]}
    power, time_s, f = region_spectrogram(lfp, regions, 2.0, 1.0, 100.0, 2.0)
    assert power.shape == (2, len(time_s), len(f))
    assert f[-1] == 100
    missing = np.isnan(power[0, :, 0])
    assert time_s[missing].tolist() == [9, 10, 11, 12]
    assert f[np.nanmean(power[0, time_s > 14], axis=0).argmax()] == pytest.approx(7, abs=0.5)
    # white noise of 20 uV
    assert np.nanmean(power[1][:, f > 5]) == pytest.approx(20**2 / 625, rel=0.05)


def test_spectrogram_is_opened_without_reading_its_power(tmp_path):
    power = np.random.default_rng(0).random((2, 30, 11), dtype=np.float32)
    power[1, 4] = np.nan
    write_spectrogram(tmp_path / "s.zarr", ["ca1", "cx"], power, np.arange(30.0), np.arange(11.0))
    regions, array, time_s, frequency_hz = open_spectrogram(tmp_path / "s.zarr")
    assert regions == ("ca1", "cx")
    assert isinstance(array, zarr.Array)
    assert np.array_equal(array[1, :, :5], power[1, :, :5], equal_nan=True)
    assert time_s.tolist() == list(range(30))
    assert frequency_hz.tolist() == list(range(11))


def test_the_width_left_out_around_the_mains_holds_what_the_tapers_spread():
    settings = Settings(epoch_s=2.0, nw=4.0, mains_hz=60.0)
    f = np.arange(0, 500, 0.5)
    bins = table.choose_bins(f, settings, RATE)
    assert f[~bins.usable & (f < 100)].tolist() == [0.5 * i for i in range(114, 127)]
    assert not (bins.bands["low_gamma"] & ~bins.usable).any()
    assert not (bins.emg & ~bins.usable).any()


def test_a_band_that_the_mains_cover_is_left_out():
    settings = Settings(bands={"delta": (1, 4), "theta": (6, 9), "hum": (49, 51)})
    assert list(table.choose_bins(np.arange(0, 500, 0.25), settings, RATE).bands) == [
        "delta",
        "theta",
    ]


@pytest.mark.parametrize(("n_regions", "n_pairs"), [(12, 66), (13, 0)])
def test_coherence_is_taken_with_at_most_twelve_regions(n_regions, n_pairs, tmp_path, caplog):
    names = tuple(f"CSC{i}" for i in range(1, n_regions + 1))
    montage = Montage(names, names, ("",) * n_regions, ("lfp",) * n_regions)
    segments = Segments((0.0,), (8.0,), (10000,), RATE)
    x = np.random.default_rng(3).normal(0, 200, (10000, n_regions))
    create_lfp(tmp_path / "lfp.zarr", montage, segments, [0.1] * n_regions)[:] = x.astype(np.int16)
    (tmp_path / "quality.tsv").write_text(
        "channel\tregion\tverdict\n" + "".join(f"{c}\t{c}\tok\n" for c in names)
    )
    job = Job(
        stage="spectra",
        method_version="1",
        recording="r1",
        inputs={n: str(tmp_path / f) for n, f in (("lfp", "lfp.zarr"), ("quality", "quality.tsv"))},
        outputs={
            "features": str(tmp_path / "features.parquet"),
            "spectrogram": str(tmp_path / "spectrogram.zarr"),
        },
    )
    with caplog.at_level(logging.WARNING, "vigil"):
        run(job)
    features = read_features(tmp_path / "features.parquet")
    coherences = [c for c in features if ".coherence_" in c]
    assert len(coherences) == 7 * n_pairs
    assert (features.drop(columns=["start_s", "duration_s", "valid"]).dtypes == np.float32).all()
    warned = "13 regions: coherence between regions is left out" in caplog.text
    assert warned == (n_pairs == 0)
    assert ("give a montage" in caplog.text) == warned
