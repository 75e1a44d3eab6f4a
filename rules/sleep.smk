"""Sleep: train on the labelled recordings, score all of them."""


rule sleep_train:
    input:
        features=expand("results/{r}/spectra/features.parquet", r=LABELLED),
        kinematics=[
            f"results/{r}/kinematics/kinematics.parquet"
            for r in LABELLED
            if has_movement(r)
        ],
        labels=[present(RECORDINGS[r].sleep_labels) for r in LABELLED],
    output:
        model="results/models/sleep/model.json",
        folds=directory("results/models/sleep/folds"),
        comparison="results/models/sleep/comparison.tsv",
        confusion="results/models/sleep/confusion.tsv",
        card="results/models/sleep/card.json",
        provenance="results/models/sleep/provenance.json",
    log:
        "logs/models/sleep.log",
    benchmark:
        "logs/models/sleep.benchmark.tsv"
    conda:
        "../envs/vigil.yaml"
    threads: 2
    resources:
        mem_mb=lambda w, attempt: attempt * (1500 + 100 * len(LABELLED)),
        runtime=lambda w, attempt: attempt * (10 + 2 * len(LABELLED)),
    params:
        stage="sleep",
        method=sleep.METHOD_VERSION,
        settings=config["sleep"],
        row={
            "recordings": [
                {
                    "recording": r,
                    "animal": RECORDINGS[r].animal,
                    "labels": RECORDINGS[r].sleep_labels,
                }
                for r in LABELLED
            ]
        },
    message:
        f"Sleep model: train on {len(LABELLED)} recordings of {len(LABELLED_ANIMALS)} animals"
    script:
        "../scripts/sleep_train.py"


rule sleep:
    input:
        features=result("spectra", "features.parquet"),
        kinematics=movement_result("kinematics", "kinematics.parquet"),
        model=sleep_model("model.json"),
        folds=sleep_model("folds"),
        labels=lambda w: present(row_of(w).sleep_labels),
        lfp=result("downsample", "lfp.zarr"),
    output:
        hypnogram=result("sleep", "hypnogram.parquet"),
        csv=result("sleep", "hypnogram.csv"),
        summary=result("sleep", "summary.tsv"),
        provenance=result("sleep", "provenance.json"),
    log:
        "logs/{recording}/sleep.log",
    benchmark:
        "logs/{recording}/sleep.benchmark.tsv"
    conda:
        "../envs/vigil.yaml"
    threads: 1
    resources:
        mem_mb=by_size(1500, 2),
        runtime=by_size(5, 0.1),
    params:
        stage="sleep",
        method=sleep.METHOD_VERSION,
        settings=config["sleep"],
        row=cells("animal", "died"),
    message:
        "Sleep of {wildcards.recording}: wake, NREM and REM"
    script:
        "../scripts/sleep.py"
