"""Cohort: the page of all recordings, joined by animal and group; how early seizures show."""

COHORT_COLUMNS = ("recording", "animal", "group", "start", "lights_on", "died")
COHORT_ROW = {
    "recordings": [
        {name: getattr(row, name) for name in COHORT_COLUMNS}
        for row in RECORDINGS.values()
    ]
}


rule cohort_each:
    input:
        features=result("spectra", "features.parquet"),
        kinematics=movement_result("kinematics", "kinematics.parquet"),
        bouts=movement_result("kinematics", "bouts.tsv"),
        hypnogram=result("sleep", "hypnogram.parquet"),
        events=result("seizures", "events.tsv"),
        consensus=result("seizures", "consensus.tsv"),
        postictal=result("seizures", "postictal.tsv"),
        evidence=result("seizures", "evidence.parquet"),
    output:
        windows=result("cohort", "windows.parquet"),
        seizures=result("cohort", "seizures.tsv"),
        provenance=result("cohort", "provenance.json"),
    log:
        "logs/{recording}/cohort_each.log",
    benchmark:
        "logs/{recording}/cohort_each.benchmark.tsv"
    conda:
        "../envs/vigil.yaml"
    threads: 1
    resources:
        mem_mb=by_size(2000, 2),
        runtime=by_size(5, 0.1),
    params:
        stage="cohort",
        method=cohort.METHOD_VERSION,
        settings=config["cohort"],
        row=lambda w: {
            **cells("start", "lights_on")(w),
            # the animal's other recordings may not name it
            "died": death_of(row_of(w).animal),
        },
    message:
        "Cohort: minutes and seizures of {wildcards.recording}"
    script:
        "../scripts/cohort_each.py"


rule cohort_early:
    input:
        windows=expand("results/{r}/cohort/windows.parquet", r=RECORDINGS),
        seizures=expand("results/{r}/cohort/seizures.tsv", r=RECORDINGS),
    output:
        lead_time="results/cohort/early/lead_time.tsv",
        answers="results/cohort/early/answers.tsv",
        biomarkers="results/cohort/early/biomarkers.tsv",
        warnings="results/cohort/early/warnings.tsv",
        early="results/cohort/early/early.json",
        provenance="results/cohort/early/provenance.json",
    log:
        "logs/cohort/cohort_early.log",
    benchmark:
        "logs/cohort/cohort_early.benchmark.tsv"
    conda:
        "../envs/vigil.yaml"
    threads: 1
    resources:
        mem_mb=lambda w, attempt: attempt * (2000 + 20 * len(RECORDINGS)),
        runtime=lambda w, attempt: attempt * (30 + len(RECORDINGS)),
    params:
        stage="cohort",
        method=cohort.METHOD_VERSION,
        settings=config["cohort"],
        row=COHORT_ROW,
    message:
        "Cohort: how early seizures show"
    script:
        "../scripts/cohort_early.py"


rule cohort:
    input:
        reports=expand("results/{r}/report/provenance.json", r=RECORDINGS),
        lfp=expand("results/{r}/downsample/lfp.zarr", r=RECORDINGS),
        quality=expand("results/{r}/downsample/quality.tsv", r=RECORDINGS),
        sleep_summaries=expand("results/{r}/sleep/summary.tsv", r=RECORDINGS),
        hypnograms=expand("results/{r}/sleep/hypnogram.parquet", r=RECORDINGS),
        events=expand("results/{r}/seizures/events.tsv", r=RECORDINGS),
        consensus=expand("results/{r}/seizures/consensus.tsv", r=RECORDINGS),
        postictal=expand("results/{r}/seizures/postictal.tsv", r=RECORDINGS),
        kinematics=with_movement("kinematics", "kinematics.parquet"),
        seizures=expand("results/{r}/cohort/seizures.tsv", r=RECORDINGS),
        lead_time="results/cohort/early/lead_time.tsv",
        answers="results/cohort/early/answers.tsv",
        biomarkers="results/cohort/early/biomarkers.tsv",
        early="results/cohort/early/early.json",
        sleep_model=sleep_model("index.html"),
        seizure_model=seizure_model("index.html"),
    output:
        page="results/cohort/index.html",
        recordings="results/cohort/recordings.tsv",
        animals="results/cohort/animals.tsv",
        onsets="results/cohort/onset_regions.tsv",
        origins="results/cohort/origins.tsv",
        seizures="results/cohort/seizures.tsv",
        fatal="results/cohort/fatal.tsv",
        coupling="results/cohort/coupling.tsv",
        animal_pages=directory("results/cohort/animals"),
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
        row=COHORT_ROW,
    message:
        "Cohort: the page of all recordings"
    script:
        "../scripts/cohort.py"
