"""Neuralynx' file formats: what several stages need to know of them.

The layout is Neuralynx' own (Data File Formats, Neuralynx Inc.): a text header of
16384 bytes, then records of fixed size, little-endian.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from vigil.recording import RecordingError

HEADER_BYTES = 16384
RECORD_SAMPLES = 512
NCS_RECORD = np.dtype(
    [
        ("timestamp_us", "<u8"),
        ("channel", "<u4"),
        ("rate_hz", "<u4"),
        ("n_valid", "<u4"),
        ("samples", "<i2", RECORD_SAMPLES),
    ]
)
NEV_RECORD = np.dtype(
    [
        ("reserved", "<i2", 3),
        ("timestamp_us", "<u8"),
        ("event_id", "<i2"),
        ("ttl", "<u2"),
        ("crc", "<i2"),
        ("unused", "<i2", 2),
        ("extra", "<i4", 8),
        ("text", "S128"),
    ]
)

NVT_RECORD = np.dtype(
    [
        ("start", "<u2"),
        ("tracker", "<u2"),
        ("record_bytes", "<u2"),
        ("timestamp_us", "<u8"),
        ("points", "<u4", 400),
        ("crc", "<i2"),
        ("x_px", "<i4"),
        ("y_px", "<i4"),
        ("angle_deg", "<i4"),
        ("targets", "<u4", 50),
    ]
)
BLOCK_RECORDS = 16384
"""Records that are in memory at a time, where only a part of each is kept."""
WIDTH_SHARE = 0.1
"""A pulse whose length is this much off the others' had begun before the first event."""
CAPTION = re.compile(rb"<SYNC\s+Start\s*=\s*\"?([\d.]+)\"?\s*>\s*<P[^>]*>\s*(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Captions:
    """The captions of a .smi file, which the acquisition writes beside the video of a camera.

    Parameters
    ----------
    start_ms : ndarray, (caption,)
        From the start of the video, in milliseconds as written.
    timestamp_us : ndarray, (caption,)
        Of the frame, on the acquisition's own clock.
    """

    start_ms: npt.NDArray[np.float64]
    timestamp_us: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Events:
    """The events of a .nev file.

    Parameters
    ----------
    timestamp_us : ndarray, (event,)
        On the acquisition's own clock.
    ttl : ndarray of int, (event,)
        State of the digital inputs.
    text : list of str
        What the acquisition wrote beside it.
    """

    timestamp_us: npt.NDArray[np.float64]
    ttl: npt.NDArray[np.int64]
    text: list[str]

    def rising_edges_us(self, bit: int, port: int = 0) -> npt.NDArray[np.float64]:
        """Times at which a digital input went up.

        Each port has a value of its own, which the acquisition writes when the port
        changes. Of several boards the first on which this input ever rises is meant. An input
        that is high at the first event of its port rose then if it stays so for as long as
        after other rises; otherwise it had been high before.

        Parameters
        ----------
        bit, port : int
            The input and its port; events that name no port belong to port 0 of board 0.
        """
        of_board: dict[int, list[int]] = {}
        for i, text in enumerate(self.text):
            where = _input_named(text)
            if where is not None and where[1] == port:
                of_board.setdefault(where[0], []).append(i)
        for _, events in sorted(of_board.items()):
            rises_us = _rises_us(self.timestamp_us[events], (self.ttl[events] >> bit) & 1)
            if len(rises_us):
                return rises_us
        return np.empty(0)


def read_events(path: str | Path) -> Events:
    """Read a .nev file.

    Raises
    ------
    RecordingError
        When it is not a Neuralynx file or ends in the middle of an event.
    """
    path = Path(path)
    _count_records(path, NEV_RECORD, "an event")
    records = np.fromfile(path, NEV_RECORD, offset=HEADER_BYTES)
    return Events(
        records["timestamp_us"].astype(np.float64),
        records["ttl"].astype(np.int64),
        [t.split(b"\0")[0].decode("latin-1") for t in records["text"]],
    )


def read_rising_edges_us(path: str | Path, bit: int, port: int = 0) -> npt.NDArray[np.float64]:
    """Times at which a digital input went up: `read_events(path).rising_edges_us(bit, port)`.

    A camera of a day leaves five million events, a gigabyte; they are read in blocks, and
    their few different texts are looked at once.
    """
    path = Path(path)
    n_events = _count_records(path, NEV_RECORD, "an event")
    boards: dict[bytes, int] = {}
    at_us: dict[int, list[npt.NDArray[np.uint64]]] = {}
    levels: dict[int, list[npt.NDArray[np.uint16]]] = {}
    for first in range(0, n_events, BLOCK_RECORDS):
        records = _read_block(path, NEV_RECORD, first)
        texts: list[bytes] = records["text"].tolist()
        for text in set(texts) - boards.keys():
            where = _input_named(text.split(b"\0")[0].decode("latin-1"))
            boards[text] = where[0] if where is not None and where[1] == port else -1
        board_of = np.fromiter(map(boards.__getitem__, texts), np.int64, len(texts))
        for board in np.unique(board_of[board_of >= 0]).tolist():
            mine = board_of == board
            at_us.setdefault(board, []).append(records["timestamp_us"][mine])
            levels.setdefault(board, []).append((records["ttl"][mine] >> bit) & 1)
    for board in sorted(at_us):
        rises_us = _rises_us(
            np.concatenate(at_us[board]).astype(np.float64), np.concatenate(levels[board])
        )
        if len(rises_us):
            return rises_us
    return np.empty(0)


def read_stops_us(path: str | Path) -> npt.NDArray[np.float64]:
    """Times at which the acquisition was stopped, by the events of a .nev file."""
    path = Path(path)
    stops: list[npt.NDArray[np.uint64]] = []
    for first in range(0, _count_records(path, NEV_RECORD, "an event"), BLOCK_RECORDS):
        records = _read_block(path, NEV_RECORD, first)
        stops.append(records["timestamp_us"][records["text"] == b"Stopping Recording"])
    return np.concatenate([np.empty(0), *stops])


def read_tracker_times_us(path: str | Path) -> npt.NDArray[np.float64]:
    """Timestamps of the frames in a .nvt file (video tracker), on the acquisition's own clock.

    One record per frame that the tracker was given, 1828 bytes each (Neuralynx, Data File
    Formats: Video Tracker Records).

    Raises
    ------
    RecordingError
        When it is not a Neuralynx file, its records are not of this size, or it ends in the
        middle of one.
    """
    path = Path(path)
    size = read_header(path).get("RecordSize", str(NVT_RECORD.itemsize))
    if size != str(NVT_RECORD.itemsize):
        raise RecordingError(
            f"{path} has records of {size} bytes where those of a video tracker have "
            f"{NVT_RECORD.itemsize}; give the frames' times as a .smi or .csv file."
        )
    n_records = _count_records(path, NVT_RECORD, "a record")
    times_us = np.empty(n_records)
    for first in range(0, n_records, BLOCK_RECORDS):
        block = _read_block(path, NVT_RECORD, first)
        times_us[first : first + len(block)] = block["timestamp_us"]
    return times_us


def read_captions(path: str | Path) -> Captions:
    """Read a .smi file: the timestamp of each frame of the video as its caption.

    SAMI captions, `<SYNC Start=milliseconds><P Class=ENUSCC>microseconds</SYNC>`, one a frame.

    Raises
    ------
    RecordingError
        When no caption holds a timestamp, or the file ends in the middle of one.
    """
    path = Path(path)
    raw = path.read_bytes()
    values = (float(value) for caption in CAPTION.finditer(raw) for value in caption.groups())
    pairs = np.fromiter(values, np.float64).reshape(-1, 2)
    if not len(pairs):
        raise RecordingError(
            f"{path} has no caption with a timestamp (<SYNC Start=...><P Class=ENUSCC>...): it is "
            "not a .smi file of the acquisition; name the right one in the column video_times."
        )
    if not re.search(rb"</SYNC>\s*(</|\Z)|</SAMI>", raw[-200:], re.IGNORECASE):
        raise RecordingError(
            f"{path} ends in the middle of a caption: it is truncated or still being written; "
            "copy it again when the acquisition has closed it."
        )
    return Captions(pairs[:, 0].copy(), pairs[:, 1].copy())


def _rises_us(
    timestamp_us: npt.NDArray[np.float64], level: npt.NDArray[np.integer[Any]]
) -> npt.NDArray[np.float64]:
    """Times at which a level of 0 or 1 goes up, and of the first event if it looks like a rise."""
    change = np.flatnonzero(np.diff(level.astype(np.int8), prepend=np.int8(0)))
    rises_us, falls_us = timestamp_us[change[0::2]], timestamp_us[change[1::2]]
    high_us = falls_us - rises_us[: len(falls_us)]
    if len(high_us) > 1 and change[0] == 0:
        usual_us = np.median(high_us[1:])
        spread_us = 1.4826 * np.median(np.abs(high_us[1:] - usual_us))
        if abs(high_us[0] - usual_us) > max(WIDTH_SHARE * usual_us, 4 * spread_us):
            return np.asarray(rises_us[1:])
    return np.asarray(rises_us)


def _input_named(text: str) -> tuple[int, int] | None:
    """Board and port of the digital input whose change an event's text tells; None of others."""
    if "TTL" not in text or "Output" in text:
        return None
    named = re.search(r"board (\d+) port (\d+)", text)
    return (int(named[1]), int(named[2])) if named else (0, 0)


def _count_records(path: Path, record: np.dtype[np.void], what: str) -> int:
    """Number of whole records behind the header; a part of one is refused."""
    read_header(path)
    count, rest = divmod(path.stat().st_size - HEADER_BYTES, record.itemsize)
    if rest:
        raise RecordingError(
            f"{path} ends in the middle of {what}: it is truncated or still being written; "
            "copy it again when the acquisition has closed it."
        )
    return count


def _read_block(path: Path, record: np.dtype[np.void], first: int) -> npt.NDArray[np.void]:
    at = HEADER_BYTES + first * record.itemsize
    return np.fromfile(path, record, BLOCK_RECORDS, offset=at)


def read_header(path: Path) -> dict[str, str]:
    """Entries `-Key value` of the text header of a Neuralynx file.

    Raises
    ------
    RecordingError
        When the file has no such header.
    """
    with path.open("rb") as f:
        raw = f.read(HEADER_BYTES)
    if len(raw) < HEADER_BYTES or not raw.lstrip().startswith(b"########"):
        raise RecordingError(
            f"{path} is not a Neuralynx file (its first {HEADER_BYTES} bytes are no header that "
            "begins with ########); remove it from the recording's folder or copy it again."
        )
    text = raw.split(b"\0", 1)[0].decode("latin-1")
    return dict(re.findall(r"^[ \t]*-(\S+)[ \t]+(.+?)[ \t]*\r?$", text, re.MULTILINE))
