"""The table of features of a small recording."""

import logging

import numpy as np
import pandas as pd
import pytest
import zarr

from vigil.downsample.files import create_lfp, good_channels, open_lfp
from vigil.recording import Montage, Segments
from vigil.spectra import table
from vigil.spectra.bands import choose_bins
from vigil.spectra.bursts import Envelope, usual_level
from vigil.spectra.features import list_features, muscle_features, pair_features
from vigil.spectra.files import KEYS, read_features
from vigil.spectra.run import run
from vigil.spectra.settings import Settings
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


def features_of(lfp, regions=None, threads=1):
    regions = regions or good_channels(lfp, None)
    sections = table.feature_sections(lfp, regions, Settings(), threads)
    return pd.concat([s.features for s in sections], ignore_index=True)


def test_epochs_gaps_and_names(lfp):
    features = features_of(lfp)
    assert features["start_s"].tolist() == [0, 4, 8, 12, 16, 20]
    assert features["valid"].tolist() == [1, 1, 0.25, 1, 1, 1]
    assert features["reason"].tolist() == ["", "", "gap", "", "", ""]
    values = features.drop(columns=list(KEYS))
    assert values.iloc[2].isna().all()
    assert values.drop(index=2).notna().all(axis=None)
    assert (features["ca1.log_power_theta"][3:] - features["ca1.log_power_theta"][0] > 1).all()
    assert features["ca1.theta_peak"][4] == pytest.approx(7, abs=0.3)
    assert features["emg.log_rms"][0] == pytest.approx(np.log10(20 * np.sqrt(468 / 625)), abs=0.03)
    assert {
        "ca1~cx.coherence_theta",
        "ca1~cx.phase_lag_theta",
        "ca1~cx.amplitude_correlation_beta",
        "cx.exponent",
        "emg.from_lfp",
    } <= set(features)


def test_the_columns_are_those_of_the_list(lfp):
    bands = choose_bins(np.arange(0, 625, 0.25), Settings(), RATE).bands
    wanted = list(KEYS)
    for region in ("ca1", "cx"):
        wanted += [f"{region}.{f.name}" for f in list_features(bands)]
    wanted += [f"ca1~cx.{f.name}" for f in pair_features(bands)]
    wanted += [f"emg.{f.name}" for f in muscle_features()]
    assert list(features_of(lfp)) == wanted


@pytest.mark.parametrize(
    ("size", "section", "threads"), [(1, 1, 1), (2, 4, 3), (64, 900, 2), (64, 2, 1)]
)
def test_the_same_to_the_bit_for_any_block_size_and_threads(
    lfp, monkeypatch, size, section, threads
):
    steps, store = steps_and_store(lfp)
    steps[[4990, 17100, 25000]] = 32767  # beside the border of two epochs, and within others
    store[:] = steps
    whole = features_of(lfp)
    monkeypatch.setattr(table, "EPOCHS_AT_ONCE", size)
    monkeypatch.setattr(table, "SECTION_EPOCHS", section)
    assert features_of(lfp, threads=threads).equals(whole)


def steps_and_store(lfp):
    return lfp.array[:], zarr.open_group(lfp.array.store_path.store.root, mode="r+")["lfp"]


def test_an_artefact_takes_its_channel_out_of_the_region_and_all_of_them_the_region(lfp):
    clean = features_of(lfp)
    steps, store = steps_and_store(lfp)
    steps[17100:17200, 0] = 32767  # 16.68 to 16.76 s: two quarter seconds of one of three channels
    steps[20010, 2] += 25000  # 19.008 s, the only channel of cx
    store[:] = steps
    found = features_of(lfp)
    assert found["reason"].tolist() == ["", "", "gap", "", "saturated, movement artefact", ""]
    assert found["valid"][4] == pytest.approx(1 - 3 / 48)
    only = features_of(lfp, {"ca1": [1], "cx": [2], "emg": [3]})
    assert found["ca1.log_power_delta"][4] == only["ca1.log_power_delta"][4]
    assert np.isnan(found.loc[4, [c for c in found if c.startswith("cx.")]].to_numpy(float)).all()
    assert found.loc[4, "ca1~cx.coherence_theta":"ca1~cx.coherence_ripple"].isna().all()
    others = [0, 1, 3, 5]
    alike = [c for c in clean if "_rate" not in c]  # whose usual level is of clean excerpts
    assert found.loc[others, alike].equals(clean.loc[others, alike])


def test_where_most_channels_have_an_artefact_the_brain_is_missing(lfp):
    steps, store = steps_and_store(lfp)
    steps[17100:17300, :3] = 32767  # 16.68 to 16.84 s
    store[:] = steps
    found = features_of(lfp)
    assert found["reason"][4] == "saturated, movement artefact"  # the way there is a jump
    assert found["valid"][4] == pytest.approx(1 - 2 / 16)
    brain = [c for c in found if c.startswith(("ca1", "cx"))]
    assert found.loc[4, brain].isna().all()
    assert found.loc[3, brain].notna().all()


def test_muscle_tone_is_taken_from_channels_that_are_clean(lfp):
    steps, store = steps_and_store(lfp)
    steps[::600, 0] = 32767  # the first channel of ca1 in all epochs
    store[:] = steps
    found = features_of(lfp)
    assert found.drop(index=2)[["emg.from_lfp", "ca1.log_power_delta"]].notna().all(axis=None)
    alone = features_of(lfp, {"ca1": [1], "cx": [2], "emg": [3]})
    assert found["emg.from_lfp"].equals(alone["emg.from_lfp"])


def test_a_recording_without_a_whole_epoch_has_all_columns_and_no_values(tmp_path, lfp):
    starts = tuple(4.0 * i + 0.5 for i in range(5))
    segments = Segments(starts, tuple(s + 3.5 for s in starts), (4375,) * 5, RATE)
    store = create_lfp(tmp_path / "cut.zarr", MONTAGE, segments, [0.1] * 4)
    store[:] = lfp.array[: segments.n_rows]
    cut = features_of(open_lfp(tmp_path / "cut.zarr"))
    assert list(cut) == list(features_of(lfp))
    assert cut.drop(columns=list(KEYS)).isna().all(axis=None)
    assert set(cut["reason"]) == {"gap"}


def test_the_usual_level_of_bursts_is_not_that_of_artefacts():
    rng = np.random.default_rng(4)
    good = rng.rayleigh(5, (2, 4000)).astype(np.float32)
    bad = np.full((2, 3900), np.nan, np.float32)
    level = usual_level([Envelope(good, 0, 1), Envelope(bad, 0, 1)])
    alone = usual_level([Envelope(good, 0, 1)])
    assert np.array_equal(level.median, alone.median)
    assert np.array_equal(level.spread, alone.spread)
    assert np.isnan(usual_level([Envelope(bad, 0, 1)]).spread).all()


def test_a_region_without_usable_channels_has_no_columns(lfp):
    features = features_of(lfp, {"cx": [2]})
    assert not [c for c in features if c.startswith(("ca1", "emg.log"))]
    assert features["emg.from_lfp"].isna().all()


def test_the_width_left_out_around_the_mains_holds_what_the_tapers_spread():
    settings = Settings(epoch_s=2.0, nw=4.0, mains_hz=60.0)
    f = np.arange(0, 500, 0.5)
    bins = choose_bins(f, settings, RATE)
    assert f[~bins.usable & (f < 100)].tolist() == [0.5 * i for i in range(114, 127)]
    assert not (bins.bands["low_gamma"] & ~bins.usable).any()
    assert not (bins.emg & ~bins.usable).any()


def test_a_band_that_the_mains_cover_is_left_out():
    settings = Settings(bands={"delta": (1, 4), "theta": (6, 9), "hum": (49, 51)})
    assert list(choose_bins(np.arange(0, 500, 0.25), settings, RATE).bands) == [
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
    assert (features.drop(columns=list(KEYS)).dtypes == np.float32).all()
    warned = "13 regions: what pairs of regions share is left out" in caplog.text
    assert warned == (n_pairs == 0)
    assert ("give a montage" in caplog.text) == warned


def test_a_rate_that_does_not_reach_a_muscle_leaves_its_tone_missing(tmp_path):
    segments = Segments((0.0,), (12.0,), (600,), 50.0)
    x = np.random.default_rng(4).normal(0, 200, (600, 4)).astype(np.int16)
    create_lfp(tmp_path / "lfp.zarr", MONTAGE, segments, [0.1] * 4)[:] = x
    found = features_of(open_lfp(tmp_path / "lfp.zarr"))
    assert found["emg.log_rms"].isna().all()
    assert found["ca1.log_power_delta"].notna().all()
