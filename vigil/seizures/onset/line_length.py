"""When line length changes: the onset of a seizure that shows as amplitude or as spikes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vigil.recording import FloatArray
from vigil.seizures.onset.change_point import cumulative_sum
from vigil.seizures.onset.epileptogenicity import WHOLE, Pieces, windows

WINDOW_S = 0.5
QUIET_S = 2.0  # longer than the pause between discharges of 1 Hz
THRESHOLD_Z = 12.0  # e.g. four steps (1 s) that are each 3 above the reference


def line_length_onsets_s(
    z: FloatArray, time_s: FloatArray, search_from_s: npt.ArrayLike, least_z: float
) -> FloatArray:
    """Change point of each channel's line length; NaN where it does not rise.

    A cumulative sum (Page 1954) of the robust z of log line length. Its reference value is
    half of the least rise of interest, `least_z`. Unlike the one change of mean that fits
    best, it finds the foot of a slow rise and not its middle.

    Parameters
    ----------
    z, time_s : ndarray
        What `line_length_z` gives: (window, channel) and (window,).
    search_from_s : float or array
        Time from which a change is sought, of each channel or of all.
    least_z : float
        Least rise, in robust standard deviations.
    """
    n_channels = z.shape[1]
    begins = np.broadcast_to(np.asarray(search_from_s, dtype=np.float64), n_channels)
    found = np.full(n_channels, np.nan)
    for c in np.flatnonzero(np.isfinite(z).all(axis=0)):
        after = time_s >= begins[c]
        change = cumulative_sum(z[after, c], least_z / 2, THRESHOLD_Z)
        # a rise that is there when the search begins came earlier, with another cause
        if change is not None and change.change > 0:
            found[c] = time_s[after][change.change]
    return found


def line_length_z(
    signal_uv: npt.ArrayLike,
    rate_hz: float,
    search_from_s: float,
    step_s: float,
    least_spread_ln: npt.ArrayLike,
    pieces: Pieces = WHOLE,
) -> tuple[FloatArray, FloatArray]:
    """Robust z of log line length (window, channel) against what lies before, and its times.

    Parameters
    ----------
    signal_uv : array
        (row, channel), mains already left out.
    rate_hz : float
        Rate of the rows.
    search_from_s : float
        Time before which lies the baseline.
    step_s : float
        Step of the windows of half a second.
    least_spread_ln : array
        Smallest spread of log line length that counts as one, of each channel or of all:
        the spread over hours and all states, so that a change of state is no onset.
    pieces : tuple
        Gapless pieces of the rows.
    """
    x = np.asarray(signal_uv, dtype=np.float64)
    slope = np.abs(np.diff(x, axis=0, append=x[-1:]))
    # from the last row of a piece to the first of the next there is no slope
    lasts = np.array([row for row, _ in pieces[1:]] + [len(x)], dtype=int) - 1
    slope[lasts] = slope[lasts - 1]
    frames, time_s = windows(slope, rate_hz, WINDOW_S, step_s, pieces)
    length = frames.mean(axis=-1) * rate_hz
    return local_z(length, time_s < search_from_s, least_spread_ln), time_s


def last_quiet_s(
    z: FloatArray, time_s: FloatArray, search_from_s: float, event_at_s: float, least_z: float
) -> FloatArray:
    """Where each channel's search begins: in the last two seconds of quiet before its seizure.

    A burst that dies away again before the event is no onset. Quiet is a stretch of two
    seconds below what the cumulative sum counts as a rise; the last one that begins before
    the event counts, to its end, which may lie within the event. A channel without any
    begins at `search_from_s`.
    """
    found = np.full(z.shape[1], search_from_s)
    n = int(np.searchsorted(time_s, time_s[0] + QUIET_S))
    if len(time_s) <= n:
        return found
    quiet = np.nan_to_num(z, nan=np.inf) < least_z / 2
    runs = np.asarray(np.lib.stride_tricks.sliding_window_view(quiet, n, axis=0).all(axis=-1))
    starts = time_s[: len(runs)]
    for c, mine in enumerate(runs.T):
        known = np.flatnonzero(mine & (starts >= search_from_s) & (starts <= event_at_s))
        if len(known):
            loud = np.flatnonzero(~mine[known[-1] :])
            found[c] = starts[known[-1] + loud[0] - 1] if len(loud) else starts[-1]
    return found


def risen_before(
    z: FloatArray, time_s: FloatArray, search_from_s: float, event_at_s: float, least_z: float
) -> npt.NDArray[np.bool_]:
    """Channels that are up when the search begins, and stay up into the event.

    Their onset lies before the search, or in a gap: it is not known, and not late either.
    Up is what the cumulative sum counts as a rise, in nine of ten windows from the begin of
    the search to one second into the event, and in all of the first second.
    """
    during = (time_s >= search_from_s) & (time_s <= max(event_at_s, search_from_s) + 1.0)
    first = during & (time_s <= search_from_s + 1.0)
    if not first.any():
        return np.zeros(z.shape[1], dtype=bool)
    up = np.nan_to_num(z) >= least_z / 2
    return np.asarray((up[during].mean(axis=0) >= 0.9) & up[first].all(axis=0))


def contrast_z(z: FloatArray, time_s: FloatArray, onset_s: FloatArray) -> FloatArray:
    """Mean z of each channel in the first second from its onset; NaN where it has none.

    A seizure that breaks out stands far above what was before; a change of state, or a foot
    in the noise, hardly does.
    """
    found = np.full(z.shape[1], np.nan)
    for c in np.flatnonzero(np.isfinite(onset_s)):
        first = (time_s >= onset_s[c] - 1e-6) & (time_s < onset_s[c] + 1.0)
        found[c] = z[first, c].mean()
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
