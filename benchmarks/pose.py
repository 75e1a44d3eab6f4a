"""How fast pose is: frames a second of the whole stage beside DeepLabCut's own call.

`make bench-pose` runs all of it. Both track the same videos with the same project, batch and
threads, in one process that has its modules loaded; loading the network counts. Runs are
interleaved, and medians are given. Beside them stand runs in a process that has just
started, which pay the start of DeepLabCut. `--quick` tries the harness on sizes that say nothing.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from harness import Bench, interleaved
from worker import CHECKOUT, HERE, Worker

PYTHON = Path(os.environ.get("VIGIL_POSE_PYTHON", CHECKOUT / ".venv-pose/bin/python"))
WAYS = ("stage", "deeplabcut")
FILES = 8


def versions() -> dict[str, str]:
    """Versions in the environment of DeepLabCut."""
    import subprocess

    code = "from importlib.metadata import version as v; print(v('deeplabcut'), v('torch'))"
    words = subprocess.check_output([str(PYTHON), "-c", code], text=True).split()
    return dict(zip(("deeplabcut", "torch"), words, strict=True))


def compare(
    bench: Bench, folder: Path, network: str, batch_size: int, asked: argparse.Namespace
) -> None:
    """One long file and many short ones with one network."""
    config = folder / f"{network}-{batch_size}" / "config.yaml"
    what = f"{network}, batch {batch_size}"
    frames = max(FILES, round(asked.frames * (1 if network == "small" else asked.share)))
    with Worker(PYTHON, HERE / "pose_worker.py") as worker:
        worker.ask("make", folder=str(config.parent), network=network, batch_size=batch_size)
        for files in (1, FILES):
            place = folder / f"{network}-{batch_size}-{files}"
            videos = worker.ask("film", folder=str(place), files=files, frames=frames // files)
            count = files * (frames // files)
            same = {"config": str(config), "videos": videos, "threads": asked.threads}
            same["batch_size"] = 0

            def seconds(way: str, same: dict = same, place: Path = place) -> float:
                return float(worker.ask(way, out=str(place / way), **same))

            for way in WAYS:
                seconds(way)  # kernels are chosen, files are in memory
            taken = interleaved({w: lambda w=w: seconds(w) for w in WAYS}, asked.repeats)
            of = f"{files} file{'s' if files > 1 else ''} of {frames // files} frames"
            for way in WAYS:
                bench.add_rate(f"{what}: {of}, {way}", count, taken[way], "1/s")
            aim = ">= 1" if files == 1 else ">= 1.05"
            ratio = f"{what}: {of}, stage over deeplabcut"
            bench.add_ratio(ratio, taken["deeplabcut"], taken["stage"], aim)
            apart = worker.ask(
                "difference_px",
                videos=videos,
                **{n: str(place / w) for n, w in (("ours", "stage"), ("theirs", "deeplabcut"))},
            )
            bench.add(f"{what}: {of}, largest difference", apart, "px", "<= 0.001")


def with_start(
    bench: Bench, folder: Path, network: str, batch_size: int, asked: argparse.Namespace
) -> None:
    """The many files again, each time in a process that has just started."""
    place = folder / f"{network}-{batch_size}-{FILES}"
    videos = sorted(str(p) for p in place.glob("*.mp4"))
    config = str(folder / f"{network}-{batch_size}" / "config.yaml")

    def seconds(way: str) -> float:
        started = time.perf_counter()
        with Worker(PYTHON, HERE / "pose_worker.py") as worker:
            out = str(place / way)
            worker.ask(
                way, config=config, videos=videos, out=out, threads=asked.threads, batch_size=0
            )
        return time.perf_counter() - started

    taken = interleaved({w: lambda w=w: seconds(w) for w in WAYS}, max(1, asked.repeats // 2))
    what = f"{network}, batch {batch_size}: {FILES} files with the start of the process"
    for way in WAYS:
        bench.add_runs(f"{what}, {way}", taken[way], "s")
    bench.add_ratio(f"{what}, stage over deeplabcut", taken["deeplabcut"], taken["stage"], ">= 1")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=480, help="of the small network")
    parser.add_argument("--share", type=float, default=0.1, help="of these for larger networks")
    parser.add_argument("--networks", nargs="+", default=["small", "resnet_50"])
    parser.add_argument("--batches", type=int, nargs="+", default=[8, 1, 32])
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="small sizes, to try it out")
    asked = parser.parse_args()
    if not PYTHON.exists():
        sys.exit(f"{PYTHON} is not there; `make install` makes the environment of DeepLabCut")
    if asked.quick:
        asked.frames, asked.repeats, asked.networks, asked.batches = 32, 1, ["small"], [8]
    bench = Bench("pose", vars(asked))
    bench.versions = versions()
    folder = Path(tempfile.mkdtemp(prefix="vigil-bench-"))
    try:
        for network in asked.networks:
            # larger networks are bound by their sums, whatever the batch
            for batch_size in asked.batches if network == "small" else asked.batches[:1]:
                compare(bench, folder, network, batch_size, asked)
        with_start(bench, folder, asked.networks[0], asked.batches[0], asked)
    finally:
        shutil.rmtree(folder)
    bench.write()


if __name__ == "__main__":
    main()
