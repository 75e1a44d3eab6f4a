"""Vigil: from round-the-clock recordings of brain and behaviour to reports.

Edit config.yaml and recordings.tsv; see docs/ for each stage.
"""

from snakemake.utils import min_version

min_version("9.20")


configfile: workflow.source_path("config.yaml")


include: "rules/common.smk"
include: "rules/raw_files.smk"
include: "rules/labels.smk"
include: "rules/queue.smk"
include: "rules/transfer.smk"
include: "rules/downsample.smk"
include: "rules/spectra.smk"
include: "rules/pose.smk"
include: "rules/kinematics.smk"
include: "rules/sleep.smk"
include: "rules/seizures.smk"
include: "rules/report.smk"
include: "rules/recordings.smk"
include: "rules/cohort.smk"


if config["publish"]["to"]:

    include: "rules/publish.smk"


rule all:
    default_target: True
    input:
        "results/cohort/index.html",
        expand("results/{recording}/report/index.html", recording=RECORDINGS),
        archived,
        published,


onstart:
    refuse_to_run_twice()
    lend_sacct()


onsuccess:
    print("Finished. The page of all recordings is results/cohort/index.html")


onerror:
    print(
        f"Not all jobs finished; what each said is under logs/, the whole log is {log}"
    )
