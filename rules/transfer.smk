"""Transfer: the files of a recording brought to where they are analysed, verified by hash."""


rule transfer:
    input:
        files=files_to_bring,
    output:
        manifest=result("transfer", "manifest.tsv"),
        provenance=result("transfer", "provenance.json"),
    log:
        "logs/{recording}/transfer.log",
    benchmark:
        "logs/{recording}/transfer.benchmark.tsv"
    conda:
        "../envs/vigil.yaml"
    threads: 1
    resources:
        mem_mb=by_size(600),
        runtime=by_size(5, 2),
    params:
        stage="transfer",
        method=transfer.METHOD_VERSION,
        # an archive is a job of its own, so asking for one repeats nothing
        settings={k: v for k, v in config["transfer"].items() if k != "archive"},
        row=lambda w: {
            **paths_to_see(w),
            # not an output: Snakemake would remove the only copy before it repeats the job
            "raw": f"raw/{w.recording}",
        },
        look_again=look_again,
    message:
        "Transfer {wildcards.recording}: bring its files and verify them"
    script:
        "../scripts/transfer.py"


rule archive:
    input:
        manifest=result("transfer", "manifest.tsv"),
    output:
        table=result("transfer", "archive.tsv"),
        provenance=result("transfer", "archive.json"),
    log:
        "logs/{recording}/archive.log",
    benchmark:
        "logs/{recording}/archive.benchmark.tsv"
    conda:
        "../envs/vigil.yaml"
    threads: 1
    resources:
        mem_mb=by_size(1000),
        runtime=by_size(5, 1),
    params:
        stage="transfer",
        method=transfer.METHOD_VERSION,
        # not an output either: what is archived already is checked and stays
        row=lambda w: {"archive": f"archive/{w.recording}"},
    message:
        "Archive {wildcards.recording}: compress its raw files without loss and check them"
    script:
        "../scripts/archive.py"
