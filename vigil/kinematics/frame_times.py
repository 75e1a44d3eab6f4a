"""Times of the video's frames, from whatever the rig left: files of times, pulses, or neither."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.kinematics.clock import (
    FrameClock,
    clock_from_pulses,
    clock_from_pulses_alone,
    clock_from_rate,
    clock_from_times,
)
from vigil.kinematics.settings import Settings
from vigil.kinematics.tracker_times import read_noted_times
from vigil.neuralynx import read_rising_edges_us, read_stops_us
from vigil.recording import RecordingError

NOTED = (".nvt", ".smi")


def frame_clock(
    n_frames: int | Sequence[int],
    times: Path | Sequence[Path] | None,
    events: list[Path],
    zero_us: float,
    settings: Settings,
) -> FrameClock:
    """Place the frames by the best that there is: times, pulses, or the nominal rate.

    Parameters
    ----------
    n_frames : int or sequence of int
        Frames of the video, in all or of each of its files.
    times : Path, sequence of Path or None
        Frame times as .nvt, .smi or .csv, in the order of the video's files.
    events : list of Path
        The .nev files.
    zero_us : float
        The recording's zero on the acquisition's clock.
    settings : Settings
        Those of kinematics.

    Raises
    ------
    RecordingError
        When the files of frame times do not have a time for each frame of the video, or do
        not go with the pulses.
    """
    paths = [] if times is None else [times] if isinstance(times, Path) else list(times)
    kinds = {p.suffix.lower() for p in paths}
    if len(kinds) > 1 and kinds & set(NOTED):
        raise RecordingError(
            f"The frame times {', '.join(p.name for p in paths)} are of several kinds; name either "
            "the .smi files or the .nvt files or tables, one for each file of the video."
        )
    if kinds & set(NOTED):
        noted = read_noted_times(paths, n_frames)
        time_s = (np.concatenate([n.timestamp_us for n in noted]) - zero_us) / 1e6
        firsts = _firsts([len(n.timestamp_us) for n in noted])
        return clock_from_times(
            time_s,
            firsts + _after_stops(time_s, events, zero_us),
            source=kinds.pop(),
            notes=tuple(n.note for n in noted if n.note),
            ambiguous_frames=max(n.extra for n in noted),
        )
    in_all = n_frames if isinstance(n_frames, int) else sum(n_frames)
    if not paths:
        pulse_s = _pulses_s(events, zero_us, settings)
        if len(pulse_s):
            return clock_from_pulses_alone(in_all, pulse_s)
        return clock_from_rate(in_all, settings.nominal_fps)
    tables = [_read_times(p) for p in paths]
    lengths = [len(t) for t in tables]
    if sum(lengths) != in_all or (not isinstance(n_frames, int) and lengths != list(n_frames)):
        counts = " + ".join(map(str, lengths))
        of_video = n_frames if isinstance(n_frames, int) else " + ".join(map(str, n_frames))
        raise RecordingError(
            f"{_listed(paths)} {'has' if len(paths) == 1 else 'have'} {counts} frames, the video "
            f"{of_video}: one of the two is not whole or belongs to another recording."
        )
    firsts = _firsts(lengths)
    for table, path, first in zip(tables, paths, firsts, strict=True):
        if "frame" in table:
            _check_frame_numbers(table["frame"], path, first)
    for column in ("time_s", "camera_s"):
        if all(column in t for t in tables):
            values = [_numbers(t[column], p) for t, p in zip(tables, paths, strict=True)]
            time_s = np.concatenate(values)
            if column == "time_s":
                return clock_from_times(time_s, firsts + _after_stops(time_s, events, zero_us))
            pulse_s = _pulses_s(events, zero_us, settings)
            return clock_from_pulses(time_s, pulse_s, firsts, _stops_s(events, zero_us))
    lacking = next(i for i, t in enumerate(tables) if "time_s" not in t)
    others = ", the same as the other files" if len(paths) > 1 else ""
    raise RecordingError(
        f"{paths[lacking]} has the columns {', '.join(tables[lacking].columns)}; it needs time_s "
        f"(on the recording's clock) or camera_s (on the camera's own){others}."
    )


def _pulses_s(events: list[Path], zero_us: float, settings: Settings) -> npt.NDArray[np.float64]:
    """Pulses of the camera's input, on the recording's clock."""
    pulses_us = [
        read_rising_edges_us(p, settings.camera_input, settings.camera_port) for p in events
    ]
    return (np.sort(np.concatenate([np.empty(0), *pulses_us])) - zero_us) / 1e6


def _stops_s(events: list[Path], zero_us: float) -> npt.NDArray[np.float64]:
    """Stops of the acquisition, on the recording's clock."""
    return (np.concatenate([np.empty(0), *map(read_stops_us, events)]) - zero_us) / 1e6


def _after_stops(time_s: npt.NDArray[np.float64], events: list[Path], zero_us: float) -> list[int]:
    """First frame after each stop of the acquisition, where there is one."""
    after = np.searchsorted(time_s, _stops_s(events, zero_us))
    return [int(k) for k in after if k < len(time_s)]


def _firsts(lengths: list[int]) -> list[int]:
    """First frame of each file."""
    return [int(n) for n in np.concatenate([[0], np.cumsum(lengths)[:-1]])]


def _listed(paths: list[Path]) -> str:
    return ", ".join(map(str, paths))


def _read_times(path: Path) -> pd.DataFrame:
    """The file of frame times, whatever its columns."""
    try:
        return pd.read_csv(path, skipinitialspace=True)
    except ValueError as error:  # also pandas' own errors of parsing and of encoding
        reason = str(error).strip().rstrip(".")
        raise RecordingError(
            f"{path} cannot be read as a table of frame times ({reason}); it needs a header and "
            "one row per frame, separated by commas: export it again."
        ) from error


def _check_frame_numbers(column: pd.Series, path: Path, before: int) -> None:
    """Refuse rows that are not the frames of the video in their order, `before` in other files."""
    number = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64)
    begun = number[0] if len(number) else 0
    first = int(begun) if begun in (1, before, before + 1) else 0
    wrong = np.flatnonzero(number != first + np.arange(len(number)))
    if len(wrong):
        at = int(wrong[0])
        raise RecordingError(
            f"{path} has frame {column.iloc[at]} in row {at + 1} where {first + at} is due, so its "
            "times may belong to other frames; number the frames of the video from 0 or 1 without "
            "holes, or take the column out if it counts something else."
        )


def _numbers(column: pd.Series, path: Path) -> npt.NDArray[np.float64]:
    """A column of times, none of them empty."""
    number = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64)
    wrong = np.flatnonzero(~np.isfinite(number))
    if len(wrong):
        raise RecordingError(
            f"{path} has no time in column {column.name} of row {int(wrong[0]) + 1} "
            f"({len(wrong)} such rows); fill in the time of each frame, or export the file again."
        )
    return number
