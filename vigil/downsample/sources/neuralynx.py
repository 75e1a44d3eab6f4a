"""The .ncs files of a recording: one or more per channel, of any Cheetah or Pegasus version."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from vigil.downsample.ncs import NcsFile
from vigil.downsample.sources.channel import Channel, common_rate_hz, join
from vigil.downsample.sources.runs import end_us
from vigil.downsample.sources.side_by_side import HEADER_SLACK_S, SideBySide, side_by_side
from vigil.downsample.sources.source import (
    INT16_STEPS,
    checked_rate_hz,
    checked_scale_uv,
    path_order,
    some_of,
)
from vigil.neuralynx import HEADER_BYTES, RECORD_SAMPLES, read_header
from vigil.recording import RecordingError, seconds_between

SPLIT = re.compile(r"^(.+?)_(\d{4})$")
"""Names of the files that Cheetah goes on with: CSC1.ncs, CSC1_0001.ncs, ..."""
CLOCKS_APART = 1e-3
"""The computer's clock, which headers tell, may differ so much from the acquisition's."""


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
    notes = [f"Files without samples were left out: {some_of(empty)}."] if empty else []
    channels = [_channel(group, rate_hz) for group in _grouped(files, rate_hz, notes)]
    return side_by_side(channels, rate_hz, notes)


def _grouped(files: Sequence[NcsFile], rate_hz: float, notes: list[str]) -> list[list[NcsFile]]:
    """Files of one channel together, in the order of acquisition.

    Files that only differ in their number are one channel that was split, unless they hold the
    same time: then the number is part of the channel's name.
    """
    groups: defaultdict[tuple[str, str], list[NcsFile]] = defaultdict(list)
    for f in files:
        stem, _ = _split_name(f.path)
        name = stem if f.channel == f.path.stem else f.channel
        groups[(stem.lower(), name.lower())].append(f)
    found: list[list[NcsFile]] = []
    for group in groups.values():
        group.sort(key=_order_in(group))
        if _at_once(group, rate_hz):
            found += [[f] for f in group]
            if any(f.channel != f.path.stem for f in group):
                names = some_of([f.path.name for f in group])
                notes.append(f"{names} hold the same time: they were taken as different channels.")
        else:
            found.append(group)
    return found


def _at_once(group: Sequence[NcsFile], rate_hz: float) -> bool:
    """Whether any two files, in the order of acquisition, hold the same time.

    Raises
    ------
    RecordingError
        When their timestamps say so but the headers' times of creation do not.
    """
    # by the clock that each begins with, should it be reset inside a file
    spans_us = [
        (f.runs[0].start_us, max(end_us(r, rate_hz) for r in f.runs if r.clock == 0)) for f in group
    ]
    by_start = sorted(range(len(group)), key=lambda i: spans_us[i])
    found = False
    for place, i in enumerate(by_start):
        for k in itertools.islice(by_start, place + 1, None):
            if spans_us[k][0] >= spans_us[i][1]:
                break
            shared_us = min(spans_us[i][1], spans_us[k][1]) - spans_us[k][0]
            together = spans_us[i][0] == spans_us[k][0]
            if shared_us <= RECORD_SAMPLES * 1e6 / rate_hz and not together:
                continue
            a, b = sorted((i, k))
            lasted_s = (spans_us[a][1] - spans_us[a][0]) / 1e6
            found |= _not_apart(group[a], group[b], lasted_s, shared_us / 1e6)
    return found


def _not_apart(a: NcsFile, b: NcsFile, lasted_s: float, shared_s: float) -> bool:
    """Whether headers agree that two files, which share some seconds, hold the same time."""
    if a.start is None or b.start is None or a.start == b.start:
        return True
    # opened after the first had ended: the clock was reset between them
    later_s = seconds_between(a.start, b.start)
    if later_s >= lasted_s * (1 - CLOCKS_APART) - HEADER_SLACK_S:
        return False
    raise RecordingError(
        f"{a.path} and {b.path} hold the same {shared_s:.3f} s by their timestamps, but their "
        f"headers were created {later_s:.0f} s apart: if they are channels of one recording, give "
        "them names that differ in more than a number at the end; else give each a row of its own."
    )


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
