"""The whole table of features of a recording: what it takes, of what, and how it grows."""

from __future__ import annotations

import shutil
import statistics
import tempfile
from pathlib import Path

from harness import Bench, interleaved
from worker import HERE, Worker, python_of

DAY_S = 86400.0
HOUR_S = 3600.0
GROWTH = 4
"""How many times longer the long recording is."""


def table(bench: Bench, channels: int, hour_s: float = HOUR_S, repeats: int = 3) -> None:
    """From the store to the features; a day is reckoned from an hour."""
    folder = Path(tempfile.mkdtemp(prefix="vigil-bench-"))
    lengths = {"short": hour_s, "long": GROWTH * hour_s}
    try:
        with Worker(python_of("vigil"), HERE / "spectra_worker.py") as worker:
            for name, seconds in lengths.items():
                worker.ask("make", folder=str(folder / name), channels=channels, seconds=seconds)
            worker.ask("features", folder=str(folder / "short"))  # loads the kernels
            runs = [worker.ask("features", folder=str(folder / "short")) for _ in range(repeats)]
        minutes = [r["whole"] * DAY_S / hour_s / 60 for r in runs]
        bench.add_runs(f"table: {channels} channels of 24 h", minutes, "CPU min", "<= 10")
        bench.add("table: columns", runs[0]["columns"], "1")
        groups = [g for g in runs[0] if g not in ("whole", "columns")]
        for group in sorted(groups, key=lambda g: -runs[0][g]):
            bench.add_runs(f"table: share of {group}", [r[group] / r["whole"] for r in runs], "1")
        # above all what zarr unpacks in threads of its own
        rest = [1 - sum(r[g] for g in groups) / r["whole"] for r in runs]
        bench.add_runs("table: share of the rest", rest, "1")
        taken: dict[str, list[dict[str, float]]] = {name: [] for name in lengths}

        def fresh(name: str) -> float:
            with Worker(python_of("vigil"), HERE / "spectra_worker.py") as worker:
                taken[name].append(worker.ask("stage", folder=str(folder / name), threads=2))
            return taken[name][-1]["peak_mb"]

        peaks = interleaved({name: lambda name=name: fresh(name) for name in lengths}, 2)
        for name, seconds in lengths.items():
            label = f"stage: memory, {seconds / 60:g} min, 2 threads"
            bench.add_runs(label, peaks[name], "MB")
        more = statistics.median(peaks["long"]) - statistics.median(peaks["short"])
        hours = (lengths["long"] - lengths["short"]) / HOUR_S
        bench.add("stage: memory, more per hour", more / hours, "MB")
        times = statistics.median(peaks["long"]) / statistics.median(peaks["short"])
        bench.add(f"stage: memory for {GROWTH} times the length", times, "x", "<= 1.05")
        for what, unit in (("seconds", "min"), ("cpu_s", "CPU min")):
            of_day = [t[what] * DAY_S / lengths["long"] / 60 for t in taken["long"]]
            label = f"stage: table and spectrogram, {channels} channels of 24 h, 2 threads"
            bench.add_runs(f"{label}, {unit}", of_day, unit)
    finally:
        shutil.rmtree(folder)
