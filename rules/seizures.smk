"""Seizures: measure every channel, learn from labels where there are any, find and place them."""

SEIZURE_LABELLED = [r for r in RECORDINGS if RECORDINGS[r].seizure_labels]
DETECTOR_TRAINS = bool(SEIZURE_LABELLED) and config["seizures"]["detector"] == "trained"


rule seizures_evidence:
    input:
        lfp=result("downsample", "lfp.zarr"),
        quality=result("downsample", "quality.tsv"),
    output:
        evidence=directory(result("seizures", "evidence.zarr")),
        provenance=result("seizures", "evidence.json"),
    log:
        "logs/{recording}/seizures_evidence.log",
    benchmark:
        "logs/{recording}/seizures_evidence.benchmark.tsv"
    conda:
        "../envs/vigil.yaml"
    threads: 1
    resources:
        mem_mb=by_size(2500),
        runtime=by_size(5, 0.2),
    params:
        stage="seizures",
        method=seizures.METHOD_VERSION,
        settings=config["seizures"],
    message:
        "Seizures of {wildcards.recording}: what each channel does"
    script:
        "../scripts/seizures_evidence.py"


rule seizures_train:
    input:
        evidence=expand(
            "results/{r}/seizures/evidence.zarr",
            r=SEIZURE_LABELLED,
        ),
        # when the recording began, of which a death is counted
        lfp=expand("results/{r}/downsample/lfp.zarr", r=SEIZURE_LABELLED),
        labels=[present(RECORDINGS[r].seizure_labels) for r in SEIZURE_LABELLED],
    output:
        model="results/models/seizures/model.json",
        folds=directory("results/models/seizures/folds"),
        folds_list="results/models/seizures/folds.json",
        comparison="results/models/seizures/comparison.tsv",
        held_out="results/models/seizures/held_out.parquet",
        card="results/models/seizures/card.json",
        page="results/models/seizures/index.html",
        figures=directory("results/models/seizures/figures"),
        provenance="results/models/seizures/provenance.json",
    log:
        "logs/models/seizures.log",
    benchmark:
        "logs/models/seizures.benchmark.tsv"
    conda:
        "../envs/vigil.yaml"
    threads: 2
    resources:
        mem_mb=lambda w, attempt: attempt * (3000 + 100 * len(SEIZURE_LABELLED)),
        runtime=lambda w, attempt: attempt * (15 + 5 * len(SEIZURE_LABELLED)),
    params:
        stage="seizures",
        method=seizures.METHOD_VERSION,
        settings=config["seizures"],
        row={
            "recordings": [
                {
                    "recording": r,
                    "animal": RECORDINGS[r].animal,
                    "labels": RECORDINGS[r].seizure_labels,
                    "start": RECORDINGS[r].start,
                    "died": death_of(RECORDINGS[r].animal),
                }
                for r in SEIZURE_LABELLED
            ]
        },
        labels_seen=lambda w: [
            labels_seen(RECORDINGS[r].seizure_labels) for r in SEIZURE_LABELLED
        ],
    message:
        f"Seizure model: train on {len(SEIZURE_LABELLED)} labelled recordings"
    script:
        "../scripts/seizures_train.py"


rule seizures:
    input:
        lfp=result("downsample", "lfp.zarr"),
        quality=result("downsample", "quality.tsv"),
        evidence_store=result("seizures", "evidence.zarr"),
        model=seizure_model("model.json"),
        folds=seizure_model("folds"),
        folds_list=seizure_model("folds.json"),
    output:
        events=result("seizures", "events.tsv"),
        disturbances=result("seizures", "disturbances.tsv"),
        onset=result("seizures", "onset.tsv"),
        consensus=result("seizures", "consensus.tsv"),
        spread=result("seizures", "spread.tsv"),
        postictal=result("seizures", "postictal.tsv"),
        rates=result("seizures", "rates.tsv"),
        evidence=result("seizures", "evidence.parquet"),
        provenance=result("seizures", "provenance.json"),
    log:
        "logs/{recording}/seizures.log",
    benchmark:
        "logs/{recording}/seizures.benchmark.tsv"
    conda:
        "../envs/vigil.yaml"
    threads: 1
    resources:
        mem_mb=by_size(2500),
        runtime=by_size(5, 0.5),
    params:
        stage="seizures",
        method=seizures.METHOD_VERSION,
        settings=config["seizures"],
        row=cells("recording", "animal", "start"),
    message:
        "Seizures of {wildcards.recording}: when, and from which region"
    script:
        "../scripts/seizures.py"
