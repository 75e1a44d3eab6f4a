"""How fast seizures is: measuring a day, of what that consists, and memory against length.

Recordings are made up (1/f noise, 1250 Hz). Speed is CPU seconds on one core, the reading of
lfp.zarr and the threads that unpack it included; a day is reckoned from two lengths by a
straight line, or measured with `--hours 24`. `--quick` tries the harness on sizes that say
nothing.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from functools import partial
from pathlib import Path

from harness import Bench, interleaved, straight_line, versions_of
from worker import HERE, Worker, python_of

DAY_S, HOUR_S = 86400.0, 3600.0
PASSES = {"Vigil": "pass_kernel", "scipy": "pass_scipy", "MNE, filters alone": "pass_mne"}
PACKAGES = ("mne", "numba", "numpy", "scipy", "zarr")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--channels", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=120.0, help="signals of the kernel")
    parser.add_argument("--hours", type=float, default=8.0, help="length of the long recording")
    parser.add_argument("--repeats", type=int, default=3)
    sections = {"kernel": kernel, "evidence": evidence, "rule": rule}
    parser.add_argument("--only", choices=sections, nargs="+", default=list(sections))
    parser.add_argument("--folder", type=Path, help="where recordings are written")
    parser.add_argument("--quick", action="store_true", help="small sizes, to try it out")
    asked = parser.parse_args()
    if asked.quick:
        asked.channels, asked.seconds, asked.hours, asked.repeats = 4, 4.0, 0.1, 1
    bench = Bench("seizures", {n: v for n, v in vars(asked).items() if n != "folder"})
    bench.versions = versions_of(PACKAGES)
    for name, section in sections.items():
        if name in asked.only:
            section(bench, asked)
    bench.write()


def new_worker() -> Worker:
    return Worker(python_of("vigil"), HERE / "seizures_worker.py")


def kernel(bench: Bench, asked: argparse.Namespace) -> None:
    """The filters and sums beside the same by scipy and numpy, and MNE's filters."""
    with new_worker() as worker:

        def once(task: str) -> float:
            return float(worker.ask(task, channels=asked.channels, seconds=asked.seconds))

        for task in PASSES.values():
            once(task)  # compiles and loads
        runs = interleaved({n: partial(once, t) for n, t in PASSES.items()}, 2 * asked.repeats + 1)
    label = f"kernel: {asked.channels} channels"
    for name in PASSES:
        speed = [asked.seconds / s for s in runs[name]]
        bench.add_runs(f"{label}, {name}, times real time per core", speed, "x")
    bench.add_ratio(f"{label}, against scipy", runs["scipy"], runs["Vigil"], ">= 3")
    bench.add_ratio(f"{label}, against MNE's filters", runs["MNE, filters alone"], runs["Vigil"])


def evidence(bench: Bench, asked: argparse.Namespace) -> None:
    """From lfp.zarr to evidence.zarr, in new processes."""
    day(bench, asked, "evidence", "seizures_evidence")


def rule(bench: Bench, asked: argparse.Namespace) -> None:
    """From evidence.zarr to the events and all that is told of them: nothing, in noise."""
    day(bench, asked, "whole", "seizures")


def day(bench: Bench, asked: argparse.Namespace, task: str, name: str) -> None:
    """Speed for a day, its parts, and memory of two lengths, a quarter apart."""
    hours = (asked.hours / 4, asked.hours)
    taken: dict[float, list[dict[str, float]]] = {h: [] for h in hours}
    with tempfile.TemporaryDirectory(prefix="vigil-bench-", dir=asked.folder) as folder:
        places = {h: str(Path(folder) / f"{h:g}-h") for h in hours}
        with Worker(python_of("vigil"), HERE / "spectra_worker.py") as maker:
            for h, place in places.items():
                maker.ask("make", folder=place, channels=asked.channels, seconds=h * HOUR_S)
        with new_worker() as worker:  # keeps what is compiled on disk for those that follow
            worker.ask("evidence", folder=places[hours[0]])
            if task == "whole":
                worker.ask("evidence", folder=places[hours[1]])

        def fresh(h: float) -> float:
            with new_worker() as worker:
                taken[h].append(worker.ask(task, folder=places[h]))
            return taken[h][-1]["cpu_s"]

        cpu_s = interleaved({h: partial(fresh, h) for h in hours}, asked.repeats)
    label = f"{name}: {asked.channels} channels"
    for h in hours:
        speed = [h * HOUR_S / s for s in cpu_s[h]]
        bench.add_runs(f"{label} of {h:g} h, times real time per core", speed, "x")
    lines = [straight_line(hours, pair)[:2] for pair in zip(*cpu_s.values(), strict=True)]
    days = [slope * DAY_S / HOUR_S + start for slope, start in lines]
    bench.add_runs(f"{label} of 24 h", days, "CPU s")
    aim = ">= 1000" if task == "evidence" else None
    speed = [DAY_S / s for s in days]
    bench.add_runs(f"{label} of 24 h, times real time per core", speed, "x", aim)
    long = taken[hours[1]]
    parts = sorted((p for p in long[0] if p.startswith("of ")), key=lambda p: -long[0][p])
    for part in parts:
        shares = [t[part] / t["cpu_s"] for t in long]
        bench.add_runs(f"{name}: share {part}", shares, "1")
    if parts:  # above all what zarr reads, and unpacks in threads of its own
        rest = [1 - sum(t[p] for p in parts) / t["cpu_s"] for t in long]
        bench.add_runs(f"{name}: share of reading and the rest", rest, "1")
    peaks = {h: [t["peak_mb"] for t in taken[h]] for h in hours}
    for h in hours:
        bench.add_runs(f"{name}: memory, {h:g} h", peaks[h], "MB")
    times = statistics.median(peaks[hours[1]]) / statistics.median(peaks[hours[0]])
    bench.add(f"{name}: memory for 4 times the length", times, "x", "<= 1.1")


if __name__ == "__main__":
    main()
