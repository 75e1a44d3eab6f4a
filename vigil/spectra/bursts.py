"""Spindles and ripples: bursts of a band that stand out of the recording's own usual level.

A block of the recording with margins around it has the same bursts as the recording in one piece.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigil.compiled import compiled
from vigil.spectra.band_envelope import Envelope, Quadrature, band_envelope, make_quadrature
from vigil.spectra.bands import REACH

__all__ = [
    "BURSTS",
    "RIPPLES",
    "SPINDLES",
    "Baseline",
    "Burst",
    "Envelope",
    "Quadrature",
    "band_envelope",
    "burst_peaks",
    "burst_rates",
    "bursts_per_min",
    "make_quadrature",
    "margin_rows",
    "reaches",
    "usual_level",
]

Float32 = npt.NDArray[np.float32]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Burst:
    """What counts as a burst.

    Parameters
    ----------
    band_hz : tuple of float
        Half-power borders of the band.
    edge, peak : float
        How far the envelope must rise above its usual level from the burst's beginning to its
        end, and at its peak; in robust standard deviations.
    least_s, most_s : float
        Shortest and longest burst.
    apart_s : float
        Bursts closer than this are one.
    """

    band_hz: tuple[float, float]
    edge: float
    peak: float
    least_s: float
    most_s: float
    apart_s: float


SPINDLES = Burst((10.0, 15.0), edge=1.5, peak=3.0, least_s=0.5, most_s=3.0, apart_s=0.1)
"""Spindles of mice: 10-15 Hz, two thresholds, at least 0.5 s (Uygun et al. 2019, Sleep); the
lower threshold and 0.5-3 s of Moelle et al. 2009 (Sleep). The upper threshold is twice the lower
one; in noise without bursts both together are met once in ten minutes."""

RIPPLES = Burst((120.0, 180.0), edge=2.0, peak=5.0, least_s=0.02, most_s=0.2, apart_s=0.03)
"""Ripples: edges at 2 and peak above 5 standard deviations, from 20 ms on, joined below 30 ms
(FindRipples of the FMA toolbox, as in buzcode); up to 200 ms, as long ones are of interest
(Fernandez-Ruiz et al. 2019, Science). Noise without bursts reaches that once in two minutes."""

BURSTS = {"spindle": SPINDLES, "ripple": RIPPLES}
"""Bursts whose rates are features, as `<name>_rate`."""


@dataclass(frozen=True)
class Baseline:
    """The usual level of a band in a recording.

    Parameters
    ----------
    median, spread : ndarray, (channel,)
        Of the envelope in microvolts; the spread is the median absolute deviation over 0.6745.
        NaN where nothing is known or the channel is dead.
    """

    median: FloatArray
    spread: FloatArray


def reaches(burst: Burst, rate_hz: float) -> bool:
    """Whether a stored rate holds the band of a burst."""
    return burst.band_hz[1] <= REACH * rate_hz


def margin_rows(rate_hz: float, burst: Burst) -> int:
    """Rows that a block needs on both sides, so that its bursts do not depend on where it ends.

    Half of the filter and the longest burst with what would be joined to it. At a border of a
    segment there are fewer: bursts that the border cuts are not counted.
    """
    quadrature = make_quadrature(rate_hz, burst.band_hz)
    longest = int(np.ceil((burst.most_s + burst.apart_s) * rate_hz))
    return quadrature.half + longest + 3 * quadrature.step


def usual_level(envelopes: Sequence[Envelope]) -> Baseline:
    """Median and robust spread of the envelopes of excerpts of a recording.

    Parameters
    ----------
    envelopes : sequence of Envelope
        One per excerpt, at least one; a minute in all tells the level of spindles. NaN does not
        count.
    """
    values = np.concatenate([e.values for e in envelopes], axis=1).astype(np.float64)
    level = np.full((2, len(values)), np.nan)
    for channel, row in enumerate(values):
        known = row[~np.isnan(row)]
        if len(known):
            median = np.median(known)
            spread = np.median(np.abs(known - median)) / 0.6745
            if spread > 0:
                level[:, channel] = median, spread
    return Baseline(level[0], level[1])


@compiled(nogil=True)
def _find(
    y: Float32,
    edge: float,
    peak: float,
    least: float,
    most: float,
    apart: float,
    found: npt.NDArray[np.int64],
) -> int:
    """Fill `found` with the peaks of the bursts of y and return how many; lengths in values."""
    count, i, n = 0, 0, y.size
    begin = end = -1.0
    top = 0
    while i <= n:
        rises = i < n and y[i] > edge
        if (rises and begin >= 0 and i - end > apart) or (i == n and begin >= 0):
            # what reaches the border of the piece is cut by it
            whole = begin > 0.0 and end < n - 1.0
            if whole and y[top] >= peak and least <= end - begin <= most:
                found[count] = top
                count += 1
            begin = -1.0
        if not rises:
            i += 1
            continue
        if begin < 0:
            begin, top = 0.0, i
            if i:  # where the line between two values crosses the edge
                begin = i - (y[i] - edge) / (y[i] - y[i - 1])
        while i < n and y[i] > edge:
            if y[i] > y[top]:
                top = i
            i += 1
        end = n - 1.0
        if i < n:
            end = i - (edge - y[i]) / (y[i - 1] - y[i])
    return count


def burst_peaks(
    envelope: Envelope, baseline: Baseline, burst: Burst, rate_hz: float
) -> list[npt.NDArray[np.int64]]:
    """Rows at which bursts peak, one array per channel, counted from the segment's first row.

    A burst is a stretch above the edge, stretches closer than `apart_s` joined, that lasts from
    `least_s` to `most_s` and reaches the peak's threshold. Those that the border of the piece
    cuts do not count; with margins of `margin_rows` they peak outside of the block.

    Parameters
    ----------
    envelope : Envelope
        Of `band_envelope`.
    baseline : Baseline
        Of `usual_level`; channels without one have no bursts.
    burst : Burst
        What counts.
    rate_hz : float
        Rate of the rows.
    """
    per_s = rate_hz / envelope.step
    peaks = []
    for y, median, spread in zip(envelope.values, baseline.median, baseline.spread, strict=True):
        found = np.empty(len(y) // 2 + 1, np.int64)
        count = 0
        if np.isfinite(spread):
            count = _find(
                y,
                median + burst.edge * spread,
                median + burst.peak * spread,
                burst.least_s * per_s,
                burst.most_s * per_s,
                burst.apart_s * per_s,
                found,
            )
        peaks.append(envelope.first_row + envelope.step * found[:count])
    return peaks


def bursts_per_min(
    peaks: npt.NDArray[np.int64],
    epoch_rows: npt.NDArray[np.int64],
    n_rows: int,
    known: tuple[int, int],
    rate_hz: float,
) -> FloatArray:
    """Rate of bursts of each epoch in 1/min, each counted where it peaks.

    Parameters
    ----------
    peaks : ndarray of int
        Rows of the peaks of one channel, rising.
    epoch_rows : ndarray of int, (epoch,)
        First row of each epoch, counted as the peaks are.
    n_rows : int
        Rows of an epoch.
    known : tuple of int
        First row, and row after the last, that have an envelope: the segment without half of
        the filter at both ends. Only that part of an epoch is counted and divided by.
    rate_hz : float
        Rate of the rows.

    Returns
    -------
    ndarray, (epoch,)
        NaN where less than half of the epoch is known.
    """
    last = epoch_rows + n_rows
    count = np.searchsorted(peaks, last) - np.searchsorted(peaks, epoch_rows)
    seen = np.minimum(last, known[1]) - np.maximum(epoch_rows, known[0])
    enough = 2 * seen >= n_rows
    return np.where(enough, 60.0 * rate_hz * count / np.where(enough, seen, 1), np.nan)


def burst_rates(
    x: Float32,
    first_row: int,
    segment_rows: int,
    epoch_rows: npt.NDArray[np.int64],
    n_rows: int,
    burst: Burst,
    quadrature: Quadrature,
    baseline: Baseline,
    rate_hz: float,
) -> FloatArray:
    """Rate of bursts in each epoch of a block in 1/min, (channel, epoch).

    Parameters
    ----------
    x : ndarray, float32, (channel, row)
        Microvolts of the block, with `margin_rows` on both sides or up to the segment's border.
    first_row : int
        Number of x's first row, counted from the first row of the segment.
    segment_rows : int
        Rows of the segment.
    epoch_rows : ndarray of int, (epoch,)
        First row of each epoch, counted from the first row of the segment.
    n_rows : int
        Rows of an epoch.
    burst, quadrature, baseline
        What counts, the filter of its band, and the recording's usual level.
    rate_hz : float
        Rate of the rows.

    Returns
    -------
    ndarray, (channel, epoch)
        NaN where the channel has no baseline, and where a segment's border leaves less than
        half of the epoch known.
    """
    envelope = band_envelope(x, first_row, quadrature)
    known = (quadrature.half, segment_rows - quadrature.half)
    rates = [
        bursts_per_min(peaks, epoch_rows, n_rows, known, rate_hz)
        for peaks in burst_peaks(envelope, baseline, burst, rate_hz)
    ]
    unknown = np.isnan(baseline.spread)[:, None]
    return np.where(unknown, np.nan, np.asarray(rates).reshape(len(x), len(epoch_rows)))
