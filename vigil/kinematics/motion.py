"""The table of kinematics: the head's motion in each frame."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.kinematics.clock import FrameClock
from vigil.kinematics.derivatives import fill_short_gaps, smooth_derivatives, unwrap_stretches
from vigil.kinematics.head import Head
from vigil.kinematics.settings import Settings

FloatArray = npt.NDArray[np.float64]


def head_motion(
    head: Head, clock: FrameClock, px_per_cm: float, settings: Settings
) -> pd.DataFrame:
    """Position, direction and their derivatives, one row per frame.

    Derivatives are taken over all exposures, so that a lost frame is a gap and not a jump
    in time. Acceleration and jerk are the lengths of the vectors of the second and third
    derivative of the position.

    Parameters
    ----------
    head : Head
        In px.
    clock : FrameClock
        Times of the frames.
    px_per_cm : float
        Scale of the image.
    settings : Settings

    Returns
    -------
    DataFrame
        The columns of kinematics.parquet.
    """
    n = int(clock.exposure[-1]) + 1
    grid_s = np.interp(np.arange(n), clock.exposure, clock.time_s)
    window = max(settings.polyorder + 2, round(settings.window_s / _frame_s(clock, settings))) | 1
    gap = short_gap(clock, settings)

    def on_grid(values: FloatArray) -> FloatArray:
        track: FloatArray = np.full(n, np.nan, dtype=np.float64)
        track[clock.exposure] = values
        return track

    x_cm = fill_short_gaps(on_grid(head.x_px / px_per_cm), gap)
    y_cm = fill_short_gaps(on_grid(head.y_px / px_per_cm), gap)
    # a short gap is bridged the short way round
    angle = on_grid(head.direction_rad)
    known = np.isfinite(angle)
    angle[known] = np.unwrap(angle[known])
    angle = unwrap_stretches(fill_short_gaps(angle, gap))
    _, vx, ax, jx = smooth_derivatives(x_cm, grid_s, window, settings.polyorder, (0, 1, 2, 3))
    _, vy, ay, jy = smooth_derivatives(y_cm, grid_s, window, settings.polyorder, (0, 1, 2, 3))
    (turning,) = smooth_derivatives(angle, grid_s, window, settings.polyorder, (1,))
    table = pd.DataFrame(
        {
            "time_s": grid_s,
            "x_cm": x_cm,
            "y_cm": y_cm,
            "head_direction_rad": (angle + np.pi) % (2 * np.pi) - np.pi,
            "speed_cm_s": np.hypot(vx, vy),
            "velocity_x_cm_s": vx,
            "velocity_y_cm_s": vy,
            "acceleration_cm_s2": np.hypot(ax, ay),
            "jerk_cm_s3": np.hypot(jx, jy),
            "angular_velocity_rad_s": turning,
        }
    )
    table["valid"] = table.notna().all(axis=1)
    return table.iloc[clock.exposure].reset_index(drop=True)


def short_gap(clock: FrameClock, settings: Settings) -> int:
    """Length of the longest gap that is bridged, in exposures."""
    return round(settings.max_gap_s / _frame_s(clock, settings))


def _frame_s(clock: FrameClock, settings: Settings) -> float:
    """Usual time from one exposure to the next."""
    if len(clock.time_s) < 2:
        return 1 / settings.nominal_fps
    return float(np.median(np.diff(clock.time_s) / np.diff(clock.exposure)))
