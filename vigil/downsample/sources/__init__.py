"""Readers of raw signals: one small interface, whatever wrote the files."""
