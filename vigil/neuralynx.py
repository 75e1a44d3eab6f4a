"""Neuralynx' file formats: what several stages need to know of them.

The layout is Neuralynx' own (Data File Formats, Neuralynx Inc.): a text header of
16384 bytes, then records of fixed size, little-endian.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

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
        changes. Of several boards the first on which this input ever rises is meant.

        Parameters
        ----------
        bit, port : int
            The input and its port; events that name no port belong to port 0 of board 0.
        """
        of_board: dict[int, list[int]] = {}
        for i, text in enumerate(self.text):
            if "TTL" in text and "Output" not in text:
                named = re.search(r"board (\d+) port (\d+)", text)
                board, its_port = (int(named[1]), int(named[2])) if named else (0, 0)
                if its_port == port:
                    of_board.setdefault(board, []).append(i)
        for _, events in sorted(of_board.items()):
            level = (self.ttl[events] >> bit) & 1
            up = (level == 1) & (np.concatenate([[0], level[:-1]]) == 0)
            if up.any():
                return np.asarray(self.timestamp_us[events][up])
        return np.empty(0)


def read_events(path: str | Path) -> Events:
    """Read a .nev file.

    Raises
    ------
    RecordingError
        When it is not a Neuralynx file or ends in the middle of an event.
    """
    path = Path(path)
    read_header(path)
    size = path.stat().st_size - HEADER_BYTES
    if size % NEV_RECORD.itemsize:
        raise RecordingError(
            f"{path} ends in the middle of an event: it is truncated or still being written; "
            "copy it again when the acquisition has closed it."
        )
    records = np.fromfile(path, NEV_RECORD, offset=HEADER_BYTES)
    return Events(
        records["timestamp_us"].astype(np.float64),
        records["ttl"].astype(np.int64),
        [t.split(b"\0")[0].decode("latin-1") for t in records["text"]],
    )


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
