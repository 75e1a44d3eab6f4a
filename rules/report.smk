"""Report: the page of a recording, with its figures."""


rule report:
    input:
        manifest=result("transfer", "manifest.tsv"),
        lfp=result("downsample", "lfp.zarr"),
        quality=result("downsample", "quality.tsv"),
        features=result("spectra", "features.parquet"),
        spectrogram=result("spectra", "spectrogram.zarr"),
        pose_quality=movement_result("pose", "quality.tsv"),
        pose_verdict=movement_result("pose", "verdict.json"),
        kinematics=movement_result("kinematics", "kinematics.parquet"),
        turns=movement_result("kinematics", "turns.tsv"),
        bouts=movement_result("kinematics", "bouts.tsv"),
        clock=movement_result("kinematics", "clock.json"),
        hypnogram=result("sleep", "hypnogram.parquet"),
        sleep_summary=result("sleep", "summary.tsv"),
        sleep_statistics=result("sleep", "statistics.tsv"),
        sleep_transitions=result("sleep", "transitions.tsv"),
        sleep_hours=result("sleep", "hours.tsv"),
        events=result("seizures", "events.tsv"),
        onset=result("seizures", "onset.tsv"),
        consensus=result("seizures", "consensus.tsv"),
        spread=result("seizures", "spread.tsv"),
        postictal=result("seizures", "postictal.tsv"),
        disturbances=result("seizures", "disturbances.tsv"),
        rates=result("seizures", "rates.tsv"),
        described=result("cohort", "seizures.tsv"),
        evidence=result("seizures", "evidence.parquet"),
        provenances=provenances,
    output:
        page=result("report", "index.html"),
        methods=result("report", "methods.md"),
        figures=directory(result("report", "figures")),
        provenance=result("report", "provenance.json"),
    log:
        "logs/{recording}/report.log",
    benchmark:
        "logs/{recording}/report.benchmark.tsv"
    conda:
        "../envs/vigil.yaml"
    threads: 1
    resources:
        mem_mb=by_size(2500, 4),
        runtime=by_size(10, 1),
    params:
        stage="report",
        method=report.METHOD_VERSION,
        settings=config["report"],
        row=cells(
            "recording", "animal", "group", "start", "lights_on", "died", "px_per_cm"
        ),
    message:
        "Report of {wildcards.recording}"
    script:
        "../scripts/report.py"
