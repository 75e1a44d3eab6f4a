"""Low-voltage fast activity: fast power rises while the slow amplitude has not."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vigil.recording import FloatArray
from vigil.seizures.onset.epileptogenicity import WHOLE, Pieces, band_energy, windows
from vigil.seizures.onset.line_length import local_z

FAST_HZ = tuple((lo, lo * 2 ** (1 / 3)) for lo in 30.0 * 2 ** (np.arange(6) / 3))
"""Bands of a third of an octave from 30 to 121 Hz."""
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
    pieces: Pieces = WHOLE,
    begins_s: npt.ArrayLike | None = None,
) -> FloatArray:
    """Begin of low-voltage fast activity on each channel; NaN where there is none.

    The first stretch of at least `least_s` in which the power of a band of a third of an
    octave between 30 and 120 Hz is `least_z` robust standard deviations above what lies
    before `search_from_s`, while the amplitude of
    2-30 Hz is still below `low_voltage` times what it was, and was never above it for
    `least_s` on end before: a single spike may herald it, but what comes after the spikes of
    a seizure is none. Spikes, whose sharp edges have fast power as well, raise both at once
    and do not count (Wendling et al. 2003 for the pattern). Bands are narrow since the
    activity is: beside its line of a few hertz (Gnatkovsky et al. 2014) the background of all
    frequencies above 30 Hz is large. The line may wander into the next band.

    Parameters
    ----------
    signal_uv : array
        (row, channel).
    least_spread_ln : array
        Smallest spread of log power that counts as one, of each channel or of all.
    pieces : tuple
        Gapless pieces of the rows.
    begins_s : array, optional
        Where each channel's search begins, if that is later than `search_from_s`.
    """
    frames, time_s = windows(signal_uv, rate_hz, WINDOW_S, step_s, pieces)
    bands = [hz for hz in FAST_HZ if hz[1] <= 0.45 * rate_hz]
    slow, *fast = band_energy(frames, rate_hz, [SLOW_HZ, *bands], mains_hz)
    before, after = time_s < search_from_s, time_s >= search_from_s
    begins = search_from_s if begins_s is None else begins_s
    begins = np.broadcast_to(np.asarray(begins, dtype=np.float64), slow.shape[1])
    sought = time_s[after][:, None] >= begins
    usual = np.median(slow[before], axis=0)
    n = max(1, round(least_s / step_s))
    tall = (slow >= low_voltage**2 * usual)[after]
    if len(tall) < n:
        return np.full(tall.shape[1], np.nan)
    spikes = np.asarray(np.lib.stride_tricks.sliding_window_view(tall, n, axis=0).all(axis=-1))
    spikes = np.concatenate([spikes, np.repeat(spikes[-1:], n - 1, axis=0)])
    low = ~tall & ~np.maximum.accumulate(spikes, axis=0)
    up = np.stack([local_z(f, before, least_spread_ln)[after] >= least_z for f in fast])
    # a window counts for a band if it is up there or in a neighbour, and starts in the band
    near = up.copy()
    near[1:] |= up[:-1]
    near[:-1] |= up[1:]
    active = up.any(axis=0) & low
    found = np.full(active.shape[1], np.nan)
    runs = np.lib.stride_tricks.sliding_window_view(near & low, n, axis=1)
    steady = np.asarray(runs.all(axis=-1))
    steady = np.asarray((steady & up[:, : steady.shape[1]]).any(axis=0))
    steady &= sought[: len(steady)]
    # what is there when the search begins came earlier, with another cause
    at_begin = active[np.minimum((~sought).sum(axis=0), len(active) - 1), np.arange(len(begins))]
    any_steady = steady.any(axis=0) & ~at_begin
    found[any_steady] = time_s[after][steady.argmax(axis=0)[any_steady]]
    return found
