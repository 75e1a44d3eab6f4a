"""Which bursts are oscillations: a spectral peak of their own, that comes and goes with them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.signal

from vigil.recording import FloatArray
from vigil.seizures.interictal.bands import Band, Float32

Rows = npt.NDArray[np.int64]

SPECTRUM_S = 0.1
"""Length of the unfiltered signal whose spectrum must have a peak; it holds 8 cycles of 80 Hz."""
AROUND_S = (-0.3, -0.15, 0.15, 0.3)
"""Where the same length is looked at beside the burst."""
TROUGH = 0.5
"""The spectrum falls below this share of the peak somewhere beneath it."""
PEAK_SHARE = 0.5
"""Share of the band's power above the trough that the peak must hold."""
ABOVE_NOISE = 3.0
"""How many times the background's power in the band the peak holds. A burst of five standard
deviations holds 5 (fast ripples of 20 ms) to 12 times as much (ripples of 50 ms)."""
STAYS = 0.25
"""Share of the peak's power that is there in half of what lies around: mains, or muscle."""
LOBE = 4
"""Half of the main lobe of the Hann window, in bins of half the resolution."""


def are_oscillations(
    x_uv: Float32, channel: Rows, centre: Rows, sd_uv: FloatArray, band: Band
) -> npt.NDArray[np.bool_]:
    """Whether the unfiltered signals around bursts have a spectral peak in the band.

    The peak must be the burst's own (`own_peaks`), and at most half of the spectra around it
    may hold `STAYS` of it: what stays is mains or muscle.

    Parameters
    ----------
    x_uv : ndarray, (channel, row)
        Signals.
    channel, centre : ndarray, (burst,)
        Where the bursts lie.
    sd_uv : ndarray, (burst,)
        Standard deviation of the band's background in the channel.
    band : Band
        Of `make_band`.
    """
    n = min(round(SPECTRUM_S * band.rate_hz), x_uv.shape[1])
    begin = np.clip(centre - n // 2, 0, x_uv.shape[1] - n)
    low, high = own_peaks(spectra(x_uv, channel, begin, n), n, sd_uv, band)
    found = low < high
    channel, begin, low, high = (v[found] for v in (channel, begin, low, high))
    held = _sums(spectra(x_uv, channel, begin, n), low, high)
    around = np.full((len(AROUND_S), len(held)), np.nan)
    for k, offset_s in enumerate(AROUND_S):
        at = begin + round(offset_s * band.rate_hz)
        there = (at >= 0) & (at + n <= x_uv.shape[1])
        power = spectra(x_uv, channel[there], at[there], n)
        around[k, there] = _sums(power, low[there], high[there])
    known = np.isfinite(around).any(axis=0)
    stays = np.zeros(len(held), bool)
    stays[known] = np.nanmedian(around[:, known], axis=0) >= STAYS * held[known]
    found[found] = ~stays
    return found


def spectra(x_uv: Float32, channel: Rows, begin: Rows, n: int) -> FloatArray:
    """Power (burst, bin) of n rows from `begin` on, padded to twice their length."""
    if not len(channel):
        return np.zeros((0, n + 1))
    pieces = x_uv[channel[:, None], begin[:, None] + np.arange(n)].astype(np.float64)
    x = scipy.signal.detrend(pieces, axis=1) * np.hanning(n)
    return np.asarray(np.abs(np.fft.rfft(x, 2 * n, axis=1)) ** 2)


def own_peaks(power: FloatArray, n: int, sd_uv: FloatArray, band: Band) -> tuple[Rows, Rows]:
    """Bins [low, high) of the highest peak of each spectrum; equal where there is none.

    A peak is a local maximum in the band, with a trough beneath it (down to half of the band's
    lower border) that is at most `TROUGH` as high. It holds `PEAK_SHARE` of the band's power above
    the trough, and `ABOVE_NOISE` times the power that the background has in the band, so that it
    would stand out by itself. Spikes, steps and glitches fall off or are flat; a ripple that rides
    on a spike has its own peak.

    Parameters
    ----------
    power : ndarray, (burst, bin)
        Of `spectra` over n rows.
    n : int
        Rows.
    sd_uv : ndarray, (burst,)
        Standard deviation of the background of the band in the channel.
    band : Band
        Of `make_band`.
    """
    hz = np.fft.rfftfreq(2 * n, 1 / band.rate_hz)
    inside = np.flatnonzero((hz >= band.band_hz[0]) & (hz <= band.band_hz[1]))
    first, last = int(inside[0]), int(inside[-1])
    beneath = int(np.searchsorted(hz, band.band_hz[0] / 2))
    of_noise = sd_uv**2 * n * (np.hanning(n) ** 2).sum()  # Parseval: over 2 n bins, one side
    every = np.arange(len(power))
    low, high = np.zeros((2, len(power)), np.int64)
    highest = np.zeros(len(power))
    for k in map(int, inside):
        here = power[:, k]
        is_top = (here > power[:, k - 1]) & (here >= power[:, min(k + 1, len(hz) - 1)])
        trough = beneath + np.argmin(power[:, beneath : k + 1], axis=1)
        is_deep = power[every, trough] <= TROUGH * here
        begin = np.maximum(trough, first)
        end = np.full(len(power), last + 1)
        near = np.maximum(k - LOBE, begin), np.minimum(k + LOBE + 1, end)
        held = _sums(power, *near)
        own = is_top & is_deep & (here > highest)
        own &= held >= PEAK_SHARE * _sums(power, begin, end)
        own &= held >= ABOVE_NOISE * of_noise
        low[own], high[own], highest[own] = near[0][own], near[1][own], here[own]
    return low, high


def _sums(power: FloatArray, low: Rows, high: Rows) -> FloatArray:
    """Sum of each row over its bins [low, high)."""
    total = np.concatenate([np.zeros((len(power), 1)), np.cumsum(power, axis=1)], axis=1)
    every = np.arange(len(power))
    return np.asarray(total[every, high] - total[every, low])
