"""Downsample: anti-aliased reduction of the raw signals, and the quality of each channel."""


rule downsample:
    input:
        manifest=result("transfer", "manifest.tsv"),
        montage=lambda w: present(row_of(w).montage),
    output:
        lfp=directory(result("downsample", "lfp.zarr")),
        quality=result("downsample", "quality.tsv"),
        provenance=result("downsample", "provenance.json"),
    log:
        "logs/{recording}/downsample.log",
    benchmark:
        "logs/{recording}/downsample.benchmark.tsv"
    conda:
        "../envs/vigil.yaml"
    threads: 1
    resources:
        mem_mb=by_size(1500),
        runtime=by_size(10, 1),
    params:
        stage="downsample",
        method=downsample.METHOD_VERSION,
        settings=config["downsample"],
        row=cells("start", "montage"),
    message:
        "Downsample {wildcards.recording}"
    script:
        "../scripts/downsample.py"
