"""Open Ephys binary format: structure.oebin, and continuous.dat with the numbers of its samples.

The layout is the one of the GUI's manual (Binary format, Open Ephys): a folder per record node,
experiment and recording; int16 samples, interleaved; `sample_numbers.npy` (`timestamps.npy`
before version 0.6) counts the samples of the acquisition and jumps where some were lost.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from vigil.downsample.sources.flat import FlatPiece, FlatSource, n_frames
from vigil.downsample.sources.numbered import read_npy, runs_of_numbers
from vigil.downsample.sources.source import (
    INT16_STEPS,
    checked_rate_hz,
    checked_scale_uv,
    microvolts_per,
    path_order,
    some_of,
    unique_names,
)
from vigil.recording import RecordingError

SOFTWARE_TIME = re.compile(r"Software Time.*?1970 UTC\): *(\d+)")


@dataclass(frozen=True)
class Stream:
    """A stream of one recording, as structure.oebin describes it."""

    oebin: Path
    name: str
    rate_hz: float
    width: int
    channels: tuple[tuple[int, str, float], ...]
    aside: tuple[str, ...]
    dat: Path
    numbers: Path | None


def open_open_ephys(paths: Sequence[Path]) -> FlatSource:
    """Open the recordings under a record node as one source.

    Of several streams the one with most electrodes is taken; of equal ones that with the lowest
    rate, which is the local field potential of a Neuropixels probe. The recordings of an
    experiment share a clock; a new experiment has a new one.

    Parameters
    ----------
    paths : sequence of path
        Files of the recording, structure.oebin among them.

    Raises
    ------
    RecordingError
        When a description or a file is damaged or they contradict each other.
    """
    notes: list[str] = []
    oebins = sorted((p for p in paths if p.name == "structure.oebin"), key=path_order)
    streams = [s for p in oebins for s in _streams(p, paths)]
    head = min(streams, key=lambda s: (-len(s.channels), s.rate_hz), default=None)
    if head is None or not head.channels:
        raise RecordingError(
            f"{oebins[0]} describes no stream with electrodes; check that 'continuous' data was "
            "recorded."
        )
    parts = [s for s in streams if s.name == head.name and _node(s.oebin) == _node(head.oebin)]
    others = sorted({f"{s.name} ({s.rate_hz:g} Hz)" for s in streams if s not in parts})
    if others:
        notes.append(f"Of several streams {head.name} was read; left out: {some_of(others)}.")
    if head.aside:
        notes.append(f"Channels that are no electrodes were left out: {some_of(head.aside)}.")
    segments: list[tuple[float, int]] = []
    pieces: list[FlatPiece] = []
    zero = shift = end = 0
    experiment = _experiment(head.oebin)
    for part in parts:
        if part.channels != head.channels or part.rate_hz != head.rate_hz:
            raise RecordingError(
                f"{part.oebin} describes other channels or another rate than {head.oebin}; put "
                "them into recordings of their own."
            )
        frames = n_frames(part.dat, part.width)
        runs = [(0, 0, frames)]
        if part.numbers:
            runs = runs_of_numbers(read_npy(part.numbers), part.numbers, frames, part.dat)
        if not pieces:
            zero = runs[0][0]
        elif _experiment(part.oebin) != experiment or runs[0][0] + shift < end or not part.numbers:
            shift = end - runs[0][0]
            notes.append(
                f"The acquisition's clock was reset before {part.dat.parent}: what follows lies at "
                f"{(end - zero) / head.rate_hz:.3f} s; the pause before it is not known and was "
                "taken as none, and events after it cannot be placed by the acquisition's clock."
            )
        experiment = _experiment(part.oebin)
        if part.numbers is None:
            notes.append(f"{part.dat} has no sample numbers beside it: gaps would not be seen.")
        for number, first, n in runs:
            segments.append(((number + shift - zero) / head.rate_hz, n))
            pieces.append(FlatPiece(part.dat, first, part.width))
            end = number + shift + n
    return FlatSource(
        channels=unique_names(
            [name for _, name, _ in head.channels], [f"CH{i + 1}" for i, _, _ in head.channels]
        ),
        rate_hz=head.rate_hz,
        scale_uv=tuple(scale for _, _, scale in head.channels),
        range_steps=(INT16_STEPS,) * len(head.channels),
        segments=tuple(segments),
        start=_start(head.oebin),
        clock_zero_us=zero * 1e6 / head.rate_hz,
        together=len(head.channels),
        notes=tuple(notes),
        pieces=tuple(pieces),
        columns=tuple(i for i, _, _ in head.channels),
    )


def _streams(oebin: Path, paths: Sequence[Path]) -> list[Stream]:
    """Streams of one recording that have a file."""
    try:
        described = json.loads(oebin.read_text(encoding="utf-8"))
        return [s for entry in described["continuous"] for s in _stream(oebin, entry, paths)]
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        OverflowError,
        RecursionError,
    ) as error:
        raise RecordingError(
            f"{oebin} is no description of an Open Ephys recording ({type(error).__name__}: "
            f"{str(error)[:80]!r}); copy it again from the rig."
        ) from error


def _stream(oebin: Path, entry: dict[str, Any], paths: Sequence[Path]) -> list[Stream]:
    folder = str(entry["folder_name"]).strip("/")
    dat = _file(oebin, folder, "continuous.dat", paths)
    if dat is None:
        return []
    listed = entry["channels"]
    width = int(entry["num_channels"])
    if len(listed) != width or not width:
        raise RecordingError(
            f"{oebin} says that {folder} has {width} channels but lists {len(listed)}; it is "
            "damaged: copy it again from the rig."
        )
    channels, aside = [], []
    for i, channel in enumerate(listed):
        name = str(channel["channel_name"])
        per_unit = microvolts_per(str(channel.get("units") or "uV"))
        if per_unit is None or re.search(r"ADC|AUX|SYNC", name, re.IGNORECASE):
            aside.append(name)
            continue
        scale = float(channel["bit_volts"]) * per_unit
        channels.append((i, name, checked_scale_uv(scale, oebin, name, "bit_volts")))
    return [
        Stream(
            oebin,
            folder,
            checked_rate_hz(float(entry["sample_rate"]), oebin, "sample_rate"),
            width,
            tuple(channels),
            tuple(aside),
            dat,
            _file(oebin, folder, "sample_numbers.npy", paths)
            or _file(oebin, folder, "timestamps.npy", paths),
        )
    ]


def _file(oebin: Path, folder: str, name: str, paths: Sequence[Path]) -> Path | None:
    """A file of a stream, in its own folder or, in a flat copy of one stream, beside oebin."""
    nested = oebin.parent / "continuous" / folder / name
    if nested in paths:
        return nested
    beside = oebin.parent / name
    return beside if beside in paths else None


def _node(oebin: Path) -> str:
    return next((p for p in oebin.parts if p.startswith("Record Node")), "")


def _experiment(oebin: Path) -> str:
    return next((p for p in oebin.parts if re.fullmatch(r"experiment\d+", p)), "")


def _start(oebin: Path) -> datetime | None:
    """The software's time in sync_messages.txt, where that version of the GUI wrote it."""
    messages = oebin.parent / "sync_messages.txt"
    if not messages.is_file():
        return None
    found = SOFTWARE_TIME.search(messages.read_text(encoding="utf-8", errors="replace")[:10_000])
    try:
        return datetime.fromtimestamp(int(found[1]) / 1e3, UTC) if found else None
    except (OverflowError, ValueError, OSError):
        return None
