"""Where the time of a finished run went: seconds, CPU and memory of each stage.

`python benchmarks/workflow.py demo` reads what Snakemake measured of every job.
"""

import argparse
import sys
from pathlib import Path

import pandas as pd
from harness import Bench, versions_of

PACKAGES = ("snakemake", "numpy", "scipy", "zarr", "xgboost-cpu")
UNITS = {"jobs": "1", "seconds": "s", "cpu_seconds": "s", "peak_mb": "MB", "share": "1"}


def measure(folder):
    """One row per stage: jobs, seconds, CPU seconds, peak memory, share of all seconds."""
    rows = []
    for path in sorted((folder / "logs").glob("*/*.benchmark.tsv")):
        table = pd.read_csv(path, sep="\t", na_values="-")
        stage = path.name.removesuffix(".benchmark.tsv")
        name = "sleep_train" if path.parent.name == "models" else stage
        rows.append(table.assign(stage=name))
    if not rows:
        sys.exit(f"{folder}/logs holds no benchmarks; run `make demo` first")
    jobs = pd.concat(rows).groupby("stage")
    table = pd.DataFrame(
        {
            "jobs": jobs.size(),
            "seconds": jobs["s"].sum(),
            "cpu_seconds": jobs["cpu_time"].sum(),
            "peak_mb": jobs["max_rss"].max(),
        }
    ).sort_values("seconds", ascending=False)
    return table.assign(share=table["seconds"] / table["seconds"].sum())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", default="demo", help="where the workflow ran")
    parser.add_argument("--quick", action="store_true", help="nothing is run here: no difference")
    asked = parser.parse_args()
    table = measure(Path(asked.folder))
    print(table.to_string(float_format="{:.2f}".format))
    bench = Bench("workflow", {"folder": asked.folder})
    bench.versions = versions_of(PACKAGES)
    for stage, row in table.iterrows():
        for column, value in row.items():
            bench.keep(f"{stage} {column}", value, UNITS[column])
    bench.write()


if __name__ == "__main__":
    main()
