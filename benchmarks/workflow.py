"""Where the time of a finished run went: seconds, CPU and memory of each stage.

`python benchmarks/workflow.py demo` reads what Snakemake measured of every job.
"""

import json
import platform
import sys
from importlib import metadata
from pathlib import Path

import pandas as pd

PACKAGES = ("snakemake", "numpy", "scipy", "zarr", "xgboost-cpu")
HERE = Path(__file__).parent


def measure(folder):
    """One row per stage: jobs, seconds, CPU seconds, peak memory."""
    rows = []
    for path in sorted((folder / "logs").glob("*/*.benchmark.tsv")):
        table = pd.read_csv(path, sep="\t", na_values="-")
        stage = path.name.removesuffix(".benchmark.tsv")
        name = "sleep_train" if path.parent.name == "models" else stage
        rows.append(table.assign(stage=name))
    if not rows:
        sys.exit(f"{folder}/logs holds no benchmarks; run `make demo` first")
    jobs = pd.concat(rows).groupby("stage")
    return pd.DataFrame(
        {
            "jobs": jobs.size(),
            "seconds": jobs["s"].sum(),
            "cpu_seconds": jobs["cpu_time"].sum(),
            "peak_mb": jobs["max_rss"].max(),
        }
    ).sort_values("seconds", ascending=False)


def main():
    table = measure(Path(sys.argv[1] if len(sys.argv) > 1 else "demo"))
    table["share"] = table["seconds"] / table["seconds"].sum()
    print(table.to_string(float_format="{:.2f}".format))
    units = {"seconds": "s", "cpu_seconds": "s", "peak_mb": "MB", "share": "1", "jobs": "1"}
    results = [
        {"name": f"{stage} {column}", "value": float(value), "unit": units[column], "aim": None}
        for stage, row in table.iterrows()
        for column, value in row.items()
    ]
    machine = {"processor": platform.processor() or platform.machine(), "python": sys.version}
    versions = {p: metadata.version(p) for p in PACKAGES}
    out = HERE / "results" / "workflow.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(
        json.dumps({"results": results, "machine": machine, "versions": versions}, indent=1) + "\n"
    )


if __name__ == "__main__":
    main()
