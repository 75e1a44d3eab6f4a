"""The workflow as a whole: how long it is planned, where the time of a finished run went.

`plan` times `snakemake -n` (workflow_plan.py), `groups` runs short recordings on a Slurm
(workflow_groups.py). `stages` and `resources` run nothing: they read what
Snakemake measured of every job of a finished run, which `--run` names (the demo, unless told
otherwise). `resources` needs a run with `--benchmark-extended`, as the profiles have it.
"""

import argparse
from pathlib import Path

from harness import Bench, versions_of
from workflow_groups import share_jobs
from workflow_jobs import compare_with_asked, sum_up_stages
from workflow_plan import plan

PACKAGES = ("snakemake", "numpy", "scipy", "zarr", "xgboost-cpu")
SECTIONS = {
    "plan": plan,
    "stages": sum_up_stages,
    "resources": compare_with_asked,
    "groups": share_jobs,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("section", nargs="?", choices=SECTIONS, default="plan")
    parser.add_argument("--recordings", type=int, nargs="+", default=[1, 100, 1000])
    parser.add_argument("--done", type=int, default=1000, help="up to so many also when done")
    parser.add_argument("--channels", type=int, default=64, help="files of each recording")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where tables are written")
    parser.add_argument("--run", type=Path, default="demo", help="where the workflow ran")
    parser.add_argument("--quick", action="store_true", help="small sizes, to try it out")
    asked = parser.parse_args()
    if asked.quick:
        asked.recordings, asked.channels, asked.repeats = [1, 3], 2, 1
    options = {k: v for k, v in vars(asked).items() if k not in ("folder", "section", "run")}
    stages = asked.section == "stages"
    bench = Bench("workflow" if stages else f"workflow_{asked.section}", options)
    bench.versions = versions_of(PACKAGES)
    SECTIONS[asked.section](bench, asked)
    bench.write()


if __name__ == "__main__":
    main()
