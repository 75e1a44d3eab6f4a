"""Spectra: the spectrogram of each region and the features of each epoch."""


rule spectra:
    input:
        lfp=result("downsample", "lfp.zarr"),
        quality=result("downsample", "quality.tsv"),
    output:
        features=result("spectra", "features.parquet"),
        spectrogram=directory(result("spectra", "spectrogram.zarr")),
        provenance=result("spectra", "provenance.json"),
    log:
        "logs/{recording}/spectra.log",
    benchmark:
        "logs/{recording}/spectra.benchmark.tsv"
    conda:
        "../envs/vigil.yaml"
    threads: 2
    resources:
        mem_mb=by_size(1500, 4),
        runtime=by_size(10, 0.3),
    params:
        stage="spectra",
        method=spectra.METHOD_VERSION,
        settings=config["spectra"],
    message:
        "Spectra of {wildcards.recording}: spectrogram and features of its epochs"
    script:
        "../scripts/spectra.py"
