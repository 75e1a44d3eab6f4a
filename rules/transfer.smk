"""Transfer: the files of a recording brought to where they are analysed, verified by hash."""


rule transfer:
    input:
        files=lambda w: source_files(row_of(w)),
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
        settings=config["transfer"],
        row=lambda w: {
            **cells(*PATHS)(w),
            # not an output: Snakemake would remove the only copy before it repeats the job
            "raw": f"raw/{w.recording}",
        },
    message:
        "Transfer {wildcards.recording}: bring its files and verify them"
    script:
        "../scripts/transfer.py"
