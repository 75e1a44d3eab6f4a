"""The aperiodic part of a spectrum, log10 P = offset - exponent log10 f, and what rises above it.

The line is the one that Donoghue et al. 2020 fit in their mode without a knee ('fixed'). There
the rhythms are modelled and taken away; here the frequencies of theta and sigma are left out and
the others are weighted down where they stand off the line (bisquare of Beaton and Tukey 1974),
which takes a thousandth of the time. Each octave counts the same, so that a broad rhythm of
gamma, which covers most of the frequencies but few of the octaves, does not bend the line.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vigil.compiled import compiled
from vigil.spectra.multitaper import between

FIT_HZ = (2.0, 45.0)
"""Where the line is fitted: below the mains, above the drift of electrodes."""
RHYTHMS_HZ = (5.0, 19.0)
"""Left out of the fit: theta (6-9 Hz), sigma, and theta's harmonic, with what the tapers add."""
REWEIGHTED = 16
"""How often the fit is repeated with new weights."""
REJECTED_FROM = 4.0
"""Robust standard deviations from which on a frequency does not count."""
SPREAD_OCTAVES = 1 / 16
"""The spread around the line is the median over frequencies that are at least so far apart."""
SMALLEST_SPREAD = 1e-6
"""Spread of a spectrum that is a line but for rounding."""

FloatArray = npt.NDArray[np.float64]
Density = npt.NDArray[np.float32] | npt.NDArray[np.float64]


@compiled(nogil=True)
def _fit(
    density: Density,
    at: npt.NDArray[np.int64],
    frequency_hz: FloatArray,
    apart: npt.NDArray[np.int64],
    exponent: FloatArray,
    offset: FloatArray,
) -> None:
    n = at.size
    log_f = np.log10(frequency_hz[at])
    y, residual, weight = np.empty(n), np.empty(n), np.empty(n)
    for epoch in range(density.shape[0]):
        row = density[epoch]
        positive = True
        for i in range(n):
            positive = positive and row[at[i]] > 0.0
        if not positive:  # or NaN
            exponent[epoch] = offset[epoch] = np.nan
            continue
        for i in range(n):
            y[i] = np.log10(row[at[i]])
            weight[i] = 1.0 / frequency_hz[at[i]]
        slope = intercept = 0.0
        for _ in range(REWEIGHTED + 1):
            w = wx = wy = wxx = wxy = 0.0
            for i in range(n):
                w += weight[i]
                wx += weight[i] * log_f[i]
                wy += weight[i] * y[i]
                wxx += weight[i] * log_f[i] * log_f[i]
                wxy += weight[i] * log_f[i] * y[i]
            slope = (w * wxy - wx * wy) / (w * wxx - wx * wx)
            intercept = (wy - slope * wx) / w
            for i in range(n):
                residual[i] = abs(y[i] - intercept - slope * log_f[i])
            limit = REJECTED_FROM * max(np.median(residual[apart]) / 0.6745, SMALLEST_SPREAD)
            for i in range(n):
                u = residual[i] / limit
                weight[i] = (1.0 - u * u) ** 2 / frequency_hz[at[i]] if u < 1.0 else 0.0
        exponent[epoch], offset[epoch] = -slope, intercept


@compiled(nogil=True)
def _peak(
    density: Density,
    at: npt.NDArray[np.int64],
    frequency_hz: FloatArray,
    exponent: FloatArray,
    offset: FloatArray,
    peak_hz: FloatArray,
    height: FloatArray,
) -> None:
    ratio = np.empty(at.size)
    for epoch in range(density.shape[0]):
        top = 0
        for i in range(at.size):
            f = frequency_hz[at[i]]
            ratio[i] = density[epoch, at[i]] * f ** exponent[epoch]
            if ratio[i] > ratio[top]:
                top = i
        if not ratio[top] > 0.0:
            peak_hz[epoch] = height[epoch] = np.nan
            continue
        s = moment = 0.0
        for i in range(at.size):
            above = max(ratio[i] - ratio[top] / 2, 0.0)
            s += above
            moment += above * frequency_hz[at[i]]
        peak_hz[epoch] = moment / s
        height[epoch] = np.log10(ratio[top]) - offset[epoch]


def _apart(frequency_hz: FloatArray) -> npt.NDArray[np.int64]:
    """Positions of frequencies of which each octave has as many, as far as there are."""
    kept = [0]
    for i, f in enumerate(frequency_hz):
        if f >= frequency_hz[kept[-1]] * 2**SPREAD_OCTAVES:
            kept.append(i)
    return np.asarray(kept)


def fit_aperiodic(
    frequency_hz: FloatArray, density: Density, usable: npt.NDArray[np.bool_]
) -> tuple[FloatArray, FloatArray]:
    """Exponent and offset of the power law under the rhythms (Donoghue et al. 2020).

    Parameters
    ----------
    frequency_hz : ndarray, (frequency,)
    density : ndarray, (epoch, frequency)
        Power density in uV^2/Hz.
    usable : ndarray of bool, (frequency,)
        Frequencies that count, mains left out.

    Returns
    -------
    exponent : ndarray, (epoch,)
        2 where the power falls with the square of the frequency. NaN where a frequency has no
        power, or fewer than three frequencies count.
    offset : ndarray, (epoch,)
        Log10 of the power density that the line has at 1 Hz, in uV^2/Hz.
    """
    fit = between(frequency_hz, *FIT_HZ, closed=True) & usable
    fit &= ~between(frequency_hz, *RHYTHMS_HZ, closed=True)
    exponent, offset = np.full((2, len(density)), np.nan)
    if fit.sum() >= 3:
        at = np.flatnonzero(fit)
        _fit(density, at, frequency_hz, _apart(frequency_hz[at]), exponent, offset)
    return exponent, offset


def rhythm_peak(
    frequency_hz: FloatArray,
    density: Density,
    bins: npt.NDArray[np.bool_],
    exponent: FloatArray,
    offset: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Frequency of the strongest rhythm of a range and its height above the aperiodic part.

    Without the aperiodic part, as a power law would always put the peak at the lower border.
    Tapers widen a line to a plateau, so the frequency is the centroid of what is above half of
    the maximum; without a rhythm that is near the middle of the range.

    Parameters
    ----------
    frequency_hz : ndarray, (frequency,)
    density : ndarray, (epoch, frequency)
        Power density in uV^2/Hz.
    bins : ndarray of bool, (frequency,)
        Where the rhythm is looked for.
    exponent, offset : ndarray, (epoch,)
        Of `fit_aperiodic`.

    Returns
    -------
    peak_hz : ndarray, (epoch,)
        NaN where there is no aperiodic part.
    height : ndarray, (epoch,)
        Log10 of the greatest density over the aperiodic part there.
    """
    peak_hz, height = np.full((2, len(density)), np.nan)
    if bins.any():
        at = np.flatnonzero(bins)
        _peak(density, at, frequency_hz, exponent, offset, peak_hz, height)
    return peak_hz, height
