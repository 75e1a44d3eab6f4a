"""Open Ephys' first format: .continuous files, one per channel, in records of 1024 samples.

The layout is the one of the GUI's manual (Open Ephys format, Open Ephys): a header of 1024 bytes,
then records with the number of their first sample. Numbers that jump are gaps, which the readers
that exist fill with zeros; so records are read here.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vigil.downsample.ncs_layout import Run
from vigil.downsample.scratch import scratch
from vigil.downsample.sources.channel import common_rate_hz, join
from vigil.downsample.sources.reading import fill, opened
from vigil.downsample.sources.side_by_side import SideBySide, side_by_side
from vigil.downsample.sources.source import (
    INT16_STEPS,
    LONGEST_GAP_S,
    Int16,
    checked_rate_hz,
    checked_scale_uv,
    path_order,
    some_of,
)
from vigil.recording import RecordingError

HEADER_BYTES = 1024
RECORD_SAMPLES = 1024
RECORD = np.dtype(
    [
        ("number", "<i8"),
        ("n_samples", "<u2"),
        ("recording", "<u2"),
        ("samples", ">i2", RECORD_SAMPLES),
        ("marker", "u1", 10),
    ]
)
RECORDS_AT_ONCE = 512
"""Records whose frames are checked at a time: a megabyte."""
MARKER = np.array([0, 1, 2, 3, 4, 5, 6, 7, 8, 255], np.uint8)
NAME = re.compile(r"^(\d+)_(?:.*_)?([A-Za-z]+\d+)(?:_(\d+))?$")
"""Processor, channel and number of the recording: 100_CH1, 100_RhythmData-A_CH1, 100_CH1_2."""


class ContinuousFile:
    """One .continuous file, its header and records checked, its samples read on demand.

    Parameters
    ----------
    path : path
        The file.

    Raises
    ------
    RecordingError
        When it is no such file, is truncated or damaged.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        header = read_header(path)
        self.channel = header.get("channel", path.stem)
        self.rate_hz = checked_rate_hz(_number(header, "sampleRate", path), path, "sampleRate")
        self.header_rate_hz = self.rate_hz
        scale = _number(header, "bitVolts", path)
        self.scale_uv = checked_scale_uv(scale, path, self.channel, "bitVolts")
        self.start = _moment(header.get("date_created", ""))
        records, extra = divmod(path.stat().st_size - HEADER_BYTES, RECORD.itemsize)
        if extra or not records:
            at = HEADER_BYTES + records * RECORD.itemsize
            raise RecordingError(
                f"{path} ends inside a record at byte {at}: it is truncated or still being "
                "written; copy it again when the acquisition has closed it."
            )
        numbers = self._checked_numbers(records)
        steps = np.diff(numbers)
        self._refuse(
            np.flatnonzero(np.abs(numbers) > 1 << 52),
            "has a number beyond any clock: it is damaged; copy the file again from the rig.",
        )
        self._refuse(
            np.flatnonzero(steps < RECORD_SAMPLES) + 1,
            "goes back in the numbers of its samples: split the recording there, or copy the file "
            "again.",
        )
        self._refuse(
            np.flatnonzero(steps > LONGEST_GAP_S * self.rate_hz) + 1,
            f"begins more than {LONGEST_GAP_S / 86400:.0f} days after the one before it: if its "
            "number is not damaged, split the recording there; else copy the file again.",
        )
        borders = [0, *(np.flatnonzero(steps != RECORD_SAMPLES) + 1).tolist(), records]
        self.runs = [
            Run(
                float(numbers[a]) * 1e6 / self.rate_hz, a * RECORD_SAMPLES, (b - a) * RECORD_SAMPLES
            )
            for a, b in itertools.pairwise(borders)
        ]

    def read(self, first: int, last: int) -> Int16:
        """Samples [first, last) of the file, counted without its gaps."""
        a, b = first // RECORD_SAMPLES, -(-last // RECORD_SAMPLES)
        samples = scratch("samples", (b - a) * RECORD_SAMPLES, np.int16)
        samples.reshape(-1, RECORD_SAMPLES)[:] = self._read_records(a, b)["samples"]
        return samples[first - a * RECORD_SAMPLES : last - a * RECORD_SAMPLES]

    def place_of(self, sample: int) -> str:
        """Where in the file a sample lies, in words."""
        return self._place(sample // RECORD_SAMPLES)

    def _place(self, record: int) -> str:
        return f"record {record} of {self.path} (byte {HEADER_BYTES + record * RECORD.itemsize})"

    def _read_records(self, first: int, last: int) -> npt.NDArray[np.void]:
        """Records [first, last); the array belongs to the thread and is used again."""
        raw = scratch("records", (last - first) * RECORD.itemsize, np.uint8)
        with opened(self.path) as file:
            file.seek(HEADER_BYTES + first * RECORD.itemsize)
            fill(file, raw, self.path)
        return raw.view(RECORD)

    def _checked_numbers(self, n_records: int) -> npt.NDArray[np.int64]:
        """Number of the first sample of each record, the frames of all checked."""
        numbers = np.empty(n_records, np.int64)
        for a in range(0, n_records, RECORDS_AT_ONCE):
            b = min(a + RECORDS_AT_ONCE, n_records)
            records = self._read_records(a, b)
            whole = records["n_samples"] == RECORD_SAMPLES
            whole &= (records["marker"] == MARKER).all(axis=1)
            self._refuse(
                np.flatnonzero(~whole) + a,
                "has no valid frame: the file is damaged; copy it again from the rig.",
            )
            numbers[a:b] = records["number"]
        return numbers

    def _refuse(self, bad: npt.NDArray[np.intp], what: str) -> None:
        """Raise a sentence about the first of some records, where there is one."""
        if bad.size:
            place = self._place(int(bad[0]))
            raise RecordingError(f"{place[0].upper()}{place[1:]} {what}")


def read_header(path: Path) -> dict[str, str]:
    """Entries `header.key = value;` of the text header.

    Raises
    ------
    RecordingError
        When the file has none.
    """
    with path.open("rb") as f:
        raw = f.read(HEADER_BYTES)
    if len(raw) < HEADER_BYTES or not raw.startswith(b"header.format = 'Open Ephys"):
        raise RecordingError(
            f"{path} is no Open Ephys .continuous file (its first {HEADER_BYTES} bytes are no such "
            "header); remove it from the recording's folder or copy it again."
        )
    text = raw.decode("latin-1")
    return dict(re.findall(r"header\.(\w+)\s*=\s*'?(.*?)'?\s*;", text))


def open_open_ephys_legacy(paths: Sequence[Path]) -> SideBySide:
    """Open the .continuous files of a recording as one source.

    Of several processors the one with most electrodes (CH) is taken, of equal ones the first in
    the chain. Files that go on (100_CH1_2.continuous) come after those before them.

    Raises
    ------
    RecordingError
        When a file is damaged, or none is of an electrode.
    """
    groups: defaultdict[tuple[str, str], list[tuple[int, Path]]] = defaultdict(list)
    aside = []
    for path in sorted(paths, key=path_order):
        found = NAME.match(path.stem)
        if not found or not found[2].upper().startswith("CH"):
            aside.append(path.stem)
        elif path.stat().st_size == HEADER_BYTES:
            read_header(path)
            aside.append(path.stem)
        else:
            groups[(found[1], found[2])].append((int(found[3] or 1), path))
    if not groups:
        raise RecordingError(
            "The recording's folder holds no .continuous file of an electrode with samples "
            "(100_CH1.continuous and so on); check the column 'source'."
        )
    processors = [processor for processor, _ in groups]
    chosen = min(processors, key=lambda p: (-processors.count(p), int(p)))
    aside += [f"{p}_{channel}" for p, channel in groups if p != chosen]
    opened = {
        channel: [ContinuousFile(path) for _, path in sorted(parts)]
        for (p, channel), parts in groups.items()
        if p == chosen
    }
    rate_hz = common_rate_hz([f for files in opened.values() for f in files])
    channels = [
        join(files, channel, channel, rate_hz, INT16_STEPS) for channel, files in opened.items()
    ]
    notes = []
    if aside:
        notes.append(
            f"Files that are no electrodes of processor {chosen} or hold no samples were left out: "
            f"{some_of(aside)}."
        )
    return side_by_side(channels, rate_hz, notes)


def _number(header: dict[str, str], key: str, path: Path) -> float:
    try:
        return float(header.get(key, ""))
    except ValueError:
        found = header.get(key, "nothing")[:20]
        raise RecordingError(
            f"The header of {path} has no valid {key} (found {found!r}); the file is damaged: copy "
            "it again from the rig."
        ) from None


def _moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%d-%b-%Y %H%M%S")
    except ValueError:
        return None
