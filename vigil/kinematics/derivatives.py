"""Velocity, acceleration and jerk by local polynomials (Savitzky and Golay 1964)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.ndimage import median_filter

from vigil.compiled import compiled

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

NOWHERE = np.zeros(0, dtype=np.int64)
# the usual time between samples is that of so many steps, in which jitter averages out, and the
# median of so many of these, which a lost sample or a pause does not change
STEPS, AROUND = 10, 101
# a window holds at least this share of the known samples that are usual for its length
FULL = 0.9


def stretches_of_track(
    known: BoolArray, time_s: FloatArray, longest_step_s: float, jumps: IntArray = NOWHERE
) -> tuple[IntArray, IntArray, IntArray]:
    """Stretches of a track between holes and jumps.

    Parameters
    ----------
    known : ndarray of bool, (sample,)
    time_s : ndarray, (sample,)
        Rising times of the samples.
    longest_step_s : float
        Known samples further apart have a hole between them.
    jumps : ndarray of int
        Known samples that begin a stretch whatever lies before them.

    Returns
    -------
    at, first, last : ndarray of int
        The known samples; where in `at` each stretch begins, and one after where it ends.
    """
    at = np.flatnonzero(known)
    begins = np.diff(time_s[at], prepend=-np.inf) > longest_step_s
    begins |= np.isin(at, jumps)
    first = np.flatnonzero(begins)
    return at, first, np.append(first[1:], len(at))[: len(first)]


def fill_short_gaps(
    value: FloatArray, time_s: FloatArray, longest_step_s: float, jumps: IntArray = NOWHERE
) -> FloatArray:
    """Interpolate linearly within stretches; holes between them and the ends stay NaN.

    Parameters
    ----------
    value : ndarray, (sample,)
        NaN where it is missing.
    time_s, longest_step_s, jumps
        As of `stretches_of_track`.
    """
    at, first, last = stretches_of_track(np.isfinite(value), time_s, longest_step_s, jumps)
    filled = value.copy()
    if not len(at):
        return filled
    inside = np.zeros(len(value) + 1, dtype=np.int64)
    inside[at[first]] += 1
    inside[at[last - 1]] -= 1
    missing = (np.cumsum(inside)[:-1] > 0) & np.isnan(value)
    filled[missing] = np.interp(time_s[missing], time_s[at], value[at])
    return filled


def local_step_s(time_s: FloatArray) -> FloatArray:
    """Usual time from one sample to the next around each of them."""
    if len(time_s) < 2:
        return np.full(len(time_s), np.nan)
    steps = min(STEPS, len(time_s) - 1)
    step_s = median_filter((time_s[steps:] - time_s[:-steps]) / steps, AROUND, mode="nearest")
    return np.asarray(np.pad(step_s, (steps // 2, steps - steps // 2), mode="edge"))


def half_windows_s(time_s: FloatArray, window_s: float) -> tuple[FloatArray, FloatArray]:
    """Reach of a window to each side of each sample, and the usual step there.

    The reach ends between two samples of a regular track, so that jitter moves none in or
    out.
    """
    step_s = local_step_s(time_s)
    half = np.round(window_s / step_s) // 2
    return (half + 0.5) * step_s, step_s


def smooth_derivatives(
    value: FloatArray,
    time_s: FloatArray,
    window_s: float,
    polyorder: int,
    orders: tuple[int, ...],
    longest_step_s: float,
    jumps: IntArray = NOWHERE,
) -> list[FloatArray]:
    """Derivatives of a track that may have holes, at the times of its samples.

    A polynomial is fitted by least squares to the known samples of a window around each
    sample, at their true times, and differentiated there. Where a window holds fewer than
    two more than the polynomial's order, because the camera is slow or not every frame was
    tracked, or less than is usual for its length, because a gap is bridged, it grows until
    it has as many: a polynomial across a gap is loose there. Each stretch between holes is
    fitted on its own. Half a window is blanked at both of its ends, where the fit leans on
    one side only: there jerk of white noise is eight times that of the middle.

    scipy's `savgol_filter` fits the same polynomials, but needs a regular grid, which no
    camera keeps. movement's derivatives are `numpy.gradient`, repeated for acceleration
    and jerk, which amplifies noise.

    Parameters
    ----------
    value : ndarray, (sample,) or (channel, sample)
        The track, NaN where it is missing; a sample is known where all channels are.
    time_s : ndarray, (sample,)
        Rising times of the samples.
    window_s : float
        Length of the window.
    polyorder : int
        Order of its polynomial.
    orders : tuple of int
        Derivatives wanted; 0 is the smoothed track.
    longest_step_s : float
        Known samples further apart have a hole between them.
    jumps : ndarray of int
        Samples that the track jumps to: a stretch ends before them as before a hole.

    Returns
    -------
    list of ndarray, like `value`
        In units of `value` per second to the power of the order.
    """
    channels = np.atleast_2d(np.asarray(value, dtype=np.float64))
    result = np.full((len(orders), *channels.shape), np.nan)
    at, first, last = stretches_of_track(
        np.asarray(np.isfinite(channels).all(axis=0)), time_s, longest_step_s, jumps
    )
    reach_s, step_s = half_windows_s(time_s, window_s)
    if not len(at):
        return [np.asarray(derivative.reshape(np.shape(value))) for derivative in result]
    usual = 2 * reach_s[at] / local_step_s(time_s[at]) if len(at) > 1 else np.zeros(1)
    _fit(
        np.ascontiguousarray(channels[:, at].T),
        np.ascontiguousarray(time_s[at]),
        at,
        first,
        last,
        np.ascontiguousarray(time_s, dtype=np.float64),
        reach_s,
        step_s,
        np.maximum(polyorder + 2, np.round(FULL * usual)).astype(np.int64),
        polyorder,
        np.asarray(orders),
        result,
    )
    return [np.asarray(derivative.reshape(np.shape(value))) for derivative in result]


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


@compiled(nogil=True)
def _fit(
    value: FloatArray,
    known_s: FloatArray,
    at: IntArray,
    first: IntArray,
    last: IntArray,
    time_s: FloatArray,
    reach_s: FloatArray,
    step_s: FloatArray,
    enough: IntArray,
    polyorder: int,
    orders: IntArray,
    result: FloatArray,
) -> None:  # pragma: no cover - compiled
    terms = polyorder + 1
    channels = value.shape[1]
    moment = np.empty(2 * terms - 1)
    root = np.empty((terms, terms))
    right = np.empty((channels, terms))
    for stretch in range(len(first)):
        a, b = first[stretch], last[stretch]
        if b - a < polyorder + 2:
            continue
        lo = hi = near = a
        for i in range(at[a], at[b - 1] + 1):
            t, reach, step = time_s[i], reach_s[i], step_s[i]
            while near + 1 < b and at[near + 1] <= i:
                near += 1
            least = min(enough[near], b - a)
            # known samples lo to hi - 1 are in the window
            while lo > a and known_s[lo - 1] >= t - reach:
                lo -= 1
            while known_s[lo] < t - reach:
                lo += 1
            while hi > lo and known_s[hi - 1] > t + reach:
                hi -= 1
            while hi < b and known_s[hi] <= t + reach:
                hi += 1
            while hi - lo < least:
                further = np.inf
                if lo > a:
                    further = t - known_s[lo - 1]
                if hi < b:
                    further = min(further, known_s[hi] - t)
                reach = further + 0.5 * step
                while lo > a and known_s[lo - 1] >= t - reach:
                    lo -= 1
                while hi < b and known_s[hi] <= t + reach:
                    hi += 1
            if t - known_s[a] < reach - step or known_s[b - 1] - t < reach - step:
                continue
            # normal equations of powers of the time from this sample, in half windows
            scale = max(t - known_s[lo], known_s[hi - 1] - t)
            moment[:] = 0.0
            right[:] = 0.0
            for k in range(lo, hi):
                u = (known_s[k] - t) / scale
                power = 1.0
                for p in range(terms):
                    moment[p] += power
                    for c in range(channels):
                        # from a value nearby, so that a large offset costs no digits
                        right[c, p] += power * (value[k, c] - value[near, c])
                    power *= u
                for p in range(terms, 2 * terms - 1):
                    moment[p] += power
                    power *= u
            # Cholesky's factor, then both triangles
            for p in range(terms):
                for q in range(p + 1):
                    total = moment[p + q]
                    for r in range(q):
                        total -= root[p, r] * root[q, r]
                    root[p, q] = np.sqrt(total) if p == q else total / root[q, q]
            for c in range(channels):
                for p in range(terms):
                    total = right[c, p]
                    for r in range(p):
                        total -= root[p, r] * right[c, r]
                    right[c, p] = total / root[p, p]
                for p in range(terms - 1, -1, -1):
                    total = right[c, p]
                    for r in range(p + 1, terms):
                        total -= root[r, p] * right[c, r]
                    right[c, p] = total / root[p, p]
                for o in range(len(orders)):
                    order = orders[o]
                    factor = 1.0
                    for p in range(2, order + 1):
                        factor *= p
                    result[o, c, i] = right[c, order] * factor / scale**order
                    if order == 0:
                        result[o, c, i] += value[near, c]
