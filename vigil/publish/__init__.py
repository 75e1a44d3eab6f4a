"""Publish: the finished report, its figures and tables brought to where people read them."""

METHOD_VERSION = "1"
