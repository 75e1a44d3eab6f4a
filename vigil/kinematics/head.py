"""Head position and direction from the two ears."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from vigil.kinematics.identity import SWAPPED, WRONG, limits, read_identity, usual_hop

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

# half an ear distance of error turns the ear axis by up to 60 degrees
LEAST_TURN_RAD = np.radians(60)
# an ear distance or a reach of the snout further from the usual than so many robust standard
# deviations, and than half of the usual, is no head
ROBUST_SD = 5.0
TOO_LONG, TOO_SHORT = 1.5, 1 / 3
# a snout further from the ears than so many ear distances (a mouse's is at about 1.2) is not on
# the animal
FURTHEST_SNOUT = 4.0
# a snout further to one side than this share of its usual reach is clearly there
CLEARLY = 0.25


@dataclass(frozen=True)
class Head:
    """The head in each frame; missing where NaN.

    Parameters
    ----------
    x_px, y_px : ndarray, (frame,)
        Midpoint of the ears in the image, x to the right, y down.
    direction_rad : ndarray, (frame,)
        Where the head faces: counter-clockwise as a viewer of the image sees it, 0 = right.
    swapped : int
        Frames in which the ears had been confused and were put right.
    outliers : int
        Frames with both ears that were left out because they cannot show the head.
    jumps : ndarray of int
        Frames that the head cannot have come to from where it was seen last: one of the two
        stretches is wrong, and nothing is derived across the step.
    unanchored : int
        Frames with a head in stretches in which no snout tells whether the ears are swapped.
    turns_round : bool
        Whether a head can turn round from one frame to the next, so that only a snout tells
        whether the ears are swapped.
    """

    x_px: FloatArray
    y_px: FloatArray
    direction_rad: FloatArray
    swapped: int
    outliers: int
    jumps: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    unanchored: int = 0
    turns_round: bool = False


def confident(part: FloatArray, likelihood_min: float) -> FloatArray:
    """Positions of a body part, NaN below the likelihood threshold.

    Parameters
    ----------
    part : ndarray, (frame, 3)
        x, y and likelihood.
    likelihood_min : float

    Returns
    -------
    ndarray, (frame, 2)
    """
    xy = part[:, :2].copy()
    xy[~(part[:, 2] >= likelihood_min)] = np.nan
    return xy


def head_from_ears(
    left: FloatArray,
    right: FloatArray,
    snout: FloatArray | None,
    max_jump_px: float,
    exposure: IntArray,
    max_gap: int,
    max_turn_rad: float = LEAST_TURN_RAD,
) -> Head:
    """Head position and direction.

    Forward is the axis from the right to the left ear turned by 90 degrees, so that it
    points to the snout; the same as movement's `compute_forward_vector` with a top view.
    The ears sit on a skull: a distance between them that is far from the usual one (1.5
    times and five robust standard deviations above, a third below, which tilting allows)
    is wrong. Where the snout lies behind, or where the direction flips between frames
    faster than a head can turn, the ears have been confused and are swapped back; frames
    between positions and directions that a head cannot go through in the time are left
    out (`read_identity`). So are frames in which the snout is further from the ears than a
    head is long, unless it is nowhere near the animal: then it says nothing. In a stretch
    between long gaps in which no snout is seen, the ears of most frames are taken to be right.

    Parameters
    ----------
    left, right : ndarray, (frame, 2)
        Ears in px, NaN where missing.
    snout : ndarray, (frame, 2), or None
        Snout in px.
    max_jump_px : float
        Furthest that a head can move in one exposure; an ear distance is always allowed.
    exposure : ndarray of int, (frame,)
        Numbers of the exposures, so that lost frames count as gaps.
    max_gap : int
        Exposures without a head across which nothing is compared.
    max_turn_rad : float
        Furthest that a head can turn in one exposure; 60 degrees are always allowed.
    """
    axis = left - right
    distance = np.hypot(axis[:, 0], axis[:, 1])
    usual, longest = _usual_and_longest(distance)
    middle = (left + right) / 2
    direction = np.arctan2(-axis[:, 0], -axis[:, 1])
    both = np.isfinite(distance)
    plausible = both & (distance <= longest) & (distance >= usual * TOO_SHORT)
    side = np.zeros(len(axis), dtype=np.float64)
    if snout is not None:
        side, stretched = _side_of_snout(
            direction, np.where(plausible[:, None], middle, np.nan), snout, FURTHEST_SNOUT * usual
        )
        plausible &= ~stretched
    known = np.flatnonzero(plausible)
    limit = limits(max_jump_px, usual, max_turn_rad, LEAST_TURN_RAD, max_gap)
    reading = read_identity(middle[known], direction[known], side[known], exposure[known], limit)
    swapped = known[reading.state == SWAPPED]
    direction[swapped] = _wrap(direction[swapped] + np.pi)
    wrong = both & ~plausible
    wrong[known[reading.state == WRONG]] = True
    middle[wrong] = np.nan
    direction[wrong] = np.nan
    return Head(
        middle[:, 0],
        middle[:, 1],
        direction,
        len(swapped),
        int(wrong.sum()),
        known[reading.jump],
        _unanchored(side[known], exposure[known], max_gap),
        limit.turns_round(usual_hop(exposure[known])),
    )


def _unanchored(side: FloatArray, exposure: IntArray, max_gap: int) -> int:
    """Frames of stretches between long gaps in which the snout is not seen once."""
    if not len(side):
        return 0
    stretch = np.cumsum(np.diff(exposure, prepend=exposure[0]) > max_gap + 1)
    seen = np.bincount(stretch, np.abs(side)) > 0
    return int(np.sum(~seen[stretch]))


def _side_of_snout(
    direction_rad: FloatArray, middle: FloatArray, snout: FloatArray, furthest_px: float
) -> tuple[FloatArray, BoolArray]:
    """From 1 where the snout is clearly ahead of the ears to -1 clearly behind, 0 unseen.

    And where it is further from the ears than a head is long, though still at the animal:
    then ears or snout are marked elsewhere on the body.
    """
    to_snout = snout - middle
    reach = np.hypot(to_snout[:, 0], to_snout[:, 1])
    reach[reach > furthest_px] = np.nan
    usual, longest = _usual_and_longest(reach)
    ahead = to_snout[:, 0] * np.cos(direction_rad) - to_snout[:, 1] * np.sin(direction_rad)
    side = np.clip(ahead / (CLEARLY * usual), -1, 1)
    return np.where(reach <= longest, side, 0.0), reach > longest


def _usual_and_longest(length: FloatArray) -> tuple[float, float]:
    """Median of a length, and the longest that is still believed."""
    known = length[np.isfinite(length)]
    if not len(known):
        return float("nan"), float("nan")
    usual = float(np.median(known))
    robust_sd = 1.4826 * float(np.median(np.abs(known - usual)))
    return usual, max(TOO_LONG * usual, usual + ROBUST_SD * robust_sd)


def _wrap(angle_rad: npt.ArrayLike) -> FloatArray:
    """Angle between -pi and pi."""
    return np.asarray((np.asarray(angle_rad) + np.pi) % (2 * np.pi) - np.pi)
