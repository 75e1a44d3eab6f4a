"""Files side by side: what all of them hold, and what is refused."""

import numpy as np
import pytest

from vigil.downsample.ncs import Run
from vigil.downsample.source import intersect_runs, natural_order, open_neuralynx
from vigil.recording import RecordingError

X = np.arange(32000, dtype=np.int16)


def test_channels_come_in_natural_order(tmp_path, ncs):
    paths = [ncs(tmp_path / f"CSC{i}.ncs", X[:600], channel=f"CSC{i}") for i in (10, 2, 1)]
    assert open_neuralynx(paths).channels == ("CSC1", "CSC2", "CSC10")
    assert sorted(["b2", "a10", "a9"], key=natural_order) == ["a9", "a10", "b2"]


def test_only_what_all_channels_hold_is_used(tmp_path, ncs):
    whole = ncs(tmp_path / "CSC1.ncs", X, channel="CSC1")
    late = ncs(tmp_path / "CSC2.ncs", X[5120:], channel="CSC2", start_us=10_160_000)
    source = open_neuralynx([whole, late])
    assert source.segments == ((0.0, 32000 - 5120),)
    assert np.array_equal(source.read(0, 0, 0, 10), X[5120:5130])
    assert np.array_equal(source.read(1, 0, 0, 10), X[5120:5130])
    assert "0.160 s" in source.notes[0]


def test_gaps_of_one_channel_are_gaps_of_all(tmp_path, ncs):
    a = ncs(tmp_path / "CSC1.ncs", X, channel="CSC1")
    b = ncs(tmp_path / "CSC2.ncs", X[:16000], channel="CSC2")
    assert open_neuralynx([a, b]).segments == ((0.0, 16000),)


def test_intersection_of_runs():
    a = [Run(0.0, 0, 1000), Run(2e6, 1000, 1000)]
    b = [Run(0.5e6, 0, 2000)]
    assert intersect_runs(a, b, 1000.0) == [Run(0.5e6, 500, 500), Run(2e6, 1000, 500)]


def test_different_rates_are_refused(tmp_path, ncs):
    paths = [
        ncs(tmp_path / "CSC1.ncs", X, channel="CSC1"),
        ncs(tmp_path / "CSC2.ncs", X, channel="CSC2", rate_hz=16000),
    ]
    with pytest.raises(RecordingError, match="recordings of their own"):
        open_neuralynx(paths)


def test_an_empty_folder_is_refused():
    with pytest.raises(RecordingError, match=r"no \.ncs file"):
        open_neuralynx([])
