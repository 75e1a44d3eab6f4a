"""Cohort: the page of all recordings, joined by animal and group."""

COHORT_COLUMNS = ("recording", "animal", "group", "start", "lights_on", "died")


rule cohort:
    input:
        reports=expand("results/{r}/report/provenance.json", r=RECORDINGS),
        quality=expand("results/{r}/downsample/quality.tsv", r=RECORDINGS),
        sleep_summaries=expand("results/{r}/sleep/summary.tsv", r=RECORDINGS),
        events=expand("results/{r}/seizures/events.tsv", r=RECORDINGS),
        consensus=expand("results/{r}/seizures/consensus.tsv", r=RECORDINGS),
        postictal=expand("results/{r}/seizures/postictal.tsv", r=RECORDINGS),
        kinematics=with_movement("kinematics", "kinematics.parquet"),
        sleep_model=sleep_model("index.html"),
    output:
        page="results/cohort/index.html",
        recordings="results/cohort/recordings.tsv",
        animals="results/cohort/animals.tsv",
        onsets="results/cohort/onset_regions.tsv",
        figures=directory("results/cohort/figures"),
        provenance="results/cohort/provenance.json",
    log:
        "logs/cohort/cohort.log",
    benchmark:
        "logs/cohort/cohort.benchmark.tsv"
    conda:
        "../envs/vigil.yaml"
    threads: 1
    resources:
        mem_mb=lambda w, attempt: attempt * (2000 + 5 * len(RECORDINGS)),
        runtime=lambda w, attempt: attempt * (10 + len(RECORDINGS) // 20),
    params:
        stage="cohort",
        method=cohort.METHOD_VERSION,
        settings=config["cohort"],
        row={
            "recordings": [
                {name: getattr(row, name) for name in COHORT_COLUMNS}
                for row in RECORDINGS.values()
            ]
        },
    message:
        "Cohort: the page of all recordings"
    script:
        "../scripts/cohort.py"
