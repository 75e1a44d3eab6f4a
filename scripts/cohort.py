"""Cohort: hands the rule's names to vigil.cohort; every result may be missing."""

from job import run_rule

from vigil.cohort.run import run

run_rule(
    snakemake,
    run,
    optional=snakemake.input.keys(),
    directories=["figures", "animal_pages"],
)
