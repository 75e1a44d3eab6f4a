"""How fast kinematics is: a day of a camera's tracks, from the file to the tables.

Frames come 2 ms early or late and the camera's clock wanders, so that every window is fitted at
its own times; the same with regular frames beside it. A warm-up of two minutes compiles what is
compiled. Seconds are those of the processor. `--quick` tries the harness on sizes that say
nothing.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from harness import Bench, versions_of
from worker import HERE, Worker, python_of

PARTS = ("read", "clock", "head", "derivatives", "turns and bouts", "write")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where the tracks are written")
    parser.add_argument("--quick", action="store_true", help="small sizes, to try it out")
    asked = parser.parse_args()
    if asked.quick:
        asked.hours, asked.repeats = 0.1, 2
    options = {name: value for name, value in vars(asked).items() if name != "folder"}
    bench = Bench("kinematics", options)
    bench.versions = versions_of(("numba", "numpy", "pandas", "scipy"))
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        for name, jitter_ms, aim in (("jittered", 2.0, "<= 10"), ("regular", 0.0, None)):
            measure(bench, asked, Path(folder) / name, name, jitter_ms, aim)
    bench.write()


def measure(
    bench: Bench,
    asked: argparse.Namespace,
    folder: Path,
    name: str,
    jitter_ms: float,
    aim: str | None,
) -> None:
    """Time one kind of frames, and say what its parts take."""
    small = folder / "small"
    small.mkdir(parents=True)
    with Worker(python_of("vigil"), HERE / "kinematics_worker.py") as write:
        write.ask("write", folder=str(small), hours=1 / 30, jitter_ms=jitter_ms)
        frames = write.ask("write", folder=str(folder), hours=asked.hours, jitter_ms=jitter_ms)
    # a process that has not made the tracks, so that the peak is that of kinematics
    with Worker(python_of("vigil"), HERE / "kinematics_worker.py") as derive:
        derive.ask("derive", folder=str(small))
        runs = [derive.ask("derive", folder=str(folder)) for _ in range(asked.repeats)]
    label = f"{asked.hours:g} h of 30 frames/s, {name}"
    bench.add_runs(f"{label}: all", [r["whole"] for r in runs], "s", aim)
    for part in PARTS:
        bench.add_runs(f"{label}: share of {part}", [r[part] / r["whole"] for r in runs], "1")
    bench.add_rate(f"{label}: frames", frames["frames"], [r["whole"] for r in runs], "1/s")
    bench.add_runs(f"{label}: peak memory", [r["peak_gib"] for r in runs], "GiB")


if __name__ == "__main__":
    main()
