"""The Epileptogenicity Index (Bartolomei et al. 2008): fast activity, weighed by its delay."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vigil.recording import FloatArray
from vigil.seizures.onset.change_point import foot, page_hinkley

LOW_HZ = (4.0, 12.0)  # theta and alpha
HIGH_HZ = (12.0, 127.0)  # beta and gamma
NOTCH_HZ = 2.0  # half width of what is left out around the mains and its harmonics
DELAY_S = 1.0  # the constant tau that is added to the delay


Pieces = tuple[tuple[int, float], ...]
"""First row of each gapless piece of a signal, and its time in s; rows of pieces lie end to end."""
WHOLE: Pieces = ((0, 0.0),)


def windows(
    signal_uv: npt.ArrayLike,
    rate_hz: float,
    window_s: float,
    step_s: float,
    pieces: Pieces = WHOLE,
) -> tuple[npt.NDArray[np.float64], FloatArray]:
    """Cut a signal (row, channel) into windows (window, channel, row); centres in s beside it.

    No window reaches from one gapless piece into the next.
    """
    x = np.asarray(signal_uv, dtype=np.float64)
    n = round(window_s * rate_hz)
    rows, times = [], []
    for (first, start_s), stop in zip(pieces, [*(p[0] for p in pieces[1:]), len(x)], strict=True):
        at = np.round(np.arange(0, stop - first - n + 1, step_s * rate_hz)).astype(int)
        rows.append(first + at)
        times.append(start_s + (at + n / 2) / rate_hz)
    starts = np.concatenate(rows)
    view = np.lib.stride_tricks.sliding_window_view(x, n, axis=0)[starts]
    return view, np.concatenate(times)


def band_energy(
    frames: npt.NDArray[np.float64],
    rate_hz: float,
    bands_hz: list[tuple[float, float]],
    mains_hz: float,
) -> list[FloatArray]:
    """Energy of windows (window, channel, row) in bands, Hann-tapered, mains harmonics left out."""
    n = frames.shape[-1]
    taper = np.hanning(n + 1)[:-1]
    centred = frames - frames.mean(axis=-1, keepdims=True)
    power = np.abs(np.fft.rfft(centred * taper, axis=-1)) ** 2
    hz = np.fft.rfftfreq(n, 1.0 / rate_hz)
    harmonic = np.round(hz / mains_hz) * mains_hz
    kept = (np.abs(hz - harmonic) > NOTCH_HZ) | (harmonic == 0)
    energies = []
    for lo, hi in bands_hz:
        # a line on the border of two bands is half of each
        weight = (((hz >= lo) & (hz <= hi)) * 0.5 + ((hz > lo) & (hz < hi)) * 0.5) * kept
        energies.append(power @ weight)
    return energies


def energy_ratio(
    signal_uv: npt.ArrayLike,
    rate_hz: float,
    mains_hz: float = 50.0,
    window_s: float = 1.0,
    step_s: float = 0.25,
    usual_before_s: float | None = None,
    pieces: Pieces = WHOLE,
) -> tuple[FloatArray, FloatArray]:
    """Energy of 12-127 Hz over 4-12 Hz in sliding windows (Bartolomei et al. 2008).

    The index is meant for fast activity that appears. In a mouse the ratio rises twentyfold
    on all channels at once when theta stops, with the run that a seizure ends. With
    `usual_before_s` the energy of 4-12 Hz therefore never counts as less than its median
    before that time, so that only fast activity raises the ratio.

    Parameters
    ----------
    signal_uv : array
        (row, channel).
    rate_hz : float
        Rate of the rows.
    mains_hz : float
        Mains frequency; 2 Hz around it and its harmonics are left out.
    window_s, step_s : float
        Length and step of the windows.
    usual_before_s : float, optional
        Time from the first row before which the usual energy of 4-12 Hz is taken; None for
        the ratio as it stands in the paper.
    pieces : tuple
        Gapless pieces of the rows.

    Returns
    -------
    ratio : ndarray
        (window, channel).
    time_s : ndarray
        Centre of each window, from the first row.
    """
    frames, time_s = windows(signal_uv, rate_hz, window_s, step_s, pieces)
    high, low = band_energy(frames, rate_hz, [HIGH_HZ, LOW_HZ], mains_hz)
    if usual_before_s is not None and (before := time_s < usual_before_s).any():
        low = np.maximum(low, np.median(low[before], axis=0))
    return high / np.maximum(low, np.finfo(float).tiny), time_s


def detection_times_s(
    ratio: FloatArray,
    time_s: FloatArray,
    search_from_s: float,
    bias: float,
    threshold: float,
    begins_s: npt.ArrayLike | None = None,
) -> FloatArray:
    """When the energy ratio of each channel begins to rise; NaN where it does not.

    The ratio is taken in units of the top of the channel's usual range before
    `search_from_s` (median + 3 * 1.4826 MAD), so that bias and threshold mean the same on
    all channels and rigs; in the paper the threshold is set by hand. What lies before only
    makes the mean.

    The Page-Hinkley test tells that the ratio has risen. Where its sum was lowest is a poor
    estimate of when: with a bias that is small beside the noise, the sum wanders near its
    minimum for seconds. The change is therefore placed by a second sum (Hinkley 1971), with
    the top of the usual range as its reference: the last value before the alarm that this
    sum has below all later ones. `begins_s` is where each channel's search begins, if that
    is later than `search_from_s`.
    """
    begins = search_from_s if begins_s is None else begins_s
    begins = np.broadcast_to(np.asarray(begins, dtype=np.float64), ratio.shape[1])
    usual = time_s < search_from_s
    found = np.full(ratio.shape[1], np.nan)
    middle = np.median(ratio[usual], axis=0)
    top = middle + 3 * 1.4826 * np.median(np.abs(ratio[usual] - middle), axis=0)
    for c, x in enumerate((ratio / np.maximum(top, np.finfo(float).tiny)).T):
        if np.isfinite(x).all():
            warm_up = int((time_s < begins[c]).sum())
            change = page_hinkley(x, bias, threshold, warm_up)
            # a rise that is there when the search begins came earlier, with another cause
            if change is not None and change.change > warm_up:
                first = foot(x - 1.0, warm_up, change.alarm)
                if first > warm_up:
                    found[c] = time_s[first]
    return found


def epileptogenicity_index(
    ratio: FloatArray, time_s: FloatArray, detected_s: FloatArray, sum_s: float = 5.0
) -> FloatArray:
    """EI of each channel, divided by the largest; 0 for channels without a detection.

    The energy ratio summed over `sum_s` after the channel's detection, divided by its delay
    behind the first channel plus one second (Bartolomei et al. 2008). The sum stops where
    the ratio does, with the seizure. An index of 0 means that the channel takes no part; its
    latency is still 'none'.
    """
    index = np.zeros(len(detected_s))
    known = np.flatnonzero(np.isfinite(detected_s))
    for c in known:
        during = (time_s >= detected_s[c]) & (time_s <= detected_s[c] + sum_s)
        delay = detected_s[c] - np.nanmin(detected_s)
        index[c] = ratio[during, c].sum() / (delay + DELAY_S)
    return index / index.max() if len(known) else index
