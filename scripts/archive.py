"""Archive: hands the rule's names to vigil.transfer.archive."""

from job import run_rule

from vigil.transfer.archive import run

run_rule(snakemake, run)
