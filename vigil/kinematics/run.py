"""Kinematics at its edge: tracks and the camera's pulses in, motion out."""

from __future__ import annotations

import dataclasses
import logging
from pathlib import Path

import numpy as np

from vigil.downsample.files import read_clock_zero_us
from vigil.kinematics.bouts import find_bouts
from vigil.kinematics.files import write_clock
from vigil.kinematics.frame_times import frame_clock
from vigil.kinematics.motion import find_head, head_motion, notes_on_motion
from vigil.kinematics.scale import find_scale
from vigil.kinematics.settings import Settings
from vigil.kinematics.turns import find_turns
from vigil.pose.files import read_frames_of_videos, read_tracks
from vigil.recording import RecordingError
from vigil.row import paths_in
from vigil.stage import Job
from vigil.transfer.files import read_manifest

log = logging.getLogger("vigil")


def run(job: Job) -> None:
    """Derive the head's motion of one recording.

    Inputs: `tracks` and `verdict` of pose, `manifest`, `lfp`. Outputs: `kinematics`, `turns`,
    `bouts`, `clock`. Row: `px_per_cm`, `video_times` (names of files in the manifest). Settings:
    those of kinematics, and `body_parts` of pose.
    """
    settings = Settings.model_validate({k: v for k, v in job.settings.items() if k != "body_parts"})
    tracks = read_tracks(job.input("tracks"))
    part_names: dict[str, str] = job.settings["body_parts"]
    by_name = {
        str(name): tracks[name].to_numpy(dtype=np.float64)
        for name in dict.fromkeys(tracks.columns.get_level_values(0))
    }
    parts = {word: by_name[name] for word, name in part_names.items() if name in by_name}
    for ear in ("left_ear", "right_ear"):
        if ear not in parts:
            raise RecordingError(
                f"The tracks of {job.recording} have no body part '{part_names.get(ear, ear)}' for "
                f"the {ear.replace('_', ' ')}; name it in pose.body_parts."
            )
    scale = find_scale(job.recording, _number(job.row.get("px_per_cm")), by_name, settings)
    job.decided["scale"] = {"px_per_cm": scale.px_per_cm, "source": scale.source}
    files = list(read_manifest(job.input("manifest")))
    clock = frame_clock(
        read_frames_of_videos(job.input("verdict")) or len(tracks),
        _by_name(files, str(job.row.get("video_times") or "")),
        [p for p in files if p.suffix.lower() == ".nev"],
        read_clock_zero_us(job.input("lfp")),
        settings,
    )
    head = find_head(
        parts["left_ear"],
        parts["right_ear"],
        parts.get("snout"),
        clock,
        scale.px_per_cm,
        settings,
    )
    clock = dataclasses.replace(
        clock, notes=(*clock.notes, *notes_on_motion(head, clock, settings))
    )
    for note in (*clock.notes, *scale.notes):
        log.warning("%s", note)
    motion = head_motion(head, clock, scale.px_per_cm, settings)
    turns = find_turns(
        motion["time_s"].to_numpy(),
        motion["angular_velocity_rad_s"].to_numpy(),
        np.radians(settings.turn_speed_deg_s),
        np.radians(settings.turn_angle_deg),
    )
    bouts = find_bouts(
        motion["time_s"].to_numpy(),
        motion["speed_cm_s"].to_numpy(),
        settings.moving_cm_s,
        settings.still_cm_s,
        settings.min_moving_s,
        settings.min_immobile_s,
    )
    motion.to_parquet(job.output("kinematics"), index=False)
    turns.to_csv(job.output("turns"), sep="\t", index=False, float_format="%.4f")
    bouts.to_csv(job.output("bouts"), sep="\t", index=False, float_format="%.4f")
    write_clock(job.output("clock"), clock, head.swapped, head.outliers, scale, head.unanchored)


def _number(cell: object) -> float | None:
    """A cell of the table, None where it is empty."""
    return float(str(cell)) if cell not in (None, "") else None


def _by_name(files: list[Path], cell: str) -> list[Path]:
    """The files of the manifest that a cell of the row names, in its order."""
    by_name = {p.name: p for p in reversed(files)}
    names = [Path(path).name for path in paths_in(cell)]
    for name in names:
        if name not in by_name:
            raise RecordingError(
                f"The frame times {name} are not among the recording's files; bring the file."
            )
    return [by_name[name] for name in names]
