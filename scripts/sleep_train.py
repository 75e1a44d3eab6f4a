"""Training of the sleep model: hands the rule's names to vigil.sleep."""

from job import run_rule

from vigil.sleep.training import run_train

run_rule(
    snakemake,
    run_train,
    optional=["features", "kinematics", "lfp"],
    directories=["folds", "figures"],
)
