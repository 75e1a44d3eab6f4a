"""The table of features of a small recording."""

import numpy as np
import pytest

from vigil.downsample.files import create_lfp, good_channels, open_lfp
from vigil.recording import Montage, Segments
from vigil.spectra import table
from vigil.spectra.settings import Settings
from vigil.spectra.spectrogram import region_spectrogram

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
