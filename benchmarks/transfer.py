"""How fast transfer is: a verified copy beside cp, rclone and rsync on the same files.

Sources are warm; every copy is removed and the disk left to settle before the next one. A tool
that leaves its copy to the page cache is timed again with the `sync` that makes it safe.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from harness import Bench, interleaved, versions_of
from rig_files import Rig, n_bytes
from worker import HERE, Worker, python_of

VIGIL = "Vigil, verified and read back"
SAFE = "cp, sync, both hashed, the copy from disk"
"""What a careful user does by hand; Vigil has to be no slower."""
COMPRESSORS = {"gzip": "-6", "zstd": "-3"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--channels", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=300.0, help="length of the recording")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where source and copies are written")
    parser.add_argument("--quick", action="store_true", help="small sizes, to try it out")
    asked = parser.parse_args()
    if asked.quick:
        asked.channels, asked.seconds, asked.repeats = 8, 20.0, 2
    options = {n: v for n, v in vars(asked).items() if n != "folder"}
    bench = Bench("transfer", options)
    bench.versions = versions_of(("xxhash",)) | tool_versions()
    with Rig(asked.folder) as rig, Worker(python_of("vigil"), HERE / "stage_worker.py") as stage:
        files = rig.recording(asked.channels, asked.seconds)
        measures = copies(rig, stage, files)
        interleaved(measures, 1)
        runs = interleaved(measures, asked.repeats)
        size = n_bytes(files) / 1e9
        for name, seconds in runs.items():
            bench.add_rate(f"copy: {name}", size, seconds, "GB/s")
        for name in runs:
            aim = ">= 1" if name == SAFE else None
            if name != VIGIL:
                bench.add_ratio(f"copy: Vigil against {name}", runs[name], runs[VIGIL], aim)
        archives(bench, rig, stage, asked)
    bench.write()


def archives(bench: Bench, rig: Rig, stage: Worker, asked: argparse.Namespace) -> None:
    """The archive of a few channels, and general compressors on the same files."""
    files = rig.recording(min(8, asked.channels), asked.seconds)
    manifest, place = str(rig.manifest(files)), rig.folder / "archive"
    told: dict[str, dict[str, float]] = {}

    def vigil(threads: int) -> float:
        told["Vigil"] = stage.ask("archive", manifest=manifest, folder=str(place), threads=threads)
        return told["Vigil"]["seconds"]

    def tool(name: str, level: str) -> float:
        place.mkdir()
        started = time.perf_counter()
        for path in files:
            with (place / path.name).open("wb") as out:
                subprocess.run([name, level, "-c", str(path)], stdout=out, check=True)
        seconds = time.perf_counter() - started
        packed = n_bytes(list(place.iterdir()))
        told[name] = {"seconds": seconds, "ratio": n_bytes(files) / packed}
        stage.ask("forget", folder=str(place))
        return seconds

    stage.ask("bring", files=[str(f) for f in files], manifest=manifest)
    measures = {
        "Vigil, 1 thread": lambda: vigil(1),
        "Vigil, 2 threads": lambda: vigil(2),
    }
    for name, level in COMPRESSORS.items():
        if shutil.which(name):
            measures[f"{name} {level}"] = lambda name=name, level=level: tool(name, level)
    vigil(2)  # imports
    runs = interleaved(measures, max(1, asked.repeats // 2))
    megabytes = n_bytes(files) / 1e6
    for name, seconds in runs.items():
        bench.add_rate(f"archive: {name}", megabytes, seconds, "MB/s")
    bench.add("archive: Vigil, reading back", megabytes / told["Vigil"]["back_s"], "MB/s")
    for name, found in told.items():
        bench.add(f"archive: times smaller, {name}", found["ratio"], "1")


def copies(rig: Rig, stage: Worker, files: list[Path]) -> dict[str, Callable[[], float]]:
    """Every way to copy the files: a measure of seconds."""
    names = [str(f) for f in files]
    place = rig.folder / "copy"
    copied = [str(place / f.name) for f in files]
    source = f"{files[0].parent}/"

    def vigil() -> float:
        return stage.ask("bring", files=names, raw=str(place), manifest=str(rig.manifest(files)))

    def tool(*command: str, sync: bool = False, check: bool = False) -> Callable[[], float]:
        def run() -> float:
            place.mkdir()
            started = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            if sync:
                subprocess.run(["sync", *copied], check=True)
            if check:
                stage.ask("hash_all", files=names)
                stage.ask("drop_from_cache", files=copied)
                stage.ask("hash_all", files=copied)
            return time.perf_counter() - started

        return run

    def tidy(measure: Callable[[], float]) -> Callable[[], float]:
        def measure_and_forget() -> float:
            seconds = measure()
            if n_bytes([Path(c) for c in copied]) != n_bytes(files):
                raise OSError(f"not all of {source} arrived in {place}")
            stage.ask("forget", folder=str(place))
            return seconds

        return measure_and_forget

    cp = ("cp", *names, str(place))
    found = {
        VIGIL: vigil,
        "cp": tool(*cp),
        "cp, sync": tool(*cp, sync=True),
        SAFE: tool(*cp, sync=True, check=True),
    }
    if shutil.which("rsync"):
        found["rsync -a, sync"] = tool("rsync", "-a", source, str(place), sync=True)
    if shutil.which("rclone"):
        found["rclone copy, sync"] = tool(
            "rclone", "--config", os.devnull, "copy", source, str(place), sync=True
        )
    return {name: tidy(measure) for name, measure in found.items()}


def tool_versions() -> dict[str, str]:
    """The version that each tool tells of itself, of those that are there."""
    told = {}
    for tool in ("cp", "rsync", "rclone", *COMPRESSORS):
        if shutil.which(tool):
            answer = subprocess.run([tool, "--version"], capture_output=True, text=True, check=True)
            found = re.search(r"\d+(\.\d+)+", answer.stdout)
            told[tool] = found[0] if found else answer.stdout.splitlines()[0]
    return told


if __name__ == "__main__":
    main()
