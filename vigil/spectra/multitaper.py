"""Multitaper spectra (Thomson 1982) of many short windows at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import fft
from scipy.signal import windows

from vigil.spectra.fourier import density_of_windows, plan_of

BORDER_SLACK = 2e-4
"""Relative distance by which a frequency may miss the border of a band that it lies on."""


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

    @cached_property
    def pairs(self) -> npt.NDArray[np.float32]:
        """The tapers with their weights, two by two, (pair, sample, 2).

        The power of a window times these, summed over tapers, over a frequency and over its
        negative, is the one-sided density. A last one without a partner has zeros beside it.
        """
        scaled = self.values * np.sqrt(self.weights / self.rate_hz)[:, None]
        even = np.pad(scaled, ((0, len(scaled) % 2), (0, 0)))
        pairs = even.reshape(-1, 2, even.shape[1]).swapaxes(1, 2)
        return np.ascontiguousarray(pairs, dtype=np.float32)


def make_tapers(n_samples: int, rate_hz: float, nw: float, n_tapers: int | None = None) -> Tapers:
    """Tapers for windows of `n_samples`, weighted by eigenvalue; 2 nw - 1 if not told how many."""
    n_tapers = n_tapers or max(1, int(2 * nw) - 1)
    values, ratios = windows.dpss(n_samples, nw, n_tapers, sym=False, return_ratios=True)
    return Tapers(values, ratios / ratios.sum(), rate_hz)


def multitaper_density(
    x: npt.NDArray[np.float32], tapers: Tapers, n_frequencies: int | None = None
) -> npt.NDArray[np.float32]:
    """One-sided multitaper power density of windows, their means removed (Thomson 1982).

    A window's density is the same to the bit whatever windows it comes with, and in whatever
    number of threads. Lengths whose prime factors are all below 11 go through transforms of
    many windows side by side, others through scipy's.

    Parameters
    ----------
    x : ndarray, (..., sample)
        Windows of any unit, such as uV.
    tapers : Tapers
        For windows of this length.
    n_frequencies : int, optional
        How many frequencies are wanted, from 0 on; all without it. Fewer take less memory.

    Returns
    -------
    ndarray, (..., frequency)
        In (unit of x)^2/Hz at the first of `tapers.frequency_hz`. NaN for windows that hold NaN.
    """
    n = tapers.values.shape[1]
    most = n // 2 + 1
    wanted = most if n_frequencies is None else n_frequencies
    if x.shape[-1] != n:
        raise ValueError(f"windows of {x.shape[-1]} samples do not fit tapers of {n}")
    if not 1 <= wanted <= most:
        raise ValueError(f"there are 1 to {most} frequencies, not {wanted}")
    rows = np.ascontiguousarray(x, dtype=np.float32).reshape(-1, n)
    plan = plan_of(n)
    if plan is None:
        density = np.empty((len(rows), wanted), np.float32)
        for row, of_row in zip(rows, density, strict=True):  # one by one: the same bits always
            of_row[:] = power_density(tapered_fourier(row, tapers), tapers)[:wanted]
    else:
        density = density_of_windows(rows, tapers.pairs, plan, wanted)
    return density.reshape(*x.shape[:-1], wanted)


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


def between(
    frequency_hz: npt.NDArray[np.float64], low_hz: float, high_hz: float, closed: bool = False
) -> npt.NDArray[np.bool_]:
    """Which frequencies lie in [low, high), or in [low, high].

    Borders often fall on a frequency of the grid. A rate that a clock measured is some millionths
    off the nominal one, and must not move a frequency to the other side: `BORDER_SLACK`.
    """
    if closed:
        below = frequency_hz <= high_hz * (1 + BORDER_SLACK)
    else:
        below = frequency_hz < high_hz * (1 - BORDER_SLACK)
    return np.asarray((frequency_hz >= low_hz * (1 - BORDER_SLACK)) & below)


def bins_of_band(
    frequency_hz: npt.NDArray[np.float64],
    band_hz: tuple[float, float],
    mains_hz: float,
    mains_width_hz: float,
) -> npt.NDArray[np.bool_]:
    """Which frequencies belong to a band [low, high), mains harmonics left out."""
    harmonic = np.round(frequency_hz / mains_hz)
    away_hz = np.abs(frequency_hz - harmonic * mains_hz)
    mains = (away_hz <= mains_width_hz + BORDER_SLACK * frequency_hz) & (harmonic > 0)
    return between(frequency_hz, *band_hz) & ~mains
