"""High-frequency oscillations: short bursts above 80 Hz that stand out of a channel's background.

After Staba et al. (2002): a burst is a row of half-waves of the band-passed signal that rise above
three standard deviations of their background, six at least, one of them above five. The background
is robust (a median), so that bursts do not raise their own threshold. A sharp transient makes any
filter ring; so the half-waves must be alike, and the spectrum of the unfiltered signal must have a
peak of its own in the band, parted from what lies below by a trough (Burnos et al. 2014).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from vigil.compiled import compiled
from vigil.recording import FloatArray
from vigil.seizures.interictal.bands import Band, Float32, background_sd, band_pass
from vigil.seizures.interictal.shape import AROUND_S, SPECTRUM_S, are_oscillations
from vigil.seizures.settings import Settings

Events = npt.NDArray[np.int64]

APART_S = 0.010
"""Half-waves and bursts closer than this are one burst (Staba et al. 2002)."""
MOST_S = 0.2
"""Longer ones are no bursts: muscle, mains that is switched on, or a seizure."""
ALIKE = 1 / 3
"""The half-waves that count reach this share of the highest one, whose neighbours are the filter's
own ringing where it stands alone."""
HALF_NORMAL = (0.7979, 0.6028)
"""Mean and standard deviation of |x| for x normal with standard deviation 1."""
MOST_REGIONS, LEAST_REGIONS = 0.5, 3
"""A burst on half of the contacts of more than this share of the regions, three at least, within
`APART_S` is a common disturbance."""


@compiled(nogil=True)
def _alike(y: Float32, first: int, last: int, height: float) -> int:
    """How many half-waves of y between two of its extremes, these included, rise above a height."""
    count, rises = 0, False
    for i in range(first, last + 1):
        if i > first and (y[i] >= 0) != (y[i - 1] >= 0):
            count += rises
            rises = False
        if abs(y[i]) > height:
            rises = True
    return count + rises


@compiled(nogil=True)
def _crosses(y: Float32, first: int, last: int) -> bool:
    """Whether y changes its sign between two rows."""
    i = first
    while i < last and (y[i] >= 0) == (y[i + 1] >= 0):
        i += 1
    return i < last


@compiled(nogil=True)
def _rows_of_bursts(
    y: Float32, edge: float, peak: float, apart: int, most: int, least: int, found: Events
) -> int:
    """Fill `found` with (first, top, last) of the bursts of y, and return how many they are."""
    count, i = 0, 0
    n = first = last = top = end = 0  # of the burst that runs; `end` of its last half-wave
    while i <= y.size:
        if i < y.size and abs(y[i]) <= edge:
            i += 1
            continue
        begin = at = i
        while i < y.size and abs(y[i]) > edge and (y[i] >= 0) == (y[begin] >= 0):
            if abs(y[i]) > abs(y[at]):
                at = i
            i += 1
        if n and (begin == y.size or at - last > apart):
            whole = n >= least and abs(y[top]) >= peak and last - first <= most
            if whole and _alike(y, first, last, ALIKE * abs(y[top])) >= least:
                found[count, 0], found[count, 1], found[count, 2] = first, top, last
                count += 1
            n = 0
        if begin == y.size:
            break
        if n == 0:
            first = top = last = at
            n = 1
        elif _crosses(y, end, begin):
            last = at
            n += 1
        elif abs(y[at]) > abs(y[last]):  # the half-wave has two humps
            last = at
        if abs(y[at]) > abs(y[top]):
            top = at
        end = i - 1
    return count


def bursts(y: Float32, sd_uv: FloatArray, band: Band, settings: Settings) -> list[Events]:
    """Candidates in band-passed signals: of each channel the rows (burst, 3) first, top, last.

    Thresholds are those of the rectified signal of a normal background: its mean and a number of
    its standard deviations. A channel whose background is 0 has none.
    """
    mean, spread = HALF_NORMAL
    edge, peak = (mean + spread * k for k in (settings.hfo_edge_sd, settings.hfo_peak_sd))
    apart, most = (round(s * band.rate_hz) for s in (APART_S, MOST_S))
    out = []
    for row, sd in zip(y, sd_uv, strict=True):
        found = np.empty((len(row) // settings.hfo_half_waves + 1, 3), np.int64)
        n = 0
        if sd > 0:
            least = settings.hfo_half_waves
            n = _rows_of_bursts(row, edge * sd, peak * sd, apart, most, least, found)
        out.append(found[:n])
    return out


def common(
    channel: npt.NDArray[np.int64], top: npt.NDArray[np.int64], regions: Sequence[str], near: float
) -> npt.NDArray[np.bool_]:
    """Which bursts come on most regions at once.

    A contact takes part when one of its bursts has its top within `near` rows; a region, when half
    of its contacts do.

    Parameters
    ----------
    channel, top : ndarray, (burst,)
        Position of the channel, rising, and row of the highest half-wave.
    regions : sequence of str
        Region of each channel.
    near : float
        Rows.
    """
    names, of = np.unique(np.asarray(regions), return_inverse=True)
    need = max(LEAST_REGIONS, int(np.floor(MOST_REGIONS * len(names))) + 1)
    taking_part = np.zeros((len(names), len(top)))
    for c in np.unique(channel):
        mine = np.sort(top[channel == c])
        here = np.searchsorted(mine, top + near, "right") > np.searchsorted(mine, top - near)
        taking_part[of[c]] += here
    share = taking_part / np.bincount(of)[:, None]
    return np.asarray((share >= 0.5).sum(axis=0) >= need)


def margin_rows(band: Band) -> int:
    """Rows around a block with which its bursts do not depend on where it ends."""
    # the top of a burst lies inside the block, its middle at most half of `MOST_S` outside
    looked_at_s = MOST_S / 2 + max(AROUND_S) + SPECTRUM_S
    longest_s = MOST_S + 2 * APART_S
    return band.half + int(np.ceil(max(longest_s, looked_at_s) * band.rate_hz)) + 1


def oscillations(
    x_uv: Float32,
    valid: npt.NDArray[np.bool_],
    band: Band,
    regions: Sequence[str],
    settings: Settings,
) -> tuple[list[Events], FloatArray]:
    """Oscillations of the band in a piece of one segment.

    Parameters
    ----------
    x_uv : ndarray, float32, (channel, row)
        Contiguous rows, margins included.
    valid : ndarray of bool, (row,) or (channel, row)
        Rows that tell the background, of all channels or of each.
    band : Band
        Of `make_band`.
    regions : sequence of str
        Region of each channel.
    settings : Settings
        Thresholds.

    Returns
    -------
    events : list of ndarray
        Of each channel (event, 3): rows of x of the first, the highest and the last half-wave.
    sd_uv : ndarray, (channel,)
        Robust standard deviation of the background; 0 for a dead channel.
    """
    y = band_pass(x_uv, band)
    sd = background_sd(y, valid[..., band.half : band.half + y.shape[1]])
    found = bursts(y, sd, band, settings)
    channel = np.repeat(np.arange(len(found)), [len(e) for e in found])
    events = np.concatenate(found) + band.half
    kept = ~common(channel, events[:, 1], regions, APART_S * band.rate_hz)
    centre = (events[kept, 0] + events[kept, 2]) // 2
    kept[kept] = are_oscillations(x_uv, channel[kept], centre, sd[channel[kept]], band)
    return [events[kept & (channel == c)] for c in range(len(found))], sd
