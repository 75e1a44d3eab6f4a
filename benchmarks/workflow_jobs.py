"""What Snakemake measured of every job of a finished run: seconds, CPU, memory, what was asked."""

import ast
import sys

import pandas as pd

UNITS = {"jobs": "1", "seconds": "s", "cpu_seconds": "s", "peak_mb": "MB", "share": "1"}
ASKED = ("rule_name", "threads", "resources", "input_size_mb")
"""Columns of `--benchmark-extended`."""


def jobs_of(folder):
    """One row per job: what its benchmark file says, and its stage."""
    rows = []
    for path in sorted((folder / "logs").glob("*/*.benchmark.tsv")):
        table = pd.read_csv(path, sep="\t", na_values="-")
        stage = path.name.removesuffix(".benchmark.tsv")
        name = f"{stage}_train" if path.parent.name == "models" else stage
        rows.append(table.assign(stage=name))
    if not rows:
        sys.exit(f"{folder}/logs holds no benchmarks; run `make demo` first")
    return pd.concat(rows)


def sum_up_stages(bench, asked):
    """One row per stage: jobs, seconds, CPU seconds, peak memory, share of all seconds."""
    jobs = jobs_of(asked.run).groupby("stage")
    table = pd.DataFrame(
        {
            "jobs": jobs.size(),
            "seconds": jobs["s"].sum(),
            "cpu_seconds": jobs["cpu_time"].sum(),
            "peak_mb": jobs["max_rss"].max(),
        }
    ).sort_values("seconds", ascending=False)
    table = table.assign(share=table["seconds"] / table["seconds"].sum())
    print(table.to_string(float_format="{:.2f}".format))
    for stage, row in table.iterrows():
        for column, value in row.items():
            bench.keep(f"{stage} {column}", value, UNITS[column])


def compare_with_asked(bench, asked):
    """What each rule asked for and what was used; of several jobs the largest."""
    jobs = jobs_of(asked.run)
    if missing := [c for c in ASKED if c not in jobs]:
        sys.exit(f"{asked.run} was run without --benchmark-extended: no {', '.join(missing)}")
    asked_for = jobs["resources"].map(ast.literal_eval)
    table = pd.DataFrame(
        {
            "stage": jobs["stage"],
            "input_mb": jobs["input_size_mb"].map(largest),
            "threads": jobs["threads"],
            "cores": jobs["cpu_time"] / jobs["s"],
            "mem_asked_mb": asked_for.map(lambda r: r["mem_mb"]),
            "mem_used_mb": jobs["max_rss"],
            "time_asked_s": asked_for.map(lambda r: 60 * r["runtime"]),
            "time_used_s": jobs["s"],
        }
    )
    table = table.groupby("stage").max()
    table["mem_share"] = table["mem_used_mb"] / table["mem_asked_mb"]
    table["time_share"] = table["time_used_s"] / table["time_asked_s"]
    print(table.sort_values("mem_share", ascending=False).to_string(float_format="{:.2f}".format))
    for stage, row in table.iterrows():
        bench.keep(f"{stage}: input", row["input_mb"], "MB")
        bench.keep(f"{stage}: memory asked for", row["mem_asked_mb"], "MB")
        bench.keep(f"{stage}: memory used", row["mem_used_mb"], "MB")
        bench.keep(f"{stage}: share of its memory", row["mem_share"], "1", "<= 0.8")
        bench.keep(f"{stage}: time asked for", row["time_asked_s"], "s")
        bench.keep(f"{stage}: time used", row["time_used_s"], "s")
        bench.keep(f"{stage}: share of its time", row["time_share"], "1", "<= 0.5")
        bench.keep(f"{stage}: threads", row["threads"], "1")
        bench.keep(f"{stage}: cores in use", row["cores"], "1")


def largest(cell):
    """Size of all inputs of a job: a dict by path, or a number."""
    sizes = ast.literal_eval(str(cell))
    return sum(sizes.values()) if isinstance(sizes, dict) else float(sizes)
