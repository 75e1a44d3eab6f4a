"""Transfer: hands the rule's names to vigil.transfer."""

from job import run_rule

from vigil.transfer.run import run

run_rule(snakemake, run, optional=["files"])
