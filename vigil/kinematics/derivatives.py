"""Velocity, acceleration and jerk by local polynomials (Savitzky and Golay 1964)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.signal import savgol_coeffs

from vigil.compiled import compiled

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

# a sample further than this share of a step from the straight line of its window is irregular
IRREGULAR = 0.01


NOWHERE = np.zeros(0, dtype=np.int64)


def fill_short_gaps(value: FloatArray, max_samples: int, jumps: IntArray = NOWHERE) -> FloatArray:
    """Interpolate gaps of at most `max_samples` linearly; longer ones and the ends stay NaN.

    A gap stays too when one of `jumps`, samples that the track jumps to, ends it.
    """
    known = np.flatnonzero(np.isfinite(value))
    filled = value.copy()
    if not len(known):
        return filled
    missing = np.flatnonzero(np.isnan(value))
    after = np.searchsorted(known, missing)
    inside = (after > 0) & (after < len(known))
    missing, after = missing[inside], after[inside]
    bridged = known[after] - known[after - 1] - 1 <= max_samples
    short = missing[bridged & ~np.isin(known[after], jumps)]
    filled[short] = np.interp(short, known, value[known])
    return filled


def smooth_derivatives(
    value: FloatArray,
    time_s: FloatArray,
    window: int,
    polyorder: int,
    orders: tuple[int, ...],
    jumps: IntArray = NOWHERE,
) -> list[FloatArray]:
    """Derivatives of a track that may have holes, at the times of its samples.

    A polynomial is fitted to the samples of a window around each sample by least squares,
    and differentiated there. Each stretch between holes is fitted on its own; half a
    window is blanked beside a hole, where the fit leans on one side only. The ends of the
    whole track stay, from the fit to the first and the last window.

    scipy's `savgol_filter` fits the same polynomials, but needs a regular grid over the
    whole stretch, which no camera keeps over a day: its clock wanders by more than a frame
    time. Here each window is fitted at its true times, or by the filter's coefficients for
    its own step where it is regular to 1 %. movement's derivatives are `numpy.gradient`,
    repeated for acceleration and jerk, which amplifies noise.

    Parameters
    ----------
    value : ndarray, (sample,)
        The track, NaN in holes.
    time_s : ndarray, (sample,)
        Rising times of the samples.
    window : int
        Length of the filter in samples, odd.
    polyorder : int
        Order of its polynomial.
    orders : tuple of int
        Derivatives wanted; 0 is the smoothed track.
    jumps : ndarray of int
        Samples that the track jumps to: a stretch ends before them as before a hole.

    Returns
    -------
    list of ndarray, (sample,)
        In units of `value` per second to the power of the order.
    """
    result = np.full((len(orders), len(value)), np.nan)
    known = np.isfinite(value)
    first, last = stretches(known)
    within = jumps[(jumps > 0) & known[jumps] & known[jumps - 1]]
    first, last = np.union1d(first, within), np.union1d(last, within)
    filters = [savgol_coeffs(window, polyorder, deriv=k, use="dot") for k in orders]
    _fit(
        np.ascontiguousarray(value, dtype=np.float64),
        np.ascontiguousarray(time_s, dtype=np.float64),
        first,
        last,
        window,
        polyorder,
        np.asarray(orders),
        np.asarray(filters),
        result,
    )
    return list(result)


def unwrap_stretches(angle_rad: FloatArray) -> FloatArray:
    """Angle without jumps of a full turn, within each stretch between holes."""
    unwrapped = angle_rad.copy()
    known = np.flatnonzero(np.isfinite(angle_rad))
    if not len(known):
        return unwrapped
    whole = np.unwrap(angle_rad[known])
    # each stretch keeps the angle that it begins with
    begins = np.concatenate([[True], np.diff(known) > 1])
    offset = (whole - angle_rad[known])[begins]
    unwrapped[known] = whole - offset[np.cumsum(begins) - 1]
    return unwrapped


def stretches(which: BoolArray) -> tuple[IntArray, IntArray]:
    """First samples of the stretches in which `which` is true, and those after their ends."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], which.astype(np.int8), [0]])))
    return edges[::2], edges[1::2]


@compiled(nogil=True)
def _is_regular(time_s: FloatArray, step_s: float) -> bool:  # pragma: no cover - compiled
    """Whether each sample of a window lies near its own straight line."""
    for k in range(1, len(time_s)):
        if abs(time_s[k] - time_s[0] - k * step_s) > IRREGULAR * step_s:
            return False
    return True


@compiled(nogil=True)
def _fit(
    value: FloatArray,
    time_s: FloatArray,
    first: IntArray,
    last: IntArray,
    window: int,
    polyorder: int,
    orders: IntArray,
    filters: FloatArray,
    result: FloatArray,
) -> None:  # pragma: no cover - compiled
    half = window // 2
    terms = polyorder + 1
    moment = np.empty(2 * terms - 1)
    root = np.empty((terms, terms))
    right = np.empty(terms)
    for stretch in range(len(first)):
        a, b = first[stretch], last[stretch]
        if b - a < window:
            continue
        start = a if a == 0 else a + half
        stop = b if b == len(value) else b - half
        for i in range(start, stop):
            w = min(max(i - half, a), b - window)
            step = (time_s[w + window - 1] - time_s[w]) / (window - 1)
            if w == i - half and _is_regular(time_s[w : w + window], step):
                for o in range(len(orders)):
                    total = 0.0
                    for k in range(window):
                        total += filters[o, k] * value[w + k]
                    result[o, i] = total / step ** orders[o]
                continue
            # normal equations of powers of the time from this sample, in half windows
            scale = 0.5 * (time_s[w + window - 1] - time_s[w])
            moment[:] = 0.0
            right[:] = 0.0
            for k in range(window):
                u = (time_s[w + k] - time_s[i]) / scale
                # from the sample's own value, so that a large offset costs no digits
                x = value[w + k] - value[i]
                power = 1.0
                for p in range(2 * terms - 1):
                    moment[p] += power
                    if p < terms:
                        right[p] += power * x
                    power *= u
            # Cholesky's factor, then both triangles
            for p in range(terms):
                for q in range(p + 1):
                    total = moment[p + q]
                    for r in range(q):
                        total -= root[p, r] * root[q, r]
                    root[p, q] = np.sqrt(total) if p == q else total / root[q, q]
            for p in range(terms):
                total = right[p]
                for r in range(p):
                    total -= root[p, r] * right[r]
                right[p] = total / root[p, p]
            for p in range(terms - 1, -1, -1):
                total = right[p]
                for r in range(p + 1, terms):
                    total -= root[r, p] * right[r]
                right[p] = total / root[p, p]
            for o in range(len(orders)):
                order = orders[o]
                factor = 1.0
                for p in range(2, order + 1):
                    factor *= p
                result[o, i] = right[order] * factor / scale**order
                if order == 0:
                    result[o, i] += value[i]
