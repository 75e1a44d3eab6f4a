"""Low-voltage fast activity: fast power rises while the slow amplitude has not."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vigil.recording import FloatArray
from vigil.seizures.epileptogenicity import band_energy, windows
from vigil.seizures.line_length_onset import local_z

FAST_HZ = (30.0, 127.0)
SLOW_HZ = (2.0, 30.0)
WINDOW_S = 0.5


def fast_activity_onsets_s(
    signal_uv: npt.ArrayLike,
    rate_hz: float,
    mains_hz: float,
    search_from_s: float,
    step_s: float,
    least_z: float,
    least_s: float,
    low_voltage: float,
    least_spread_ln: npt.ArrayLike,
) -> FloatArray:
    """Begin of low-voltage fast activity on each channel; NaN where there is none.

    The first stretch of at least `least_s` in which power of 30-127 Hz is `least_z` robust
    standard deviations above what lies before `search_from_s`, while the amplitude of
    2-30 Hz is still below `low_voltage` times what it was, and was above it for less than
    `least_s` before: a single spike may herald it, but the end of a seizure is none. Spikes,
    whose sharp edges have fast power as well, raise both at once and do not count
    (Wendling et al. 2003 for the pattern).

    Parameters
    ----------
    signal_uv : array
        (row, channel), without gaps.
    least_spread_ln : array
        Smallest spread of log power that counts as one, of each channel or of all.
    """
    frames, time_s = windows(signal_uv, rate_hz, WINDOW_S, step_s)
    fast, slow = band_energy(frames, rate_hz, [FAST_HZ, SLOW_HZ], mains_hz)
    before, after = time_s < search_from_s, time_s >= search_from_s
    usual = np.median(slow[before], axis=0)
    n = max(1, round(least_s / step_s))
    tall = (slow >= low_voltage**2 * usual)[after]
    low = ~tall & (np.cumsum(tall, axis=0) < n)
    active = (local_z(fast, before, least_spread_ln) >= least_z)[after] & low
    found = np.full(active.shape[1], np.nan)
    if len(active) >= n:
        steady = np.lib.stride_tricks.sliding_window_view(active, n, axis=0).all(axis=-1)
        # what is there when the search begins came earlier, with another cause
        any_steady = steady.any(axis=0) & ~active[0]
        found[any_steady] = time_s[after][steady.argmax(axis=0)[any_steady]]
    return found
