"""Muscle tone of an epoch: from an EMG channel, or from what the brain's channels share."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
from scipy import fft

FloatArray = npt.NDArray[np.float64]


def emg_rms_uv(
    frequency_hz: FloatArray, density: FloatArray, bins: npt.NDArray[np.bool_]
) -> FloatArray:
    """Root mean square of an EMG in a band, (epoch,), from its power density in uV^2/Hz."""
    step_hz = frequency_hz[1] - frequency_hz[0]
    return np.asarray(np.sqrt(density[:, bins].sum(1) * step_hz), dtype=np.float64)


def emg_from_lfp(
    x: npt.NDArray[np.float32],
    sites: list[list[int]],
    rate_hz: float,
    band_hz: tuple[float, float] = (300.0, 600.0),
    windows_per_s: float = 2.0,
) -> FloatArray:
    """Muscle tone as the mean correlation of well separated sites above 300 Hz.

    After bz_EMGFromLFP of buzcode (Watson et al. 2016): what distant sites share in that
    band is volume-conducted muscle activity. Here each epoch is band-passed by its Fourier
    transform, and pairs are formed between regions only, so that adjacent contacts do not
    count.

    Parameters
    ----------
    x : ndarray, (epoch, channel, sample)
        Microvolts.
    sites : list of list of int
        Channels of each region.
    rate_hz : float
        Rate of the samples.

    Returns
    -------
    ndarray, (epoch,)
        NaN where there are fewer than two regions or the rate is below 1250 Hz.
    """
    pairs = [(a[0], b[0]) for a, b in itertools.combinations(sites, 2) if a and b]
    if not pairs or rate_hz < 1250.0 * (1 - 1e-6):
        return np.full(len(x), np.nan)
    n = x.shape[-1]
    spectrum = fft.rfft(x - x.mean(-1, keepdims=True))
    f = fft.rfftfreq(n, 1 / rate_hz)
    spectrum[..., (f < band_hz[0]) | (f > min(band_hz[1], 0.48 * rate_hz))] = 0
    fast = fft.irfft(spectrum, n)
    size = int(rate_hz / windows_per_s)
    pieces = fast[..., : n // size * size].reshape(*fast.shape[:-1], -1, size)
    pieces = pieces - pieces.mean(-1, keepdims=True)
    norm = np.sqrt((pieces**2).sum(-1))
    r = [
        (pieces[:, a] * pieces[:, b]).sum(-1) / np.maximum(norm[:, a] * norm[:, b], 1e-12)
        for a, b in pairs
    ]
    return np.asarray(np.mean(r, axis=(0, 2)), dtype=np.float64)
