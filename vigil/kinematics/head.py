"""Head position and direction from the two ears."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

# a head cannot turn further from one frame to the next: the ears were confused
MOST_TURN_RAD = np.radians(120)


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
        Frames that were left out because of their ear distance or position.
    """

    x_px: FloatArray
    y_px: FloatArray
    direction_rad: FloatArray
    swapped: int
    outliers: int


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
) -> Head:
    """Head position and direction.

    Forward is the axis from the right to the left ear turned by 90 degrees, so that it
    points to the snout. Where the snout lies behind, or where without a snout the
    direction turns by more than 120 degrees from one frame to the next, the ears have
    been confused and are swapped back. Directions are compared only across short gaps.
    In a stretch between longer ones in which no snout is seen, the ears of most frames
    are taken to be right.

    Parameters
    ----------
    left, right : ndarray, (frame, 2)
        Ears in px, NaN where missing.
    snout : ndarray, (frame, 2), or None
        Snout in px.
    max_jump_px : float
        Distance from the median of the neighbours from which a position is an outlier.
    exposure : ndarray of int, (frame,)
        Numbers of the exposures, so that lost frames count as gaps.
    max_gap : int
        Exposures without a direction across which directions are compared.
    """
    axis = left - right
    distance = np.hypot(axis[:, 0], axis[:, 1])
    usual = np.nanmedian(distance) if np.isfinite(distance).any() else np.nan
    middle = (left + right) / 2
    odd = (distance > 2 * usual) | (distance < usual / 3)
    odd |= _far_from_neighbours(middle, max_jump_px)
    middle[odd] = np.nan
    axis[odd] = np.nan
    forward = np.column_stack([-axis[:, 1], axis[:, 0]])
    direction = np.arctan2(-forward[:, 1], forward[:, 0])
    ahead = np.full(len(axis), np.nan) if snout is None else ((snout - middle) * forward).sum(1)
    known = np.flatnonzero(np.isfinite(direction))
    breaks = np.flatnonzero(np.diff(exposure[known]) > max_gap + 1) + 1
    swapped = np.zeros(len(direction), dtype=bool)
    for stretch in np.split(known, breaks):
        swapped[stretch] = _confused(direction[stretch], ahead[stretch])
    direction = np.where(swapped, _wrap(direction + np.pi), direction)
    return Head(middle[:, 0], middle[:, 1], direction, int(swapped.sum()), int(np.sum(odd)))


def _confused(direction_rad: FloatArray, ahead: FloatArray) -> BoolArray:
    """Frames of a stretch in which the ears are confused.

    `ahead` is negative where the snout lies behind, NaN where it is not seen.
    """
    swapped = ahead < 0
    by_snout = np.flatnonzero(np.isfinite(ahead))
    unsure = np.isnan(ahead)
    first = int(by_snout[0]) if len(by_snout) else 0
    # away from the first frame that a snout decides, both ways
    after = first + 1 + np.flatnonzero(unsure[first + 1 :])
    before = np.flatnonzero(unsure[:first])[::-1]
    for frames, step in ((after, -1), (before, 1)):
        for i in frames:
            turn = direction_rad[i] - direction_rad[i + step] - np.pi * swapped[i + step]
            swapped[i] = abs(math.remainder(turn, 2 * np.pi)) > MOST_TURN_RAD
    if not len(by_snout) and 2 * swapped.sum() > len(swapped):
        return ~swapped
    return swapped


def _far_from_neighbours(xy: FloatArray, max_jump_px: float) -> npt.NDArray[np.bool_]:
    """Positions far from the median of the five known positions around them."""
    known = np.flatnonzero(np.isfinite(xy[:, 0]))
    far = np.zeros(len(xy), dtype=bool)
    if len(known) < 5:
        return far
    smooth = ndimage.median_filter(xy[known], size=(5, 1), mode="nearest")
    far[known] = np.hypot(*(xy[known] - smooth).T) > max_jump_px
    return far


def _wrap(angle_rad: npt.ArrayLike) -> FloatArray:
    """Angle between -pi and pi."""
    return np.asarray((np.asarray(angle_rad) + np.pi) % (2 * np.pi) - np.pi)
