"""Seizures: where several channels say so, and in which region they begin."""

METHOD_VERSION = "3"
