"""Publish: hands the rule's names to vigil.publish; every result may be missing."""

from job import run_rule

from vigil.publish.run import run

run_rule(snakemake, run, optional=snakemake.input.keys())
