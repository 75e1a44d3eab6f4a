"""Pose: ears and snout in the video, by DeepLabCut in an environment of its own."""

import json


rule pose:
    input:
        manifest=result("transfer", "manifest.tsv"),
        tracks=lambda w: present(row_of(w).pose),
        model=pose_model,
    output:
        tracks=result("pose", "tracks.h5"),
        quality=result("pose", "quality.tsv"),
        verdict=result("pose", "verdict.json"),
        provenance=result("pose", "provenance.json"),
    log:
        "logs/{recording}/pose.log",
    benchmark:
        "logs/{recording}/pose.benchmark.tsv"
    conda:
        "../envs/pose.yaml"
    threads: 1
    resources:
        mem_mb=by_size(3000),
        # an hour, and a minute for 3000 frames: 50 a second, where one core tracked 65 (640 x 480)
        runtime=by_size(60, 1 / 3000, frames_at_most),
        # of the machine, set in its profile: frames that the network sees at once (0: as the
        # model says), and every how many frames one is tracked
        batch_size=0,
        frame_step=1,
    params:
        stage="pose",
        method=pose.METHOD_VERSION,
        settings=json.dumps(config["pose"]),
        python=pose_python,
        tracks=lambda w: row_of(w).pose,
        checkout=workflow.basedir,
        # it changes the outcome, so that another step tracks anew; the batch does not
        frame_step=lambda w, resources: resources.frame_step,
        videos=lambda w: [
            brought(w, v) for v in paths_in(row_of(w).video) if not row_of(w).pose
        ],
    message:
        "Pose of {wildcards.recording}: find ears and snout in its video"
    shell:
        "PYTHONPATH={params.checkout:q} {params.python:q} {params.checkout:q}/scripts/pose.py"
        " --recording {wildcards.recording} --manifest {input.manifest:q}"
        " --videos {params.videos:q} --tracks-in {params.tracks:q}"
        " --tracks {output.tracks:q} --quality {output.quality:q} --verdict {output.verdict:q}"
        " --batch-size {resources.batch_size} --frame-step {params.frame_step}"
        " --provenance {output.provenance:q} --settings {params.settings:q}"
        " --method {params.method:q} --threads {threads} --log {log:q}"
