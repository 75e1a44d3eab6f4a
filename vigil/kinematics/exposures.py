"""Exposures of a camera numbered by their regular spacing, from either clock that shows them.

A stamp that comes late, one that a slow clock rounds, or a pulse that bounces must not count
as an exposure: what is counted afterwards would be shifted. So stamps are not counted step by
step; each is compared with the phase of all stamps around it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.ndimage import median_filter, uniform_filter1d
from scipy.optimize import isotonic_regression

from vigil.recording import RecordingError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

SPANS = (1, 8, 64)
"""Steps over which the usual step is measured: each narrows what the one before found."""
NEAR = 0.6
"""Spans within so many steps of the usual hold no lost exposure; a clock of 15.6 ms makes
steps of 1.4 at 30 frames a second."""
PHASE_STAMPS = 65
"""Stamps around each whose common phase is taken: two seconds of a usual camera."""
LONG_STEPS = 1000
"""Across longer holes the clocks wander, and the phase is taken on each side of its own."""
COHERENT = 0.2
"""Mean resultant length (1 regular, 0 none) below which the stamps have no common phase: chance
gives 0.11, an unevenness of a quarter of the step 0.3."""
COHERENT_STAMPS = 501
LOCAL_STEPS = 101
"""Steps whose median is the usual one where the rate changes."""


def exposure_numbers(time_s: FloatArray) -> IntArray:
    """Number regularly spaced exposures from 0, counting those that are missing.

    The phase of the regular spacing is the circular mean over the stamps around (Mardia and
    Jupp, Directional Statistics, 2000), so that neither drift nor single stamps add up. What
    is missing before each stamp cannot decrease; the staircase nearest to the stamps in least
    squares (isotonic regression) puts a late one back to its place. Where the rate itself
    changes, steps are counted in terms of those around them.

    Parameters
    ----------
    time_s : ndarray, (stamp,)
        Rising times.

    Raises
    ------
    RecordingError
        When there are no times, or they do not rise.
    """
    if not len(time_s):
        raise RecordingError(
            "There are no frame times to number; check that the video and its file of frame times "
            "are whole."
        )
    step_s = np.diff(time_s)
    if len(step_s) and step_s.min() <= 0:
        at = int(np.argmin(step_s)) + 1
        raise RecordingError(
            f"Frame times do not rise at frame {at} ({time_s[at]:.4f} s after "
            f"{time_s[at - 1]:.4f} s); check the file of frame times."
        )
    if not len(step_s):
        return np.zeros(1, dtype=np.int64)
    if not is_regular(time_s):
        local_s = median_filter(step_s, LOCAL_STEPS, mode="nearest")
        counts = np.maximum(1, np.round(step_s / local_s))
        return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    place, _ = _places(time_s, usual_step_s(time_s))
    order = np.arange(len(time_s))
    missing: FloatArray = isotonic_regression(place - order).x
    number = np.round(missing).astype(np.int64) + order
    return np.asarray(number - number[0])


def usual_step_s(time_s: FloatArray) -> float:
    """Mean step between neighbours over spans in which nothing is missing.

    A median of rounded times would miscount long gaps, and the mean of single steps those of
    a clock so coarse that a step of one exposure is one of its ticks or two.
    """
    step_s = np.diff(time_s)
    if not len(step_s):
        return float("nan")
    usual_s = float(np.median(step_s))
    for span in SPANS:
        of_span_s = (time_s[span:] - time_s[:-span]) / span
        near = np.abs(of_span_s - usual_s) <= NEAR / span * usual_s
        # lost frames everywhere, or too few stamps: what shorter spans say stays
        if len(of_span_s) < span or near.mean() < 0.3:
            break
        usual_s = float(np.mean(of_span_s[near]))
    return usual_s


def is_regular(time_s: FloatArray) -> bool:
    """Whether the stamps keep a common phase throughout; not so where the rate changes."""
    if len(time_s) < PHASE_STAMPS:
        return True
    _, coherence = _places(time_s, usual_step_s(time_s))
    return bool(uniform_filter1d(coherence, COHERENT_STAMPS).min() >= COHERENT)


def without_bounces(pulse_s: FloatArray) -> FloatArray:
    """Pulses without those for which the exposures around leave no room.

    Of several that fall to one exposure the one that is in phase is kept; and the first as
    well when the exposure before has none, which is a late pulse and not a bounce.

    Parameters
    ----------
    pulse_s : ndarray, (pulse,)
        Times that do not fall.
    """
    pulse_s = pulse_s[np.concatenate([[True], np.diff(pulse_s) > 0])] if len(pulse_s) else pulse_s
    if len(pulse_s) < 3 or not is_regular(pulse_s):
        return pulse_s
    place, _ = _places(pulse_s, usual_step_s(pulse_s))
    slot = np.round(place)
    far = np.abs(place - slot)
    by_slot = np.lexsort((far, slot))
    _, first_of_slot = np.unique(slot[by_slot], return_index=True)
    keep = np.zeros(len(pulse_s), dtype=bool)
    keep[by_slot[first_of_slot]] = True
    keep[1:] |= np.diff(slot) >= 2
    return pulse_s[keep]


def _places(time_s: FloatArray, step_s: float) -> tuple[FloatArray, FloatArray]:
    """Each stamp in steps from the first, integers but for its own error; and the coherence."""
    steps = (time_s - time_s[0]) / step_s
    phase, coherence = np.empty_like(steps), np.empty_like(steps)
    borders = np.flatnonzero(np.diff(steps) > LONG_STEPS) + 1
    for part in np.split(np.arange(len(steps)), borders):
        turn = 2 * np.pi * (steps[part] % 1)
        # mirrored at the ends: a late stamp there counts no more than others
        east = uniform_filter1d(np.cos(turn), PHASE_STAMPS, mode="mirror")
        north = uniform_filter1d(np.sin(turn), PHASE_STAMPS, mode="mirror")
        phase[part], coherence[part] = np.arctan2(north, east), np.hypot(east, north)
    return steps - np.unwrap(phase) / (2 * np.pi), coherence
