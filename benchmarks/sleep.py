"""How fast sleep is: scoring a day, learning from labels, and the memory that learning takes.

Recordings are made up: four regions, an EMG and a camera at 30 frames a second, epochs of 4 s.
Scoring is timed in seconds, in a process that has scored before and in new ones; learning in CPU
seconds. `--quick` tries the harness on sizes that say nothing.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from harness import Bench, interleaved, straight_line, versions_of
from worker import HERE, Worker, python_of

SCORERS = ("xgboost", "forest", "logistic", "threshold")
LEARNERS = ("logistic", "forest", "xgboost")
AGAINST = {
    "Vigil, boosted": ("scikit-learn HistGradientBoostingClassifier", "xgboost XGBClassifier"),
    "Vigil, forest": ("scikit-learn RandomForestClassifier",),
}
PEERS = [*AGAINST, *(other for others in AGAINST.values() for other in others)]
PARTS = ("recordings", "logistic", "trees", "scoring what is held out")
FEW_ROUNDS = {"trees": 10, "forest_trees": 10}
PACKAGES = ("numpy", "pandas", "scikit-learn", "xgboost-cpu", "yasa")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=24.0, help="length of what is scored")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument(
        "--labelled",
        type=float,
        nargs="+",
        default=[1.0, 4.0, 12.0, 24.0],
        help="hours of labels to learn from",
    )
    parser.add_argument("--peers", type=float, default=2.0, help="hours that peers learn from")
    parser.add_argument(
        "--most",
        type=float,
        nargs="+",
        default=[24.0, 96.0, 504.0],
        help="hours of labels whose memory is measured",
    )
    parser.add_argument("--threads", type=int, default=1, help="of learning")
    sections = {"score": score, "learn": learn, "peers": peers, "memory": memory}
    parser.add_argument("--only", choices=sections, nargs="+", default=list(sections))
    parser.add_argument("--folder", type=Path, help="where recordings are written")
    parser.add_argument("--quick", action="store_true", help="small sizes, to try it out")
    asked = parser.parse_args()
    asked.settings = {}
    if asked.quick:
        asked.hours, asked.repeats, asked.labelled = 0.5, 1, [0.25, 0.5]
        asked.peers, asked.most, asked.settings = 0.25, [0.5, 1.0], FEW_ROUNDS
    options = {name: value for name, value in vars(asked).items() if name != "folder"}
    bench = Bench("sleep", options)
    bench.versions = versions_of(PACKAGES)
    for name, section in sections.items():
        if name in asked.only:
            section(bench, asked)
    bench.write()


def new_worker() -> Worker:
    return Worker(python_of("vigil"), HERE / "sleep_worker.py")


def score(bench: Bench, asked: argparse.Namespace) -> None:
    """From features and kinematics to the hypnogram and its statistics."""
    day = f"score: {asked.hours:g} h"
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        with new_worker() as make:
            make.ask("write", folder=folder, hours=asked.hours)
            hours = min(asked.hours, 1.0)
            sizes = make.ask("train", folder=folder, hours=hours, settings=asked.settings)
        taken: dict[str, list[dict[str, float]]] = {s: [] for s in SCORERS}
        with new_worker() as again:

            def once(scorer: str) -> float:
                taken[scorer].append(again.ask("score", folder=folder, scorer=scorer))
                return taken[scorer][-1]["whole"]

            again.ask("score", folder=folder, scorer="xgboost")
            runs = interleaved({s: partial(once, s) for s in SCORERS}, asked.repeats)
        for scorer in SCORERS:
            bench.add_runs(f"{day}, {scorer}", runs[scorer], "s", "<= 5")
            bench.add_runs(f"{day}, {scorer}, CPU", [t["cpu"] for t in taken[scorer]], "CPU s")
        first = taken["xgboost"]
        steps = [s for s in first[0] if s not in ("whole", "cpu", "peak_mb", "scorer")]
        for step in sorted(steps, key=lambda s: -first[0][s]):
            shares = [t[step] / t["whole"] for t in first]
            bench.add_runs(f"{day}, xgboost: share of {step}", shares, "1")
        fresh(bench, day, folder, asked.repeats)
        for learner, size in sizes.items():
            bench.add(f"score: file of a model of {3 * hours:g} h, {learner}", size, "MB")


def fresh(bench: Bench, day: str, folder: str, repeats: int) -> None:
    """The same in a process that has to import everything, as a job is; with and without."""
    found: dict[str, list[float]] = {
        name: [] for name in ("first", "imports", "yasa", "whole", "peak")
    }
    for _ in range(repeats):
        began = time.perf_counter()
        with new_worker() as worker:
            found["imports"].append(worker.ask("imports"))
            found["yasa"].append(worker.ask("import_yasa"))
            scored = worker.ask("score", folder=folder, scorer="xgboost")
        found["whole"].append(time.perf_counter() - began)
        found["first"].append(scored["whole"])
        found["peak"].append(scored["peak_mb"])
    label = f"{day}, a new process"
    bench.add_runs(f"{label}: after its imports", found["first"], "s", "<= 5")
    bench.add_runs(f"{label}: imports without YASA", found["imports"], "s")
    bench.add_runs(f"{label}: then YASA's import", found["yasa"], "s")
    bench.add_runs(f"{label}: from its start to its end", found["whole"], "s")
    bench.add_runs(f"{label}: peak memory", found["peak"], "MB")


def learn(bench: Bench, asked: argparse.Namespace) -> None:
    """Time that a fold takes, for more hours of labels."""
    seconds: dict[str, list[float]] = {learner: [] for learner in LEARNERS}
    with new_worker() as worker:
        ask = partial(worker.ask, "learn_once", threads=asked.threads, settings=asked.settings)
        ask(hours=0.25, learner="logistic")  # loads what it needs
        for hours in asked.labelled:
            for learner in LEARNERS:
                seconds[learner].append(ask(hours=hours, learner=learner))
                label = f"learn: {hours:g} h of labels, {learner}"
                bench.add(label, seconds[learner][-1], "CPU s")
    for learner, runs in seconds.items():
        slope, _, r2 = straight_line(asked.labelled, runs)
        bench.add(f"learn: {learner}, more per hour of labels", slope, "CPU s")
        bench.add(f"learn: {learner}, R squared of a straight line", r2, "1")


def peers(bench: Bench, asked: argparse.Namespace) -> None:
    """Learners beside others, on the same predictors; how right they are tells them apart."""
    right: dict[str, float] = {}
    with new_worker() as worker:
        ask = partial(worker.ask, "learn_peer", threads=asked.threads, settings=asked.settings)

        def once(name: str) -> float:
            found = ask(hours=asked.peers, learner=name)
            right[name] = found["right"]
            return float(found["cpu_s"])

        runs = interleaved({n: partial(once, n) for n in PEERS}, max(1, asked.repeats - 1))
    label = f"peers: {asked.peers:g} h of labels"
    for name in PEERS:
        bench.add_runs(f"{label}, {name}", runs[name], "CPU s")
        bench.add(f"{label}, {name}: right elsewhere", right[name], "1")
    for own, others in AGAINST.items():
        for other in others:
            bench.add_ratio(f"{label}, {own} against {other}", runs[other], runs[own])


def memory(bench: Bench, asked: argparse.Namespace) -> None:
    """The most memory that learning holds, in new processes; few rounds, as none costs more."""
    few = min(asked.most[0], 2.0)
    of_rounds = [peaks(few, asked.threads, s)["trees"] for s in (FEW_ROUNDS, asked.settings)]
    times = of_rounds[1] / of_rounds[0]
    bench.add(f"memory: {few:g} h, trees of all rounds against few", times, "x", "<= 1.1")
    highest = []
    for hours in asked.most:
        found = peaks(hours, asked.threads, FEW_ROUNDS)
        label = f"memory: {hours:g} h of labels"
        for part in PARTS:
            bench.add(f"{label}, {part}", found[part] / 1000, "GB")
        highest.append(max(found.values()) / 1000)
        aim = "<= 16" if hours == max(asked.most) else None
        bench.add(f"{label}, peak", highest[-1], "GB", aim)
    slope, start, _ = straight_line(asked.most, highest)
    bench.add("memory: peak, more per hour of labels", 1000 * slope, "MB")
    bench.add("memory: peak, at no labels", 1000 * start, "MB")


def peaks(hours: float, threads: int, settings: Mapping[str, int]) -> dict[str, float]:
    """MB of each part of learning in a new process."""
    with new_worker() as worker:
        found = worker.ask("peaks", hours=hours, threads=threads, settings=dict(settings))
    return {part: value for part, value in found.items() if "CPU" not in part}


if __name__ == "__main__":
    main()
