"""Simulated animals that differ on purpose, by a short cut to what sleep reads.

The brain is simulated at 2 kHz and stored at 1250 Hz without the files of a rig; the head is the
true one with the noise of a tracker. Features and kinematics are those of the stages.

    python animals.py RESULTS NUMBER OF    # every OF-th animal from NUMBER on
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from vigil.downsample.files import open_lfp
from vigil.kinematics.clock import FrameClock
from vigil.kinematics.motion import find_head, head_motion
from vigil.kinematics.settings import Settings as KinematicsSettings
from vigil.simulate.behaviour import STEP_HZ
from vigil.simulate.lfp import write_lfp
from vigil.simulate.plan import plan_rig
from vigil.simulate.settings import Rig
from vigil.simulate.truth import label_epochs
from vigil.spectra.files import FeatureWriter
from vigil.spectra.settings import Settings as SpectraSettings
from vigil.spectra.table import feature_sections

VARIED = Rig(
    animals=8,
    labelled=8,
    minutes=100,
    channels=4,
    natural=True,
    varied=True,
    video=False,
    start="2026-03-02T10:00:00+01:00",
)
FRAME_HZ, PX_PER_CM = 30.0, 4.2
EAR_CM, SNOUT_CM = 0.9, 2.0
TRACKER_PX = (0.3, 0.8)
"""Noise of a tracked point, from the best animal to the worst."""
UNSEEN = 0.01
"""Share of the frames in which the tracker does not find an ear."""


def simulate_animal(rig: Rig, number: int, results: Path) -> None:
    """Write what sleep reads of one animal: results/<recording>/<stage>/<file>."""
    plan = plan_rig(rig)[number]
    folder = results / plan.recording
    places = {
        "lfp": folder / "downsample" / "lfp.zarr",
        "features": folder / "spectra" / "features.parquet",
        "kinematics": folder / "kinematics" / "kinematics.parquet",
        "labels": folder / "labels.csv",
    }
    for path in places.values():
        path.parent.mkdir(parents=True, exist_ok=True)
    label_epochs(rig, plan).to_csv(places["labels"], index=False)
    track = write_lfp(rig, plan, places["lfp"])
    lfp = open_lfp(places["lfp"])
    montage = lfp.montage
    regions = {r: list(montage.channels_of(r)) for r in montage.regions}
    regions["emg"] = list(montage.of_kind("emg"))
    with FeatureWriter(places["features"]) as table:
        for section in feature_sections(lfp, regions, SpectraSettings()):
            table.write(section.features)
    track_head(track, rig.seed + number).to_parquet(places["kinematics"], index=False)


def track_head(track: np.ndarray, seed: int) -> pd.DataFrame:
    """Kinematics of the true head as a tracker with noise sees it."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(int(track.shape[1] / STEP_HZ * FRAME_HZ)) / FRAME_HZ
    at_s = np.arange(track.shape[1]) / STEP_HZ
    x, y, direction = (np.interp(time_s, at_s, row) for row in track)
    ahead = np.stack([np.cos(direction), -np.sin(direction)], axis=1)
    left = np.stack([ahead[:, 1], -ahead[:, 0]], axis=1)
    head = np.stack([x, y], axis=1)
    noise_px = rng.uniform(*TRACKER_PX)

    def seen(place_cm: np.ndarray) -> np.ndarray:
        px = place_cm * PX_PER_CM + noise_px * rng.standard_normal(place_cm.shape)
        return np.column_stack([px, np.where(rng.random(len(px)) < UNSEEN, 0.1, 0.95)])

    ears = seen(head + EAR_CM * left), seen(head - EAR_CM * left)
    snout = seen(head + SNOUT_CM * ahead)
    clock = FrameClock(
        time_s, np.arange(len(time_s)), 0.0, 0.0, 0.0, dropped_frames=0, source="pulses"
    )
    settings = KinematicsSettings()
    found = find_head(*ears, snout, clock, PX_PER_CM, settings)
    return head_motion(found, clock, PX_PER_CM, settings)


if __name__ == "__main__":
    first, step = int(sys.argv[2]), int(sys.argv[3])
    for which in range(first, VARIED.animals, step):
        simulate_animal(VARIED, which, Path(sys.argv[1]))
