"""What each stage makes of a small recording that never changes.

`python tests/golden.py` writes tests/golden.json anew, after METHOD_VERSION was raised.
"""

import importlib
import json
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from vigil.downsample.decimate import design_decimator
from vigil.downsample.files import create_lfp, good_channels, open_lfp
from vigil.kinematics.clock import clock_from_pulses
from vigil.kinematics.head import head_from_ears
from vigil.kinematics.motion import head_motion
from vigil.kinematics.settings import Settings as KinematicsSettings
from vigil.recording import Montage, Segments
from vigil.seizures.observe import run_evidence
from vigil.seizures.run import run as find_seizures
from vigil.sleep.threshold import score_by_thresholds
from vigil.spectra.files import KEYS
from vigil.spectra.settings import Settings as SpectraSettings
from vigil.spectra.table import feature_sections
from vigil.stage import Job

FILE = Path(__file__).parent / "golden.json"
RATE_HZ = 1250.0
NAMES = ("a", "b", "c", "m")
MONTAGE = Montage(NAMES, ("ca1", "ca1", "cx", "neck"), ("",) * 4, ("lfp", "lfp", "lfp", "emg"))


def recording(folder):
    """Four minutes with slow waves, theta, a gap and a seizure of 20 s."""
    rng = np.random.default_rng(20260301)
    segments = Segments((0.0, 100.0), (96.0, 240.0), (120_000, 175_000), RATE_HZ)
    t = segments.time_s(np.arange(segments.n_rows))
    x = np.cumsum(rng.normal(0, 3, (len(t), 4)), axis=0)
    x -= pd.DataFrame(x).rolling(1250, center=True, min_periods=1).mean().to_numpy()
    x += rng.normal(0, 12, x.shape)
    slow, theta = (t // 40) % 3 == 1, (t // 40) % 3 == 2
    x[:, :3] += (slow * 120 * np.sin(2 * np.pi * 2.3 * t))[:, None]
    x[:, :2] += (theta * 100 * np.sin(2 * np.pi * 7.4 * t))[:, None]
    x[:, 3] *= np.where((t // 40) % 3 == 0, 4.0, 1.0)
    seizure = (t >= 170) & (t < 190)
    phase = 2 * np.pi * np.cumsum(np.interp(t, [170, 190], [11.0, 4.0])) / RATE_HZ
    x[:, :3] += (seizure * 700 * np.sign(np.sin(phase)) * np.abs(np.sin(phase)) ** 0.3)[:, None]
    store = create_lfp(folder / "lfp.zarr", MONTAGE, segments, [0.25] * 4)
    store[:] = np.clip(np.round(x / 0.25), -32768, 32767).astype(np.int16)
    return open_lfp(folder / "lfp.zarr")


def numbers():
    """Some numbers of each stage's outcome."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lfp = recording(folder)
        regions, settings = good_channels(lfp, None), SpectraSettings()
        sections = feature_sections(lfp, regions, settings)
        features = pd.concat([s.features for s in sections], ignore_index=True)
        outputs = (
            "events", "disturbances", "onset", "consensus", "spread", "postictal", "rates",
            "evidence",
        )  # fmt: skip
        outcome = {n: str(folder / n) for n in outputs}
        inputs = {"lfp": str(folder / "lfp.zarr")}
        store = {"evidence": str(folder / "evidence.zarr")}
        run_evidence(Job("seizures", "1", "golden", inputs, store))
        inputs["evidence_store"] = store["evidence"]
        find_seizures(Job("seizures", "1", "golden", inputs, outcome))
        events = pd.read_csv(outcome["events"], sep="\t")
        evidence = pd.read_parquet(outcome["evidence"])
    values = features.drop(columns=list(KEYS))
    states = score_by_thresholds(features, None, 3.0)
    motion = head_motion(*walk(), 4.2, KinematicsSettings())
    return {
        "downsample": [float(v) for v in decimated()],
        "spectra": values.mean().tolist(),
        "kinematics": motion.drop(columns="valid").abs().mean().tolist(),
        "sleep": [int((states == s).sum()) for s in ("wake", "nrem", "rem", "unclassified")],
        "seizures": [
            *events[["onset", "duration"]].iloc[0].astype(float).tolist(),
            float(evidence["line_length_z"].mean()),
            float(evidence["n_channels"].sum()),
            float(evidence["suppressed"].sum()),
        ],
    }


def decimated():
    """A second of noise and a step at 32 kHz, reduced."""
    x = np.random.default_rng(7).normal(0, 900, 32_000)
    x[16_000:] += 3000
    return design_decimator(32_000, 1250).reduce(np.rint(x).astype(np.int16))[::125]


def walk():
    """A head that walks an eight, with lost frames, a swap of the ears and a missing ear."""
    camera_s = np.delete(np.arange(900) / 30, [200, 201, 640])
    clock = clock_from_pulses(camera_s, 1.5 + np.arange(900) / 30 * (1 + 8e-5))
    a = 2 * np.pi * camera_s / 10
    middle = np.column_stack([64 + 40 * np.sin(a), 64 + 20 * np.sin(2 * a)])
    facing = np.arctan2(-np.gradient(middle[:, 1]), np.gradient(middle[:, 0]))
    side = np.column_stack([-np.sin(facing), -np.cos(facing)]) * 4
    left, right = middle + side, middle - side
    snout = middle + 9 * np.column_stack([np.cos(facing), -np.sin(facing)])
    left[300:306], right[300:306] = right[300:306].copy(), left[300:306].copy()
    right[500:520] = np.nan
    head = head_from_ears(left, right, snout, 17.0, exposure=clock.exposure, max_gap=8)
    return head, clock


def versions(stages):
    """METHOD_VERSION of each stage."""
    return {s: importlib.import_module(f"vigil.{s}").METHOD_VERSION for s in stages}


if __name__ == "__main__":
    found = numbers()
    FILE.write_text(json.dumps({"versions": versions(found), "numbers": found}, indent=1) + "\n")
