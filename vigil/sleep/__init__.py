"""Sleep: wake, NREM and REM of each epoch, by thresholds or by a model trained on labels."""

METHOD_VERSION = "4"
