"""Tasks of the benchmark of kinematics, in a process of their own: time and memory are its own."""

from __future__ import annotations

import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from worker import serve

from vigil.kinematics.bouts import find_bouts
from vigil.kinematics.clock import clock_from_times
from vigil.kinematics.motion import find_head, head_motion
from vigil.kinematics.settings import Settings
from vigil.kinematics.turns import find_turns
from vigil.pose.files import read_tracks, tracks_table, write_tracks

FPS, PX_PER_CM = 30.0, 10.0
PARTS = ("left_ear", "right_ear", "snout", "tail_base")


def write(folder: str, hours: float, jitter_ms: float) -> dict[str, int]:
    """Write tracks and frame times of a day: one ear in a hundred unsure, as many swapped."""
    rng = np.random.default_rng(0)
    n = round(hours * 3600 * FPS)
    # the camera's clock wanders by some parts in a million, which no regular grid follows
    at_s = np.arange(n) / FPS * (1 + 5e-6) + 0.05 * np.sin(np.arange(n) / n * 2 * np.pi)
    at_s += np.clip(rng.normal(0, jitter_ms / 1e3, n), -0.01, 0.01)
    direction = np.cumsum(rng.normal(0, 0.1, n))
    middle = 250 + 150 * np.column_stack([np.sin(at_s / 1.1), np.sin(at_s / 1.7)])
    forward = np.column_stack([np.cos(direction), -np.sin(direction)])
    left = np.column_stack([-np.sin(direction), -np.cos(direction)])
    points = np.empty((n, len(PARTS), 3))
    for k, offset in enumerate((9 * left, -9 * left, 20 * forward, -60 * forward)):
        points[:, k, :2] = middle + offset + rng.normal(0, 1, (n, 2))
        points[:, k, 2] = np.where(rng.random(n) < 0.01, 0.1, 0.99)
    swapped = np.flatnonzero(rng.random(n) < 0.01)
    points[swapped, :2] = points[swapped, 1::-1]
    write_tracks(Path(folder) / "tracks.h5", tracks_table(list(PARTS), points), "benchmark")
    np.save(Path(folder) / "times.npy", at_s)
    return {"frames": n}


def derive(folder: str) -> dict[str, float]:
    """All of kinematics but the pulses; CPU seconds of each part, and the peak of memory."""
    settings = Settings()
    marks = [("start", time.process_time())]

    def mark(name: str) -> None:
        marks.append((name, time.process_time()))

    tracks = read_tracks(Path(folder) / "tracks.h5")
    parts = [tracks[name].to_numpy(dtype=np.float64) for name in PARTS[:3]]
    mark("read")
    clock = clock_from_times(np.load(Path(folder) / "times.npy"))
    mark("clock")
    head = find_head(*parts, clock, PX_PER_CM, settings)
    mark("head")
    motion = head_motion(head, clock, PX_PER_CM, settings)
    mark("derivatives")
    time_s = motion["time_s"].to_numpy()
    find_turns(
        time_s,
        motion["angular_velocity_rad_s"].to_numpy(),
        np.radians(settings.turn_speed_deg_s),
        np.radians(settings.turn_angle_deg),
    )
    find_bouts(
        time_s,
        motion["speed_cm_s"].to_numpy(),
        settings.moving_cm_s,
        settings.still_cm_s,
        settings.min_moving_s,
        settings.min_immobile_s,
    )
    mark("turns and bouts")
    with tempfile.TemporaryDirectory(dir=folder) as beside:
        motion.to_parquet(Path(beside) / "kinematics.parquet", index=False)
    mark("write")
    seconds: dict[str, Any] = {
        name: at - before for (name, at), (_, before) in zip(marks[1:], marks[:-1], strict=True)
    }
    peak_gib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    return seconds | {"whole": marks[-1][1] - marks[0][1], "peak_gib": peak_gib}


if __name__ == "__main__":
    serve({"write": write, "derive": derive})
