"""Neuralynx .ncs files: one channel each, records of 512 samples with a timestamp."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vigil.neuralynx import HEADER_BYTES, NCS_RECORD, RECORD_SAMPLES, read_header
from vigil.recording import RecordingError

TIMESTAMP_SLACK_US = 5.0
"""Timestamps are rounded to microseconds and wander by a few (seen with an ATLAS system)."""

OPENED = re.compile(
    r"^[ \t]*##[ \t]*(?:Time|Date) Opened:?[ \t]*\(m+/d+/y+\):?[ \t]*(\d+)/(\d+)/(\d+)[ \t]+"
    r"(?:At Time:|\(h:m:s\.ms\))[ \t]*(\d+):(\d+):(\d+)(?:\.(\d+))?",
    re.MULTILINE,
)
"""Old headers' line of the start: month, day, year, hour, minute, second, fraction."""


@dataclass(frozen=True)
class Run:
    """A gapless stretch of one file: its first timestamp, first sample and length."""

    start_us: float
    first_sample: int
    n_samples: int


class NcsFile:
    """One .ncs file, its header checked, its samples read on demand.

    Parameters
    ----------
    path : path
        The file.

    Attributes
    ----------
    channel : str
        Name of the acquisition entity, or of the file where the header has none.
    rate_hz : float
        The header's rate, or the one that the timestamps show where the two differ by
        more than the timestamps' rounding.
    header_rate_hz : float
        What the header says.
    scale_uv : float
        Microvolts per step; negative where the amplifier inverted its input.
    runs : list of Run
        The stretches between gaps.
    start : datetime or None
        When the header says the file was opened, without a time zone.

    Raises
    ------
    RecordingError
        When the file is not a whole .ncs file or its header lacks what is needed.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        header = read_header(self.path)
        self.channel = header.get("AcqEntName") or self.path.stem
        self.header_rate_hz = _number(header, "SamplingFrequency", self.path)
        inverted = header.get("InputInverted", "False").lower() == "true"
        # AD steps count downwards where the input was inverted; neo takes the same sign
        self.scale_uv = _number(header, "ADBitVolts", self.path) * 1e6 * (-1 if inverted else 1)
        self.start = read_start(self.path, header)
        records = (self.path.stat().st_size - HEADER_BYTES) // NCS_RECORD.itemsize
        extra = (self.path.stat().st_size - HEADER_BYTES) % NCS_RECORD.itemsize
        if extra:
            at = HEADER_BYTES + records * NCS_RECORD.itemsize
            raise RecordingError(
                f"{self.path} ends in the middle of a record at byte {at}: it is truncated or "
                "still being written; wait until the acquisition has closed it, or copy it again."
            )
        if not records:
            raise RecordingError(f"{self.path} holds a header and no samples; leave it out.")
        self._records = np.memmap(self.path, NCS_RECORD, "r", HEADER_BYTES, (records,))
        self._n_valid = np.array(self._records["n_valid"])
        if self._n_valid.max() > RECORD_SAMPLES:
            bad = int(np.argmax(self._n_valid > RECORD_SAMPLES))
            raise RecordingError(
                f"{self.path} claims {self._n_valid[bad]} samples in record {bad} (at most "
                f"{RECORD_SAMPLES} fit): the file is damaged; copy it again from the rig."
            )
        self._cumulative = np.concatenate([[0], np.cumsum(self._n_valid, dtype=np.int64)])
        timestamps = np.array(self._records["timestamp_us"]).astype(np.float64)
        self.rate_hz = effective_rate_hz(timestamps, self._n_valid, self.header_rate_hz)
        self.runs = find_runs(timestamps, self._n_valid, self.rate_hz, self.path)

    def read(self, first: int, last: int) -> npt.NDArray[np.int16]:
        """Samples [first, last) of the file, counted without its gaps, as they are stored."""
        a = int(np.searchsorted(self._cumulative, first, side="right")) - 1
        b = int(np.searchsorted(self._cumulative, last, side="left"))
        records = self._records[a:b]
        if (self._n_valid[a:b] == RECORD_SAMPLES).all():
            samples = np.ascontiguousarray(records["samples"]).reshape(-1)
        else:
            samples = np.concatenate(
                [r["samples"][:n] for r, n in zip(records, self._n_valid[a:b], strict=True)]
            )
        offset = int(self._cumulative[a])
        return np.asarray(samples[first - offset : last - offset], dtype=np.int16)


def _number(header: dict[str, str], key: str, path: Path) -> float:
    try:
        value = float(header[key])
    except (KeyError, ValueError):
        value = 0.0
    if not value > 0:
        raise RecordingError(
            f"The header of {path} has no valid -{key} (found {header.get(key, 'nothing')!r}); "
            "the file is damaged or not from Cheetah; copy it again from the rig."
        )
    return value


def read_start(path: Path, header: dict[str, str]) -> datetime | None:
    """When the acquisition opened the file, from either form of header.

    New systems write `-TimeCreated 2017/02/16 17:56:04`; old ones a comment such as
    `## Time Opened (m/d/y): 12/11/15  At Time: 11:37:39.000`, in several spellings.
    """
    try:
        return datetime.strptime(header.get("TimeCreated", ""), "%Y/%m/%d %H:%M:%S")
    except ValueError:
        pass
    with path.open("rb") as f:
        text = f.read(HEADER_BYTES).split(b"\0", 1)[0].decode("latin-1")
    found = OPENED.search(text)
    if not found:
        return None
    month, day, year, hour, minute, second = (int(found[i]) for i in range(1, 7))
    if year < 100:
        year += 2000 if year < 69 else 1900
    microsecond = int((found[7] or "").ljust(6, "0")[:6])
    try:
        return datetime(year, month, day, hour, minute, second, microsecond)
    except ValueError:
        return None


def effective_rate_hz(
    timestamp_us: npt.NDArray[np.float64], n_valid: npt.NDArray[np.uint32], header_rate_hz: float
) -> float:
    """Sampling rate on the clock of the timestamps.

    Old systems round the header's rate or state another one than they use. The header
    is believed unless the timestamps of the longest gapless run contradict it by more
    than their own rounding.
    """
    full = n_valid[:-1] == RECORD_SAMPLES
    if not full.any():
        return header_rate_hz
    step_us = float(np.median(np.diff(timestamp_us)[full]))
    if step_us <= 0:
        return header_rate_hz
    rough_hz = RECORD_SAMPLES * 1e6 / step_us
    if abs(rough_hz / header_rate_hz - 1) < 1e-3:
        rough_hz = header_rate_hz
    breaks = _breaks(timestamp_us, n_valid, rough_hz)
    borders = np.concatenate([[0], breaks, [len(timestamp_us)]])
    longest = int(np.argmax(np.diff(borders)))
    a, b = int(borders[longest]), int(borders[longest + 1]) - 1
    if b <= a:
        return rough_hz
    elapsed_us = timestamp_us[b] - timestamp_us[a]
    measured_hz = float(n_valid[a:b].sum() * 1e6 / elapsed_us)
    rounding = TIMESTAMP_SLACK_US / elapsed_us
    return header_rate_hz if abs(measured_hz / header_rate_hz - 1) <= rounding else measured_hz


def _breaks(
    timestamp_us: npt.NDArray[np.float64], n_valid: npt.NDArray[np.uint32], rate_hz: float
) -> npt.NDArray[np.int64]:
    """Records whose timestamp is not where the record before them ended."""
    expected_us = timestamp_us[:-1] + n_valid[:-1] * 1e6 / rate_hz
    off_us = np.abs(timestamp_us[1:] - expected_us)
    return np.flatnonzero(off_us > max(2.0, 1e6 / rate_hz)) + 1


def find_runs(
    timestamp_us: npt.NDArray[np.float64],
    n_valid: npt.NDArray[np.uint32],
    rate_hz: float,
    path: str | Path = "the file",
) -> list[Run]:
    """Split records into gapless runs.

    Parameters
    ----------
    timestamp_us : ndarray, (record,)
        Time of each record's first sample in microseconds.
    n_valid : ndarray, (record,)
        Valid samples of each record.
    rate_hz : float
        Sampling rate on the timestamps' clock.

    Raises
    ------
    RecordingError
        When time goes backwards: what belongs where cannot be known.
    """
    breaks = _breaks(timestamp_us, n_valid, rate_hz)
    borders = np.concatenate([[0], breaks, [len(timestamp_us)]]).astype(int)
    cumulative = np.concatenate([[0], np.cumsum(n_valid, dtype=np.int64)])
    runs: list[Run] = []
    for a, b in itertools.pairwise(borders):
        n = int(cumulative[b] - cumulative[a])
        if runs and timestamp_us[a] < runs[-1].start_us + runs[-1].n_samples * 1e6 / rate_hz - 2e3:
            raise RecordingError(
                f"The clock of {path} goes back at record {a} (the acquisition clock was reset): "
                "split the recording there into two rows of the table."
            )
        if n:
            runs.append(Run(float(timestamp_us[a]), int(cumulative[a]), n))
    return runs
