"""Serves the spectra stage to its benchmark: a recording to measure with, and what it takes."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from stage_worker import peak_mb
from worker import serve

from vigil.downsample.files import create_lfp, good_channels, open_lfp
from vigil.recording import Montage, Segments
from vigil.spectra import block, run, table
from vigil.spectra.settings import Settings
from vigil.stage import Job

RATE_HZ = 1250.0
STEP_UV = 0.2
REGIONS = 4
PERIOD_S = 60
GROUPS = {
    "artefacts": [(table, "codes_of_epochs")],
    "reading": [(table, "by_channel"), (table.Lfp, "read_uv")],
    "multitaper": [(block, "multitaper_density")],
    "spectrum": [(block, "spectral_features")],
    "trace": [(block, "amplitude_features")],
    "bursts": [(block, "burst_rates"), (table, "band_envelope")],
    "pairs": [(block, "_of_pairs")],
    "muscle": [(block, "_of_muscle")],
    "medians": [(block, "median_of_clean")],
}


def make(folder: str, channels: int, seconds: float) -> None:
    """Write a downsampled recording: 1/f noise, half of it common to all channels."""
    rng = np.random.default_rng(7)
    n, period = round(seconds * RATE_HZ), round(PERIOD_S * RATE_HZ)
    frequency_hz = np.fft.rfftfreq(period, 1 / RATE_HZ)
    spectra = rng.standard_normal((channels + 1, len(frequency_hz), 2)) @ [1, 1j]
    field = np.fft.irfft(spectra / np.maximum(frequency_hz, 0.5), period)
    field /= field.std(axis=1, keepdims=True)
    x = 100 * (field[1:] + field[:1]) + 3 * rng.standard_normal((channels, period))
    steps = np.rint(x / STEP_UV).astype(np.int16).T
    names = tuple(f"CSC{i + 1}" for i in range(channels))
    places = tuple(f"r{i * REGIONS // channels + 1}" for i in range(channels))
    montage = Montage(names, places, ("",) * channels, ("lfp",) * channels)
    segments = Segments((0.0,), (n / RATE_HZ,), (n,), RATE_HZ)
    place = Path(folder)
    place.mkdir(parents=True)
    store = create_lfp(place / "lfp.zarr", montage, segments, [STEP_UV] * channels)
    shard = store.shards[0] if store.shards else n
    for first in range(0, n, shard):
        rows = np.arange(first, min(first + shard, n)) % period
        store[first : first + len(rows)] = steps[rows]
    lines = [f"{name}\t{place}\tok\n" for name, place in zip(names, places, strict=True)]
    (place / "quality.tsv").write_text("channel\tregion\tverdict\n" + "".join(lines))


def stage(folder: str, threads: int) -> dict[str, float]:
    """Seconds, CPU seconds and most memory of the whole stage."""
    place, out = Path(folder), Path(folder) / "out"
    out.mkdir()
    job = Job(
        stage="spectra",
        method_version="",
        recording="bench",
        inputs={n: str(place / f) for n, f in (("lfp", "lfp.zarr"), ("quality", "quality.tsv"))},
        outputs={n: str(out / n) for n in ("features", "spectrogram")},
        threads=threads,
    )
    started, cpu_s = time.perf_counter(), time.process_time()
    run.run(job)
    taken = {"seconds": time.perf_counter() - started, "cpu_s": time.process_time() - cpu_s}
    shutil.rmtree(out)
    return taken | {"peak_mb": peak_mb()}


def features(folder: str) -> dict[str, float]:
    """CPU seconds of the table of features on one thread, in all and of each group."""
    lfp = open_lfp(Path(folder) / "lfp.zarr")
    regions = good_channels(lfp, None)
    of_group: Counter[str] = Counter()
    kept = {(o, n): getattr(o, n) for group in GROUPS.values() for o, n in group}

    def counted(group: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*a: Any, **k: Any) -> Any:
            began = time.thread_time()
            try:
                return function(*a, **k)
            finally:
                of_group[group] += time.thread_time() - began

        return call

    cpu_s = time.process_time()
    try:
        for group, members in GROUPS.items():
            for owner, name in members:
                setattr(owner, name, counted(group, kept[owner, name]))
        columns = [s.features.shape[1] for s in table.feature_sections(lfp, regions, Settings())]
    finally:
        for (owner, name), function in kept.items():
            setattr(owner, name, function)
    whole = time.process_time() - cpu_s
    # the muscle's transforms of an EMG would count twice; there is none here
    return {"whole": whole, "columns": float(columns[0]), **of_group}


if __name__ == "__main__":
    serve({task.__name__: task for task in (make, stage, features)})
