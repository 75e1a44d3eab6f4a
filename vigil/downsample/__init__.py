"""Downsample: anti-aliased reduction of the raw signals to a rate that the analysis needs."""

METHOD_VERSION = "3"
