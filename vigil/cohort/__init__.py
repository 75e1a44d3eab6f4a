"""Cohort: what spans recordings, joined by animal and group, on one page."""

METHOD_VERSION = "3"
