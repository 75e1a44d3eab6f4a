"""Spectra: the spectrogram of each region, and the features of each epoch."""

METHOD_VERSION = "3"
