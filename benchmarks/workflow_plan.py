"""How long Snakemake plans: `snakemake -n` of the whole workflow over made-up tables.

The table's files are of a few bytes. `new`: nothing is done yet, as at an analyst's first dry
run. `done`: everything is, as in the run that a timer starts every night: results of a few bytes
with Snakemake's notes beside each.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from harness import Bench

CHECKOUT = Path(__file__).resolve().parent.parent
COLUMNS = (
    "recording", "animal", "group", "source", "start", "video", "video_times", "montage",
    "lights_on", "px_per_cm",
)  # fmt: skip
FOLDERS = (".zarr", "/figures", "/folds", "/animals")
"""How outputs end that are folders."""
AIM_S = 15
"""For 1,000 new recordings."""


@dataclass
class Ran:
    """What a call of Snakemake took, and what it said."""

    seconds: float
    cpu_s: float
    peak_mb: float
    text: str


def write_table(folder: Path, recordings: int, channels: int) -> None:
    """A table of ten rigs, each recording with its channels, a video and its frame times."""
    lines = ["\t".join(COLUMNS)]
    for i in range(recordings):
        name, animal = f"mouse{i % 10}-{i // 10:04d}", f"mouse{i % 10}"
        source = folder / "rig" / name
        source.mkdir(parents=True)
        files = [*(f"CSC{k + 1}.ncs" for k in range(channels)), "video.mp4", "times.csv"]
        for file in files:
            (source / file).write_bytes(bytes(100))
        here = f"rig/{name}"
        cells = (
            name, animal, "wt", here, "2026-03-01T08:00:00+01:00", f"{here}/video.mp4",
            f"{here}/times.csv", "montage.tsv", "07:00", "10",
        )  # fmt: skip
        lines.append("\t".join(cells))
    (folder / "montage.tsv").write_text("channel\tregion\themisphere\tkind\n")
    (folder / "recordings.tsv").write_text("\n".join(lines) + "\n")


def snakemake(folder: Path, *words: str) -> Ran:
    """Call the workflow in a folder; the call's own time, CPU seconds and peak memory."""
    command = [sys.executable, "-m", "snakemake", "-s", str(CHECKOUT / "Snakefile")]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    started = time.perf_counter()
    process = subprocess.Popen(
        [*command, "--cores", "2", *words],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    text = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"snakemake {' '.join(words)} failed:\n{text[-2000:]}")
    seconds = time.perf_counter() - started
    return Ran(seconds, _cpu(used), used.ru_maxrss / 1024, text)


def _cpu(used: resource.struct_rusage) -> float:
    return used.ru_utime + used.ru_stime


def finish(folder: Path) -> None:
    """Make every result, of a few bytes, and let Snakemake note that it made them."""
    lines = snakemake(folder, "--summary").text.splitlines()
    paths = [line.split("\t")[0] for line in lines if line.startswith("results/")]
    for path in (folder / p for p in paths):
        if str(path).endswith(FOLDERS):
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("x")
    snakemake(folder, "--touch", "--forceall", "--quiet", "all")


def plan(bench: Bench, asked: argparse.Namespace) -> None:
    """Seconds, CPU seconds and memory of plans, by the number of recordings."""
    for recordings in asked.recordings:
        repeats = asked.repeats if recordings <= 1000 else 1
        with tempfile.TemporaryDirectory(dir=asked.folder) as name:
            folder = Path(name)
            write_table(folder, recordings, asked.channels)
            of_new = [snakemake(folder, "-n") for _ in range(repeats)]
            if not re.search(rf"^report +{recordings}$", of_new[0].text, re.M):
                sys.exit(f"not {recordings} recordings were planned:\n{of_new[0].text[-2000:]}")
            keep(bench, f"{recordings} new", of_new, AIM_S if recordings == 1000 else None)
            if recordings >= 1000:
                words = ("recordings", "-n", "--batch", "recordings=1/10")
                keep(bench, f"{recordings} new, a tenth", [snakemake(folder, *words)])
            if recordings <= asked.done:
                finish(folder)
                of_done = [snakemake(folder, "-n") for _ in range(repeats)]
                if "Nothing to be done" not in of_done[0].text:
                    sys.exit(f"not everything is done:\n{of_done[0].text[-2000:]}")
                keep(bench, f"{recordings} done", of_done)
                notes = [p for p in (folder / ".snakemake/metadata").rglob("*") if p.is_file()]
                bench.add(f"{recordings} done: Snakemake's notes", len(notes), "files")
                size_mb = sum(p.stat().st_blocks for p in notes) * 512 / 1e6
                bench.add(f"{recordings} done: Snakemake's notes on disk", size_mb, "MB")


def keep(bench: Bench, name: str, runs: list[Ran], aim_s: float | None = None) -> None:
    """Keep a series of plans of one kind."""
    aim = None if aim_s is None else f"<= {aim_s:g}"
    bench.add_runs(f"{name}: time", [r.seconds for r in runs], "s", aim)
    bench.add_runs(f"{name}: CPU", [r.cpu_s for r in runs], "s")
    bench.add_runs(f"{name}: peak memory", [r.peak_mb for r in runs], "MB")
