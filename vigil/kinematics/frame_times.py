"""Times of the video's frames, from whatever the rig left: a file of times, pulses, or neither."""

from __future__ import annotations

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
from vigil.neuralynx import read_events
from vigil.recording import RecordingError


def frame_clock(
    n_frames: int,
    times: Path | None,
    events: list[Path],
    zero_us: float,
    settings: Settings,
) -> FrameClock:
    """Place the frames by the best that there is: times, pulses, or the nominal rate.

    Raises
    ------
    RecordingError
        When the file of frame times is not one row per frame of the video with a time in
        each, or does not go with the pulses.
    """
    pulses_us = [
        read_events(p).rising_edges_us(settings.camera_input, settings.camera_port) for p in events
    ]
    pulse_s = (np.sort(np.concatenate(pulses_us)) - zero_us) / 1e6 if pulses_us else np.array([])
    if times is None:
        if len(pulse_s):
            return clock_from_pulses_alone(n_frames, pulse_s)
        return clock_from_rate(n_frames, settings.nominal_fps)
    table = _read_times(times)
    if len(table) != n_frames:
        raise RecordingError(
            f"{times} has {len(table)} frames, the video {n_frames}: one of the two is not whole "
            "or belongs to another recording."
        )
    if "frame" in table:
        _check_frame_numbers(table["frame"], times)
    if "time_s" in table:
        return clock_from_times(_numbers(table["time_s"], times))
    if "camera_s" not in table:
        raise RecordingError(
            f"{times} has the columns {', '.join(table.columns)}; it needs time_s (on the "
            "recording's clock) or camera_s (on the camera's own)."
        )
    return clock_from_pulses(_numbers(table["camera_s"], times), pulse_s)


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


def _check_frame_numbers(column: pd.Series, path: Path) -> None:
    """Refuse rows that are not the frames of the video in their order."""
    number = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64)
    first = 1 if len(number) and number[0] == 1 else 0
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
