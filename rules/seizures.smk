"""Seizures: when they are, and where they begin."""


rule seizures:
    input:
        lfp=result("downsample", "lfp.zarr"),
        quality=result("downsample", "quality.tsv"),
    output:
        events=result("seizures", "events.tsv"),
        onset=result("seizures", "onset.tsv"),
        consensus=result("seizures", "consensus.tsv"),
        postictal=result("seizures", "postictal.tsv"),
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
        mem_mb=by_size(2000, 8),
        runtime=by_size(5, 1),
    params:
        stage="seizures",
        method=seizures.METHOD_VERSION,
        settings=config["seizures"],
        row=cells("start"),
    message:
        "Seizures of {wildcards.recording}: when, and from which region"
    script:
        "../scripts/seizures.py"
