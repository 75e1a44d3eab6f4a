"""Every real recording through the reader that it gets, against other programs."""

import mne
import numpy as np
import pyedflib
import pytest
from neo.rawio import IntanRawIO, NeuralynxRawIO, OpenEphysRawIO
from scipy.io import loadmat

from vigil.downsample.sources.choose import open_source
from vigil.recording import RecordingError


def opened(folder):
    return open_source([p for p in folder.rglob("*") if p.is_file()])


def whole(source, piece):
    """All samples of each segment, read in pieces of a size."""
    every = range(len(source.channels))
    return [
        np.concatenate(
            [source.read(s, a, min(n, a + piece), every).copy() for a in range(0, n, piece)], axis=1
        )
        for s, (_, n) in enumerate(source.segments)
    ]


def test_a_recording_with_three_gaps_is_what_neo_makes_of_it(realdata):
    folder = realdata / "neuralynx_neo_ephy_testing/Cheetah_v5.7.4/original_data"
    source = opened(folder)
    judge = NeuralynxRawIO(str(folder), gap_tolerance_ms=1.0)
    judge.parse_header()
    assert judge.segment_count(0) == len(source.segments) == 4
    for s, x in enumerate(whole(source, 100_000)):
        assert np.array_equal(x, judge.get_analogsignal_chunk(0, s, stream_index=0).T)
    assert source.channels == tuple(judge.header["signal_channels"]["name"])
    assert np.allclose(source.scale_uv, judge.header["signal_channels"]["gain"])


def test_channels_of_two_rates_are_refused_by_name(realdata):
    with pytest.raises(RecordingError, match=r"2000 Hz: LAHC1.*; 32000 Hz: LAHCu1"):
        opened(realdata / "neuralynx_mne_testing")


def test_the_three_gaps_of_two_channels(realdata):
    folder = realdata / "neuralynx_mne_testing"
    source = open_source([folder / f"LAHC{i}_3_gaps.ncs" for i in (1, 2)])
    for i in (0, 1):
        mat = loadmat(folder / f"LAHC{i + 1}_3_gaps.mat")
        valid = mat["NumberOfValidSamples"].ravel().astype(int)
        wanted = np.concatenate([c[:n] for c, n in zip(mat["Samples"].T, valid, strict=True)])
        assert np.array_equal(np.concatenate(whole(source, 999), axis=1)[i], wanted)


def test_open_ephys_legacy_is_what_neo_reads(realdata):
    folder = realdata / "openephys_intan_small/openephys/OpenEphys_SampleData_1"
    source = opened(folder)
    judge = OpenEphysRawIO(str(folder))
    judge.parse_header()
    assert np.array_equal(whole(source, 77_777)[0], judge.get_analogsignal_chunk(stream_index=0).T)
    assert source.scale_uv == tuple(judge.header["signal_channels"]["gain"][:2])


def test_intan_is_what_neo_reads_and_its_other_inputs_are_left_out(realdata):
    folder = realdata / "openephys_intan_small/intan/intan_fps_test_231117_052500"
    source = opened(folder)
    judge = IntanRawIO(str(folder / "info.rhd"))
    judge.parse_header()
    raw = judge.get_analogsignal_chunk(stream_index=0)
    assert np.array_equal(whole(source, 5000)[0], raw.T)
    uv = judge.rescale_signal_raw_to_float(raw[:100], dtype="float64", stream_index=0)
    assert np.allclose(whole(source, 100)[0][:, :100].T * np.array(source.scale_uv), uv)
    assert len(source.channels) == 64
    assert source.start.isoformat() == "2023-11-17T05:25:00"
    assert "no amplifiers were left out" in source.notes[0]


@pytest.mark.parametrize(
    "name",
    [
        "neurodent_mouse_eeg/A10/A10_recording.edf",
        "neurodent_mouse_eeg/F22/F22_recording.edf",
        "misleep_mouse_eeg_emg/10mins_example_edf.edf",
    ],
)
def test_edf_is_what_pyedflib_reads(realdata, name):
    source = open_source([realdata / name])
    with pyedflib.EdfReader(str(realdata / name)) as judge:
        n = len(source.channels)
        assert tuple(judge.getSignalLabels()[:n]) == source.channels
        wanted = np.array([judge.readSignal(i, digital=True) for i in range(n)])
        physical = judge.readSignal(0)
        assert judge.getStartdatetime() == source.start
    found = whole(source, 12_345)[0]
    assert np.array_equal(found, wanted)
    apart = physical - found[0] * source.scale_uv[0]
    assert np.ptp(apart) < 1e-6 * np.ptp(physical)


def test_brainvision_floats_are_what_mne_reads_to_half_a_step(realdata):
    folder = realdata / "human_ieeg_hfo_zurich"
    source = opened(folder)
    path = next(folder.rglob("*.vhdr"))
    judge = mne.io.read_raw_brainvision(path, verbose="error")
    own = whole(source, 3000)[0] * np.array(source.scale_uv)[:, None]
    apart = judge.get_data() * 1e6 - own
    assert np.all(np.ptp(apart, axis=1) <= 1.001 * np.array(source.scale_uv))
    assert source.channels == tuple(judge.ch_names)
    assert "rounded to steps" in source.notes[0]
