"""Sleep: train on the labelled recordings, score all of them."""

LABELLED = [r for r in RECORDINGS if sleep_labels(r)]
LABELLED_ANIMALS = sorted({RECORDINGS[r].animal for r in LABELLED})
TRAINS = bool(LABELLED) and config["sleep"]["scorer"] != "threshold"


rule sleep_train:
    input:
        features=expand("results/{r}/spectra/features.parquet", r=LABELLED),
        kinematics=[
            f"results/{r}/kinematics/kinematics.parquet"
            for r in LABELLED
            if has_movement(r)
        ],
        # when the recording began: annotations of an EDF lie by its own start
        lfp=expand("results/{r}/downsample/lfp.zarr", r=LABELLED),
        labels=[present(sleep_labels(r)) for r in LABELLED],
    output:
        model="results/models/sleep/model.json",
        folds=directory("results/models/sleep/folds"),
        folds_list="results/models/sleep/folds.json",
        comparison="results/models/sleep/comparison.tsv",
        confusion="results/models/sleep/confusion.tsv",
        missing="results/models/sleep/missing.tsv",
        held_out="results/models/sleep/held_out.parquet",
        importance="results/models/sleep/importance.tsv",
        card="results/models/sleep/card.json",
        page="results/models/sleep/index.html",
        figures=directory("results/models/sleep/figures"),
        provenance="results/models/sleep/provenance.json",
    log:
        "logs/models/sleep.log",
    benchmark:
        "logs/models/sleep.benchmark.tsv"
    conda:
        "../envs/vigil.yaml"
    threads: 1
    resources:
        # measured: 19 MB for each hour of labels (about 1 MB of features), 10.9 GB for 504 h;
        # 7 to 10 s of a core for each hour and model, and a model for each fold
        mem_mb=lambda w, input, attempt: round(
            attempt * (1500 + 25 * features_mb(input.features))
        ),
        runtime=lambda w, input, attempt: round(
            attempt
            * (
                15
                + (1 + max(len(LABELLED_ANIMALS), config["sleep"]["blocks"]))
                * (0.5 + 0.15 * features_mb(input.features))
            )
        ),
    params:
        stage="sleep",
        method=sleep.METHOD_VERSION,
        settings=config["sleep"],
        row={
            "recordings": [
                {
                    "recording": r,
                    "animal": RECORDINGS[r].animal,
                    "labels": sleep_labels(r),
                    "died": death_of(RECORDINGS[r].animal),
                }
                for r in LABELLED
            ]
        },
        labels_seen=lambda w: [labels_seen(sleep_labels(r)) for r in LABELLED],
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
        folds_list=sleep_model("folds.json"),
        labels=lambda w: present(sleep_labels(w.recording)),
        lfp=result("downsample", "lfp.zarr"),
    output:
        hypnogram=result("sleep", "hypnogram.parquet"),
        csv=result("sleep", "hypnogram.csv"),
        summary=result("sleep", "summary.tsv"),
        statistics=result("sleep", "statistics.tsv"),
        transitions=result("sleep", "transitions.tsv"),
        hours=result("sleep", "hours.tsv"),
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
        row=lambda w: {
            **cells("recording", "animal", "lights_on")(w),
            "died": death_of(row_of(w).animal),
            # a path with braces cannot be an input
            "labels": sleep_labels(w.recording),
        },
        labels_seen=lambda w: labels_seen(sleep_labels(w.recording)),
    message:
        "Sleep of {wildcards.recording}: wake, NREM and REM"
    script:
        "../scripts/sleep.py"
