"""Report: hands the rule's names to vigil.report; every result may be missing."""

from job import run_rule

from vigil.report.run import run

run_rule(snakemake, run, optional=snakemake.input.keys(), directories=["figures"])
