"""Which frames show the head, and in which of them the ears have changed places.

Nothing of the libraries of the field does this: movement filters each point by its
likelihood and median alone, and knows neither that two ears belong to one rigid head nor
that a detector may change them round.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigil.compiled import compiled

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
StateArray = npt.NDArray[np.int8]

AS_IS, SWAPPED, WRONG = 0, 1, 2

# what a reading of the track costs, in frames that are left out. Two changes of the ears cost
# less than a frame, so that a swap is repaired and not dropped. A snout on the wrong side costs
# less than a frame too, since the snout may be what is wrong. The tracker's own word on which
# ear is which is believed a little, in each frame but not without end: a swap of any length costs
# less than the two impossible steps that show it, and more than one of them.
CHANGE, SNOUT, SWAPPED_FRAME, SWAPPED_STEPS = 0.4, 0.9, 0.05, 1.5
# the same where a head can turn round from one frame to the next: then a snout behind for one
# frame does not tell whether it or the ears are wrong, and the frame is left out
SLOW_CHANGE, SLOW_SNOUT = 0.55, 1.1


@dataclass(frozen=True)
class Reading:
    """What each frame of a track shows.

    Parameters
    ----------
    state : ndarray of int8, (frame,)
        AS_IS, SWAPPED or WRONG.
    jump : ndarray of bool, (frame,)
        Whether the step to this frame from the last one that is not wrong is impossible.
    """

    state: StateArray
    jump: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Limits:
    """What a head can do between frames.

    Parameters
    ----------
    move_px, turn_rad : ndarray, (exposures + 1,)
        Furthest way and turn within so many exposures.
    max_gap : int
        Exposures without a head across which nothing is compared.
    reach : int
        Most known frames in a row that may be found wrong between two good ones.
    most_turn_rad : float
        A turn that is further says more for swapped ears: with them it is within the errors
        of tracking.
    """

    move_px: FloatArray
    turn_rad: FloatArray
    max_gap: int
    reach: int
    most_turn_rad: float

    def turns_round(self, hop: int) -> bool:
        """Whether a head can face backwards after so many exposures."""
        return bool(self.turn_rad[min(hop, len(self.turn_rad) - 1)] >= np.pi)


def limits(
    move_px: float, least_move_px: float, turn_rad: float, least_turn_rad: float, max_gap: int
) -> Limits:
    """Limits from what a head can do in one exposure, never below the errors of tracking.

    Stretches of wrong frames are looked for up to twice as long as a gap that is bridged.
    """
    reach = max(8, 2 * max_gap)
    exposures = np.arange(max(reach, max_gap) + 2)
    return Limits(
        np.maximum(move_px * exposures, least_move_px),
        np.maximum(turn_rad * exposures, least_turn_rad),
        max_gap,
        reach,
        np.pi - least_turn_rad,
    )


def usual_hop(exposure: IntArray) -> int:
    """Usual number of exposures from one known frame to the next."""
    return int(np.median(np.diff(exposure))) if len(exposure) > 1 else 1


def read_identity(
    xy_px: FloatArray,
    direction_rad: FloatArray,
    side: FloatArray,
    exposure: IntArray,
    limit: Limits,
) -> Reading:
    """The cheapest reading of a track: each frame as it is, with its ears swapped, or wrong.

    All readings are compared by dynamic programming (Bellman 1957; for the tracking of
    targets with false detections, Wolf et al. 1989). A frame that is left out costs 1. A
    step between two frames that stay is free where the head can move and turn as far in
    the time; otherwise it costs as much as the frames that half of `reach` would hold, so
    that a short stretch between two impossible steps is left out and a long one stays.
    A change between ears as they are and swapped costs 0.4, a snout on the other side up
    to 0.9. Steps across gaps longer than `max_gap` exposures are free. Both neighbours of a
    frame count alike, and the reading does not depend on the direction of time.

    A gap gives time for a turn, but not for a reading that is odd. Ears change only where
    the head then faces as before, within what it turns in one step; and frames are not left
    out to give time for a turn beyond `most_turn_rad`. Where the head can turn round from
    one frame to the next, the direction tells nothing of swapped ears, and only a snout
    does, in more than one frame.

    Parameters
    ----------
    xy_px : ndarray, (frame, 2)
        Midpoint of the ears, known in every frame given.
    direction_rad : ndarray, (frame,)
        Direction of the head if the ears are as they are.
    side : ndarray, (frame,)
        1 where the snout lies clearly ahead of that direction, -1 clearly behind, between
        them where it is less clear, 0 where it is not seen.
    exposure : ndarray of int, (frame,)
        Rising numbers of the exposures.
    limit : Limits

    Returns
    -------
    Reading
    """
    n = len(direction_rad)
    if n == 0:
        return Reading(np.zeros(0, dtype=np.int8), np.zeros(0, dtype=np.bool_))
    hop = np.diff(exposure)
    stretch = np.concatenate([[0], np.cumsum(hop > limit.max_gap + 1)])
    usual = usual_hop(exposure)
    slow = limit.turns_round(usual)
    turn_rad = limit.turn_rad.copy()
    if not slow:
        turn_rad[: usual + 1] = np.minimum(turn_rad[: usual + 1], limit.most_turn_rad)
    one_step_rad = min(turn_rad[min(usual, len(turn_rad) - 1)], limit.most_turn_rad)
    state, jump = _cheapest(
        np.ascontiguousarray(xy_px),
        np.cos(direction_rad),
        np.sin(direction_rad),
        side,
        exposure,
        stretch,
        limit.move_px**2,
        np.where(turn_rad < np.pi, np.cos(turn_rad), -2.0),
        np.cos(np.minimum(turn_rad, limit.most_turn_rad)),
        float(np.cos(one_step_rad)),
        limit.reach,
        3 * usual,
        SLOW_CHANGE if slow else CHANGE,
        SLOW_SNOUT if slow else SNOUT,
    )
    return Reading(state, jump)


@compiled(nogil=True)
def _cheapest(
    xy: FloatArray,
    cos: FloatArray,
    sin: FloatArray,
    side: FloatArray,
    exposure: IntArray,
    stretch: IntArray,
    move2: FloatArray,
    cos_turn: FloatArray,
    cos_turn_left_out: FloatArray,
    cos_change: float,
    reach: int,
    sure: int,
    change_cost: float,
    snout_cost: float,
) -> tuple[StateArray, npt.NDArray[np.bool_]]:  # pragma: no cover - compiled
    n = len(cos)
    impossible = 0.5 * reach
    # states: as is, swapped and paid by the frame, swapped and paid at once
    cost = np.empty((n, 3))
    # the frame and the state before, as 3 * frame + state; -1 at the beginning
    before = np.empty((n, 3), np.int32)
    jumped = np.zeros((n, 3), np.bool_)
    at_once = SWAPPED_STEPS * impossible
    for i in range(n):
        for t in range(3):
            cost[i, t] = float(i) if i < reach else np.inf
            before[i, t] = -1
        cost[i, 2] += at_once
        for k in range(1, min(reach, i) + 1):
            j = i - k
            left_out = k - 1.0
            step_same = step_other = 0.0
            change = 0.0
            together = stretch[i] == stretch[j]
            if together:
                m = min(exposure[i] - exposure[j], len(move2) - 1)
                least_dot = cos_turn[m]
                if k > 1:
                    # or frames would be called wrong to give time for an impossible step
                    m = min(m, max(sure, m // 2))
                    least_dot = cos_turn_left_out[m]
                dx = xy[i, 0] - xy[j, 0]
                dy = xy[i, 1] - xy[j, 1]
                dot = cos[i] * cos[j] + sin[i] * sin[j]
                near = dx * dx + dy * dy <= move2[m]
                step_same = 0.0 if near and dot >= least_dot else impossible
                step_other = 0.0 if near and -dot >= max(least_dot, cos_change) else impossible
                change = change_cost
            for t in range(3):
                for s in range(3):
                    same = (s > 0) == (t > 0)
                    if together and same and s != t:
                        continue
                    step = step_same if same else step_other
                    c = cost[j, s] + left_out + (step if same else max(step, change))
                    if t == 2 and not (together and same):
                        c += at_once
                    if c < cost[i, t]:
                        cost[i, t] = c
                        before[i, t] = 3 * j + s
                        jumped[i, t] = step > 0.0
        cost[i, 0] += snout_cost * max(0.0, -side[i])
        cost[i, 1] += snout_cost * max(0.0, side[i]) + SWAPPED_FRAME
        cost[i, 2] += snout_cost * max(0.0, side[i])
    best = np.inf
    at = -1
    for i in range(max(0, n - reach), n):
        for t in range(3):
            c = cost[i, t] + (n - 1 - i)
            if c < best:
                best = c
                at = 3 * i + t
    state = np.full(n, WRONG, np.int8)
    jump = np.zeros(n, np.bool_)
    while at >= 0:
        i, t = at // 3, at % 3
        state[i] = min(t, 1)
        jump[i] = jumped[i, t]
        at = before[i, t]
    return state, jump
