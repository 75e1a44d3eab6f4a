"""When line length changes: the onset of a seizure that shows as amplitude or as spikes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vigil.recording import FloatArray
from vigil.seizures.change_point import cumulative_sum
from vigil.seizures.epileptogenicity import windows

WINDOW_S = 0.5
THRESHOLD_Z = 12.0  # e.g. four steps (1 s) that are each 3 above the reference


def line_length_onsets_s(
    signal_uv: npt.ArrayLike,
    rate_hz: float,
    search_from_s: float,
    step_s: float,
    least_z: float,
    least_spread_ln: npt.ArrayLike,
) -> FloatArray:
    """Change point of each channel's line length; NaN where it does not rise.

    A cumulative sum (Page 1954) of the robust z of log line length against what lies before
    `search_from_s`. Its reference value is half of the least rise of interest, `least_z`.
    Unlike the one change of mean that fits best, it finds the foot of a slow rise and not
    its middle.

    Parameters
    ----------
    signal_uv : array
        (row, channel), without gaps, mains already left out.
    rate_hz : float
        Rate of the rows.
    search_from_s : float
        Time from the first row from which a change is sought.
    step_s : float
        Step of the search.
    least_z : float
        Least rise, in robust standard deviations.
    least_spread_ln : array
        Smallest spread of log line length that counts as one, of each channel or of all:
        the spread over hours and all states, so that a change of state is no onset.
    """
    slope = np.abs(np.diff(np.asarray(signal_uv, dtype=np.float64), axis=0))
    frames, time_s = windows(slope, rate_hz, WINDOW_S, step_s)
    length = frames.mean(axis=-1) * rate_hz
    z = local_z(length, time_s < search_from_s, least_spread_ln)
    after = time_s >= search_from_s
    found = np.full(length.shape[1], np.nan)
    for c in range(length.shape[1]):
        if np.isfinite(z[:, c]).all():
            change = cumulative_sum(z[after, c], least_z / 2, THRESHOLD_Z)
            # a rise that is there when the search begins came earlier, with another cause
            if change is not None and change.change > 0:
                found[c] = time_s[after][change.change]
    return found


def local_z(
    values: FloatArray, before: npt.NDArray[np.bool_], least_spread_ln: npt.ArrayLike
) -> FloatArray:
    """Robust z of the log of (window, channel) against the windows `before`; NaN for silence."""
    known = (values > 0).all(axis=0)
    log = np.log(np.where(known, values, 1.0))
    middle = np.median(log[before], axis=0)
    spread = 1.4826 * np.median(np.abs(log[before] - middle), axis=0)
    return np.where(known, (log - middle) / np.maximum(spread, least_spread_ln), np.nan)
