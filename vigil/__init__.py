"""Vigil: from round-the-clock recordings of brain and behaviour to reports."""

__version__ = "0.1.0"
