"""Timestamps of .ncs records that cannot be true, told with their record and byte.

Timestamps have no check sum, and one wrong bit moves a record by up to centuries. A clock that was
reset goes on where it was set to; a damaged timestamp stands alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from vigil.downsample.ncs_layout import RESET_US, Stretch
from vigil.downsample.sources.source import LONGEST_GAP_S
from vigil.neuralynx import HEADER_BYTES, NCS_RECORD
from vigil.recording import RecordingError

FEW_RECORDS = 4
"""So many records that jump away and come back are damaged; more are the clock's doing."""


def record_place(path: Path, record: int) -> str:
    """Where a record lies, in words."""
    at = HEADER_BYTES + record * NCS_RECORD.itemsize
    return f"record {record} of {path} (byte {at})"


def check_stamps(stretches: Sequence[Stretch], rate_hz: float, path: Path) -> None:
    """Refuse a file with a timestamp that cannot be, see `damaged_stamp`.

    Raises
    ------
    RecordingError
        With the record and its byte.
    """
    found = damaged_stamp(stretches, rate_hz)
    if found is None:
        return
    s, late_s = found
    place = record_place(path, s.first)
    if late_s is None:
        raise RecordingError(
            f"The timestamp of {place} is {s.start_us:.0f} us, away from the records around it, "
            "which go on without it: it is damaged; copy the file again from the rig, or cut it "
            "there."
        )
    raise RecordingError(
        f"The timestamp of {place} is {late_s / 86400:.0f} days after the record before it: if it "
        "is damaged, copy the file again from the rig; else make a recording of each part."
    )


def damaged_stamp(
    stretches: Sequence[Stretch], rate_hz: float
) -> tuple[Stretch, float | None] | None:
    """The first records that jump away and come back, or that come after an endless pause.

    Parameters
    ----------
    stretches : sequence of Stretch
        Of the whole file.
    rate_hz : float
        Its rate.

    Returns
    -------
    stretch, late_s
        None where there are none; `late_s` is the length of the pause, None for a jump.
    """
    end_us = [s.last_us + s.n_valid * 1e6 / rate_hz for s in stretches]
    late_us = [s.start_us - end for s, end in zip(stretches[1:], end_us[:-1], strict=True)]
    for i, late in enumerate(late_us, start=1):
        stray = _stray(stretches, end_us, i) if late < -RESET_US else None
        if stray is not None:
            return stray, None
    for s, late in zip(stretches[1:], late_us, strict=True):
        if late > LONGEST_GAP_S * 1e6:
            return s, late / 1e6
    return None


def _stray(stretches: Sequence[Stretch], end_us: Sequence[float], i: int) -> Stretch | None:
    """The few records that make the clock seem to go back before stretch i, if it is a few."""
    here, n_records = stretches[i].first, stretches[-1].last
    for after in stretches[i + 1 : i + 2 + FEW_RECORDS]:
        if after.first - here > FEW_RECORDS:
            break
        if after.start_us >= end_us[i - 1] - RESET_US:
            return stretches[i]
    for j in range(i - 1, -1, -1):
        if here - stretches[j].first > FEW_RECORDS:
            break
        if j and stretches[i].start_us >= end_us[j - 1] - RESET_US:
            return stretches[j]
    # at the ends of the file there is nothing to come back to
    if n_records - here <= FEW_RECORDS:
        return stretches[i]
    return stretches[0] if here <= FEW_RECORDS else None
