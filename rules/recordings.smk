"""Recordings: all pages but the cohort's, of which a long table can have a part made."""


# docs/scale.md: snakemake recordings --batch recordings=1/10
rule recordings:
    input:
        expand("results/{recording}/report/index.html", recording=RECORDINGS),
        archived,
        published,
