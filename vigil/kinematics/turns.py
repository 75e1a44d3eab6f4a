"""Clockwise and counter-clockwise turns of the head as events."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pandas as pd

FloatArray = npt.NDArray[np.float64]


def find_turns(
    time_s: FloatArray,
    angular_velocity_rad_s: FloatArray,
    min_speed_rad_s: float,
    min_angle_rad: float,
) -> pd.DataFrame:
    """Stretches in which the head keeps turning one way.

    Parameters
    ----------
    time_s, angular_velocity_rad_s : ndarray, (frame,)
        Counter-clockwise positive; NaN ends a turn.
    min_speed_rad_s : float
        Angular velocity that is exceeded throughout.
    min_angle_rad : float
        Least angle in all.

    Returns
    -------
    DataFrame
        `start_s`, `duration_s`, `direction` (cw, ccw), `angle_rad` (signed).
    """
    sign = np.sign(
        np.where(np.abs(angular_velocity_rad_s) > min_speed_rad_s, angular_velocity_rad_s, 0)
    )
    sign = np.nan_to_num(sign)
    edges = np.flatnonzero(np.diff(np.concatenate([[0.0], sign, [0.0]])))
    step_s = np.gradient(time_s) if len(time_s) > 1 else np.zeros(len(time_s))
    rows = []
    for a, b in itertools.pairwise(edges):
        angle = float((angular_velocity_rad_s[a:b] * step_s[a:b]).sum()) if sign[a] else 0.0
        if abs(angle) >= min_angle_rad:
            rows.append((time_s[a], step_s[a:b].sum(), "ccw" if angle > 0 else "cw", angle))
    return pd.DataFrame(rows, columns=["start_s", "duration_s", "direction", "angle_rad"])
