"""Downsample: hands the rule's names to vigil.downsample."""

from job import run_rule

from vigil.downsample.run import run

run_rule(snakemake, run, directories=["lfp"])
