"""EDF, EDF+ and BDF files: a header in text, then records of 16 or 24 bit samples.

The layout is the one of the formats' own descriptions (Kemp et al. 1992; Kemp and Olivan 2003;
BDF: BioSemi). The readers that exist give no stretches of a discontinuous file (EDF+D), or open
a file once only, or hold it whole; so records are read here, straight from the file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vigil.downsample.sources.edf_header import (
    MARKS,
    EdfHeader,
    Signal,
    onset_runs,
    read_edf_header,
)
from vigil.downsample.sources.reading import fill, opened
from vigil.downsample.sources.source import (
    Described,
    checked_rate_hz,
    checked_scale_uv,
    microvolts_per,
    some_of,
    unique_names,
)
from vigil.recording import RecordingError

PIECE_BYTES = 1 << 22


@dataclass(frozen=True, kw_only=True)
class EdfSource(Described):
    """The signals of one file that share a rate.

    Parameters
    ----------
    header : EdfHeader
        Where what lies.
    signals : tuple of Signal
        Those that are channels.
    first_records : tuple of int
        Number of the first record of each segment.
    """

    header: EdfHeader
    signals: tuple[Signal, ...]
    first_records: tuple[int, ...]

    @property
    def dtype(self) -> np.dtype[np.signedinteger]:
        """Of the file's numbers."""
        return np.dtype(np.int32 if self.header.sample_bytes == 3 else np.int16)

    def read_numbers(
        self, segment: int, start: int, stop: int, channels: Sequence[int]
    ) -> npt.NDArray[np.generic]:
        """Samples [start, stop) of some channels in one segment, (channel, sample)."""
        h = self.header
        per_record = self.signals[0].samples
        first, last = start // per_record, -(-stop // per_record)
        wide = h.sample_bytes == 3
        out = np.empty((len(channels), (last - first) * per_record), self.dtype)
        at_once = max(1, PIECE_BYTES // h.record_bytes)
        records = np.empty((min(at_once, last - first), h.record_bytes), np.uint8)
        with opened(h.path) as file:
            file.seek(h.first_byte + (self.first_records[segment] + first) * h.record_bytes)
            for a in range(0, last - first, at_once):
                n = min(at_once, last - first - a)
                fill(file, records[:n], h.path)
                for row, channel in zip(out, channels, strict=True):
                    at = self.signals[channel].first_byte
                    raw = records[:n, at : at + per_record * h.sample_bytes]
                    row[a * per_record : (a + n) * per_record] = _numbers(raw, wide)
        return out[:, start - first * per_record : stop - first * per_record]


def _numbers(raw: npt.NDArray[np.uint8], wide: bool) -> npt.NDArray[np.generic]:
    """Little-endian samples of 2 or 3 bytes, end to end."""
    if not wide:
        return np.ascontiguousarray(raw).view("<i2").reshape(-1)
    whole = np.zeros((raw.size // 3, 4), np.uint8)
    whole[:, 1:] = raw.reshape(-1, 3)
    return whole.view("<i4").reshape(-1) >> 8


def open_edf(path: Path) -> EdfSource:
    """Open an EDF or BDF file.

    Of signals with different rates those that most share are taken; of as many, the fastest.

    Raises
    ------
    RecordingError
        When the header is damaged or contradicts the file's size, or no signal is a voltage.
    """
    header = read_edf_header(path)
    notes = list(header.notes)
    by_samples: defaultdict[int, list[Signal]] = defaultdict(list)
    aside = []
    for s in header.signals:
        if s.label in MARKS or (s.label == "Status" and header.sample_bytes == 3):
            continue
        if s.unit and microvolts_per(s.unit) is None:
            aside.append(f"{s.label} in {s.unit}")
        else:
            by_samples[s.samples].append(s)
    if aside:
        notes.append(f"Signals that are no voltage were left out: {some_of(aside)}.")
    if not by_samples:
        raise RecordingError(
            f"{path} holds no signal in volts (its header lists {len(header.signals)} signals); "
            "check that it is the right file."
        )
    signals = max(by_samples.values(), key=lambda group: (len(group), group[0].samples))
    rate_hz = checked_rate_hz(signals[0].samples / header.record_s, path, "samples per record")
    slower = [s.label for group in by_samples.values() if group is not signals for s in group]
    if slower:
        notes.append(
            f"Signals of other rates than {rate_hz:g} Hz were left out: {some_of(slower)}."
        )
    unitless = [s.label for s in signals if not s.unit]
    if unitless:
        notes.append(f"Signals without a unit were taken as microvolts: {some_of(unitless)}.")
    runs = onset_runs(header)
    labels = [s.label for s in signals]
    return EdfSource(
        channels=unique_names(labels, labels),
        rate_hz=rate_hz,
        scale_uv=tuple(_scale_uv(s, path) for s in signals),
        range_steps=tuple((min(s.digital), max(s.digital)) for s in signals),
        segments=tuple((onset - runs[0][0], n * signals[0].samples) for onset, _, n in runs),
        start=header.start,
        clock_zero_us=runs[0][0] * 1e6,
        together=len(signals),
        notes=tuple(notes),
        header=header,
        signals=tuple(signals),
        first_records=tuple(first for _, first, _ in runs),
    )


def _scale_uv(s: Signal, path: Path) -> float:
    steps = s.digital[1] - s.digital[0]
    physical = s.physical[1] - s.physical[0]
    per_unit = microvolts_per(s.unit or "uV") or 1.0
    scale = physical / steps * per_unit if steps else float("nan")
    return checked_scale_uv(scale, path, s.label, "its physical and digital range")
