"""What is read off a spectrum by adding up its bins: powers of bands, edges, entropy.

Each epoch is added up by itself and in float64, so that its numbers do not depend on which
epochs are computed together.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vigil.compiled import compiled

FloatArray = npt.NDArray[np.float64]
Density = npt.NDArray[np.float32] | npt.NDArray[np.float64]


@compiled(nogil=True)
def _add_up(density: Density, at: npt.NDArray[np.int64], total: FloatArray) -> None:
    for epoch in range(density.shape[0]):
        row = density[epoch]
        s = 0.0
        for i in at:
            s += row[i]
        total[epoch] = s


@compiled(nogil=True)
def _edges(
    density: Density,
    at: npt.NDArray[np.int64],
    frequency_hz: FloatArray,
    shares: FloatArray,
    edges_hz: FloatArray,
) -> None:
    step_hz = frequency_hz[1] - frequency_hz[0]
    for epoch in range(density.shape[0]):
        row = density[epoch]
        total = 0.0
        for i in at:
            total += row[i]
        if not total > 0.0:  # nor NaN
            edges_hz[:, epoch] = np.nan
            continue
        s, k = 0.0, 0
        for i in at:
            before = s
            s += row[i]
            while k < shares.size and s >= shares[k] * total:
                # the power of a bin is spread over its width
                inside = (shares[k] * total - before) / row[i]
                edges_hz[k, epoch] = frequency_hz[i] + (inside - 0.5) * step_hz
                k += 1


@compiled(nogil=True)
def _entropy(density: Density, at: npt.NDArray[np.int64], entropy: FloatArray) -> None:
    for epoch in range(density.shape[0]):
        row = density[epoch]
        total = 0.0
        for i in at:
            total += row[i]
        if not total > 0.0:
            entropy[epoch] = np.nan
            continue
        s = 0.0
        for i in at:
            if row[i] > 0.0:
                share = row[i] / total
                s -= share * np.log(share)
        entropy[epoch] = s / np.log(at.size)


def power_sum(density: Density, bins: npt.NDArray[np.bool_]) -> FloatArray:
    """Sum of the power densities of some frequencies, (epoch,).

    Parameters
    ----------
    density : ndarray, (epoch, frequency)
        Power density in uV^2/Hz.
    bins : ndarray of bool, (frequency,)
        Which frequencies count.
    """
    total = np.empty(len(density))
    _add_up(density, np.flatnonzero(bins), total)
    return total


def log_power(density: Density, bins: npt.NDArray[np.bool_]) -> FloatArray:
    """Log10 of the mean power density of some frequencies in uV^2/Hz, (epoch,).

    NaN where there is no power: a dead signal has no logarithm.

    Parameters
    ----------
    density : ndarray, (epoch, frequency)
        Power density in uV^2/Hz.
    bins : ndarray of bool, (frequency,)
        Which frequencies count.
    """
    mean = power_sum(density, bins) / bins.sum()
    return np.log10(np.where(mean > 0, mean, np.nan))


def spectral_edges_hz(
    frequency_hz: FloatArray,
    density: Density,
    bins: npt.NDArray[np.bool_],
    shares: tuple[float, ...],
) -> FloatArray:
    """Frequencies below which given shares of the power lie, (share, epoch).

    Read between the frequencies of the spectrum: each holds its power over one step's width.
    Frequencies that do not count hold nothing. NaN where there is no power.

    Parameters
    ----------
    frequency_hz : ndarray, (frequency,)
        Evenly spaced.
    density : ndarray, (epoch, frequency)
        Power density in uV^2/Hz.
    bins : ndarray of bool, (frequency,)
        Which frequencies count.
    shares : tuple of float
        Rising, above 0 and below 1.
    """
    edges_hz = np.empty((len(shares), len(density)))
    _edges(density, np.flatnonzero(bins), frequency_hz, np.asarray(shares), edges_hz)
    return edges_hz


def spectral_entropy(density: Density, bins: npt.NDArray[np.bool_]) -> FloatArray:
    """Shannon entropy of the spectrum over its maximum, (epoch,): 1 where it is flat.

    After Inouye et al. 1991. NaN where there is no power.

    Parameters
    ----------
    density : ndarray, (epoch, frequency)
        Power density in uV^2/Hz.
    bins : ndarray of bool, (frequency,)
        Which frequencies count.
    """
    entropy = np.empty(len(density))
    _entropy(density, np.flatnonzero(bins), entropy)
    return entropy
