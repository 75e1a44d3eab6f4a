"""Transfer: the files of a recording brought to where they are analysed, verified by hash."""

RAW = {} if IN_PLACE else {"raw": directory("raw/{recording}")}


rule transfer:
    input:
        files=lambda w: source_files(row_of(w)),
    output:
        **RAW,
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
        mem_mb=memory_mb(600),
        runtime=minutes(5, 2),
    params:
        stage="transfer",
        method=transfer.METHOD_VERSION,
        settings=config["transfer"],
        row=lambda w: {
            **cells(*PATHS)(w),
            "raw": f"raw/{w.recording}",
        },
    message:
        "Transfer {wildcards.recording}: bring its files and verify them"
    script:
        "../scripts/transfer.py"
