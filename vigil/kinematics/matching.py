"""Which pulse belongs to which frame: what tells, and how surely.

Frames and pulses show the same exposures on two clocks, each with some missing. Both are
numbered by their regular spacing; what has to be found is the shift from the numbers of
frames to those of pulses. The unevenness of single exposures, which both clocks see, tells
best; then pauses that both share; then how many there are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.fft import irfft, next_fast_len, rfft

from vigil.kinematics.exposures import usual_step_s

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Float32Array = npt.NDArray[np.float32]

MIN_PAIRS = 100
"""Steps that both clocks have to show before their unevenness is compared."""
MIN_SCORE = 8.0
"""Standard errors by which the correlation of the unevenness has to exceed 0: chance gives
less than 6 among the millions of shifts of a day."""
LONG_HOLE = 5000
"""Across more exposures without a frame or a pulse, wandering clocks may leave one out."""
MOST_UNEVEN = 0.5
"""Share of the step by which steps between neighbouring exposures may differ from it."""
CLIP = 4.0
"""Steps further than so many standard deviations from the usual count as so far."""
EXACT_S = 1e-9
"""Unevenness below this is that of the numbers: doubles of a day in seconds have 1e-11 s."""
MOST_HOLES = 2000
"""Holes of each clock that are compared, the first ones: all pairs of them are formed."""
FIRST_SHARE = 0.1
"""Share of the frames that may have been lost before the first."""


@dataclass(frozen=True)
class Place:
    """The shift from the numbers of frames to those of pulses.

    Parameters
    ----------
    shift : int
        The likeliest.
    shifts : ndarray of int
        All that are possible.
    evidence : str
        What decided: 'unevenness', 'pauses', 'counts', 'camera clock'; '' when nothing did.
    """

    shift: int
    shifts: IntArray
    evidence: str


def place_frames(
    camera_s: FloatArray, frame: IntArray, pulse_s: FloatArray, pulse: IntArray
) -> Place:
    """Find the shift from the numbers of frames to those of pulses.

    Parameters
    ----------
    camera_s, frame : ndarray, (frame,)
        Times on the camera's clock, and numbers from `vigil.kinematics.exposures`.
    pulse_s, pulse : ndarray, (pulse,)
        The same of the pulses on the recording's clock.
    """
    missing = int(pulse[-1] - frame[-1])
    within = np.arange(min(missing, 0), max(missing, 0) + 1)
    uneven = shift_by_unevenness(camera_s, frame, pulse_s, pulse)
    shared = shifts_by_pauses(frame, pulse, within)
    if uneven is not None:
        if len(shared) and uneven not in shared:
            return Place(uneven, np.append(shared, uneven), "")
        return Place(uneven, np.array([uneven]), "unevenness")
    first = float(camera_s[0]) / usual_step_s(camera_s)
    # the number of the first frame, if the camera's clock began with the first exposure
    lead = round(first)
    whole = abs(first - lead) < 0.1
    if len(shared):
        nearest = lead if lead in shared else int(shared[np.argmin(np.abs(shared))])
        return Place(nearest, shared, "pauses" if len(shared) == 1 else "")
    if whole and lead == missing:
        # the camera's clock accounts for every pulse without a frame
        return Place(lead, np.array([lead]), "camera clock" if lead else "counts")
    if missing == 0:
        if whole and 0 < lead <= FIRST_SHARE * len(frame):
            return Place(0, np.array([0, lead]), "")
        return Place(0, within, "counts")
    if missing < 0:
        # pulses from the recording's very start on: the camera was running before it
        running = pulse_s[0] < 1.5 * usual_step_s(pulse_s)
        return Place(missing if running else 0, within, "")
    return Place(lead if lead in within else 0, within, "")


def shift_by_unevenness(
    camera_s: FloatArray, frame: IntArray, pulse_s: FloatArray, pulse: IntArray
) -> int | None:
    """The shift at which long and short steps of frames lie on long and short ones of pulses.

    Cross-correlation of how far single steps are from the usual, at all shifts, in standard
    errors of chance. None where no shift stands out twice as far as any other: clocks
    without common jitter, and rounding that repeats itself.
    """
    of_frames, has_frame = _unevenness(camera_s, frame)
    of_pulses, has_pulse = _unevenness(pulse_s, pulse)
    if min(has_frame.sum(), has_pulse.sum()) < MIN_PAIRS:
        return None
    pairs = np.maximum(np.round(_at_all_shifts(has_frame, has_pulse)), 1)
    score = _at_all_shifts(of_frames, of_pulses) / np.sqrt(pairs)
    score[pairs < MIN_PAIRS] = 0
    best = int(np.argmax(score))
    top = float(score[best])
    score[best] = 0
    if top < MIN_SCORE or top < 2 * float(score.max()):
        return None
    shift = best - (len(of_frames) - 1)
    # a few great deviations that meet are no proof: the error is that of the products found
    low, high = max(0, -shift), min(len(of_frames), len(of_pulses) - shift)
    product = (of_frames[low:high] * of_pulses[low + shift : high + shift]).astype(np.float64)
    error = float(np.sqrt(np.sum(product**2)))
    return shift if error > 0 and float(product.sum()) >= MIN_SCORE * error else None


def parted_by_holes(
    camera_s: FloatArray, frame: IntArray, pulse_s: FloatArray, pulse: IntArray
) -> int:
    """By how many frames the unevenness of a part beyond a long hole contradicts these numbers.

    Parameters
    ----------
    camera_s, frame, pulse_s, pulse : ndarray
        As of `place_frames`, but the frames numbered as the pulses.
    """
    missing = np.concatenate([_holes(frame), _holes(pulse)])
    ends = missing[missing[:, 1] >= LONG_HOLE].sum(axis=1)
    if not len(ends):
        return 0
    off = 0
    for part in np.split(np.arange(len(frame)), np.searchsorted(frame, np.sort(ends))):
        if len(part) > MIN_PAIRS:
            # the first pulse is 0, and the part has its own first frame
            number = frame[part] - frame[part[0]]
            own = shift_by_unevenness(camera_s[part], number, pulse_s, pulse)
            off = max(off, abs(own - int(frame[part[0]])) if own is not None else 0)
    return off


def shifts_by_pauses(frame: IntArray, pulse: IntArray, within: IntArray) -> IntArray:
    """Shifts at which holes of the frames are holes of the pulses; none where that may be chance.

    Frames are lost and pulses are missed independently, so that some holes lie on each other
    at some shift. They decide where at least two of the same length do (three where neither
    clock lies within the other) and more are shared than not.
    """
    of_frames, of_pulses = _holes(frame), _holes(pulse)
    if not len(of_frames) or not len(of_pulses):
        return np.empty(0, dtype=np.int64)
    apart = of_pulses[None, :MOST_HOLES, 0] - of_frames[:MOST_HOLES, None, 0]
    alike = of_pulses[None, :MOST_HOLES, 1] == of_frames[:MOST_HOLES, None, 1]
    shifts, shared = np.unique(apart[alike], return_counts=True)
    if not len(shifts):
        return np.empty(0, dtype=np.int64)
    best, count = shifts[shared == shared.max()], int(shared.max())
    if np.isin(best, within).any():
        best = best[np.isin(best, within)]
    good = [
        s
        for s in best
        if count >= (2 if s in within else 3)
        and count > _overlapping(of_frames + np.array([s, 0]), pulse) - count
        and count > _overlapping(of_pulses - np.array([s, 0]), frame) - count
    ]
    return np.array(good, dtype=np.int64)


def _unevenness(time_s: FloatArray, number: IntArray) -> tuple[Float32Array, Float32Array]:
    """How far each single step is from the usual, of unit variance, and which steps there are."""
    step_s = np.diff(time_s)
    usual_s = usual_step_s(time_s)
    # a step further off is one of a late stamp, not of an exposure
    single = (np.diff(number) == 1) & (np.abs(step_s - usual_s) < MOST_UNEVEN * usual_s)
    at = number[:-1][single]
    step_s = step_s[single]
    uneven: Float32Array = np.zeros(int(number[-1]) + 1, dtype=np.float32)
    there = np.zeros_like(uneven)
    if not len(step_s):
        return uneven, there
    far = step_s - np.mean(step_s)
    scale = 1.4826 * float(np.median(np.abs(far)))
    if scale < EXACT_S:
        scale = float(np.std(far))
    if scale > EXACT_S:
        far = np.clip(far / scale, -CLIP, CLIP)
        far -= far.mean()
        uneven[at] = far / np.std(far)
        there[at] = 1
    return uneven, there


def _at_all_shifts(a: Float32Array, b: Float32Array) -> Float32Array:
    """Sum over k of a[k] b[k + shift], from shift 1 - len(a) to len(b) - 1."""
    size = next_fast_len(len(a) + len(b) - 1, real=True)
    product = rfft(b, size)
    product *= np.conj(rfft(a, size))
    sums = irfft(product, size)
    return np.concatenate([sums[size - (len(a) - 1) :], sums[: len(b)]])


def _holes(number: IntArray) -> IntArray:
    """First number and length of each stretch that is missing, (hole, 2)."""
    step = np.diff(number)
    before = np.flatnonzero(step > 1)
    return np.stack([number[before] + 1, step[before] - 1], axis=1)


def _overlapping(holes: IntArray, other: IntArray) -> int:
    """Number of holes that lie within the span of the other clock."""
    return int(np.sum((holes[:, 0] > other[0]) & (holes.sum(axis=1) <= other[-1])))
