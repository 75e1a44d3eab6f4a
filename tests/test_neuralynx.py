"""Events of .nev files written by the format's description."""

import numpy as np
import pytest

from vigil.neuralynx import NEV_RECORD, read_events
from vigil.recording import RecordingError


def write(path, events):
    records = np.zeros(len(events), NEV_RECORD)
    for record, (t, ttl, text) in zip(records, events, strict=True):
        record["timestamp_us"], record["ttl"], record["text"] = t, ttl, text
    header = b"######## Neuralynx Data File Header\r\n-FileType Event\r\n".ljust(16384, b"\0")
    path.write_bytes(header + records.tobytes())
    return path


INPUT = b"TTL Input on AcqSystem1_0 board 0 port 0 value"


def test_rising_edges_of_one_input(tmp_path):
    events = read_events(
        write(
            tmp_path / "Events.nev",
            [
                (10, 0, b"Starting Recording"),
                (20, 1, INPUT),
                (25, 3, INPUT),  # another input goes up while the camera's stays
                (30, 2, INPUT),
                (35, 1, b"TTL Output on AcqSystem1_0 board 0 port 1 value"),
                (40, 3, INPUT),
                (50, 0, INPUT),
            ],
        )
    )
    assert events.rising_edges_us(0).tolist() == [20, 40]
    assert events.rising_edges_us(1).tolist() == [25]
    assert events.text[0] == "Starting Recording"


def test_a_recording_without_pulses_has_no_edges(tmp_path):
    path = write(tmp_path / "Events.nev", [(10, 0, b"Starting Recording")])
    assert len(read_events(path).rising_edges_us(0)) == 0


def test_a_truncated_file_is_refused(tmp_path):
    path = write(tmp_path / "Events.nev", [(10, 0, b"a"), (20, 1, INPUT)])
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(RecordingError, match="middle of an event"):
        read_events(path)


def test_each_port_has_its_own_level(tmp_path):
    other = INPUT.replace(b"port 0", b"port 1")
    second = INPUT.replace(b"board 0 port 0", b"board 1 port 2")
    events = read_events(
        write(
            tmp_path / "Events.nev",
            [
                (0, 1, INPUT),
                (10, 0, other),
                (20, 1, other),
                (25, 1, second),
                (30, 0, INPUT),
                (40, 1, b"TTL input without a port"),
            ],
        )
    )
    assert events.rising_edges_us(0).tolist() == [0, 40]
    assert events.rising_edges_us(0, port=1).tolist() == [20]
    assert events.rising_edges_us(0, port=2).tolist() == [25]
    assert len(events.rising_edges_us(0, port=3)) == 0


def test_of_two_boards_the_first_on_which_the_input_rises(tmp_path):
    second = INPUT.replace(b"board 0", b"board 1")
    first = [(5, 0, INPUT), (15, 1, second), (18, 0, second), (20, 2, INPUT)]
    events = read_events(write(tmp_path / "Events.nev", first))
    assert events.rising_edges_us(0).tolist() == [15]
    assert events.rising_edges_us(1).tolist() == [20]
