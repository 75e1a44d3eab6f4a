"""Spectra: hands the rule's names to vigil.spectra."""

from job import run_rule

from vigil.spectra.run import run

run_rule(snakemake, run, directories=["spectrogram"])
