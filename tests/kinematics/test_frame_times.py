"""Frames placed by the files of a recording, and files that are refused."""

import json

import numpy as np
import pytest

from vigil.kinematics.files import write_clock
from vigil.kinematics.frame_times import frame_clock
from vigil.kinematics.settings import Settings
from vigil.neuralynx import NEV_RECORD
from vigil.recording import RecordingError


@pytest.fixture
def times(tmp_path):
    def write(text):
        path = tmp_path / "video_times.csv"
        path.write_text(text)
        return path

    return write


@pytest.fixture
def events(tmp_path):
    """Pulses of 30 Hz from 2 s on port 1, and something else on port 0 between them."""
    pulse_us = 1_000_000 + np.round(2e6 + np.arange(10) / 30 * 1e6).astype(int)
    rows = []
    for t in pulse_us:
        rows += [(t, 2, 1), (t + 5000, 0, 1), (t + 7000, 2, 0), (t + 9000, 0, 0)]
    records = np.zeros(len(rows), NEV_RECORD)
    for record, (t, value, port) in zip(records, rows, strict=True):
        record["timestamp_us"], record["ttl"] = t, value
        record["text"] = b"TTL Input on AcqSystem1_0 board 0 port %d value" % port
    path = tmp_path / "Events.nev"
    header = b"######## Neuralynx Data File Header\r\n-FileType Event\r\n".ljust(16384, b"\0")
    path.write_bytes(header + records.tobytes())
    return path


def place(n, times=None, events=(), **settings):
    return frame_clock(n, times, list(events), 1_000_000, Settings(**settings))


@pytest.mark.parametrize("first", [0, 1])
def test_the_pulses_of_the_cameras_port_place_the_frames(times, events, first):
    rows = "".join(f"{k + first},{k / 30:.6f}\n" for k in range(10))
    clock = place(10, times("frame,camera_s\n" + rows), [events], camera_input=1, camera_port=1)
    assert clock.offset_s == pytest.approx(2, abs=1e-5)
    assert clock.time_s == pytest.approx(2 + np.arange(10) / 30, abs=1e-5)
    with pytest.raises(RecordingError, match=r"0 camera pulses.*camera_port.*camera_input"):
        place(10, times("frame,camera_s\n" + rows), [events], camera_input=1, camera_port=2)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("frame,time_s\n0,0.0\n2,0.1\n3,0.2\n", "has frame 2 in row 2 where 1 is due"),
        ("frame,time_s\n5,0.0\n6,0.1\n7,0.2\n", "has frame 5 in row 1 where 0 is due"),
        ("frame,camera_s\n0,0.0\n,0.1\n2,0.2\n", "in row 2 where 1 is due"),
        ("frame,time_s\n0,0.0\n1,\n2,0.2\n", "no time in column time_s of row 2"),
        ("camera_s\n0.0\n0.1\ninf\n", "no time in column camera_s of row 3"),
        ("camera_s\n0.0\nnone\n0.1\n", "no time in column camera_s of row 2"),
        ("frame,time_s\n0,0.0\n1,0.1,7,8\n2,0.2\n", "cannot be read as a table"),
        ("", "cannot be read as a table"),
        ("time_s\n0.0\n0.1\n", "has 2 frames, the video 3"),
        ("t\n0.0\n0.1\n0.2\n", "needs time_s"),
    ],
)
def test_frame_times_that_cannot_be_right_are_refused(times, text, reason):
    with pytest.raises(RecordingError, match=reason) as refused:
        place(3, times(text))
    assert "video_times.csv" in str(refused.value)


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "video_times.csv"
    path.write_bytes(b"time_s\n\xff\xfe\x00\n")
    with pytest.raises(RecordingError, match="cannot be read as a table"):
        place(1, path)


def test_the_clock_file_says_by_how_many_frames_the_video_may_be_off(times, events, tmp_path):
    rows = "".join(f"{k / 30:.6f}\n" for k in range(14))
    clock = place(14, times("camera_s\n" + rows), [events], camera_input=1, camera_port=1)
    write_clock(tmp_path / "clock.json", clock, 0, 0)
    record = json.loads((tmp_path / "clock.json").read_text())
    assert record["ambiguous_frames"] == 4
    assert "cannot tell" in record["notes"][0]
