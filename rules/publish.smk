"""Publish: the finished report, its figures and tables brought to where people read them."""


rule publish:
    input:
        page=result("report", "index.html"),
        methods=result("report", "methods.md"),
        figures=result("report", "figures"),
        sleep=result("sleep", "hypnogram.csv"),
        sleep_summary=result("sleep", "summary.tsv"),
        events=result("seizures", "events.tsv"),
        onset=result("seizures", "onset.tsv"),
        consensus=result("seizures", "consensus.tsv"),
    output:
        published=result("publish", "published.tsv"),
        provenance=result("publish", "provenance.json"),
    log:
        "logs/{recording}/publish.log",
    benchmark:
        "logs/{recording}/publish.benchmark.tsv"
    conda:
        "../envs/vigil.yaml"
    threads: 1
    resources:
        mem_mb=by_size(600),
        runtime=by_size(10),
    params:
        stage="publish",
        method=publish.METHOD_VERSION,
        settings=config["publish"],
    message:
        "Publish {wildcards.recording}"
    script:
        "../scripts/publish.py"
