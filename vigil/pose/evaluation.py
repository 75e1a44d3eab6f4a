"""How far from the truth a model's points lie, on frames of animals that it may not know."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from vigil.pose.network import Tracker
from vigil.pose.training_frames import labelled_frame

Points = npt.NDArray[np.floating[Any]]
CONFIDENT = 0.6


def evaluate(tracker: Tracker, entropy: int, frames: int) -> dict[str, Any]:
    """Errors on the first frames of a space of seeds.

    Parameters
    ----------
    entropy : int
        TRAIN or HELD_OUT of `vigil.pose.training_frames`.
    """
    seeds = (np.random.SeedSequence(entropy, spawn_key=(k,)) for k in range(frames))
    drawn = [labelled_frame(seed) for seed in seeds]
    found = tracker.poses(np.ascontiguousarray(frame[..., ::-1]) for frame, _ in drawn)
    return errors(tracker.parts, found, np.stack([points for _, points in drawn]))


def errors(parts: list[str], found: Points, truth: Points) -> dict[str, Any]:
    """Errors of each part in px and of the head's direction in degrees.

    Parameters
    ----------
    found : array, shape (frame, part, 3)
        X, y and likelihood.
    truth : array, shape (frame, part, 2)
        NaN where a part cannot be seen.
    """
    away_px = np.linalg.norm(found[..., :2] - truth, axis=2)
    by_part = {
        part: {
            "median_px": _rounded(np.nanmedian(away_px[:, k])),
            "mean_px": _rounded(np.nanmean(away_px[:, k])),
            "p95_px": _rounded(np.nanpercentile(away_px[:, k], 95)),
            "confident_share": _rounded(
                np.mean(found[np.isfinite(away_px[:, k]), k, 2] > CONFIDENT)
            ),
        }
        for k, part in enumerate(parts)
    }
    left, right = parts.index("left_ear"), parts.index("right_ear")
    both = np.isfinite(away_px[:, [left, right]]).all(axis=1)
    turned = ears_direction_rad(found[both, left, :2], found[both, right, :2])
    turned = turned - ears_direction_rad(truth[both, left], truth[both, right])
    off_deg = np.degrees(np.abs(np.angle(np.exp(1j * turned))))
    return {
        "frames": len(found),
        "parts": by_part,
        "direction": {
            "frames": int(both.sum()),
            "median_deg": _rounded(np.median(off_deg)),
            "p95_deg": _rounded(np.percentile(off_deg, 95)),
            # more than a quarter turn off: left taken for right
            "swapped_share": _rounded(np.mean(off_deg > 90), 4),
        },
    }


def ears_direction_rad(left: Points, right: Points) -> Points:
    """Direction of the head: the axis from right to left ear, turned clockwise by 90 degrees.

    Counter-clockwise positive as seen by a viewer of the image, whose y runs down.
    """
    axis = np.asarray(left) - np.asarray(right)
    return np.arctan2(-axis[..., 1], axis[..., 0]) - np.pi / 2


def _rounded(value: Any, digits: int = 3) -> float:
    return round(float(value), digits)
