"""How far the tracks of a recording can be believed: measures, and a verdict with its reasons.

The rules are those of a skull: ears keep their distance, the snout stays before them, and
nothing moves faster than a mouse. They know neither the scale of the picture nor the rate
of the camera: the distance between the ears is the unit.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.pose.settings import Settings

FloatArray = npt.NDArray[np.float64]

# the ears of a head that is tilted, and of one that is found a little beside its place
EARS_AT_LEAST, EARS_AT_MOST = 1 / 3, 2.0


def quality_table(tracks: pd.DataFrame, settings: Settings, frame_step: int = 1) -> pd.DataFrame:
    """How sure the model was of each body part, and how often the part jumped.

    Parameters
    ----------
    tracks : DataFrame
        As `vigil.pose.files.read_tracks` gives them.
    frame_step : int
        Every how many frames one was tracked; the others do not count.

    Returns
    -------
    DataFrame
        `part`, `share_over_threshold`, `median_likelihood` (0 where the part is missing) and
        `jumps`: share of frames in which the part lies further from where it was seen last
        than `max_jump` distances between the ears for each frame that has passed. A part
        that jumps away and back has jumped twice. NaN without ears.
    """
    tracked = tracks.iloc[::frame_step]
    distance_px = ear_distance_px(tracked, settings)
    known = distance_px[np.isfinite(distance_px)]
    limit_px = settings.max_jump * frame_step * float(np.median(known)) if len(known) else math.nan
    rows = []
    for part in dict.fromkeys(tracks.columns.get_level_values(0)):
        likelihood = tracked[(part, "likelihood")].fillna(0.0)
        rows.append(
            {
                "part": part,
                "share_over_threshold": float((likelihood > settings.confident_likelihood).mean()),
                "median_likelihood": float(likelihood.median()),
                "jumps": jump_share(confident_xy(tracked, part, settings), limit_px),
            }
        )
    return pd.DataFrame(rows)


def tracks_measures(
    tracks: pd.DataFrame, settings: Settings, frame_step: int = 1
) -> dict[str, Any]:
    """Swaps of left and right, and the distance between the ears.

    Returns
    -------
    dict
        `frames`, `frames_tracked`; `swaps`: share of the frames with ears and snout in which
        the snout lies behind the ears (None without a snout); `ear_distance_px`: median, None
        where the ears are never seen; `ear_distance_spread`: interquartile range over the
        median; `ear_distance_implausible`: share of the frames with both ears in which their
        distance is below a third or above twice the median.
    """
    tracked = tracks.iloc[::frame_step]
    distance_px = ear_distance_px(tracked, settings)
    known = distance_px[np.isfinite(distance_px)]
    measures: dict[str, Any] = {
        "frames": len(tracks),
        "frames_tracked": len(tracked),
        "swaps": swap_share(tracked, settings),
        "ear_distance_px": None,
        "ear_distance_spread": None,
        "ear_distance_implausible": None,
    }
    if len(known):
        low, middle, high = np.quantile(known, [0.25, 0.5, 0.75])
        odd = (known < EARS_AT_LEAST * middle) | (known > EARS_AT_MOST * middle)
        measures["ear_distance_px"] = float(middle)
        measures["ear_distance_spread"] = float((high - low) / middle) if middle else None
        measures["ear_distance_implausible"] = float(odd.mean())
    return measures


def jump_share(xy: FloatArray, limit_px: float) -> float:
    """Share of all frames in which a point lies too far from where it was seen last.

    Parameters
    ----------
    xy : ndarray, (frame, 2)
        NaN where the point is missing.
    limit_px : float
        Furthest way from one frame to the next; over gaps it adds up.
    """
    if not math.isfinite(limit_px) or not len(xy):
        return math.nan
    known = np.flatnonzero(np.isfinite(xy).all(axis=1))
    way_px = np.hypot(*np.diff(xy[known], axis=0).T)
    return float((way_px > limit_px * np.diff(known)).sum() / len(xy))


def swap_share(tracked: pd.DataFrame, settings: Settings) -> float | None:
    """Share of the frames with ears and snout in which the snout lies behind the ears.

    In the image x goes right and y down; forward is the axis from the right to the left ear,
    turned by 90 degrees (see docs/kinematics.md).
    """
    if settings.body_parts.snout is None:
        return None
    left, right = _ears(tracked, settings)
    axis = left - right
    forward = np.column_stack([-axis[:, 1], axis[:, 0]])
    snout = confident_xy(tracked, settings.body_parts.snout, settings)
    ahead = ((snout - (left + right) / 2) * forward).sum(axis=1)
    known = ahead[np.isfinite(ahead)]
    return float((known < 0).mean()) if len(known) else None


def ear_distance_px(tracked: pd.DataFrame, settings: Settings) -> FloatArray:
    """Distance between the ears, NaN where either is unsure."""
    left, right = _ears(tracked, settings)
    return np.asarray(np.hypot(*(left - right).T), dtype=np.float64)


def confident_xy(tracked: pd.DataFrame, part: str, settings: Settings) -> FloatArray:
    """Position of a part, (frame, 2), NaN where its likelihood is at or below the threshold."""
    values = tracked[part][["x", "y", "likelihood"]].to_numpy(dtype=np.float64)
    xy = values[:, :2].copy()
    xy[~(values[:, 2] > settings.confident_likelihood)] = np.nan
    return xy


def _ears(tracked: pd.DataFrame, settings: Settings) -> tuple[FloatArray, FloatArray]:
    parts = settings.body_parts
    return confident_xy(tracked, parts.left_ear, settings), confident_xy(
        tracked, parts.right_ear, settings
    )
