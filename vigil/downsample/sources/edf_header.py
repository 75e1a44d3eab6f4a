"""The headers of EDF, EDF+ and BDF files, and when their records begin."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from vigil.recording import RecordingError

FIXED_BYTES = 256
SIGNAL_FIELDS = (
    ("label", 16), ("transducer", 80), ("unit", 8), ("physical_min", 8), ("physical_max", 8),
    ("digital_min", 8), ("digital_max", 8), ("prefilter", 80), ("samples", 8), ("reserved", 32),
)  # fmt: skip
MARKS = ("EDF Annotations", "BDF Annotations")
ONSET = re.compile(rb"^([+-]\d+(?:\.\d*)?)\x14\x14\x00")
"""The annotation that says when a record begins."""
MOST_RECORD_BYTES = 1 << 28


@dataclass(frozen=True)
class Signal:
    """One signal as the header describes it."""

    label: str
    unit: str
    physical: tuple[float, float]
    digital: tuple[int, int]
    samples: int
    first_byte: int


@dataclass(frozen=True)
class EdfHeader:
    """What the header of a file says, checked against its size."""

    path: Path
    sample_bytes: int
    first_byte: int
    record_bytes: int
    n_records: int
    record_s: float
    start: datetime | None
    gaps: bool
    signals: tuple[Signal, ...]
    notes: tuple[str, ...]


def read_edf_header(path: Path) -> EdfHeader:
    """Read and check the header of a file.

    Raises
    ------
    RecordingError
        When it is no such header or the file's size contradicts it.
    """
    with path.open("rb") as f:
        fixed = f.read(FIXED_BYTES)
        if len(fixed) < FIXED_BYTES:
            raise RecordingError(
                f"{path} ends at byte {len(fixed)}, inside the header of an EDF or BDF file; copy "
                "it again from the rig."
            )
        if fixed[:8] not in (b"0       ", b"\xffBIOSEMI"):
            raise RecordingError(
                f"{path} is no EDF or BDF file (its first 8 bytes are {fixed[:8]!r}); remove it "
                "from the recording's folder or copy it again."
            )
        wide = fixed[0] == 0xFF
        text = fixed.decode("latin-1")
        try:
            n_signals = int(text[252:256])
            n_records, record_s = int(text[236:244]), float(text[244:252])
            first_byte = int(text[184:192])
            if not 0 < n_signals < 10_000 or first_byte != FIXED_BYTES * (n_signals + 1):
                raise ValueError(f"{n_signals} signals, {first_byte} bytes of header")
            if not 0 < record_s < 1e6:
                raise ValueError(f"records of {record_s} s")
            signals = _signals(f.read(FIXED_BYTES * n_signals).decode("latin-1"), n_signals, wide)
        except (ValueError, OverflowError) as error:
            raise RecordingError(
                f"The header of {path} is damaged ({str(error)[:100]}); copy it again from the rig."
            ) from error
    record_bytes = sum(s.samples for s in signals) * (3 if wide else 2)
    size = path.stat().st_size - first_byte
    if not 0 < record_bytes < MOST_RECORD_BYTES:
        raise RecordingError(
            f"The header of {path} describes records of {record_bytes} bytes, which cannot be; "
            "copy it again from the rig."
        )
    whole, extra = divmod(size, record_bytes)
    notes = []
    if n_records == -1 and whole:
        notes.append(f"The header of {path.name} was never completed; {whole} records were read.")
    elif extra or whole < n_records or not whole:
        raise RecordingError(
            f"{path} ends at byte {first_byte + size}, but its header promises {n_records} records "
            f"of {record_bytes} bytes from byte {first_byte} on: it is truncated, or its header is "
            "wrong; copy it again from the rig."
        )
    elif whole > n_records:
        notes.append(
            f"The header of {path.name} counts {n_records} records, but {whole} are there, "
            "which were read."
        )
    kind = text[192:236]
    return EdfHeader(
        path=path,
        sample_bytes=3 if wide else 2,
        first_byte=first_byte,
        record_bytes=record_bytes,
        n_records=whole,
        record_s=record_s,
        start=_start(text[168:184]),
        gaps=kind.startswith(("EDF+D", "BDF+D")),
        signals=signals,
        notes=tuple(notes),
    )


def _signals(text: str, n: int, wide: bool) -> tuple[Signal, ...]:
    columns: dict[str, list[str]] = {}
    at = 0
    for name, width in SIGNAL_FIELDS:
        columns[name] = [text[at + i * width : at + (i + 1) * width].strip() for i in range(n)]
        at += n * width
    found = []
    byte = 0
    for i in range(n):
        samples = int(columns["samples"][i])
        if samples < 0:
            raise ValueError(f"{samples} samples per record")
        found.append(
            Signal(
                columns["label"][i],
                columns["unit"][i],
                (float(columns["physical_min"][i]), float(columns["physical_max"][i])),
                (int(columns["digital_min"][i]), int(columns["digital_max"][i])),
                samples,
                byte,
            )
        )
        byte += samples * (3 if wide else 2)
    return tuple(found)


def _start(text: str) -> datetime | None:
    try:
        moment = datetime.strptime(text, "%d.%m.%y%H.%M.%S")
    except ValueError:
        return None
    # two digits of a year: 85 to 99 are of the last century, by the format's description
    year = moment.year % 100
    return moment.replace(year=1900 + year if year >= 85 else 2000 + year)


def onset_runs(header: EdfHeader) -> list[tuple[float, int, int]]:
    """Onset in seconds, first record and number of records of each gapless stretch."""
    kept = [s for s in header.signals if s.label in MARKS]
    if not header.gaps or not kept:
        return [(0.0, 0, header.n_records)]
    runs: list[tuple[float, int, int]] = []
    with header.path.open("rb") as f:
        for i in range(header.n_records):
            f.seek(header.first_byte + i * header.record_bytes + kept[0].first_byte)
            found = ONSET.match(f.read(kept[0].samples * header.sample_bytes))
            if not found:
                raise RecordingError(
                    f"Record {i} of {header.path} (byte {f.tell()}) does not say when it begins, "
                    "as a discontinuous file has to; copy it again from the rig."
                )
            onset = float(found[1])
            if runs:
                end = runs[-1][0] + runs[-1][2] * header.record_s
                if abs(onset - end) < 1e-4:
                    runs[-1] = (runs[-1][0], runs[-1][1], runs[-1][2] + 1)
                    continue
                if onset < end:
                    raise RecordingError(
                        f"Record {i} of {header.path} begins at {onset:g} s, before the end of the "
                        "one before it; the file is damaged: copy it again from the rig."
                    )
            runs.append((onset, i, 1))
    return runs
