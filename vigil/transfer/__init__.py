"""Transfer: the files of a recording brought to where they are analysed, verified by hash."""

METHOD_VERSION = "2"
