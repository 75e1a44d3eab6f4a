"""A detector that learns from labelled seizures, and is compared with the thresholds."""
