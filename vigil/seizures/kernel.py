"""The signals' way through the filters: sums over the samples of each step.

The filters go on from sample to sample, and nothing hastens that; but the channels know
nothing of one another. So the innermost loops run over the channels, which the compiler
turns into vector instructions, and a tile of some rows passes one section of the filters
after the other while it is in the cache.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.signal

from vigil.compiled import compiled
from vigil.recording import FloatArray
from vigil.seizures.filters import Filters

Array = npt.NDArray[Any]

N, SLOPE, BAND2, CHANGE2, LOW2, HIGH2, FAST2, HUM2, SPIKES, LIMITED = range(10)
SUMS = 10
"""Of each step: samples, |slope above 12 Hz|, squares of the band and of its change, of 4-12 Hz,
of what lies above, of the muscle band and of the band before the notch; spikes; samples at the
converter's limit."""
TILE = 64  # rows: eight buffers of 64 channels fill a quarter of a usual second-level cache
EXACT = {"contract", "reassoc", "nsz"}  # of fast mathematics what leaves infinity and NaN alone


@dataclass
class Memory:
    """State of the filters and counters of some channels inside one segment."""

    filters: FloatArray  # (section, 2, channel)
    last: FloatArray  # (5, channel): band, above 4 Hz and above 12 Hz of the last sample;
    # samples since the last crossing, steepest slope since then
    started: bool = False


def start_segment(n_channels: int, filters: Filters) -> Memory:
    """Memory before the first sample of a segment."""
    n = len(filters.sections)
    return Memory(np.zeros((n, 2, n_channels)), np.zeros((5, n_channels)))


@dataclass(frozen=True)
class StepSums:
    """Sums over the samples of each step.

    Parameters
    ----------
    sums : ndarray
        (step, 10, channel), see `SUMS`.
    together : ndarray
        (step, 2): sum of squares of the mean over the channels, in the band and fast.
    """

    sums: FloatArray
    together: FloatArray

    @classmethod
    def zeros(cls, n_steps: int, n_channels: int) -> StepSums:
        """Of steps of which nothing has been seen."""
        return cls(np.zeros((n_steps, SUMS, n_channels)), np.zeros((n_steps, 2)))

    def at(self, steps: slice) -> StepSums:
        """Of some of the steps."""
        return StepSums(self.sums[steps], self.together[steps])

    def add(self, first: StepSums) -> None:
        """Add what another block has of the first steps."""
        self.sums[: len(first.sums)] += first.sums
        self.together[: len(first.sums)] += first.together


def pass_block(
    signal: npt.NDArray[np.float32] | npt.NDArray[np.int16],
    step: npt.NDArray[np.int64],
    sums: StepSums,
    filters: Filters,
    memory: Memory,
    slope_uv: FloatArray,
    limit_uv: FloatArray,
    n_together: int,
    columns: npt.NDArray[np.int64] | None = None,
    scale_uv: npt.NDArray[np.float32] | None = None,
) -> None:
    """Measure a block of samples that follow those that `memory` has seen.

    Parameters
    ----------
    signal : ndarray
        (row, column), in microvolts or in steps of a converter.
    step : ndarray
        Step of each row, counted from the first of `sums`, increasing.
    sums : StepSums
        To which the block is added.
    slope_uv, limit_uv : ndarray
        Slope of a spike in microvolts per sample, per channel, and the converter's lowest and
        highest value (2, channel), or (channel,) where they are alike but for the sign.
    n_together : int
        Number of leading channels whose mean is taken (those of the brain).
    columns, scale_uv : ndarray
        Columns of the channels, all of them if not given, and microvolts per step of each
        channel, one if not given.
    """
    if not len(step):
        return
    columns = np.arange(signal.shape[1]) if columns is None else columns
    scale = np.ones(len(columns), np.float32) if scale_uv is None else scale_uv
    if not memory.started:
        # the first sample's offset counts as having always been there: its answer is the
        # high-pass section's steady state, for the fast band zero
        first = signal[0, columns] * scale
        for section in (0, 8):
            b, a = filters.sections[section, :3], np.r_[1.0, filters.sections[section, 3:]]
            memory.filters[section] = np.outer(scipy.signal.lfilter_zi(b, a), first)
        memory.started = True
    short, long = filters.n_spike
    low, high = (-limit_uv, limit_uv) if limit_uv.ndim == 1 else limit_uv
    _pass_rows(
        signal, columns, scale, step, filters.sections, memory.filters, memory.last,
        slope_uv, float(short), float(long), low, high, n_together, sums.sums, sums.together,
    )  # fmt: skip


@compiled(nogil=True)
def _pass_rows(
    signal: Array, columns: Array, scale: Array, step: Array, sections: Array, z: Array,
    last: Array, slope: Array, short: float, long: float, lowest: Array, highest: Array,
    n_together: int, sums: Array, together: Array,
) -> None:  # fmt: skip
    """Take the rows through the filters, tile by tile, none of them across a step's border."""
    m = columns.shape[0]
    # the first row of each buffer is the last one of the tile before
    buffers = np.empty((8, TILE + 1, m))
    raw, passed, hum, band, above, low, high, fast = (
        buffers[0], buffers[1], buffers[2], buffers[3], buffers[4], buffers[5], buffers[6],
        buffers[7],
    )  # fmt: skip
    unused = np.zeros(m)
    band[0], above[0], high[0] = last[0], last[1], last[2]
    first = 0
    while first < signal.shape[0]:
        k, end = step[first], first + 1
        while end < signal.shape[0] and end - first < TILE and step[end] == k:
            end += 1
        n = end - first + 1
        s = sums[k]
        s[N] += float(n - 1)
        _to_uv(signal[first:end], columns, scale, lowest, highest, raw, s[LIMITED])
        _two_sections(raw[:n], fast, z[8], z[9], sections[8], sections[9], s[FAST2])
        _two_sections(raw[:n], passed, z[0], z[1], sections[0], sections[1], unused)
        _section(passed[:n], hum, z[2], sections[2], s[HUM2])
        _section(hum[:n], band, z[3], sections[3], s[BAND2])
        # without what is slower than theta, so that the slow wave does not widen a spike
        _section(band[:n], above, z[4], sections[4], unused)
        _section(above[:n], low, z[5], sections[5], s[LOW2])
        _two_sections(band[:n], high, z[6], z[7], sections[6], sections[7], s[HIGH2])
        _change(band[:n], s[CHANGE2])
        _spikes(above[:n], high, last[3], last[4], slope, short, long, s[SPIKES], s[SLOPE])
        together[k, 0] = _mean_power(band[:n], n_together, together[k, 0])
        together[k, 1] = _mean_power(fast[:n], n_together, together[k, 1])
        band[0], above[0], high[0] = band[n - 1], above[n - 1], high[n - 1]
        first = end
    last[0], last[1], last[2] = band[0], above[0], high[0]


@compiled(nogil=True, fastmath=EXACT)
def _to_uv(
    signal: Array, columns: Array, scale: Array, lowest: Array, highest: Array, out: Array,
    limited: Array,
) -> None:  # fmt: skip
    for i in range(signal.shape[0]):
        for c in range(columns.shape[0]):
            uv = np.float32(signal[i, columns[c]]) * scale[c]
            out[i + 1, c] = uv
            limited[c] += 1.0 if uv <= lowest[c] or uv >= highest[c] else 0.0


@compiled(nogil=True, fastmath=EXACT)
def _section(x: Array, out: Array, z: Array, b: Array, squares: Array) -> None:
    """One second-order section (transposed direct form II), and the squares of what comes out."""
    b0, b1, b2, a1, a2 = b[0], b[1], b[2], b[3], b[4]
    za, zb = z[0], z[1]
    for i in range(1, x.shape[0]):
        for c in range(x.shape[1]):
            v = x[i, c]
            y = b0 * v + za[c]
            za[c] = b1 * v - a1 * y + zb[c]
            zb[c] = b2 * v - a2 * y
            out[i, c] = y
            squares[c] += y * y


@compiled(nogil=True, fastmath=EXACT)
def _two_sections(
    x: Array, out: Array, z: Array, w: Array, b: Array, d: Array, squares: Array
) -> None:
    """Two sections in a chain: what lies between them is not stored."""
    b0, b1, b2, a1, a2 = b[0], b[1], b[2], b[3], b[4]
    d0, d1, d2, c1, c2 = d[0], d[1], d[2], d[3], d[4]
    za, zb, wa, wb = z[0], z[1], w[0], w[1]
    for i in range(1, x.shape[0]):
        for c in range(x.shape[1]):
            v = x[i, c]
            y = b0 * v + za[c]
            za[c] = b1 * v - a1 * y + zb[c]
            zb[c] = b2 * v - a2 * y
            u = d0 * y + wa[c]
            wa[c] = d1 * y - c1 * u + wb[c]
            wb[c] = d2 * y - c2 * u
            out[i, c] = u
            squares[c] += u * u


@compiled(nogil=True, fastmath=EXACT)
def _change(x: Array, squares: Array) -> None:
    for i in range(1, x.shape[0]):
        for c in range(x.shape[1]):
            d = x[i, c] - x[i - 1, c]
            squares[c] += d * d


@compiled(nogil=True, fastmath=EXACT)
def _spikes(
    above: Array, high: Array, since: Array, steepest: Array, least: Array, short: float,
    long: float, spikes: Array, slopes: Array,
) -> None:  # fmt: skip
    """Half-waves of the right length with a steep slope; without branches, for all channels."""
    for i in range(1, above.shape[0]):
        for c in range(above.shape[1]):
            ago, steep = since[c], steepest[c]
            crosses = (above[i, c] >= 0.0) != (above[i - 1, c] >= 0.0)
            is_steep = crosses and ago <= long and steep >= least[c]
            spikes[c] += 1.0 if is_steep and ago >= short else 0.0
            # the half-wave that follows a steep one is its after-swing
            ago = (long if is_steep else 0.0) if crosses else ago
            steep = 0.0 if crosses else steep
            slope = abs(high[i, c] - high[i - 1, c])
            slopes[c] += slope
            since[c] = ago + 1.0
            steepest[c] = steep if steep > slope else slope


@compiled(nogil=True, fastmath=EXACT)
def _mean_power(x: Array, n_together: int, total: float) -> float:
    """Add to a sum, row by row, the squared mean of the leading channels."""
    share = 1.0 / max(1, n_together)
    for i in range(1, x.shape[0]):
        row = 0.0
        for c in range(n_together):
            row += x[i, c]
        total += (row * share) ** 2
    return total
