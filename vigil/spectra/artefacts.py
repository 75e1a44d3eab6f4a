"""Artefacts: which quarter seconds of which channels hold no brain.

A rule flags what no field of neurons can be. Movement shifts a cable or an electrode, which gives
sharp edges and amplitudes far beyond those of fields (Islam et al. 2014, J Neurosci Methods
226:110); a converter at the end of its range and an open input show themselves in the numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigil.compiled import compiled

SATURATED, MOVEMENT, DISCONNECTED = 1, 2, 4
WORDS = {SATURATED: "saturated", MOVEMENT: "movement artefact", DISCONNECTED: "disconnected"}

FLAT_S = 0.25
"""A channel whose samples are all the same for so long is disconnected."""
SLEW_S = 0.001
"""A jump is what happens within this time, whatever the rate of the samples."""
PLATEAU_S = 0.002
"""Time near the end of the range that is saturation: what the filters of the store leave of it."""
NEAR_END = 0.98
"""Share of the range from which a sample is near its end."""

Codes = npt.NDArray[np.uint8]
Int16 = npt.NDArray[np.int16]
Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Limits:
    """What each channel may do, in the store's steps.

    Parameters
    ----------
    slew : ndarray of int, (channel,)
        Largest change over `lag` rows.
    extent : ndarray of int, (channel,)
        Largest peak-to-peak amplitude of a window.
    ends : ndarray of int, (channel, 4)
        Least and greatest step of the converter, and from which steps on a sample is near them.
    lag, plateau, flat : int
        Rows of a jump, of a plateau and of a disconnection.
    """

    slew: Int64
    extent: Int64
    ends: Int64
    lag: int
    plateau: int
    flat: int

    @property
    def margin(self) -> int:
        """Rows on both sides of a window that its code depends on."""
        return max(self.lag, self.plateau, self.flat)


def limits_in_steps(
    scale_uv: npt.NDArray[np.float64],
    rate_hz: float,
    slew_uv_ms: float,
    extent_uv: float,
    moves: npt.NDArray[np.bool_] | None = None,
    range_steps: npt.NDArray[np.int64] | None = None,
) -> Limits:
    """Limits of all channels of a store.

    Parameters
    ----------
    scale_uv : ndarray, (channel,)
        Microvolts per step.
    rate_hz : float
        Rate of the rows.
    slew_uv_ms, extent_uv : float
        Largest slope (uV/ms) and peak-to-peak amplitude (uV) of a field.
    moves : ndarray of bool, (channel,), optional
        Channels that movement artefacts are looked for in; all by default. Muscles are as steep
        and as large as artefacts: not in an EMG.
    range_steps : ndarray of int, (channel, 2), optional
        Least and greatest step that each channel's converter gives; those of int16 by default.
    """
    n = len(scale_uv)
    step_uv = np.abs(scale_uv)
    lag = max(1, round(SLEW_S * rate_hz))
    beyond = np.full(n, np.iinfo(np.int32).max, dtype=np.int64)

    def in_steps(limit_uv: float) -> Int64:
        # more than a jump over the whole range is never reached
        steps = np.minimum(limit_uv / np.maximum(step_uv, 1e-12), 1e6).astype(np.int64)
        return steps if moves is None else np.where(moves, steps, beyond)

    if range_steps is None:
        range_steps = np.tile(np.array([-32768, 32767], dtype=np.int64), (n, 1))
    middle = range_steps.mean(axis=1, keepdims=True)
    near = middle + NEAR_END * (range_steps - middle)
    near = np.stack([np.floor(near[:, 0]), np.ceil(near[:, 1])], axis=1).astype(np.int64)
    return Limits(
        slew=in_steps(slew_uv_ms * 1000 * lag / rate_hz),
        extent=in_steps(extent_uv),
        ends=np.concatenate([range_steps, near], axis=1).astype(np.int64),
        lag=lag,
        plateau=max(2, int(np.ceil(PLATEAU_S * rate_hz))),
        flat=max(2, int(np.ceil(FLAT_S * rate_hz - 1e-6))),
    )


def find_artefacts(steps: Int16, bounds: Int64, limits: Limits) -> Codes:
    """Reasons against each window of each channel.

    Parameters
    ----------
    steps : ndarray, int16, (row, channel)
        Rows that follow each other without a gap.
    bounds : ndarray of int, (window + 1,)
        Window w has the rows [bounds[w], bounds[w + 1]). Where `limits.margin` rows stand on
        both sides of it, its code does not depend on how the rows were cut into blocks.
    limits : Limits

    Returns
    -------
    ndarray, uint8, (window, channel)
        Sum of SATURATED, MOVEMENT and DISCONNECTED, 0 where there is none.
    """
    codes = np.zeros((len(bounds) - 1, steps.shape[1]), dtype=np.uint8)
    steps = np.ascontiguousarray(steps)
    longest = int(np.diff(bounds).max(initial=0)) + limits.lag
    held = np.zeros(longest, dtype=np.int16)
    _mark_windows(
        steps,
        bounds,
        limits.slew,
        limits.extent,
        limits.ends,
        limits.lag,
        limits.plateau,
        held,
        codes,
    )
    _mark_flat(steps, bounds, limits.ends, limits.flat, codes)
    return codes


@compiled(nogil=True)
def _mark_windows(
    steps: Int16,
    bounds: Int64,
    slew: Int64,
    extent: Int64,
    ends: Int64,
    lag: int,
    plateau: int,
    held: Int16,
    codes: Codes,
) -> None:
    """Add SATURATED and MOVEMENT; `held` has room for a window and what comes before it."""
    channels = steps.shape[1]
    flat = steps.ravel()
    for w in range(codes.shape[0]):
        first, last = bounds[w], bounds[w + 1]
        if last <= first:
            continue
        before = min(lag, first)
        n = last - first + before
        for c in range(channels):
            # a row of one channel's samples is what a processor works on fastest
            source = flat[(first - before) * channels + c :]
            part = held[:n]
            for i in range(n):
                part[i] = source[i * channels]
            own = part[before:]
            least = greatest = own[0]
            for i in range(own.size):
                least = min(least, own[i])
                greatest = max(greatest, own[i])
            code = 0
            if np.int64(greatest) - np.int64(least) > extent[c]:
                code = MOVEMENT
            elif n > lag:
                later, earlier = part[lag:], part[: n - lag]
                steepest = np.int32(0)
                for i in range(later.size):
                    change = np.int32(later[i]) - np.int32(earlier[i])
                    steepest = max(steepest, abs(change))
                if steepest > slew[c]:
                    code = MOVEMENT
            if least <= ends[c, 2] or greatest >= ends[c, 3]:
                at_end = least <= ends[c, 0] or greatest >= ends[c, 1]
                if at_end or _has_plateau(flat, first, last, channels, c, ends[c], plateau):
                    code |= SATURATED
            codes[w, c] |= code


@compiled(nogil=True)
def _has_plateau(
    flat: Int16, first: int, last: int, channels: int, c: int, ends: Int64, plateau: int
) -> bool:
    """Whether rows [first, last) touch `plateau` rows in a row near one end of the range."""
    low = high = 0
    rows = flat.size // channels
    for r in range(max(0, first - plateau + 1), min(rows, last + plateau - 1)):
        x = flat[r * channels + c]
        low = low + 1 if x <= ends[2] else 0
        high = high + 1 if x >= ends[3] else 0
        if low >= plateau or high >= plateau:
            return True
    return False


@compiled(nogil=True)
def _mark_flat(steps: Int16, bounds: Int64, ends: Int64, least_rows: int, codes: Codes) -> None:
    """Add DISCONNECTED to windows that a stretch of equal samples touches.

    A stretch of `least_rows` holds one of the rows that lie half of that apart, so only these
    are looked at and their neighbours.
    """
    rows, channels = steps.shape
    hop = max(1, least_rows // 2)
    for c in range(channels):
        stop = 0
        for row in range(hop, rows, hop):
            if row < stop:
                continue
            x = steps[row, c]
            start, stop = row, row + 1
            while start > 0 and steps[start - 1, c] == x:
                start -= 1
            while stop < rows and steps[stop, c] == x:
                stop += 1
            # at the end of the range the converter is full, not the input open
            if stop - start < least_rows or x <= ends[c, 2] or x >= ends[c, 3]:
                continue
            w = int(np.searchsorted(bounds, start, side="right")) - 1
            for k in range(max(w, 0), codes.shape[0]):
                if bounds[k] >= stop:
                    break
                if bounds[k + 1] > max(start, bounds[k]):
                    codes[k, c] |= DISCONNECTED
