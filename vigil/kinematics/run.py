"""Kinematics at its edge: tracks and the camera's pulses in, motion out."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np

from vigil.downsample.files import read_clock_zero_us
from vigil.kinematics.files import write_clock
from vigil.kinematics.frame_times import frame_clock
from vigil.kinematics.head import confident, head_from_ears
from vigil.kinematics.motion import head_motion, short_gap
from vigil.kinematics.settings import Settings
from vigil.kinematics.turns import find_turns
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
