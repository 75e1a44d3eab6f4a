"""The .ncs files of a recording: one or more per channel, of any Cheetah or Pegasus version."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from vigil.downsample.ncs import NcsFile
from vigil.downsample.sources.channel import Channel, common_rate_hz, join
from vigil.downsample.sources.side_by_side import SideBySide, side_by_side
from vigil.downsample.sources.source import (
    INT16_STEPS,
    checked_rate_hz,
    checked_scale_uv,
    path_order,
    some_of,
)
from vigil.neuralynx import HEADER_BYTES, read_header
from vigil.recording import RecordingError

SPLIT = re.compile(r"^(.+?)_(\d{4})$")
"""Names of the files that Cheetah goes on with: CSC1.ncs, CSC1_0001.ncs, ..."""


def open_neuralynx(paths: Sequence[Path], scan: bool = False) -> SideBySide:
    """Open the .ncs files of a recording as one source.

    Parameters
    ----------
    paths : sequence of path
        The files of all channels.
    scan : bool
        Read the headers of all records now, see `NcsFile`.

    Raises
    ------
    RecordingError
        When no file holds samples, when rates differ, when channels disagree on resets of the
        clock or when no stretch of time is common to all.
    """
    with_samples, empty = [], []
    for path in sorted(paths, key=path_order):
        if path.stat().st_size == HEADER_BYTES:
            read_header(path)
            empty.append(path.name)
        else:
            with_samples.append(path)
    if not with_samples:
        raise RecordingError(
            "The recording's folder holds no .ncs file with samples; check the column 'source'."
        )
    files = [NcsFile(p, scan) for p in with_samples]
    for f in files:
        checked_rate_hz(f.rate_hz, f.path, "-SamplingFrequency")
        checked_scale_uv(f.scale_uv, f.path, f.channel, "-ADBitVolts")
    rate_hz = common_rate_hz(files)
    channels = [_channel(group, rate_hz) for group in _grouped(files)]
    notes = [f"Files without samples were left out: {some_of(empty)}."] if empty else []
    return side_by_side(channels, rate_hz, notes)


def _grouped(files: Sequence[NcsFile]) -> list[list[NcsFile]]:
    """Files of one channel together, in the order of acquisition.

    Files that only differ in their number are one channel that was split, unless they begin at
    the same time: then the number is part of the channel's name.
    """
    groups: defaultdict[tuple[str, str], list[NcsFile]] = defaultdict(list)
    for f in files:
        stem, _ = _split_name(f.path)
        name = stem if f.channel == f.path.stem else f.channel
        groups[(stem.lower(), name.lower())].append(f)
    found: list[list[NcsFile]] = []
    for group in groups.values():
        if len({(f.runs[0].start_us, f.start) for f in group}) < len(group):
            found += [[f] for f in group]
        else:
            found.append(sorted(group, key=_order_in(group)))
    return found


def _order_in(group: Sequence[NcsFile]) -> Callable[[NcsFile], tuple[Any, ...]]:
    """Key of the order of acquisition: by the headers' start, then by folder, then by number."""
    told = all(f.start is not None for f in group)
    return lambda f: (f.start if told else 0, path_order(f.path.parent), _split_name(f.path)[1])


def _split_name(path: Path) -> tuple[str, int]:
    """Name of the channel's first file, and the number of this one."""
    split = SPLIT.match(path.stem)
    return (split[1], int(split[2])) if split else (path.stem, 0)


def _channel(group: Sequence[NcsFile], rate_hz: float) -> Channel:
    head = group[0]
    stem = _split_name(head.path)[0] if len(group) > 1 else head.path.stem
    name = stem if head.channel == head.path.stem else head.channel
    return join(group, name, stem, rate_hz, _range_steps(head.path))


def _range_steps(path: Path) -> tuple[int, int]:
    """The converter's range by the header's -ADMaxValue."""
    try:
        highest = round(float(read_header(path).get("ADMaxValue", "")))
    except (ValueError, OverflowError):
        return INT16_STEPS
    return (-highest, highest) if 1 < highest <= INT16_STEPS[1] else INT16_STEPS
