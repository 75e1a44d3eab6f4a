"""A rig for the tests: pink noise, sleep states, and seizures whose delays are known."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vigil.downsample.files import create_lfp
from vigil.recording import Montage, Segments
from vigil.seizures.observe import run_evidence
from vigil.seizures.run import run
from vigil.stage import Job

RATE_HZ = 1250.0
REGIONS = ("CA1", "M1", "TH")


@dataclass
class Planted:
    """A seizure: onset, duration, and per region how much later it joins (None: never)."""

    onset_s: float
    duration_s: float
    delay_s: dict[str, float | None]
    kind: str = "spikes"
    gain: float = 1.0


@dataclass
class Rig:
    """What a test puts into a recording."""

    duration_s: float = 900.0
    seed: int = 1
    contacts: int = 2
    seizures: list[Planted] = field(default_factory=list)
    suppression_s: float = 0.0
    emg: bool = True

    @property
    def montage(self) -> Montage:
        channels = [(f"{r}{i}", r, "lfp") for r in REGIONS for i in range(self.contacts)]
        if self.emg:
            channels.append(("EMG", "", "emg"))
        names, regions, kinds = zip(*channels, strict=True)
        return Montage(names, regions, ("",) * len(names), kinds)


def pink(rng: np.random.Generator, n: int, sd: float) -> np.ndarray:
    spectrum = np.fft.rfft(rng.standard_normal(n))
    hz = np.fft.rfftfreq(n, 1 / RATE_HZ)
    spectrum *= 1 / np.sqrt(np.maximum(hz, 0.5))
    x = np.fft.irfft(spectrum, n)
    return sd * x / x.std()


def wandering(rng: np.random.Generator, n: int, lo: float, hi: float, sd: float) -> np.ndarray:
    """Noise of a band: a rhythm that is not a pure tone."""
    spectrum = np.fft.rfft(rng.standard_normal(n))
    hz = np.fft.rfftfreq(n, 1 / RATE_HZ)
    x = np.fft.irfft(spectrum * ((hz >= lo) & (hz < hi)), n)
    return sd * x / x.std()


def state_weights(rng: np.random.Generator, n: int) -> dict[str, np.ndarray]:
    """Wake, NREM and REM bouts of 40 to 150 s, each with edges of two seconds."""
    names = ("wake", "nrem", "rem")
    state = np.zeros(n, dtype=int)
    at, k = 0, 0
    while at < n:
        stop = at + int(rng.uniform(40, 150) * RATE_HZ)
        state[at:stop] = k
        at, k = stop, (k + 1) % 3
    edge = np.ones(int(2 * RATE_HZ)) / int(2 * RATE_HZ)
    padded = {
        name: np.pad(state == i, len(edge), "edge").astype(float) for i, name in enumerate(names)
    }
    return {
        name: np.convolve(w, edge, "same")[len(edge) : len(edge) + n] for name, w in padded.items()
    }


def spikes_and_waves(rng: np.random.Generator, n: int, gain: float) -> np.ndarray:
    """Sharp waves of 40 ms with slow waves, 7 falling to 3 Hz, growing and then fading."""
    t = np.arange(n) / RATE_HZ
    whole = n / RATE_HZ
    out = np.zeros(n)
    at = 0.05
    while at < whole - 0.4:
        share = at / whole
        size = (
            gain * 800.0 * min(1.0, 0.5 + 2 * share) * (1.0 - 0.4 * share) * rng.uniform(0.8, 1.2)
        )
        i, j = int((at - 0.2) * RATE_HZ), int((at + 0.4) * RATE_HZ)
        i = max(i, 0)
        near = t[i:j] - at
        out[i:j] += size * np.exp(-0.5 * (near / 0.008) ** 2)
        out[i:j] -= 0.5 * size * np.exp(-0.5 * ((near - 0.07) / 0.03) ** 2)
        at += 1.0 / (7.0 - 4.0 * share) * rng.uniform(0.9, 1.1)
    return out


def fast_then_spikes(rng: np.random.Generator, n: int, gain: float) -> np.ndarray:
    """Four seconds of low-voltage 60-90 Hz, then spikes."""
    lead = int(4 * RATE_HZ)
    out = spikes_and_waves(rng, n - lead, gain)
    return np.concatenate([wandering(rng, lead, 60.0, 90.0, 12.0), out])


KINDS = {"spikes": spikes_and_waves, "fast": fast_then_spikes}


def synthesise(rig: Rig) -> np.ndarray:
    """Signals (row, channel) in uV."""
    rng = np.random.default_rng(rig.seed)
    n = round(rig.duration_s * RATE_HZ)
    states = state_weights(rng, n)
    suppressed = np.ones(n)
    for s in rig.seizures:
        stop = int((s.onset_s + s.duration_s) * RATE_HZ)
        suppressed[stop : stop + int(rig.suppression_s * RATE_HZ)] = 0.1
    columns = []
    theta_shared = wandering(rng, n, 6.0, 9.0, 1.0)
    for region in REGIONS:
        delta = wandering(rng, n, 1.0, 4.0, 90.0)
        own = pink(rng, n, 25.0)
        ictal = np.zeros(n)
        for s in rig.seizures:
            delay = s.delay_s.get(region)
            if delay is None:
                continue
            i, j = (int((s.onset_s + d) * RATE_HZ) for d in (delay, s.duration_s))
            ictal[i:j] += KINDS[s.kind](rng, j - i, s.gain)
        theta = 60.0 if region == "CA1" else 20.0
        for _ in range(rig.contacts):
            brain = own + pink(rng, n, 15.0) + states["nrem"] * delta * rng.uniform(0.9, 1.1)
            brain += (states["rem"] + 0.5 * states["wake"]) * theta * theta_shared
            columns.append(brain * suppressed + ictal * rng.uniform(0.8, 1.2))
    if rig.emg:
        tone = 0.2 + states["wake"] + 0.1 * states["nrem"]
        columns.append(rng.standard_normal(n) * 30.0 * tone)
    return np.stack(columns, axis=1)


def save(path: Path, signal_uv: np.ndarray, montage: Montage, segments: Segments) -> Path:
    scale = 0.2
    steps = np.clip(np.round(signal_uv / scale), -32768, 32767).astype(np.int16)
    array = create_lfp(
        path, montage, segments, [scale] * steps.shape[1], "2024-03-01T09:00:00+01:00"
    )
    array[:] = steps
    return path


@dataclass
class Outcome:
    """Paths of what the stage wrote."""

    folder: Path

    def __getattr__(self, name: str) -> Path:
        return self.folder / f"{name}.{'parquet' if name == 'evidence' else 'tsv'}"


@pytest.fixture(scope="session")
def rate_hz() -> float:
    return RATE_HZ


@pytest.fixture(scope="session")
def rig_of() -> Callable[..., Rig]:
    return Rig


@pytest.fixture(scope="session")
def planted() -> Callable[..., Planted]:
    return Planted


@pytest.fixture(scope="session")
def signal_of() -> Callable[[Rig], np.ndarray]:
    return synthesise


@pytest.fixture
def find(tmp_path: Path) -> Callable[..., Outcome]:
    """Run the stage on signals (row, channel) in uV, with segments, quality and settings."""

    def work(
        signal_uv: np.ndarray,
        montage: Montage,
        segments: Segments | None = None,
        quality: Path | None = None,
        name: str = "a",
        **settings: Any,
    ) -> Outcome:
        whole = segments or Segments(
            (0.0,), (len(signal_uv) / RATE_HZ,), (len(signal_uv),), RATE_HZ
        )
        folder = tmp_path / name
        folder.mkdir()
        inputs = {"lfp": str(save(folder / "lfp.zarr", signal_uv, montage, whole))}
        if quality:
            inputs["quality"] = str(quality)
        outcome = Outcome(folder)
        names = (
            "events", "disturbances", "onset", "consensus", "spread", "postictal", "rates",
            "evidence",
        )  # fmt: skip
        outputs = {n: str(getattr(outcome, n)) for n in names}
        store = {"evidence": str(folder / "evidence.zarr")}
        run_evidence(Job("seizures", "1", "r", inputs, store, settings=settings))
        inputs["evidence_store"] = store["evidence"]
        run(Job("seizures", "1", "r", inputs, outputs, settings=settings))
        return outcome

    return work


@pytest.fixture(scope="session")
def made_up() -> Any:
    """The module made_up.py: evidence drawn by chance, for what is learnt from it."""
    path = Path(__file__).with_name("made_up.py")
    spec = importlib.util.spec_from_file_location("made_up", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["made_up"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module
