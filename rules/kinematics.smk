"""Kinematics: where the head is, where it faces and how it moves."""


rule kinematics:
    input:
        tracks=result("pose", "tracks.h5"),
        verdict=result("pose", "verdict.json"),
        manifest=result("transfer", "manifest.tsv"),
        lfp=result("downsample", "lfp.zarr"),
    output:
        kinematics=result("kinematics", "kinematics.parquet"),
        turns=result("kinematics", "turns.tsv"),
        bouts=result("kinematics", "bouts.tsv"),
        clock=result("kinematics", "clock.json"),
        provenance=result("kinematics", "provenance.json"),
    log:
        "logs/{recording}/kinematics.log",
    benchmark:
        "logs/{recording}/kinematics.benchmark.tsv"
    conda:
        "../envs/vigil.yaml"
    threads: 1
    resources:
        # by the frames, not by the channels: 1.3 GB for a day of them
        mem_mb=by_size(2500, 2),
        runtime=by_size(5, 0.1),
    params:
        stage="kinematics",
        method=kinematics.METHOD_VERSION,
        settings={**config["kinematics"], "body_parts": config["pose"]["body_parts"]},
        row=cells("px_per_cm", "video_times"),
    message:
        "Kinematics of {wildcards.recording}: position, direction and their derivatives"
    script:
        "../scripts/kinematics.py"
