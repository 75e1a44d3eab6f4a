"""Kinematics: hands the rule's names to vigil.kinematics."""

from job import run_rule

from vigil.kinematics.run import run

run_rule(snakemake, run)
