"""How fast downsample is: its kernel, the stage from files to store, and others beside them.

`make bench-downsample` runs all of it, with the peers in an environment of their own. Kernels are
compiled and modules imported before anything is timed; the runs of what is compared are
interleaved, and medians are given. `--quick` tries the harness on sizes that say nothing.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import downsample_stage as sections
from downsample_tools import whole_tools
from harness import Bench, versions_of
from rig_files import Rig
from worker import Worker, python_of

SECTIONS = {
    "end_to_end": sections.end_to_end,
    "whole_tools": whole_tools,
    "memory": sections.memory,
    "cold_cache": sections.cold_cache,
    "growth": sections.growth,
}
PACKAGES = ("numba", "numpy", "scipy", "zarr")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    names = ["kernel", *SECTIONS]
    parser.add_argument("--channels", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=1200.0, help="length of the recording")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--only", choices=names, nargs="+", default=names)
    parser.add_argument("--folder", type=Path, help="where the recordings are written")
    parser.add_argument("--quick", action="store_true", help="small sizes, to try it out")
    asked = parser.parse_args()
    if asked.quick:
        asked.channels, asked.seconds, asked.repeats = 8, 20.0, 2
    if asked.channels < 8:
        parser.error("growth is measured from an eighth of the channels on: take 8 or more")
    sizes = sections.Sizes(asked.channels, asked.seconds, asked.repeats)
    options = {n: v for n, v in vars(asked).items() if n != "folder"}
    bench = Bench("downsample", options)
    bench.versions = versions_of(PACKAGES)
    with Rig(asked.folder) as rig, Worker(python_of("vigil"), sections.STAGE) as stage:
        if "kernel" in asked.only:
            sections.kernel(bench, sizes)
        for name, section in SECTIONS.items():
            if name in asked.only:
                section(bench, rig, stage, sizes)
    bench.write()


if __name__ == "__main__":
    main()
