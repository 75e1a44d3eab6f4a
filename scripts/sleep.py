"""Sleep: hands the rule's names to vigil.sleep."""

from job import run_rule

from vigil.sleep.run import run

run_rule(snakemake, run, optional=["kinematics", "model", "folds", "folds_list"])
