"""Kinematics at its edge: tracks and the camera's pulses in, motion out."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.downsample.files import read_clock_zero_us
from vigil.kinematics.clock import (
    FrameClock,
    clock_from_pulses,
    clock_from_pulses_alone,
    clock_from_rate,
    clock_from_times,
)
from vigil.kinematics.files import write_clock
from vigil.kinematics.head import confident, head_from_ears
from vigil.kinematics.motion import head_motion, short_gap
from vigil.kinematics.settings import Settings
from vigil.kinematics.turns import find_turns
from vigil.neuralynx import read_events
from vigil.pose.files import read_tracks
from vigil.recording import RecordingError
from vigil.stage import Job
from vigil.transfer.files import read_manifest

log = logging.getLogger("vigil")


def run(job: Job) -> None:
    """Derive the head's motion of one recording.

    Inputs: `tracks`, `manifest`, `lfp`. Outputs: `kinematics`, `turns`, `clock`. Row:
    `px_per_cm`, `video_times` (name of the file in the manifest). Settings: those of
    kinematics, and `body_parts` of pose.
    """
    settings = Settings.model_validate({k: v for k, v in job.settings.items() if k != "body_parts"})
    px_per_cm = job.row.get("px_per_cm")
    if not px_per_cm:
        raise RecordingError(
            f"The row of {job.recording} has no px_per_cm, so speeds in cm/s cannot be known: "
            "measure a known length in the video and fill the column."
        )
    tracks = read_tracks(job.input("tracks"))
    part_names: dict[str, str] = job.settings["body_parts"]
    parts = {
        word: tracks[name].to_numpy(dtype=np.float64)
        for word, name in part_names.items()
        if name in tracks.columns.get_level_values(0)
    }
    for ear in ("left_ear", "right_ear"):
        if ear not in parts:
            raise RecordingError(
                f"The tracks of {job.recording} have no body part '{part_names.get(ear, ear)}' for "
                f"the {ear.replace('_', ' ')}; name it in pose.body_parts."
            )
    files = list(read_manifest(job.input("manifest")))
    clock = frame_clock(
        len(tracks),
        _by_name(files, job.row.get("video_times")),
        [p for p in files if p.suffix.lower() == ".nev"],
        read_clock_zero_us(job.input("lfp")),
        settings,
    )
    for note in clock.notes:
        log.warning("%s", note)
    snout = parts.get("snout")
    head = head_from_ears(
        confident(parts["left_ear"], settings.likelihood_min),
        confident(parts["right_ear"], settings.likelihood_min),
        None if snout is None else confident(snout, settings.likelihood_min),
        settings.max_jump_cm * float(px_per_cm),
        clock.exposure,
        short_gap(clock, settings),
    )
    motion = head_motion(head, clock, float(px_per_cm), settings)
    turns = find_turns(
        motion["time_s"].to_numpy(),
        motion["angular_velocity_rad_s"].to_numpy(),
        np.radians(settings.turn_speed_deg_s),
        np.radians(settings.turn_angle_deg),
    )
    motion.to_parquet(job.output("kinematics"), index=False)
    turns.to_csv(job.output("turns"), sep="\t", index=False, float_format="%.4f")
    write_clock(job.output("clock"), clock, head.swapped, head.outliers)


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


def _by_name(files: list[Path], name: str | None) -> Path | None:
    """The file of the manifest that the row names."""
    if not name:
        return None
    found = next((p for p in files if p.name == Path(name).name), None)
    if found is None:
        raise RecordingError(
            f"The frame times {name} are not among the recording's files; bring the file."
        )
    return found
