"""Serves the seizures stage to its benchmark: what its rules take, and of what."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import scipy.signal
from stage_worker import peak_mb
from worker import serve

from vigil.seizures import kernel, measure_store, observe, run
from vigil.seizures.evidence_files import EvidenceFile
from vigil.seizures.filters import design_filters
from vigil.stage import Job

RATE_HZ = 1250.0
STEP_UV = np.float32(0.2)
STEP_ROWS = 625
SLOPE_UV, LIMIT_UV = 20.0, 6000.0
BANDS_HZ = ((1.0, 70.0), (4.0, 12.0), (12.0, 70.0), (157.5, 192.5))
GROUPS = {
    "slopes of excerpts": [(observe, "robust_slope_uv")],
    "kernel": [(observe, "pass_block")],
    "measures": [(observe, "measures_of")],
    "keeping measures": [
        (measure_store.MeasureStore, "put"),
        (measure_store.MeasureStore, "read"),
    ],
    "baselines": [(observe, "take_yardsticks")],
    "weighing": [(observe, "weigh_section")],
    "writing": [(observe, "create_evidence"), (EvidenceFile, "put")],
}
OUTPUTS = {
    name: f"{name}.tsv"
    for name in (
        "events", "disturbances", "onset", "consensus", "spread", "postictal", "rates",
    )
} | {"evidence": "evidence.parquet"}  # fmt: skip
signals: dict[float, np.ndarray] = {}


def evidence(folder: str) -> dict[str, float]:
    """Seconds, CPU seconds, those of each group, and most memory of the rule of the evidence."""
    place = Path(folder)
    of_group: Counter[str] = Counter()
    kept = {(o, n): getattr(o, n) for group in GROUPS.values() for o, n in group}
    inside = [0.0]  # CPU seconds of groups that the one at work has called

    def counted(group: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*a: Any, **k: Any) -> Any:
            began = time.thread_time()
            inside.append(0.0)
            try:
                return function(*a, **k)
            finally:
                whole = time.thread_time() - began
                of_group[group] += whole - inside.pop()
                inside[-1] += whole

        return call

    started, cpu_s = time.perf_counter(), time.process_time()
    try:
        for group, members in GROUPS.items():
            for owner, name in members:
                setattr(owner, name, counted(group, kept[owner, name]))
        observe.run_evidence(_job(place, {"evidence": place / "evidence.zarr"}))
    finally:
        for (owner, name), function in kept.items():
            setattr(owner, name, function)
    taken = {"seconds": time.perf_counter() - started, "cpu_s": time.process_time() - cpu_s}
    return taken | {"peak_mb": peak_mb()} | {f"of {group}": s for group, s in of_group.items()}


def whole(folder: str) -> dict[str, float]:
    """The same of the rule that finds and places seizures, from the evidence on."""
    place = Path(folder)
    out = place / "out"
    out.mkdir()
    started, cpu_s = time.perf_counter(), time.process_time()
    run.run(_job(place, {name: out / file for name, file in OUTPUTS.items()}))
    taken = {"seconds": time.perf_counter() - started, "cpu_s": time.process_time() - cpu_s}
    shutil.rmtree(out)
    return taken | {"peak_mb": peak_mb()}


def pass_kernel(channels: int, seconds: float) -> float:
    """CPU seconds of the kernel on noise."""
    signal = _noise(channels, seconds)
    step = np.arange(len(signal)) // STEP_ROWS
    filters = design_filters(RATE_HZ, 50.0)
    columns, scale = np.arange(channels), np.full(channels, STEP_UV)
    cpu_s = time.process_time()
    sums = kernel.StepSums.zeros(int(step[-1]) + 1, channels)
    memory = kernel.start_segment(channels, filters)
    kernel.pass_block(
        signal, step, sums, filters, memory, np.full(channels, SLOPE_UV),
        np.full(channels, LIMIT_UV), channels, columns, scale,
    )  # fmt: skip
    return time.process_time() - cpu_s


def pass_scipy(channels: int, seconds: float) -> float:
    """CPU seconds of the same filters and sums by scipy and numpy, channel by channel.

    Spikes are left out: numpy has no way to count them without a loop.
    """
    signal = _noise(channels, seconds)
    sos = np.insert(design_filters(RATE_HZ, 50.0).sections, 3, 1.0, axis=1)
    sosfilt = scipy.signal.sosfilt
    cpu_s = time.process_time()
    together = np.zeros((2, len(signal)))
    for c in range(channels):
        x = signal[:, c] * STEP_UV
        hum = sosfilt(sos[:3], x)
        band = sosfilt(sos[3:4], hum)
        low = sosfilt(sos[4:6], band)
        high = sosfilt(sos[6:8], band)
        fast = sosfilt(sos[8:], x)
        together += band, fast
        change, slope = np.diff(band, prepend=0.0), np.abs(np.diff(high, prepend=0.0))
        for part in (slope, np.abs(x) >= LIMIT_UV):
            part.reshape(-1, STEP_ROWS).sum(axis=1)
        for part in (band, change, low, high, fast, hum):
            (part**2).reshape(-1, STEP_ROWS).sum(axis=1)
    (together**2).reshape(2, -1, STEP_ROWS).sum(axis=2)
    return time.process_time() - cpu_s


def pass_mne(channels: int, seconds: float) -> float:
    """CPU seconds of the filters alone by MNE, with its own (linear phase) in the four bands."""
    from mne.filter import filter_data

    signal = _noise(channels, seconds).T * np.float64(STEP_UV)
    cpu_s = time.process_time()
    for low_hz, high_hz in BANDS_HZ:
        filter_data(signal, RATE_HZ, low_hz, high_hz, verbose="error")
    return time.process_time() - cpu_s


def _noise(channels: int, seconds: float) -> np.ndarray:
    if seconds not in signals:
        rng = np.random.default_rng(1)
        rows = round(seconds * RATE_HZ) // STEP_ROWS * STEP_ROWS
        signals[seconds] = (500 * rng.standard_normal((rows, channels))).astype(np.int16)
    return signals[seconds]


def _job(place: Path, outputs: dict[str, Path]) -> Job:
    files = {"lfp": "lfp.zarr", "quality": "quality.tsv", "evidence_store": "evidence.zarr"}
    inputs = {name: str(place / file) for name, file in files.items()}
    return Job("seizures", "", "bench", inputs, {n: str(p) for n, p in outputs.items()})


if __name__ == "__main__":
    serve({task.__name__: task for task in (evidence, whole, pass_kernel, pass_scipy, pass_mne)})
