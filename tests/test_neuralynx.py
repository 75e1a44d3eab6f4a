"""Events, video tracker records and captions, written by the formats' description."""

import numpy as np
import pytest

from vigil.neuralynx import (
    NEV_RECORD,
    NVT_RECORD,
    read_captions,
    read_events,
    read_rising_edges_us,
    read_tracker_times_us,
)
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


def test_an_input_that_is_high_at_first_rose_then_if_it_stays_so_as_long_as_later(tmp_path):
    high = [20 + 100 * k for k in range(1, 6)]
    pulses = [e for t in high for e in ((t, 1, INPUT), (t + 15, 0, INPUT))]
    rose = write(tmp_path / "a.nev", [(20, 3, INPUT), (28, 1, INPUT), (35, 0, INPUT), *pulses])
    was_high = write(tmp_path / "b.nev", [(20, 3, INPUT), (28, 1, INPUT), (30, 0, INPUT), *pulses])
    for path, wanted in ((rose, [20, *high]), (was_high, high)):
        assert read_events(path).rising_edges_us(0).tolist() == wanted
        assert read_rising_edges_us(path, 0).tolist() == wanted
    # low at first: any length is a pulse
    low = write(tmp_path / "c.nev", [(5, 0, INPUT), (20, 1, INPUT), (90, 0, INPUT), *pulses])
    assert read_rising_edges_us(low, 0).tolist() == [20, *high]


def test_edges_read_in_blocks_are_those_of_the_whole_file(tmp_path, monkeypatch):
    monkeypatch.setattr("vigil.neuralynx.BLOCK_RECORDS", 7)
    rng = np.random.default_rng(0)
    texts = [
        INPUT, INPUT.replace(b"port 0", b"port 1"), INPUT.replace(b"board 0", b"board 1"),
        b"TTL Output on AcqSystem1_0 board 0 port 0 value", b"a note", b"TTL input, no port",
    ]  # fmt: skip
    events = [(10 * i, int(rng.integers(4)), texts[rng.integers(6)]) for i in range(100)]
    path = write(tmp_path / "Events.nev", events)
    for bit in (0, 1, 5):
        for port in (0, 1, 2):
            wanted = read_events(path).rising_edges_us(bit, port).tolist()
            assert read_rising_edges_us(path, bit, port).tolist() == wanted
    assert len(read_rising_edges_us(path, 0)) > 5
    # an input that rises on the second board only
    second = [(5, 2, INPUT), (15, 1, INPUT.replace(b"board 0", b"board 1"))]
    assert read_rising_edges_us(write(tmp_path / "b.nev", second), 0).tolist() == [15]
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(RecordingError, match="middle of an event"):
        read_rising_edges_us(path, 0)


def tracker(path, timestamps_us, size=1828):
    """A .nvt file byte by byte, as Neuralynx describes it."""
    header = b"######## Neuralynx Data File Header\r\n-FileType Video\r\n-RecordSize %d\r\n" % size
    records = b"".join(
        (0x800).to_bytes(2, "little") + bytes(2) + (1828).to_bytes(2, "little")
        + int(t).to_bytes(8, "little") + bytes(4 * 400 + 2 + 3 * 4 + 4 * 50)
        for t in timestamps_us
    )  # fmt: skip
    path.write_bytes(header.ljust(16384, b"\0") + records)
    return path


def test_times_of_tracked_frames(tmp_path, monkeypatch):
    monkeypatch.setattr("vigil.neuralynx.BLOCK_RECORDS", 2)
    assert NVT_RECORD.itemsize == 1828
    path = tracker(tmp_path / "VT1.nvt", [358557524, 358598093, 2**40])
    assert read_tracker_times_us(path).tolist() == [358557524, 358598093, 2**40]
    assert len(read_tracker_times_us(tracker(tmp_path / "empty.nvt", []))) == 0


def test_tracker_files_that_are_not_whole_or_of_another_kind_are_refused(tmp_path):
    path = tracker(tmp_path / "VT1.nvt", [1, 2])
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(RecordingError, match=r"VT1\.nvt ends in the middle of a record"):
        read_tracker_times_us(path)
    with pytest.raises(RecordingError, match="records of 184 bytes"):
        read_tracker_times_us(tracker(tmp_path / "b.nvt", [1], size=184))
    (tmp_path / "c.nvt").write_bytes(b"no header")
    with pytest.raises(RecordingError, match="not a Neuralynx file"):
        read_tracker_times_us(tmp_path / "c.nvt")


SMI = """<SAMI>
<HEAD><STYLE TYPE="text/css"><!-- .ENUSCC {name: 'Time stamps'; lang: EN-US;} --></STYLE></HEAD>
<BODY>
<SYNC Start=0><P Class=ENUSCC>358557524</SYNC>
<SYNC Start=33><P Class=ENUSCC>358590893</SYNC>
<sync start = "66.5"> <p class='x'> 358624260</P></SYNC>
</BODY>
</SAMI>
"""


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_captions_hold_the_time_in_the_video_and_the_timestamp(tmp_path, ends):
    path = tmp_path / "VT1.smi"
    path.write_bytes(SMI.replace("\n", ends).encode("latin-1"))
    captions = read_captions(path)
    assert captions.start_ms.tolist() == [0, 33, 66.5]
    assert captions.timestamp_us.tolist() == [358557524, 358590893, 358624260]


def test_captions_without_a_foot_are_whole_and_cut_ones_are_refused(tmp_path):
    path = tmp_path / "VT1.smi"
    path.write_text(SMI[: SMI.index("</BODY>")])
    assert len(read_captions(path).start_ms) == 3
    # the last number may lack digits
    path.write_text(SMI[: SMI.index("590893") + 3])
    with pytest.raises(RecordingError, match="ends in the middle of a caption"):
        read_captions(path)
    path.write_text("<SAMI><SYNC Start=0><P Class=ENUSCC>Hello</SYNC></SAMI>")
    with pytest.raises(RecordingError, match="no caption with a timestamp"):
        read_captions(path)
