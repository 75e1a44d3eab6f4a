"""What the benchmarks share: interleaved runs, a table of results, and the JSON they leave.

A result has an aim such as '>= 10' or '<= 350', or none. The spread of the runs is printed
beside each value: a value whose runs differ much says more about the machine than about the
program.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"
NOISY = 0.25
"""Runs that spread over more than this share of their median are pointed out."""


@dataclass(frozen=True)
class Result:
    """One number, as the JSON has it."""

    name: str
    value: float
    unit: str
    aim: str | None = None

    def reached(self) -> bool | None:
        """Whether the aim is reached; None without an aim."""
        if self.aim is None:
            return None
        sign, limit = self.aim.split()
        at_least = {">=": True, "<=": False}[sign]
        return self.value >= float(limit) if at_least else self.value <= float(limit)


def interleaved(
    measures: Mapping[str, Callable[[], float]], repeats: int
) -> dict[str, tuple[float, ...]]:
    """Take every measure once per round, each round beginning with another one.

    What disturbs the machine for a while then disturbs all of them alike, and none always
    runs in the wake of the same other.
    """
    names = list(measures)
    runs: dict[str, list[float]] = {name: [] for name in names}
    for i in range(repeats):
        first = i % len(names)
        for name in names[first:] + names[:first]:
            runs[name].append(measures[name]())
    return {name: tuple(values) for name, values in runs.items()}


def median_ratio(a: Sequence[float], b: Sequence[float]) -> float:
    """Median of some runs over the median of others."""
    return statistics.median(a) / statistics.median(b)


def per_second(amount: float, seconds: Sequence[float]) -> list[float]:
    """Rates of runs that each did the same amount."""
    return [amount / s for s in seconds]


def round_ratios(a: Sequence[float], b: Sequence[float]) -> tuple[float, ...]:
    """Ratio of each round: how far the ratio of the medians is to be believed."""
    return tuple(x / y for x, y in zip(a, b, strict=True))


def spread(runs: Sequence[float]) -> float:
    """Range of the runs as a share of their median."""
    return (max(runs) - min(runs)) / abs(statistics.median(runs)) if len(runs) > 1 else 0.0


def straight_line(x: Sequence[float], y: Sequence[float]) -> tuple[float, float, float]:
    """Slope, intercept and R squared of the line of least squares."""
    slope, intercept = statistics.linear_regression(x, y)
    return slope, intercept, statistics.correlation(x, y) ** 2


class Bench:
    """The results of one benchmark while it runs, in the order in which they come.

    Parameters
    ----------
    stage : str
        The word of the stage, which names the JSON.
    options : mapping
        Sizes and repeats of this run.
    """

    def __init__(self, stage: str, options: Mapping[str, Any]) -> None:
        self.stage = stage
        self.options = dict(options)
        self.results: list[Result] = []
        self.runs: dict[str, tuple[float, ...]] = {}
        self.versions: dict[str, str] = {}
        self.load = os.getloadavg()[0]

    def keep(
        self, name: str, value: float, unit: str, aim: str | None = None, runs: Sequence[float] = ()
    ) -> Result:
        """Keep a result; `runs` are the measurements behind it."""
        result = Result(name, float(value), unit, aim)
        self.results.append(result)
        if len(runs):
            self.runs[name] = tuple(float(r) for r in runs)
        return result

    def add(
        self, name: str, value: float, unit: str, aim: str | None = None, runs: Sequence[float] = ()
    ) -> None:
        """Keep a result and show it at once."""
        if not self.results:
            if self.load > 0.3 * (os.cpu_count() or 1):
                print(f"The machine is busy (load {self.load:.1f}): do not believe the figures.")
            print(f"{'name':<66} {'value':>9} {'unit':<5} {'aim':<9} {'reached':<8} spread")
        print(self._line(self.keep(name, value, unit, aim, runs)), flush=True)

    def add_runs(self, name: str, runs: Sequence[float], unit: str, aim: str | None = None) -> None:
        """Keep the median of some runs."""
        self.add(name, statistics.median(runs), unit, aim, runs)

    def add_rate(self, name: str, amount: float, seconds: Sequence[float], unit: str) -> None:
        """Keep the median rate of runs that each did the same amount."""
        self.add_runs(name, per_second(amount, seconds), unit)

    def add_ratio(
        self, name: str, a: Sequence[float], b: Sequence[float], aim: str | None = None
    ) -> None:
        """Keep the ratio of the medians of two interleaved series."""
        self.add(name, median_ratio(a, b), "1", aim, round_ratios(a, b))

    def write(self, folder: Path | None = None) -> Path:
        """Write `<stage>.json`, and say which aims were missed."""
        folder = folder or RESULTS
        folder.mkdir(parents=True, exist_ok=True)
        place = folder / f"{self.stage}.json"
        record = {
            "results": [asdict(r) for r in self.results],
            "machine": machine() | {"load_at_start": self.load},
            "versions": self.versions,
            "options": self.options,
            "runs": self.runs,
        }
        place.write_text(json.dumps(record, indent=1) + "\n")
        missed = [r.name for r in self.results if r.reached() is False]
        aims = sum(r.aim is not None for r in self.results)
        reached = f"{aims - len(missed)} of {aims} aims reached; " if aims else ""
        print(f"{reached}{place}")
        for name in missed:
            print(f"missed: {name}")
        return place

    def _line(self, result: Result) -> str:
        reached = {None: "", True: "reached", False: "MISSED"}[result.reached()]
        noise = ""
        runs = self.runs.get(result.name, ())
        if len(runs) > 1:
            mark = " noisy" if spread(runs) > NOISY else ""
            noise = f"{number(min(runs))} .. {number(max(runs))} in {len(runs)} runs{mark}"
        columns = (
            f"{result.name:<66}", f"{number(result.value):>9}", f"{result.unit:<5}",
            f"{result.aim or '':<9}", f"{reached:<8}", noise,
        )  # fmt: skip
        return " ".join(columns).rstrip()


def number(value: float) -> str:
    """A number with three figures that count, or all before the point."""
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def machine() -> dict[str, Any]:
    """The machine, as far as it explains a speed."""
    return {
        "processor": _entry("/proc/cpuinfo", "model name") or platform.machine(),
        "cores": os.cpu_count(),
        "memory": _entry("/proc/meminfo", "MemTotal"),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def versions_of(packages: Iterable[str]) -> dict[str, str]:
    """Versions of packages in the environment of this process."""
    return {package: metadata.version(package) for package in packages}


def available_bytes() -> int:
    """Memory that can be had without swapping."""
    found = _entry("/proc/meminfo", "MemAvailable").split()
    return int(found[0]) * 1024 if found else sys.maxsize


def _entry(path: str, key: str) -> str:
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return ""
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(key)), "")
