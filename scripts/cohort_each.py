"""What the cohort keeps of a recording: hands the rule's names to vigil.cohort."""

from job import run_rule

from vigil.cohort.each import run_each

run_rule(
    snakemake,
    run_each,
    optional=[
        "features",
        "kinematics",
        "bouts",
        "hypnogram",
        "consensus",
        "postictal",
        "evidence",
    ],
)
