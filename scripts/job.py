"""Turns what Snakemake hands to a script into a stage's job."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from vigil.stage import Job, run_stage


def run_rule(snakemake, work, optional=(), directories=()):
    """Run `work` on the files, settings and row of a rule.

    A rule's params are `stage`, `method`, `settings` and `row`; inputs named in `optional`
    may be absent, outputs named in `directories` are folders.
    """
    inputs = {n: v if isinstance(v, str) else list(v) for n, v in snakemake.input.items()}
    job = Job(
        stage=snakemake.params.stage,
        method_version=snakemake.params.method,
        recording=getattr(snakemake.wildcards, "recording", snakemake.rule),
        inputs=inputs,
        outputs=dict(snakemake.output.items()),
        settings=dict(snakemake.params.get("settings", {})),
        row=dict(snakemake.params.get("row", {})),
        threads=snakemake.threads,
        log=snakemake.log[0],
        optional=frozenset(optional),
    )
    run_stage(work, job, frozenset(directories))
