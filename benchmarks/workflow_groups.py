"""What groups give: several stages of a short recording share a job of a real Slurm.

The workflow runs through profiles/slurm over simulated recordings of two minutes, on the cluster
of tests/cluster: a job for each stage; a job for each recording; a job for two recordings. The
three are told apart by what the head took, and by what Slurm's accounts say of the jobs.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from harness import Bench

from vigil.simulate.rig import simulate_rig
from vigil.simulate.settings import Rig

CHECKOUT = Path(__file__).resolve().parent.parent
STAGES = ("transfer", "downsample", "spectra", "sleep", "seizures_evidence", "seizures")
STAGES += ("cohort_each", "report")
MINUTES, RECORDINGS = 2.0, 4
# who waits for a small run asks more often; else as the profile says
PROMPT = ("--slurm-init-seconds-before-status-checks", "2", "--latency-wait", "5")
PROMPT += ("--max-jobs-per-timespan", "60/1s")
# two cores are what this machine has, so that no job waits for those of another
THREADS = ("--set-threads", "downsample=1", "spectra=1")


def ways() -> dict[str, tuple[str, ...]]:
    """Words for snakemake of each way to share jobs."""
    together = ("--groups", *(f"{stage}=short" for stage in STAGES))
    return {
        "a job for each stage": (),
        "a job for each recording": together,
        "a job for two recordings": (*together, "--group-components", "short=2"),
    }


def share_jobs(bench: Bench, asked: argparse.Namespace) -> None:
    """Run the workflow in each way, and keep jobs, minutes and CPU seconds."""
    place = CHECKOUT / "tests" / "cluster" / "slurm.py"
    spec = importlib.util.spec_from_file_location("slurm", place)
    assert spec is not None
    assert spec.loader is not None
    slurm = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(slurm)
    if sentence := slurm.missing():
        sys.exit(f"The benchmark of groups runs on a real Slurm: {sentence}.")
    with tempfile.TemporaryDirectory(prefix="vigil-") as folder:
        rows = _rows(Path(folder) / "rig", 2 if asked.quick else RECORDINGS)
        cluster = slurm.Slurm(Path(folder) / "slurm")
        try:
            cluster.start()
            for number, (way, words) in enumerate(ways().items()):
                _run(bench, cluster, Path(folder) / str(number), rows, way, words)
        finally:
            cluster.stop()


def _rows(folder: Path, recordings: int) -> list[dict[str, str]]:
    rig = Rig(animals=recordings, labelled=0, minutes=MINUTES, channels=5, seed=7, video=False)
    simulate_rig(folder, rig)
    with (folder / "recordings.tsv").open() as f:
        rows = list(csv.DictReader(f, delimiter="\t"))
    for row in rows:
        for name in ("source", "montage"):
            row[name] = str(folder / row[name])
    return rows


def _run(
    bench: Bench,
    cluster: Any,
    folder: Path,
    rows: list[dict[str, str]],
    way: str,
    words: tuple[str, ...],
) -> None:
    folder.mkdir()
    with (folder / "recordings.tsv").open("w", newline="") as f:
        table = csv.DictWriter(f, list(rows[0]), delimiter="\t")
        table.writeheader()
        table.writerows(rows)
    profile = str(CHECKOUT / "profiles" / "slurm")
    command = [sys.executable, "-m", "snakemake", "-s", str(CHECKOUT / "Snakefile")]
    command += ["--profile", profile, *PROMPT, *THREADS, *words]
    began = time.perf_counter()
    done = subprocess.run(
        command,
        cwd=folder,
        env={**cluster.environment, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    took_s = time.perf_counter() - began
    if done.returncode:
        sys.exit(f"{way}: {done.stdout[-2000:]}{done.stderr[-3000:]}")
    jobs = cluster.jobs(folder.resolve())
    assert jobs
    assert {job["State"] for job in jobs} == {"COMPLETED"}, jobs
    in_jobs_s = sum((_moment(j["End"]) - _moment(j["Start"])).total_seconds() for j in jobs)
    print(f"{way}: {len(jobs)} jobs, {took_s:.0f} s", flush=True)
    bench.keep(f"{way}: jobs", len(jobs), "1")
    bench.keep(f"{way}: from start to end", took_s, "s")
    bench.keep(f"{way}: time in jobs", in_jobs_s, "s")


def _moment(said: str) -> datetime:
    return datetime.fromisoformat(said)
