"""What two regions have in common, band by band: coherence, phase lag, amplitude correlation.

Each epoch is computed by itself, in one order, so that blocks of epochs do not matter.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import fft

from vigil.compiled import compiled

FloatArray = npt.NDArray[np.float64]
Float32 = npt.NDArray[np.float32]
BinsOfBand = Mapping[str, npt.NDArray[np.bool_]]

PER_BIN = 8
"""Samples of an envelope per frequency of its band. One holds the signal; its modulus is wider, and
the ends of what is kept are to lie where they should."""
RAMP_S = 0.25
"""Both ends of an epoch are faded in and out: where a slow wave does not end as it began, a
transform sees a jump, which has power at all frequencies."""
EDGE_CYCLES = 1.0
"""What is left out beside the ramps, in units of one over the band's width: what a filter of that
width gives there is made of the ramps as well."""
LEAST_CYCLES = 3.0
"""An envelope changes about as often as its band is wide; with fewer changes in what remains of
the epoch there is nothing to correlate."""


@dataclass(frozen=True)
class BandCoupling:
    """What pairs of regions share, (pair, epoch, band); pairs are in the order of `pairs_of`.

    Parameters
    ----------
    coherence : ndarray
        Mean magnitude-squared coherence of the band's frequencies, 0 to 1.
    phase_lag_rad : ndarray
        Phase of the first region minus that of the second, -pi to pi: positive where the first
        leads.
    """

    coherence: FloatArray
    phase_lag_rad: FloatArray


def pairs_of(n_regions: int) -> list[tuple[int, int]]:
    """All pairs of regions, the first with each other one to begin with."""
    return list(itertools.combinations(range(n_regions), 2))


def coupling_by_band(
    fourier: Sequence[npt.NDArray[np.complex64]],
    weights: npt.NDArray[np.float64],
    bands: BinsOfBand,
) -> BandCoupling:
    """Coherence and phase lag of all pairs of regions from multitaper cross-spectra.

    The cross-spectrum of a frequency is the weighted sum over the tapers (Thomson 1982). With
    K tapers two independent signals have an expected coherence of 1/K. The lag is the angle of
    the cross-spectrum summed over the band, so that frequencies count by their power; a delay
    of tau seconds is 2 pi f tau.

    Parameters
    ----------
    fourier : sequence of ndarray, complex64, (epoch, taper, frequency)
        Of the tapered windows, one entry per region.
    weights : ndarray, (taper,)
    bands : mapping of ndarray of bool, (frequency,)
        Frequencies of each band.

    Returns
    -------
    BandCoupling
        NaN where a signal is missing or zero.
    """
    pairs = np.array(pairs_of(len(fourier)), dtype=np.int64).reshape(-1, 2)
    n_epochs = fourier[0].shape[0] if fourier else 0
    coherence, lag = (np.full((len(pairs), n_epochs, len(bands)), np.nan) for _ in range(2))
    if not coherence.size:
        return BandCoupling(coherence, lag)
    members = [np.flatnonzero(bins) for bins in bands.values()]
    first = min((int(m[0]) for m in members if len(m)), default=0)
    last = max((int(m[-1]) for m in members if len(m)), default=-1) + 1
    parts = np.stack([np.ascontiguousarray(f[..., first:last]) for f in fourier])
    _couple(
        parts.astype(np.complex64, copy=False).view(np.float32),
        weights.astype(np.float64),
        pairs,
        np.concatenate(members) - first,
        np.cumsum([0, *map(len, members)]),
        coherence,
        lag,
    )
    return BandCoupling(coherence, lag)


@compiled(nogil=True)
def _couple(
    parts: Float32,
    weights: FloatArray,
    pairs: npt.NDArray[np.int64],
    members: npt.NDArray[np.int64],
    borders: npt.NDArray[np.int64],
    coherence: FloatArray,
    lag: FloatArray,
) -> None:
    """Fill coherence and lag from (region, epoch, taper, frequency and part).

    Band b has the frequencies members[borders[b] : borders[b + 1]].
    """
    n_regions, n_epochs, n_tapers, n_parts = parts.shape
    n = n_parts // 2
    power = np.empty((n_regions, n), np.float32)
    real, imaginary = np.empty(n, np.float32), np.empty(n, np.float32)
    for e in range(n_epochs):
        power[:] = 0
        for region in range(n_regions):
            total = power[region]
            for k in range(n_tapers):
                x, weight = parts[region, e, k], np.float32(weights[k])
                for f in range(n):
                    total[f] += weight * (x[2 * f] * x[2 * f] + x[2 * f + 1] * x[2 * f + 1])
        for p in range(pairs.shape[0]):
            i, j = pairs[p]
            real[:] = 0
            imaginary[:] = 0
            for k in range(n_tapers):
                x, y, weight = parts[i, e, k], parts[j, e, k], np.float32(weights[k])
                for f in range(n):
                    a, b, c, d = x[2 * f], x[2 * f + 1], y[2 * f], y[2 * f + 1]
                    real[f] += weight * (a * c + b * d)
                    imaginary[f] += weight * (b * c - a * d)
            for band in range(borders.size - 1):
                share = re = im = 0.0
                for m in range(borders[band], borders[band + 1]):
                    f = members[m]
                    u, v = np.float64(real[f]), np.float64(imaginary[f])
                    both = np.float64(power[i, f]) * np.float64(power[j, f])
                    share += (u * u + v * v) / both if both > 0 else np.nan
                    re += u
                    im += v
                size = borders[band + 1] - borders[band]
                if size and not np.isnan(share):
                    coherence[p, e, band] = min(share / size, 1.0)
                    lag[p, e, band] = np.arctan2(im, re)


def amplitude_correlations(x: Float32, rate_hz: float, bands: BinsOfBand) -> FloatArray:
    """Correlation of the amplitudes of all pairs of regions within each epoch.

    The amplitude of a band is the modulus of its analytic signal (Bruns et al. 2000, NeuroReport
    11:1509; with pairs of power envelopes Hipp et al. 2012, Nature Neuroscience 15:884). Here the
    band's frequencies are moved to zero before they are transformed back, which leaves the
    modulus as it is and needs a few samples only. Cosines round the band's edges off and fade the
    ends of the epoch, which are left out of the correlation.

    Parameters
    ----------
    x : ndarray, float32, (epoch, region, sample)
        Microvolts.
    rate_hz : float
        Rate of the samples.
    bands : mapping of ndarray of bool, (frequency,)
        Of `rfftfreq` of the epoch's length.

    Returns
    -------
    ndarray, (pair, epoch, band)
        -1 to 1, in the order of `pairs_of`; NaN where a signal is missing, does not change, or
        the epoch is too short for the band. What volume conduction shares counts as well.
    """
    n_epochs, n_regions, n = x.shape
    pairs = np.array(pairs_of(n_regions), dtype=np.int64).reshape(-1, 2)
    out = np.full((len(pairs), n_epochs, len(bands)), np.nan)
    if not out.size:
        return out
    centred = x - x.mean(axis=-1, keepdims=True)
    spectrum = fft.rfft(centred * _rounded(n, RAMP_S * rate_hz / n).astype(np.float32))
    for number, bins in enumerate(bands.values()):
        envelope = _envelope(spectrum, bins, n / rate_hz)
        if envelope is not None:
            _correlate(np.ascontiguousarray(envelope).view(np.float32), pairs, out[:, :, number])
    return out


def _envelope(
    spectrum: npt.NDArray[np.complex64], bins: npt.NDArray[np.bool_], duration_s: float
) -> npt.NDArray[np.complex64] | None:
    """Analytic signal of a band without the ends of the epoch, or None where nothing remains.

    Up to a factor, and turned so that the band's lowest frequency stands still.
    """
    inside = np.flatnonzero(bins)
    if not len(inside):
        return None
    first, size = int(inside[0]), int(inside[-1] - inside[0]) + 1
    width_hz = size / duration_s
    edge_s = RAMP_S + EDGE_CYCLES / width_hz
    if (duration_s - 2 * edge_s) * width_hz < LEAST_CYCLES:
        return None
    shape = _rounded(size, 0.25) * bins[first : first + size]
    n_points = fft.next_fast_len(PER_BIN * size)
    moved = np.zeros((*spectrum.shape[:-1], n_points), dtype=np.complex64)
    moved[..., :size] = spectrum[..., first : first + size] * shape.astype(np.float32)
    edge = int(np.ceil(edge_s / duration_s * n_points))
    analytic: npt.NDArray[np.complex64] = fft.ifft(moved)[..., edge : n_points - edge]
    return analytic


def _rounded(n: int, share: float) -> FloatArray:
    """Ones whose first and last `share` rise and fall as a squared cosine."""
    place = (np.arange(n) + 0.5) / n
    rise = np.clip(np.minimum(place, 1 - place) / share, 0, 1)
    return np.asarray(np.sin(np.pi / 2 * rise) ** 2)


@compiled(nogil=True)
def _correlate(parts: Float32, pairs: npt.NDArray[np.int64], out: FloatArray) -> None:
    """Fill out (pair, epoch) with the correlations of moduli, (epoch, region, time and part)."""
    n_epochs, n_regions, n_parts = parts.shape
    n = n_parts // 2
    amplitude = np.empty((n_regions, n))
    for e in range(n_epochs):
        for region in range(n_regions):
            x, own = parts[e, region], amplitude[region]
            total = 0.0
            for t in range(n):
                a, b = np.float64(x[2 * t]), np.float64(x[2 * t + 1])
                own[t] = np.sqrt(a * a + b * b)
                total += own[t]
            mean = total / n
            square = 0.0
            for t in range(n):
                own[t] -= mean
                square += own[t] * own[t]
            # without change, up to rounding, there is nothing to correlate
            scale = 1 / np.sqrt(square) if square > 1e-10 * n * mean * mean else np.nan
            for t in range(n):
                own[t] *= scale
        for p in range(pairs.shape[0]):
            i, j = pairs[p]
            total = 0.0
            for t in range(n):
                total += amplitude[i, t] * amplitude[j, t]
            out[p, e] = min(1.0, max(-1.0, total)) if not np.isnan(total) else np.nan
