"""Seizures: hands the rule's names to vigil.seizures."""

from job import run_rule

from vigil.seizures.run import run

run_rule(snakemake, run, optional=["quality", "model", "folds", "folds_list"])
