"""Report: one page per recording that a person reads, with the figures of a paper beside it."""

METHOD_VERSION = "6"
