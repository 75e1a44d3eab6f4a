"""Evidence that no signal stands behind: seizures, and what looks like them, drawn by chance."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from vigil.seizures.evidence import Evidence
from vigil.seizures.settings import Settings
from vigil.seizures.trained.folds import LabelledRecording
from vigil.seizures.trained.labels import SEIZURE
from vigil.seizures.trained.training import label_free

STEP_S = 0.5
SETTINGS = Settings(trees=25, depth=3, learning_rate=0.3)
PER_CHANNEL = ("line_length_z", "power_ratio_z", "spikes_z", "low_z")

KINDS = {
    # what changes in it, beside what has always been there
    "loud": {"line_length_z": 9.0, "spikes_z": 6.0, "low_z": 4.0, "line_length_ln": 1.8},
    # far below what the thresholds ask for, on every measure
    "faint": {"line_length_z": 1.2, "power_ratio_z": 1.2, "spikes_z": 1.2, "low_z": 1.2},
    # for the thresholds a seizure; the muscles say what it is
    "chewing": {"line_length_z": 9.0, "spikes_z": 6.0, "line_length_ln": 1.8, "emg_rise": 8.0},
    "marked": {"common_fast": 0.6},
}


@dataclass(frozen=True)
class Memory:
    """Evidence that is held in memory, as a store."""

    evidence: Evidence
    step_s: float = STEP_S

    @property
    def n_steps(self):
        return len(self.evidence.artefact)

    def read(self, first, last):
        return self.evidence.of(slice(first, last))


def draw(seed, minutes, planted, n_channels=6):
    """Evidence of a recording in which kinds of `KINDS` were planted as (kind, start_s, stop_s)."""
    rng = np.random.default_rng(seed)
    n = round(minutes * 60 / STEP_S)
    shape = (n, n_channels)
    values = {name: rng.normal(size=shape).astype(np.float32) for name in PER_CHANNEL}
    values |= {
        "line_length_ln": 0.2 * values["line_length_z"],
        "frequency_hz": rng.normal(12, 1, shape).astype(np.float32),
        "spikes_per_s": rng.uniform(0, 1, shape).astype(np.float32),
        "quiet_ln": np.zeros(shape, np.float32),
        "fault": np.zeros(shape, np.uint8),
        "artefact": np.full(n, "", dtype="U12"),
        "suppressed": np.zeros(n, dtype=bool),
        "common_band": rng.uniform(0.2, 0.5, n).astype(np.float32),
        "common_fast": rng.uniform(0.0, 0.3, n).astype(np.float32),
        "fast_rise": rng.normal(size=n).astype(np.float32),
        "emg_rise": rng.normal(size=n).astype(np.float32),
        "spread_ln": np.full(n_channels, 0.2, np.float32),
    }
    for kind, a, b in planted:
        at = slice(round(a / STEP_S), round(b / STEP_S))
        course = np.linspace(0.7, 1.3, at.stop - at.start).astype(np.float32)  # it evolves
        for name, height in KINDS[kind].items():
            rise = height * course
            values[name][at] += rise[:, None] if values[name].ndim == 2 else rise
    for f in fields(Evidence):
        values.setdefault(f.name, np.full(shape, np.nan, np.float32))
    return Evidence(**{f.name: values[f.name] for f in fields(Evidence)})


def recording(name, animal, seed, planted, seizures=("loud", "faint", "marked"), minutes=40):
    """A labelled recording: what was planted as one of `seizures` is one to the expert."""
    store = Memory(draw(seed, minutes, planted))
    true = tuple((float(a), float(b)) for kind, a, b in planted if kind in seizures)
    labels = np.zeros(store.n_steps, dtype=np.int8)
    for a, b in true:
        labels[round(a / STEP_S) : round(b / STEP_S)] = SEIZURE
    events, called = label_free(store, SETTINGS)
    by_thresholds = tuple((a * STEP_S, b * STEP_S) for a, b in events)
    return LabelledRecording(name, animal, store, labels, true, by_thresholds, called)


def varied(animals=4):
    """Animals with two loud and two faint seizures each, and chewing twice."""
    out = []
    for i in range(animals):
        shift = 17.0 * i
        planted = [
            ("loud", 300 + shift, 330 + shift),
            ("faint", 700 + shift, 740 + shift),
            ("chewing", 1000 + shift, 1030 + shift),
            ("faint", 1400 + shift, 1445 + shift),
            ("chewing", 1700 + shift, 1725 + shift),
            ("loud", 2000 + shift, 2025 + shift),
        ]
        out.append(recording(f"rec{i}", f"m{i}", i, planted))
    return out
