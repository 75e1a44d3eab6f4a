"""Muscle tone of an epoch: from an EMG channel, or from what the brain's channels share."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
from scipy import fft

from vigil.spectra.band_power import power_sum

RATE_SLACK = 1e-4
"""A store of a source whose rate a clock measured may be so much slower."""

FloatArray = npt.NDArray[np.float64]


def emg_rms_uv(
    frequency_hz: FloatArray, density: npt.NDArray[np.float32], bins: npt.NDArray[np.bool_]
) -> FloatArray:
    """Root mean square of an EMG in a band, (epoch,), from its power density in uV^2/Hz."""
    step_hz = frequency_hz[1] - frequency_hz[0]
    return np.asarray(np.sqrt(power_sum(density, bins) * step_hz), dtype=np.float64)


def emg_from_lfp(
    x: npt.NDArray[np.float32],
    clean: npt.NDArray[np.bool_],
    rate_hz: float,
    bins: npt.NDArray[np.bool_],
    windows_per_s: float = 2.0,
) -> FloatArray:
    """Muscle tone as the mean correlation of well separated sites above 300 Hz.

    After bz_EMGFromLFP of buzcode (Watson et al. 2016): what distant sites share in that
    band is volume-conducted muscle activity. Here each epoch is band-passed by its Fourier
    transform. One site per region is wanted, so that adjacent contacts do not count.

    Parameters
    ----------
    x : ndarray, (epoch, site, sample)
        Microvolts.
    clean : ndarray of bool, (epoch, site)
        Sites without an artefact in the epoch; pairs of them count.
    rate_hz : float
        Rate of the samples.
    bins : ndarray of bool, (frequency,)
        Frequencies of the epochs' transforms that count: from 300 Hz on, mains left out, whose
        harmonics distant sites share too.

    Returns
    -------
    ndarray, (epoch,)
        NaN where there are fewer than two clean sites or the rate is below 1250 Hz.
    """
    pairs = list(itertools.combinations(range(x.shape[1]), 2))
    if not pairs or rate_hz < 1250.0 * (1 - RATE_SLACK):
        return np.full(len(x), np.nan)
    n = x.shape[-1]
    spectrum = fft.rfft(x - x.mean(-1, keepdims=True))
    spectrum[..., ~bins] = 0
    fast = fft.irfft(spectrum, n)
    size = int(rate_hz / windows_per_s)
    pieces = fast[..., : n // size * size].reshape(*fast.shape[:-1], -1, size)
    pieces = pieces - pieces.mean(-1, keepdims=True)
    pieces /= np.maximum(np.sqrt((pieces**2).sum(-1, keepdims=True)), 1e-6)
    # all pairs of an epoch are one product of matrices
    rows = pieces.reshape(*pieces.shape[:2], -1)
    r = rows @ rows.swapaxes(1, 2) / pieces.shape[2]
    a, b = np.array(pairs).T
    counts = clean[:, a] & clean[:, b]
    total = np.where(counts, r[:, a, b], 0).sum(axis=1, dtype=np.float64)
    known = counts.sum(axis=1)
    return np.asarray(np.where(known > 0, total / np.maximum(known, 1), np.nan))
