"""Compiled loops of downsample: filters, extremes of windows, samples out of records.

Sums of products over contiguous samples are what a processor does fastest; outputs that are
computed together share their taps, and for common steps their samples. Every output is computed
by the same instructions wherever it stands, so that the result does not depend on how a signal is
cut into pieces. Unsigned indices spare a check for negative ones in the innermost loops.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vigil.compiled import compiled
from vigil.downsample.sums import OUTPUTS, TAPS, sums_of_eight, sums_of_sixteen

TILE_ROWS = 32
"""Rows that are transposed at a time."""
TILE = 512
"""Outputs of a filter per tile of float samples, which stays in the first-level cache."""

Int16 = npt.NDArray[np.int16]
Float32 = npt.NDArray[np.float32]


@compiled(nogil=True)
def fir(x: Float32, taps: Float32, step: int, y: Float32) -> None:
    """Write the sums of `taps` times x[n * step :] to y[n]; y holds a multiple of OUTPUTS."""
    if step == 8 and taps.size % TAPS == 0:
        fir_of_eight(x, taps, y)
    elif step == 16 and taps.size % TAPS == 0:
        fir_of_sixteen(x, taps, y)
    else:
        fir_of_any(x, taps, step, y)


@compiled(nogil=True, fastmath=True)
def fir_of_any(x: Float32, taps: Float32, step: int, y: Float32) -> None:
    """The filter for any step."""
    k, d = np.uintp(taps.size), np.uintp(step)
    for n in range(np.uintp(0), np.uintp(y.size), np.uintp(4)):
        a0 = n * d
        a1 = a0 + d
        a2 = a1 + d
        a3 = a2 + d
        p = q = r = s = np.float32(0)
        for i in range(k):
            tap = taps[i]
            p += x[a0 + i] * tap
            q += x[a1 + i] * tap
            r += x[a2 + i] * tap
            s += x[a3 + i] * tap
        y[n] = p
        y[n + np.uintp(1)] = q
        y[n + np.uintp(2)] = r
        y[n + np.uintp(3)] = s


@compiled(nogil=True)
def fir_of_eight(x: Float32, taps: Float32, y: Float32) -> None:
    """The filter for a step of 8; taps holds a multiple of TAPS."""
    x_at, taps_at, y_at = x.ctypes.data, taps.ctypes.data, y.ctypes.data
    for n in range(y.size):
        y[n] = 0
    for n in range(0, y.size, OUTPUTS):
        to_y = np.uintp(y_at + 4 * n)
        for first in range(0, taps.size, TAPS):
            from_x = np.uintp(x_at + 4 * (8 * n + first))
            sums_of_eight(from_x, np.uintp(taps_at + 4 * first), to_y)


@compiled(nogil=True)
def fir_of_sixteen(x: Float32, taps: Float32, y: Float32) -> None:
    """The filter for a step of 16; taps holds a multiple of TAPS."""
    x_at, taps_at, y_at = x.ctypes.data, taps.ctypes.data, y.ctypes.data
    for n in range(y.size):
        y[n] = 0
    for n in range(0, y.size, OUTPUTS):
        to_y = np.uintp(y_at + 4 * n)
        for first in range(0, taps.size, TAPS):
            from_x = np.uintp(x_at + 4 * (16 * n + first))
            sums_of_sixteen(from_x, np.uintp(taps_at + 4 * first), to_y)


@compiled(nogil=True)
def widen(x: Int16, y: Float32) -> None:
    """Samples as float32."""
    for i in range(y.size):
        y[i] = x[i]


@compiled(nogil=True)
def coarse(x: Int16, taps: Float32, step: int, y: Float32) -> None:
    """First filter: fill y, each output `step` samples after the one before.

    y holds a multiple of OUTPUTS.
    """
    tile = np.empty((TILE - 1) * step + taps.size, np.float32)
    for first in range(0, y.size, TILE):
        part = y[first : first + TILE]
        held = tile[: (part.size - 1) * step + taps.size]
        widen(x[first * step : first * step + held.size], held)
        fir(held, taps, step, part)


@compiled(nogil=True)
def fine(x: Float32, bank: Float32, starts: npt.NDArray[np.int64], step: int, y: Float32) -> None:
    """Polyphase filter: fill y in rounds of as many outputs as the bank has phases.

    Parameters
    ----------
    x : ndarray, float32
        Outputs of the first filter.
    bank : ndarray, float32, (phase, tap)
        Taps of each phase.
    starts : ndarray of int, (phase,)
        First sample of each phase in round 0.
    step : int
        Samples from one round to the next.
    y : ndarray, float32
        Whole rounds, a multiple of OUTPUTS of them.
    """
    phases = bank.shape[0]
    of_phase = np.empty(TILE, np.float32)
    for first in range(0, y.size // phases, TILE):
        part = y[first * phases : (first + TILE) * phases]
        held = of_phase[: part.size // phases]
        for phase in range(phases):
            fir(x[first * step + starts[phase] :], bank[phase], step, held)
            for n in range(held.size):
                part[n * phases + phase] = held[n]


@compiled(nogil=True, fastmath=True)
def fine_each(
    x: Float32, bank: Float32, starts: npt.NDArray[np.int64], step: int, first: int, y: Float32
) -> None:
    """Polyphase filter, output by output: y from output number `first` of round 0 on.

    The same as `fine` for banks of so many phases that whole rounds would be a waste.
    """
    phases, k = np.uintp(bank.shape[0]), np.uintp(bank.shape[1])
    for n in range(np.uintp(0), np.uintp(y.size)):
        row = n + np.uintp(first)
        phase = row % phases
        at = row // phases * np.uintp(step) + np.uintp(starts[phase])
        taps = bank[phase]
        total = np.float32(0)
        for i in range(k):
            total += x[at + i] * taps[i]
        y[n] = total


@compiled(nogil=True)
def round_to_int16(x: Float32, y: Int16) -> None:
    """Nearest steps, at the ends of the range where it is exceeded."""
    for i in range(y.size):
        y[i] = np.int16(min(max(np.rint(x[i]), np.float32(-32768)), np.float32(32767)))


@compiled(nogil=True)
def transpose(x: Int16, y: Int16) -> None:
    """Copy x[channel, row] to y[row, channel] for the rows of y, in tiles that stay in cache."""
    channels, held = x.shape
    rows = y.shape[0]
    source, target = x.ravel(), y.ravel()
    for first in range(0, rows, TILE_ROWS):
        n = min(TILE_ROWS, rows - first)
        for channel in range(channels):
            row = source[channel * held + first : channel * held + first + n]
            column = target[first * channels + channel :]
            for i in range(n):
                column[i * channels] = row[i]


@compiled(nogil=True)
def window_extremes(x: Int16, low: Int16, high: Int16, window: int) -> None:
    """Least and greatest sample of each window; the last one may be shorter."""
    for w in range(low.size):
        part = x[w * window : (w + 1) * window]
        least = greatest = part[0]
        for i in range(part.size):
            least = min(least, part[i])
            greatest = max(greatest, part[i])
        low[w], high[w] = least, greatest


@compiled(nogil=True)
def count_outside(x: Int16, low: int, high: int) -> int:
    """Samples at or below `low` or at or above `high`."""
    count = 0
    for i in range(x.size):
        count += (x[i] <= low) | (x[i] >= high)
    return count


@compiled(nogil=True)
def unpack_records(
    words: npt.NDArray[np.uint32],
    halves: Int16,
    last_valid: int,
    step_us: float,
    slack_us: float,
    out: Int16,
) -> int:
    """Samples of .ncs records end to end, their headers checked.

    Parameters
    ----------
    words, halves : ndarray
        The same bytes, once as numbers of 32 bits and once of 16.
    last_valid : int
        Valid samples that the last record must have; the others must be full.
    step_us, slack_us : float
        Time from one record to the next, and how much that may differ.
    out : ndarray, int16
        Receives 512 samples per record.

    Returns
    -------
    int
        Number of the first record that is not as it must be, or -1.
    """
    n = out.size // 512
    before_us = 0.0
    for r in range(n):
        at = r * 261
        time_us = words[at] + words[at + 1] * 4294967296.0
        if words[at + 4] != (last_valid if r == n - 1 else 512):
            return r
        if r and abs(time_us - before_us - step_us) > slack_us:
            return r
        before_us = time_us
        source = halves[r * 522 + 10 : (r + 1) * 522]
        target = out[r * 512 : (r + 1) * 512]
        for i in range(512):
            target[i] = source[i]
    return -1
