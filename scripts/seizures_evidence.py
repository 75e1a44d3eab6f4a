"""Evidence of seizures: hands the rule's names to vigil.seizures."""

from job import run_rule

from vigil.seizures.observe import run_evidence

run_rule(snakemake, run_evidence, optional=["quality"], directories=["evidence"])
