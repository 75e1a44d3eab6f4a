"""Multitaper spectra (Thomson 1982) of many short windows at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import fft
from scipy.signal import windows


@dataclass(frozen=True)
class Tapers:
    """DPSS tapers for windows of one length.

    Parameters
    ----------
    values : ndarray, (taper, sample)
        Tapers of unit energy.
    weights : ndarray, (taper,)
        Their eigenvalues, scaled to sum to one.
    rate_hz : float
        Rate of the samples.
    """

    values: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float64]
    rate_hz: float

    @property
    def frequency_hz(self) -> npt.NDArray[np.float64]:
        """Frequencies of the spectra."""
        return np.asarray(fft.rfftfreq(self.values.shape[1], 1 / self.rate_hz))


def make_tapers(n_samples: int, rate_hz: float, nw: float) -> Tapers:
    """Tapers for windows of `n_samples`: 2 nw - 1 of them, weighted by eigenvalue."""
    n_tapers = max(1, int(2 * nw) - 1)
    values, ratios = windows.dpss(n_samples, nw, n_tapers, sym=False, return_ratios=True)
    return Tapers(values, ratios / ratios.sum(), rate_hz)


def tapered_fourier(x: npt.NDArray[np.float32], tapers: Tapers) -> npt.NDArray[np.complex64]:
    """Fourier transforms of the tapered windows, mean removed.

    Parameters
    ----------
    x : ndarray, (..., sample)
        Windows.

    Returns
    -------
    ndarray, (..., taper, frequency)
    """
    centred = x - x.mean(axis=-1, keepdims=True)
    return np.asarray(
        fft.rfft(centred[..., None, :] * tapers.values.astype(x.dtype)), dtype=np.complex64
    )


def power_density(fourier: npt.NDArray[np.complex64], tapers: Tapers) -> npt.NDArray[np.float64]:
    """One-sided power density in (unit of x)^2/Hz.

    Parameters
    ----------
    fourier : ndarray, (..., taper, frequency)
        Of `tapered_fourier`.

    Returns
    -------
    ndarray, (..., frequency)
    """
    power = np.einsum("...kf,k->...f", np.abs(fourier) ** 2, tapers.weights) / tapers.rate_hz
    doubled = slice(1, -1 if tapers.values.shape[1] % 2 == 0 else None)
    power[..., doubled] *= 2
    return np.asarray(power, dtype=np.float64)


def coherence(
    a: npt.NDArray[np.complex64], b: npt.NDArray[np.complex64], tapers: Tapers
) -> npt.NDArray[np.float64]:
    """Magnitude-squared coherence of two signals over their tapers, (..., frequency).

    With K tapers two independent signals have an expected coherence of 1/K.
    """
    w = tapers.weights
    cross = np.einsum("...kf,k->...f", a * np.conj(b), w)
    aa = np.einsum("...kf,k->...f", np.abs(a) ** 2, w)
    bb = np.einsum("...kf,k->...f", np.abs(b) ** 2, w)
    return np.asarray(np.abs(cross) ** 2 / np.maximum(aa * bb, 1e-30), dtype=np.float64)


def bins_of_band(
    frequency_hz: npt.NDArray[np.float64],
    band_hz: tuple[float, float],
    mains_hz: float,
    mains_width_hz: float,
) -> npt.NDArray[np.bool_]:
    """Which frequencies belong to a band [low, high), mains harmonics left out."""
    inside = (frequency_hz >= band_hz[0]) & (frequency_hz < band_hz[1])
    harmonic = np.round(frequency_hz / mains_hz)
    mains = (np.abs(frequency_hz - harmonic * mains_hz) <= mains_width_hz) & (harmonic > 0)
    return np.asarray(inside & ~mains)
