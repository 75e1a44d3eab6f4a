"""Neuralynx .ncs files: one channel each, records of 512 samples with a timestamp."""

from __future__ import annotations

import os
import re
import time
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vigil.downsample.kernel import unpack_records
from vigil.downsample.ncs_damage import check_stamps, damaged_stamp, record_place
from vigil.downsample.ncs_layout import (
    Stretch,
    effective_rate_hz,
    join_stretches,
    scan_stretches,
    search_stretches,
    slack_us,
)
from vigil.downsample.scratch import scratch
from vigil.downsample.sources.reading import fill, opened
from vigil.neuralynx import HEADER_BYTES, NCS_RECORD, RECORD_SAMPLES, read_header
from vigil.recording import RecordingError

RECORD_BYTES = NCS_RECORD.itemsize
LOOKED_AT = 128
"""Records at the beginning of a file whose headers are all read."""
WARM_BYTES_PER_S = 3e9
"""Reading slower than this means a disk."""
RECORDS_AT_ONCE = 1 << 15
"""Records read at a time when all headers are wanted."""
BLOCK_RECORDS = 512
"""Records read and unpacked at a time: so few stay in the second-level cache."""

OPENED = re.compile(
    r"^[ \t]*##[ \t]*(?:Time|Date) Opened:?[ \t]*\(m+/d+/y+\):?[ \t]*(\d+)/(\d+)/(\d+)[ \t]+"
    r"(?:At Time:|\(h:m:s\.ms\))[ \t]*(\d+):(\d+):(\d+)(?:\.(\d+))?",
    re.MULTILINE,
)
"""Old headers' line of the start: month, day, year, hour, minute, second, fraction."""


class UnseenBorder(Exception):
    """A record's header contradicts what a few headers showed; open the file with `scan`."""


class NcsFile:
    """One .ncs file, its header checked, its samples read on demand.

    Parameters
    ----------
    path : path
        The file.
    scan : bool
        Read the headers of all records now. Otherwise a few tell where the gaps are, and
        `read` checks the others.

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
        When the file is not a whole .ncs file, its header lacks what is needed or a timestamp
        cannot be.
    """

    def __init__(self, path: str | Path, scan: bool = False) -> None:
        self.path = Path(path)
        header = read_header(self.path)
        self.channel = header.get("AcqEntName") or self.path.stem
        self.header_rate_hz = _number(header, "SamplingFrequency", self.path)
        inverted = header.get("InputInverted", "False").lower() == "true"
        # AD steps count downwards where the input was inverted; neo takes the same sign
        self.scale_uv = _number(header, "ADBitVolts", self.path) * 1e6 * (-1 if inverted else 1)
        self.start = read_start(self.path, header)
        self._scanned = scan
        self._on_disk = False
        records, extra = divmod(self.path.stat().st_size - HEADER_BYTES, RECORD_BYTES)
        if extra:
            raise RecordingError(
                f"{self.path} ends in the middle of a record at byte "
                f"{HEADER_BYTES + records * RECORD_BYTES}: it is truncated or still being "
                "written; wait until the acquisition has closed it, or copy it again."
            )
        if not records:
            raise RecordingError(f"{self.path} holds a header and no samples; leave it out.")
        stretches, self.rate_hz = self._lay_out(records, scan)
        self.runs = join_stretches(stretches, self.rate_hz)
        if not self.runs:
            raise RecordingError(
                f"None of the {records} records of {self.path} holds a valid sample; leave it out."
            )
        self._stretches = stretches
        lengths = [s.n_samples for s in stretches]
        self._first_samples = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])

    def read(self, first: int, last: int) -> npt.NDArray[np.int16]:
        """Samples [first, last) of the file, counted without its gaps, as they are stored.

        The array may belong to the thread, whose next call overwrites it.

        Raises
        ------
        UnseenBorder
            When the records are not what the few headers that were looked at made of them.
        """
        borders = self._first_samples
        a = int(np.searchsorted(borders, first, side="right")) - 1
        b = int(np.searchsorted(borders, last, side="left"))
        pieces = []
        for s, start in zip(self._stretches[a:b], borders[a:b].tolist(), strict=True):
            if s.n_samples:
                lo, hi = max(first - start, 0), min(last - start, s.n_samples)
                part = self._read_stretch(s, lo, hi)
                pieces.append(part if b - a == 1 else part.copy())
        return pieces[0] if len(pieces) == 1 else np.concatenate([np.empty(0, np.int16), *pieces])

    def place_of(self, sample: int) -> str:
        """Where in the file a sample lies, in words."""
        i = int(np.searchsorted(self._first_samples, sample, side="right")) - 1
        into = (sample - int(self._first_samples[i])) // RECORD_SAMPLES
        return record_place(self.path, self._stretches[i].first + into)

    def _read_stretch(self, s: Stretch, first: int, last: int) -> npt.NDArray[np.int16]:
        """Samples [first, last) of a stretch, the headers of their records checked."""
        # the record before is read too, so that every border between records is looked at
        skipped = max(0, first // RECORD_SAMPLES - 1)
        end = min(-(-last // RECORD_SAMPLES), s.last - s.first)
        out = scratch("samples", (end - skipped) * RECORD_SAMPLES, np.int16)
        valid = s.n_valid if s.first + end == s.last else RECORD_SAMPLES
        bad = self._unpack(s.first + skipped, valid, out)
        if bad >= 0:
            record = s.first + skipped + bad
            if self._scanned:
                raise RecordingError(
                    f"The file changed at {record_place(self.path, record)} while it was read; "
                    "close the acquisition and run again."
                )
            raise UnseenBorder(f"{self.path}, record {record}")
        return out[first - skipped * RECORD_SAMPLES : last - skipped * RECORD_SAMPLES]

    def _unpack(self, first: int, last_valid: int, out: npt.NDArray[np.int16]) -> int:
        """Fill `out` with the samples of the records from `first` on, their headers checked.

        Returns
        -------
        int
            Number of the first record that is not as it must be, counted from `first`, or -1.
        """
        step_us, slack = RECORD_SAMPLES * 1e6 / self.rate_hz, slack_us(self.rate_hz)
        n = out.size // RECORD_SAMPLES
        held = scratch("records", (1 + min(n, BLOCK_RECORDS)) * RECORD_BYTES, np.uint8)
        words, halves = held.view(np.uint32), held.view(np.int16)
        with opened(self.path) as f:
            started = time.perf_counter()
            at = f.seek(HEADER_BYTES + first * RECORD_BYTES)
            for a in range(0, n, BLOCK_RECORDS):
                b = min(a + BLOCK_RECORDS, n)
                # the last record of the block before stands in front: all borders are looked at
                before = 1 if a else 0
                end = (before + b - a) * RECORD_BYTES
                fill(f, held[before * RECORD_BYTES : end], self.path)
                samples = out[(a - before) * RECORD_SAMPLES : b * RECORD_SAMPLES]
                valid = last_valid if b == n else RECORD_SAMPLES
                bad = unpack_records(words, halves, valid, step_us, slack, samples)
                if bad >= 0:
                    return a - before + bad
                held[:RECORD_BYTES] = held[end - RECORD_BYTES : end]
            n_bytes = n * RECORD_BYTES
            slow = time.perf_counter() - started > n_bytes / WARM_BYTES_PER_S
            self._on_disk = self._on_disk or (n > 1 and slow)
            if self._on_disk:
                # what follows is fetched while other channels are filtered
                os.posix_fadvise(f.fileno(), at + n_bytes, n_bytes, os.POSIX_FADV_WILLNEED)
        return -1

    def _read_records(self, first: int, n: int) -> npt.NDArray[np.uint8]:
        """Bytes of n records; the array belongs to the thread and is used again."""
        part = scratch("records", n * RECORD_BYTES, np.uint8)
        with opened(self.path) as f:
            f.seek(HEADER_BYTES + first * RECORD_BYTES)
            fill(f, part, self.path)
        return part

    def _stamps(self, first: int, n: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.uint32]]:
        """Timestamps and numbers of valid samples of n records."""
        records = self._read_records(first, n).view(NCS_RECORD)
        n_valid = records["n_valid"].astype(np.uint32)
        if n_valid.max() > RECORD_SAMPLES:
            bad = int(np.argmax(n_valid > RECORD_SAMPLES))
            raise RecordingError(
                f"There are {n_valid[bad]} samples by its own word in "
                f"{record_place(self.path, first + bad)}, but at most {RECORD_SAMPLES} fit: the "
                "file is damaged; copy it again from the rig."
            )
        return records["timestamp_us"].astype(np.float64), n_valid

    def _lay_out(self, n_records: int, scan: bool) -> tuple[list[Stretch], float]:
        """Stretches and rate, from a few headers or from all."""
        head = self._read_records(0, min(n_records, LOOKED_AT)).view(NCS_RECORD)
        of_records_hz = np.median(head["rate_hz"])
        # records state whole hertz
        confirmed = bool(abs(of_records_hz - self.header_rate_hz) <= 1)
        if not scan and n_records > LOOKED_AT:
            head_us, head_valid = self._stamps(0, LOOKED_AT)
            rate_hz = effective_rate_hz(head_us, head_valid, self.header_rate_hz, confirmed)

            def stamp(record: int) -> tuple[float, int]:
                timestamp_us, n_valid = self._stamps(record, 1)
                return float(timestamp_us[0]), int(n_valid[0])

            known_us = float(np.median(np.diff(head_us))) * LOOKED_AT / 2
            found = search_stretches(stamp, n_records, rate_hz, known_us)
            # what a few headers show is not enough to refuse a file
            if found is not None and damaged_stamp(*found) is None:
                return found
        parts = [
            self._stamps(a, min(RECORDS_AT_ONCE, n_records - a))
            for a in range(0, n_records, RECORDS_AT_ONCE)
        ]
        timestamp_us = np.concatenate([t for t, _ in parts])
        n_valid = np.concatenate([n for _, n in parts])
        rate_hz = effective_rate_hz(timestamp_us, n_valid, self.header_rate_hz, confirmed)
        stretches = scan_stretches(timestamp_us, n_valid, rate_hz)
        check_stamps(stretches, rate_hz, self.path)
        return stretches, rate_hz


def _number(header: dict[str, str], key: str, path: Path) -> float:
    try:
        value = float(header[key])
    except (KeyError, ValueError):
        value = 0.0
    if not 0 < value < np.inf:
        found = header.get(key, "nothing")[:40]
        raise RecordingError(
            f"The header of {path} has no valid -{key} (found {found!r}); the file is damaged "
            "or not from Cheetah; copy it again from the rig."
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
