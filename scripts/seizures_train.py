"""Training of the seizure model: hands the rule's names to vigil.seizures."""

from job import run_rule

from vigil.seizures.trained.training import run_train

run_rule(snakemake, run_train, optional=["evidence", "lfp"], directories=["folds", "figures"])
