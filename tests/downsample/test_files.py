"""lfp.zarr written and read back."""

import numpy as np
import pandas as pd
import pytest
import zarr

from vigil.downsample.files import create_lfp, good_channels, open_lfp, read_quality
from vigil.recording import Montage, Segments

MONTAGE = Montage(("a", "b", "m"), ("ca1", "ca1", "neck"), ("l", "r", ""), ("lfp", "lfp", "emg"))
SEGMENTS = Segments((0.0, 20.0), (10.0, 30.0), (12500, 12500), 1250.0)


@pytest.fixture
def store(tmp_path):
    array = create_lfp(tmp_path / "lfp.zarr", MONTAGE, SEGMENTS, [0.5, -0.5, 2.0], "2026-03-01")
    array[:] = np.arange(75000).reshape(-1, 3) % 1000
    return tmp_path / "lfp.zarr"


def test_round_trip(store):
    lfp = open_lfp(store)
    assert lfp.segments == SEGMENTS
    assert lfp.montage == MONTAGE
    assert lfp.start_time == "2026-03-01"
    steps = np.arange(75000).reshape(-1, 3) % 1000
    assert np.array_equal(lfp.read_uv(12000, 13000), steps[12000:13000] * [0.5, -0.5, 2.0])
    assert np.array_equal(lfp.read_uv(5, 9, [1])[:, 0], steps[5:9, 1] * -0.5)


def test_plain_zarr_opens_it_with_the_attributes_of_the_design(store):
    group = zarr.open_group(str(store), mode="r")
    assert group["lfp"].dtype == np.int16
    assert group.attrs["segments"] == [[0.0, 10.0], [20.0, 30.0]]
    assert group.attrs["segment_rows"] == [0, 12500]
    assert group.attrs["rate_hz"] == 1250.0


def test_the_ends_of_the_range_are_kept_or_those_of_16_bits(store, tmp_path):
    assert open_lfp(store).range_steps.tolist() == [[-32768, 32767]] * 3
    ends = [(-2048, 2047), (-32767, 32767), (0, 4095)]
    create_lfp(tmp_path / "own.zarr", MONTAGE, SEGMENTS, [1.0] * 3, range_steps=ends)
    assert open_lfp(tmp_path / "own.zarr").range_steps.tolist() == [list(e) for e in ends]


def test_bad_channels_are_left_out_of_their_region(store):
    quality = pd.DataFrame({"channel": ["a", "b", "m"], "verdict": ["bad", "ok", "ok"]})
    assert good_channels(open_lfp(store), quality) == {"ca1": [1], "emg": [2]}
    muscle = pd.DataFrame({"channel": ["a", "b", "m"], "verdict": ["ok", "warn", "bad"]})
    assert good_channels(open_lfp(store), muscle) == {"ca1": [0, 1]}
    assert good_channels(open_lfp(store), None) == {"ca1": [0, 1], "emg": [2]}


def test_quality_of_a_channel_called_na_and_of_numbers_not_known(tmp_path):
    table = pd.DataFrame(
        {
            "channel": ["NA", "7"],
            "rms_uv": [1.5, np.nan],
            "drop_outs": [0, 2],
            "neighbour": ["", "NA"],
        }
    ).assign(verdict=["ok", "warn"], reason="")
    table.to_csv(tmp_path / "quality.tsv", sep="\t", index=False)
    pd.testing.assert_frame_equal(read_quality(tmp_path / "quality.tsv"), table)
