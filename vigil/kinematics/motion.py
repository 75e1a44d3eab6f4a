"""The table of kinematics: the head's motion in each frame."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.kinematics.clock import FrameClock
from vigil.kinematics.derivatives import fill_short_gaps, smooth_derivatives, unwrap_stretches
from vigil.kinematics.head import Head, confident, head_from_ears
from vigil.kinematics.settings import Settings

FloatArray = npt.NDArray[np.float64]


def find_head(
    left: FloatArray,
    right: FloatArray,
    snout: FloatArray | None,
    clock: FrameClock,
    px_per_cm: float,
    settings: Settings,
) -> Head:
    """The head in each frame of tracks, by the limits that the settings set.

    Parameters
    ----------
    left, right : ndarray, (frame, 3)
        x, y and likelihood of the ears.
    snout : ndarray, (frame, 3), or None
    clock : FrameClock
        Times of the frames.
    px_per_cm : float
        Scale of the image.
    settings : Settings
    """
    step_s = frame_s(clock, settings)
    return head_from_ears(
        confident(left, settings.likelihood_min),
        confident(right, settings.likelihood_min),
        None if snout is None else confident(snout, settings.likelihood_min),
        settings.max_speed_cm_s * step_s * px_per_cm,
        clock.exposure,
        short_gap(clock, settings),
        np.radians(settings.max_turn_deg_s) * step_s,
    )


def head_motion(
    head: Head, clock: FrameClock, px_per_cm: float, settings: Settings
) -> pd.DataFrame:
    """Position, direction and their derivatives, one row per frame.

    Derivatives are taken over all exposures, so that a lost frame is a gap and not a jump
    in time. Acceleration and jerk are the lengths of the vectors of the second and third
    derivative of the position. Jerk has a window of its own.

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
    order = settings.polyorder
    window = _samples(settings.window_s, clock, settings)
    jerk_window = _samples(settings.jerk_window_s, clock, settings)
    gap = short_gap(clock, settings)
    jumps = clock.exposure[head.jumps]

    def on_grid(values: FloatArray) -> FloatArray:
        track: FloatArray = np.full(n, np.nan, dtype=np.float64)
        track[clock.exposure] = values
        return track

    x_cm = fill_short_gaps(on_grid(head.x_px / px_per_cm), gap, jumps)
    y_cm = fill_short_gaps(on_grid(head.y_px / px_per_cm), gap, jumps)
    # a short gap is bridged the short way round
    angle = on_grid(head.direction_rad)
    known = np.isfinite(angle)
    angle[known] = np.unwrap(angle[known])
    angle = unwrap_stretches(fill_short_gaps(angle, gap, jumps))
    vx, ax = smooth_derivatives(x_cm, grid_s, window, order, (1, 2), jumps)
    vy, ay = smooth_derivatives(y_cm, grid_s, window, order, (1, 2), jumps)
    (jx,) = smooth_derivatives(x_cm, grid_s, jerk_window, order, (3,), jumps)
    (jy,) = smooth_derivatives(y_cm, grid_s, jerk_window, order, (3,), jumps)
    turning, turning_change = smooth_derivatives(angle, grid_s, window, order, (1, 2), jumps)
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
            "angular_acceleration_rad_s2": turning_change,
        }
    )
    table["valid"] = table.notna().all(axis=1)
    return table.iloc[clock.exposure].reset_index(drop=True)


def short_gap(clock: FrameClock, settings: Settings) -> int:
    """Length of the longest gap that is bridged, in exposures."""
    return round(settings.max_gap_s / frame_s(clock, settings))


def _samples(window_s: float, clock: FrameClock, settings: Settings) -> int:
    """Length of a window in exposures, odd and enough for the polynomial."""
    return max(settings.polyorder + 2, round(window_s / frame_s(clock, settings))) | 1


def frame_s(clock: FrameClock, settings: Settings) -> float:
    """Usual time from one exposure to the next."""
    if len(clock.time_s) < 2:
        return 1 / settings.nominal_fps
    return float(np.median(np.diff(clock.time_s) / np.diff(clock.exposure)))
