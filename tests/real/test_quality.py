"""Verdicts on channels of real recordings: nothing that works is called bad."""

import mne
import numpy as np
import pyedflib
import pytest

from vigil.downsample.files import create_lfp, open_lfp
from vigil.downsample.quality import judge_channels
from vigil.downsample.settings import Settings
from vigil.downsample.tally import RawTally
from vigil.recording import Montage, Segments


@pytest.fixture
def judge(tmp_path):
    """Verdicts on signals in uV, (channel, sample), each channel a region of its own."""

    def run(x, rate_hz, step_uv, names=None):
        names = tuple(names or [f"c{i}" for i in range(len(x))])
        n = x.shape[1]
        montage = Montage(names, names, ("",) * len(names), ("lfp",) * len(names))
        segments = Segments((0.0,), (n / rate_hz,), (n,), rate_hz)
        array = create_lfp(tmp_path / "lfp.zarr", montage, segments, [step_uv] * len(names))
        steps = np.clip(np.rint(x.T / step_uv), -32768, 32767).astype(np.int16)
        array[:] = steps
        size = round(0.1 * rate_hz)
        tallies = []
        for column in steps.T:
            windows = column[: n // size * size].reshape(-1, size)
            tally = RawTally()
            full = int((np.abs(column.astype(int)) >= 32767).sum())
            tally.add(windows.min(axis=1), windows.max(axis=1), full, n)
            tallies.append(tally)
        lfp = open_lfp(tmp_path / "lfp.zarr")
        return judge_channels(tallies, lfp, montage, Settings()).set_index("channel")

    return run


@pytest.mark.parametrize("mouse", ["A10/Cage 2 A10-0", "F22/Cage 3 F22-0"])
def test_no_channel_of_two_mice_is_called_bad(judge, realdata, mouse):
    samples = np.fromfile(realdata / f"neurodent_mouse_eeg/{mouse}_ColMajor.bin", "<f4")
    table = judge(samples.reshape(10, -1), 1000.0, 0.25)
    assert not (table["verdict"] == "bad").any()
    # two channels of A10 share nearly nothing with the others: a person should look
    weak = [0, 2] if mouse.startswith("A10") else []
    assert np.flatnonzero(table["verdict"] == "warn").tolist() == weak


def test_two_regions_of_a_rat_are_ok(judge, realdata):
    folder = realdata / "rat_hippocampus_lfp"
    x = np.stack([np.load(folder / f"bycycle_{r}.npy") for r in ("ca1", "ec3")])
    table = judge(200 * x / x.std(), 1250.0, 0.1)
    assert (table["verdict"] == "ok").all()


def test_of_fifty_contacts_only_the_silent_one_is_bad(judge, realdata):
    header = next((realdata / "human_ieeg_hfo_zurich").rglob("*.vhdr"))
    raw = mne.io.read_raw_brainvision(header, preload=True, verbose="error")
    table = judge(raw.get_data() * 1e6, raw.info["sfreq"], 0.1, raw.ch_names)
    # AL8 holds 1 uV where its neighbours hold 70
    assert table.index[table["verdict"] != "ok"].tolist() == ["AL8"]
    assert table["reason"]["AL8"].startswith("silent, 1.")
    # contacts a few millimetres apart on one shaft are no short circuit
    assert table["correlation"].max() > 0.98


def test_every_channel_of_an_unplugged_recording_is_told(judge, realdata):
    path = realdata / "misleep_mouse_eeg_emg/10mins_example_edf.edf"
    with pyedflib.EdfReader(str(path)) as f:
        x = np.stack([f.readSignal(i) for i in range(4)])
        rate_hz = f.getSampleFrequency(0)
    table = judge(x, rate_hz, 10417 / 32768)
    assert (table["verdict"] != "ok").all()
    assert (table["verdict"] == "bad").sum() == 2
    assert table["reason"].str.contains("silent|disconnected").all()
