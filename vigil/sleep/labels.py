"""An expert's labels, one state per epoch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.recording import STATES, RecordingError


def read_labels(
    path: str | Path, start_s: npt.NDArray[np.float64], epoch_s: float
) -> npt.NDArray[np.str_]:
    """Labels of a recording on its epochs.

    An epoch gets the state that fills most of it; where less than half of it is labelled
    it is unclassified.

    Parameters
    ----------
    path : path
        CSV with `start_s`, `duration_s`, `state`.
    start_s : ndarray, (epoch,)
        Starts of the recording's epochs.
    epoch_s : float
        Their length.

    Raises
    ------
    RecordingError
        When columns are missing, a state is unknown, or the labels lie outside the
        recording.
    """
    try:
        table = pd.read_csv(path)
    except (OSError, ValueError) as error:  # pandas' parser errors are ValueErrors
        first = str(error).splitlines()[0]
        raise RecordingError(
            f"The labels {path} cannot be read ({first}); they are a CSV with start_s, "
            "duration_s and state."
        ) from error
    missing = [c for c in ("start_s", "duration_s", "state") if c not in table]
    if missing:
        raise RecordingError(
            f"The labels {path} have no column '{missing[0]}'; they need start_s, duration_s "
            "and state."
        )
    for column in ("start_s", "duration_s"):
        number = pd.to_numeric(table[column], errors="coerce")
        if number.isna().any():
            line = int(np.argmax(number.isna().to_numpy())) + 2
            raise RecordingError(f"The labels {path} have no number in {column} of line {line}.")
        table[column] = number
    state = table["state"].astype(str).str.strip().str.lower()
    unknown = sorted(set(state) - set(STATES))
    if unknown:
        raise RecordingError(
            f"The labels {path} hold the state '{unknown[0]}'; allowed: {', '.join(STATES)}."
        )
    stop_s = table["start_s"] + table["duration_s"]
    end_s = start_s[-1] + epoch_s if len(start_s) else 0.0
    if table["start_s"].min() < -epoch_s or stop_s.max() > end_s + 2 * epoch_s:
        raise RecordingError(
            f"The labels {path} reach from {table['start_s'].min():g} to {stop_s.max():g} s, the "
            f"recording only from 0 to {end_s:g} s; they belong to another recording."
        )
    filled = np.zeros((len(STATES), len(start_s)))
    for a, b, s in zip(table["start_s"], stop_s, state, strict=True):
        lo = max(0, int(np.searchsorted(start_s, a - epoch_s, side="right")))
        hi = int(np.searchsorted(start_s, b, side="left"))
        overlap = np.minimum(start_s[lo:hi] + epoch_s, b) - np.maximum(start_s[lo:hi], a)
        filled[STATES.index(s), lo:hi] += np.clip(overlap, 0.0, None)
    labels: npt.NDArray[np.str_] = np.asarray(STATES)[np.argmax(filled, axis=0)].astype("<U12")
    labels[filled.sum(0) < epoch_s / 2] = "unclassified"
    return labels
