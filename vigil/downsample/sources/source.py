"""What downsample needs to know of a recording, whatever wrote it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from vigil.recording import RecordingError

Int16 = npt.NDArray[np.int16]
INT16_STEPS = (-32768, 32767)
NAMES_SHOWN = 4
LONGEST_GAP_S = 30 * 86400.0
"""A pause that is longer is a damaged time, or belongs between two recordings."""


class Description(Protocol):
    """What a recording is: all of a `Source` but the reading."""

    @property
    def channels(self) -> tuple[str, ...]:
        """Names, in the order of the montage."""
        ...

    @property
    def rate_hz(self) -> float:
        """Samples per second on the recording's clock."""
        ...

    @property
    def scale_uv(self) -> tuple[float, ...]:
        """Microvolts per step, one per channel, negative where the input was inverted."""
        ...

    @property
    def range_steps(self) -> tuple[tuple[int, int], ...]:
        """Lowest and highest step that the converter gives, one pair per channel."""
        ...

    @property
    def segments(self) -> tuple[tuple[float, int], ...]:
        """Start in seconds and number of samples of each segment."""
        ...

    @property
    def start(self) -> datetime | None:
        """Wall-clock start, where the files know it."""
        ...

    @property
    def clock_zero_us(self) -> float:
        """The acquisition's own time at the recording's zero, in microseconds."""
        ...

    @property
    def together(self) -> int:
        """Channels that are best read in one call: 1 where each has a file of its own."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader found odd, in sentences."""
        ...


class Source(Description, Protocol):
    """Raw signals: what they are, and reading a piece of them."""

    def read(self, segment: int, start: int, stop: int, channels: Sequence[int]) -> Int16:
        """Samples [start, stop) of some channels in one segment, (channel, sample).

        May be called from several threads at once. The array may belong to the thread, whose
        next call overwrites it.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Described:
    """A `Description` as a record; readers add the reading.

    Parameters
    ----------
    channels, rate_hz, scale_uv, range_steps, segments, start, clock_zero_us, together, notes
        As in `Description`.
    """

    channels: tuple[str, ...]
    rate_hz: float
    scale_uv: tuple[float, ...]
    range_steps: tuple[tuple[int, int], ...]
    segments: tuple[tuple[float, int], ...]
    start: datetime | None = None
    clock_zero_us: float = 0.0
    together: int = 1
    notes: tuple[str, ...] = ()


def natural_order(name: str) -> tuple[tuple[int, str | int], ...]:
    """Key that sorts CSC2 before CSC10."""
    parts = re.split(r"(\d+)", name.lower())
    return tuple((0, int(p)) if p.isdecimal() else (1, p) for p in parts if p)


def path_order(path: Path) -> tuple[tuple[tuple[int, str | int], ...], ...]:
    """Key that sorts files by folder, then by name, both in natural order."""
    return tuple(natural_order(p) for p in (*path.parent.parts, path.stem, path.suffix))


def some_of(names: Sequence[str]) -> str:
    """A few names, and how many more there are."""
    shown = ", ".join(names[:NAMES_SHOWN])
    more = len(names) - NAMES_SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def unique_names(names: Sequence[str], otherwise: Sequence[str]) -> tuple[str, ...]:
    """The names, or the others where two are the same or one is empty; else numbered ones."""
    for choice in (names, otherwise):
        if all(choice) and len(set(choice)) == len(choice):
            return tuple(choice)
    return tuple(f"{i + 1}-{name}" for i, name in enumerate(otherwise))


def checked_rate_hz(rate_hz: float, path: Path, entry: str) -> float:
    """The rate, where it can be one.

    Raises
    ------
    RecordingError
        When it is not a number, not positive or beyond any converter.
    """
    if not 0.1 <= rate_hz <= 1e7:
        raise RecordingError(
            f"{path} gives {rate_hz:g} Hz as its sampling rate ({entry}), which cannot be; the "
            "file is damaged: copy it again from the rig."
        )
    return float(rate_hz)


def checked_scale_uv(scale_uv: float, path: Path, channel: str, entry: str) -> float:
    """Microvolts per step, where they can be that.

    Raises
    ------
    RecordingError
        When it is zero, not a number or not finite: nothing could be told in microvolts.
    """
    if not 1e-12 < abs(scale_uv) < 1e12:
        raise RecordingError(
            f"{path} gives no valid scale for channel {channel} ({entry} makes it {scale_uv:g} "
            "uV per step); the file is damaged: copy it again from the rig."
        )
    return float(scale_uv)


def microvolts_per(unit: str) -> float | None:
    """Microvolts in one of a unit as files spell it, or None where it is no voltage."""
    plain = unit.strip().replace("µ", "u").replace("μ", "u").lower()
    return {
        "v": 1e6,
        "volt": 1e6,
        "volts": 1e6,
        "mv": 1e3,
        "uv": 1.0,
        "u": 1.0,
        "microvolts": 1.0,
        "nv": 1e-3,
    }.get(plain)
