"""Times of frames that Neuralynx' own systems wrote."""

import numpy as np
import pytest

from vigil.kinematics.frame_times import frame_clock
from vigil.kinematics.settings import Settings
from vigil.neuralynx import read_events, read_header, read_rising_edges_us, read_tracker_times_us
from vigil.recording import RecordingError

# what the file holds, read by hand with od: 8 bytes at 16384 + 6 + 1828 k
TIMESTAMPS_US = [
    358557524, 358598093, 358638178, 358677741, 358717316,
    358757381, 358797963, 358838041, 358877612, 358917170,
]  # fmt: skip


@pytest.fixture(scope="module")
def cheetah(realdata):
    return realdata / "neuralynx_neo_ephy_testing/Cheetah_v5.6.3"


def test_no_tracker_or_caption_file_is_left_out(realdata, cheetah):
    found = [p for p in realdata.rglob("*") if p.suffix.lower() in (".nvt", ".smi")]
    assert found == [cheetah / "original_data/VT1.nvt"]


def test_the_tracker_of_cheetah_5_6_3(cheetah):
    path = cheetah / "original_data/VT1.nvt"
    header = read_header(path)
    assert (header["RecordSize"], header["SamplingFrequency"]) == ("1828", "25")
    times_us = read_tracker_times_us(path)
    assert times_us.tolist() == TIMESTAMPS_US
    # PAL: 25 frames a second, on the clock of the events and of the signals' text dump
    assert np.diff(times_us).mean() == pytest.approx(40e3, rel=2e-3)
    started_us = read_events(cheetah / "original_data/Events.nev").timestamp_us[0]
    assert 0 < times_us[0] - started_us < 40e3
    sample_us = int((cheetah / "plain_data/CSC1.txt").read_text().split(maxsplit=1)[0])
    assert 0 < times_us[0] - sample_us < 40e3


def test_its_frames_on_the_recordings_clock(cheetah):
    path = cheetah / "original_data/VT1.nvt"
    zero_us = int((cheetah / "plain_data/CSC1.txt").read_text().split(maxsplit=1)[0])
    clock = frame_clock(10, path, [], zero_us, Settings())
    assert clock.time_s == pytest.approx((np.array(TIMESTAMPS_US) - zero_us) / 1e6, abs=1e-9)
    assert clock.time_s[0] == pytest.approx(0.022316, abs=1e-6)
    assert clock.exposure.tolist() == list(range(10))
    assert (clock.dropped_frames, clock.ambiguous_frames, clock.source) == (0, 0, ".nvt")
    assert frame_clock(9, path, [], zero_us, Settings()).ambiguous_frames == 1
    with pytest.raises(RecordingError, match="10 frames, the video 11"):
        frame_clock(11, path, [], zero_us, Settings())


def test_edges_of_real_events_are_the_same_in_blocks(realdata):
    edges = 0
    for path in sorted(realdata.rglob("*.nev")):
        for port in range(4):
            for bit in range(16):
                wanted = read_events(path).rising_edges_us(bit, port)
                assert read_rising_edges_us(path, bit, port).tolist() == wanted.tolist(), path
                edges += len(wanted)
    assert edges > 0
