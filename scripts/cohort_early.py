"""How early seizures could have been seen: hands the rule's names to vigil.cohort."""

from job import run_rule

from vigil.cohort.early.run import run_early

run_rule(snakemake, run_early, optional=["windows", "seizures"])
