"""Publish: hands the rule's names to vigil.publish."""

from job import run_rule
from vigil.publish.run import run

run_rule(snakemake, run)
