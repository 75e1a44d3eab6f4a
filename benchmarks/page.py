"""Bring the results of the benchmarks into docs/performance.md: tables, and the figure of growth.

`make bench-page`, after `make bench` on a quiet machine. Numbers of the page are never written by
hand. Results of `--quick` are refused: they say nothing.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
from harness import RESULTS, Result, number, straight_line
from rig_files import RATE_HZ

from vigil.neuralynx import HEADER_BYTES, NCS_RECORD, RECORD_SAMPLES

DOCS = Path(__file__).resolve().parent.parent / "docs"
STAGES = (
    "transfer", "downsample", "spectra", "pose", "kinematics", "sleep", "seizures",
    "cohort_early",
)  # fmt: skip
SIZE = re.compile(r"growth: (\d+) channels x ([\d.]+) s")
BYTES_PER_S = RATE_HZ / RECORD_SAMPLES * NCS_RECORD.itemsize
"""Of one channel's .ncs file."""


def table(record: Mapping[str, Any]) -> str:
    """The results of a benchmark as a table of the manual."""
    lines = ["| what | value | | aim | reached | spread |", "|---|---:|---|---|---|---|"]
    for entry in record["results"]:
        result = Result(**entry)
        if SIZE.fullmatch(result.name):
            continue  # drawn in the figure
        runs = record["runs"].get(result.name, ())
        spread = f"{number(min(runs))} to {number(max(runs))}" if len(runs) > 1 else ""
        unit = "" if result.unit == "1" else result.unit
        reached = {None: "", True: "yes", False: "**no**"}[result.reached()]
        aim = (result.aim or "").replace(">=", "≥").replace("<=", "≤")
        lines.append(
            f"| {result.name} | {number(result.value)} | {unit} | {aim} | {reached} | {spread} |"
        )
    return "\n".join(lines)


def about(record: Mapping[str, Any]) -> str:
    """Where the results come from, in one sentence."""
    m = record["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    return (
        f"{m['processor']}, {m['cores']} cores, {m['system']}, Python {m['python']}, load "
        f"{number(m['load_at_start'])} at the start; {versions}."
    )


def fill(page: str, stage: str, record: Mapping[str, Any]) -> str:
    """The page with what stands between the marks of a stage written anew."""
    if record["options"].get("quick"):
        raise ValueError(f"the results of {stage} were made with --quick; run it in full")
    begin, end = f"<!-- {stage}: written by `make bench-page` -->", f"<!-- end of {stage} -->"
    if page.count(begin) != 1 or page.count(end) != 1:
        raise ValueError(f"the page has no place for {stage}: {begin} ... {end}")
    before, rest = page.split(begin)
    after = rest.split(end)[1]
    return f"{before}{begin}\n{about(record)}\n\n{table(record)}\n{end}{after}"


def sizes(record: Mapping[str, Any]) -> dict[tuple[int, float], float]:
    """Seconds by (channels, length in s)."""
    found = {}
    for entry in record["results"]:
        if size := SIZE.fullmatch(entry["name"]):
            found[int(size[1]), float(size[2])] = float(entry["value"])
    return found


def draw_growth(record: Mapping[str, Any], place: Path) -> None:
    """Draw seconds over data, for more channels and for longer recordings."""
    found = sizes(record)
    most = max(channels for channels, _ in found)
    few = [key for key in found if key[0] < most]
    length_s = few[0][1]
    series = {
        f"{most} channels, {{}} s": [key for key in found if key[0] == most],
        f"{length_s:g} s, {{}} channels": [*few, (most, length_s)],
    }
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    for axis, (title, keys) in zip(axes, series.items(), strict=True):
        keys = sorted(keys)
        gigabytes = [channels * (HEADER_BYTES + s * BYTES_PER_S) / 1e9 for channels, s in keys]
        seconds = [found[key] for key in keys]
        slope, start_s, r2 = straight_line(gigabytes, seconds)
        ends = [0.0, gigabytes[-1]]
        line = [start_s + slope * x for x in ends]
        axis.plot(ends, line, color="0.6", zorder=1)
        axis.scatter(gigabytes, seconds, color="#1b5e86", zorder=2)
        varied = 1 if "{} s" in title else 0
        values = [f"{key[varied]:g}" for key in keys]
        axis.set_title(title.format(", ".join(values[:-1]) + " and " + values[-1]), fontsize=10)
        axis.text(
            0.04,
            0.94,
            f"{slope:.2f} s per GB, {1000 * start_s:.0f} ms at no data, R² {r2:.4f}",
            transform=axis.transAxes,
            va="top",
            fontsize=9,
        )
        axis.set(xlabel="raw data (GB)", ylabel="seconds, 1 thread", xlim=(0, None))
        axis.locator_params(nbins=6)
        axis.set_ylim(0, 1.2 * max(seconds))
        axis.spines[["top", "right"]].set_visible(False)
    place.parent.mkdir(parents=True, exist_ok=True)
    # without a date or a version in it, the file changes only when the picture does
    figure.savefig(place, dpi=150, metadata={"Software": None})
    plt.close(figure)


def main() -> None:
    path = DOCS / "performance.md"
    page = path.read_text()
    for stage in STAGES:
        result = RESULTS / f"{stage}.json"
        if not result.is_file():
            sys.exit(f"{result} is not there; run `make bench-{stage}` first")
        record = json.loads(result.read_text())
        try:
            page = fill(page, stage, record)
        except ValueError as error:
            sys.exit(str(error))
        if sizes(record):
            draw_growth(record, DOCS / "images" / f"{stage}-growth.png")
    path.write_text(page)


if __name__ == "__main__":
    main()
