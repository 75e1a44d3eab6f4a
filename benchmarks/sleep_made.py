"""Made-up days of sleep for the benchmark: states, features as spectra has them, labels, motion.

Good for speed and memory, and for nothing else. Labels disagree with what the features show in
one epoch of twenty, as two experts do, so that trees grow as deep as they do on real labels.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.downsample.files import create_lfp
from vigil.recording import SCORED, Montage, Segments
from vigil.sleep.folds import LabelledRecording
from vigil.sleep.predictors import normalise_features, spread_of
from vigil.spectra.features import list_features, muscle_features, pair_features
from vigil.spectra.files import FeatureWriter
from vigil.spectra.settings import Settings

EPOCH_S, FPS = 4.0, 30.0
REGIONS = ("CA1", "PFC", "RSC", "V1")
BOUT_EPOCHS = {"wake": 40.0, "nrem": 30.0, "rem": 15.0}
"""Mean lengths of the bouts."""
NEXT = {"wake": ("nrem", "nrem"), "nrem": ("wake", "rem"), "rem": ("wake", "nrem")}
DISAGREE = 0.05
"""Share of the epochs whose label is not the state that the features show."""
SECTION_EPOCHS = 900
CLEAR = {
    # log10 uV^2/Hz and log10 uV: what the threshold scorer goes by, wake, NREM and REM
    "log_power_delta": (1.0, 2.2, 1.1),
    "log_power_sigma": (0.8, 1.5, 0.9),
    "theta_delta": (0.0, -0.8, 0.7),
    "log_rms": (1.6, 0.6, 0.3),
    "log_activity": (3.6, 4.0, 3.6),
}


def feature_names(regions: tuple[str, ...] = REGIONS) -> list[str]:
    """Columns of the features of some regions and an EMG, as spectra names them."""
    bands = Settings().bands
    pairs = combinations(regions, 2)
    return [
        *(f"{r}.{f.name}" for r in regions for f in list_features(bands)),
        *(f"{a}~{b}.{f.name}" for a, b in pairs for f in pair_features(bands)),
        *(f"emg.{f.name}" for f in muscle_features(True)),
    ]


def states(n: int, rng: np.random.Generator) -> npt.NDArray[np.str_]:
    """States of epochs: bouts of geometric length, each followed by one of two others."""
    found: list[str] = []
    state = "wake"
    while len(found) < n:
        found += [state] * int(rng.geometric(1 / BOUT_EPOCHS[state]))
        state = NEXT[state][int(rng.random() < 0.4)]
    return np.array(found[:n])


def features(shown: npt.NDArray[np.str_], rng: np.random.Generator) -> pd.DataFrame:
    """A table as of features.parquet; what a state means is the same in every table."""
    names = feature_names()
    same = np.random.default_rng(1)
    means = same.normal(0, 0.5, (len(SCORED), len(names)))
    spread = np.ones(len(names), dtype=np.float32)
    for place, name in enumerate(names):
        if levels := CLEAR.get(name.rpartition(".")[2]):
            means[:, place], spread[place] = levels, 0.2
    code = (np.array(SCORED)[:, None] == shown).argmax(axis=0)
    noise = rng.standard_normal((len(shown), len(names)), dtype=np.float32)
    values = means.astype(np.float32)[code] + spread * noise
    n = len(shown)
    head = pd.DataFrame(
        {"start_s": np.arange(n) * EPOCH_S, "duration_s": EPOCH_S, "valid": 1.0, "reason": ""}
    )
    return pd.concat([head, pd.DataFrame(values, columns=names)], axis=1)


def labels(shown: npt.NDArray[np.str_], rng: np.random.Generator) -> npt.NDArray[np.str_]:
    """What an expert says of epochs that show these states."""
    other = np.asarray(SCORED)[rng.integers(0, len(SCORED), len(shown))]
    return np.where(rng.random(len(shown)) < 1.5 * DISAGREE, other, shown)


def labelled(hours: Iterable[float], animals: int = 3, seed: int = 0) -> list[LabelledRecording]:
    """Recordings of some lengths with all their labels, of some animals in turn."""
    found = []
    for i, hour in enumerate(hours):
        rng = np.random.default_rng([seed, i])
        shown = states(round(hour * 3600 / EPOCH_S), rng)
        measures = ("speed", "acceleration", "jerk", "top_speed", "turning")
        moved = pd.DataFrame({f"movement.{m}": rng.random(len(shown)) for m in measures})
        table = features(shown, rng)
        found.append(
            LabelledRecording(
                f"r{i}",
                f"a{i % animals}",
                table["start_s"].to_numpy(),
                normalise_features(table, moved, shown),
                labels(shown, rng),
                shown,
                spread_of(table),
                moved["movement.speed"].to_numpy(),
            )
        )
    return found


def write_recording(folder: Path, hours: float) -> None:
    """Write what sleep reads of a recording: features, kinematics, and when it began."""
    rng = np.random.default_rng(11)
    shown = states(round(hours * 3600 / EPOCH_S), rng)
    table = features(shown, rng)
    with FeatureWriter(folder / "features.parquet") as writer:
        for first in range(0, len(table), SECTION_EPOCHS):
            writer.write(table.iloc[first : first + SECTION_EPOCHS])
    n = round(hours * 3600 * FPS)
    frames = pd.DataFrame({"time_s": np.arange(n) / FPS + rng.uniform(-0.002, 0.002, n)})
    awake = np.repeat(shown == "wake", round(EPOCH_S * FPS))[:n]
    moving = np.where(awake, 5.0, 0.2)
    for name in ("x_cm", "y_cm", "head_direction_rad", "speed_cm_s", "velocity_x_cm_s",
                 "velocity_y_cm_s", "acceleration_cm_s2", "jerk_cm_s3", "angular_velocity_rad_s",
                 "angular_acceleration_rad_s2"):  # fmt: skip
        frames[name] = moving * rng.exponential(1.0, n)
    frames["valid"] = rng.random(n) < 0.99
    frames.to_parquet(folder / "kinematics.parquet", index=False)
    montage = Montage(("CSC1",), (REGIONS[0],), ("",), ("lfp",))
    segments = Segments((0.0,), (1.0,), (1250,), 1250.0)
    create_lfp(folder / "lfp.zarr", montage, segments, [0.2], "2026-03-01T08:00:00+01:00")
