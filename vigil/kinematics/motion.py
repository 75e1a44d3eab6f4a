"""The table of kinematics: the head's motion in each frame."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.kinematics.clock import FrameClock
from vigil.kinematics.derivatives import (
    IntArray,
    fill_short_gaps,
    half_windows_s,
    smooth_derivatives,
    stretches_of_track,
    unwrap_stretches,
)
from vigil.kinematics.head import Head, confident, head_from_ears
from vigil.kinematics.settings import Settings
from vigil.recording import RecordingError

FloatArray = npt.NDArray[np.float64]

# a share of frames with longer windows than asked that is worth a note
WORTH_A_NOTE = 0.05


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

    Derivatives are fitted at the true times of the frames in which the head is known, so
    that neither a lost frame nor one that was not tracked bends them. Acceleration and jerk
    are the lengths of the vectors of the second and third derivative of the position. Jerk
    has a window of its own.

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

    Raises
    ------
    RecordingError
        When there is no frame.
    """
    if not len(clock.time_s):
        raise RecordingError(
            "The tracks have no frame, so there is no motion; check the video and track it again."
        )
    at_s, order = clock.time_s, settings.polyorder
    step_s = longest_step_s(head, clock, settings)
    x_cm = fill_short_gaps(head.x_px / px_per_cm, at_s, step_s, head.jumps)
    y_cm = fill_short_gaps(head.y_px / px_per_cm, at_s, step_s, head.jumps)
    # a short gap is bridged the short way round
    angle = head.direction_rad.copy()
    known = np.isfinite(angle)
    angle[known] = np.unwrap(angle[known])
    filled = unwrap_stretches(fill_short_gaps(angle, at_s, step_s, head.jumps))
    track = np.array(
        [head.x_px / px_per_cm, head.y_px / px_per_cm, np.where(known, filled, np.nan)]
    )
    first, second = smooth_derivatives(
        track, at_s, settings.window_s, order, (1, 2), step_s, head.jumps
    )
    (third,) = smooth_derivatives(
        track[:2], at_s, settings.jerk_window_s, order, (3,), step_s, head.jumps
    )
    table = pd.DataFrame(
        {
            "time_s": at_s,
            "x_cm": x_cm,
            "y_cm": y_cm,
            "head_direction_rad": (filled + np.pi) % (2 * np.pi) - np.pi,
            "speed_cm_s": np.hypot(first[0], first[1]),
            "velocity_x_cm_s": first[0],
            "velocity_y_cm_s": first[1],
            "acceleration_cm_s2": np.hypot(second[0], second[1]),
            "jerk_cm_s3": np.hypot(third[0], third[1]),
            "angular_velocity_rad_s": first[2],
            "angular_acceleration_rad_s2": second[2],
        }
    )
    table["valid"] = table.notna().all(axis=1)
    return table


def notes_on_motion(head: Head, clock: FrameClock, settings: Settings) -> tuple[str, ...]:
    """What a person should know about the motion of few frames a second, in sentences."""
    step_s = longest_step_s(head, clock, settings)
    known = np.isfinite(head.direction_rad)
    at, first, last = stretches_of_track(known, clock.time_s, step_s, head.jumps)
    notes = []
    if head.turns_round and head.unanchored:
        notes.append(
            f"In {head.unanchored} frames no snout tells whether the ears are swapped, and the "
            "frames with a head are so far apart that it can turn round between them: directions "
            "are the tracker's own, not repaired; track more frames, or a snout."
        )
    for what, window_s in (("", settings.window_s), (" for jerk", settings.jerk_window_s)):
        longer_s = _longer_windows_s(clock.time_s, at, first, last, window_s, settings.polyorder)
        share = np.mean(longer_s > 0) if len(longer_s) else 0.0
        if share > WORTH_A_NOTE:
            length_s = float(np.median(longer_s[longer_s > 0]))
            notes.append(
                f"Windows{what} of {length_s:.2g} s instead of {window_s:g} s were needed in "
                f"{100 * share:.0f} % of the frames with a head, because there are too few of them "
                "a second: faster movements are damped as much more."
            )
    if len(at) and not np.any(last - first >= settings.polyorder + 2):
        notes.append(
            "No speed is known: nowhere is the head seen in enough frames in a row; see the tracks."
        )
    return tuple(notes)


def _longer_windows_s(
    time_s: FloatArray, at: IntArray, first: IntArray, last: IntArray, window_s: float, order: int
) -> FloatArray:
    """Length of the windows at frames with a head where they must be longer than asked, else 0."""
    side = (order + 2) // 2
    middle = np.arange(side, len(at) - side)
    if not len(middle):
        return np.zeros(0)
    stretch = np.repeat(np.arange(len(first)), last - first)
    middle = middle[stretch[middle - side] == stretch[middle + side]]
    reach_s, step_s = half_windows_s(time_s, window_s)
    t, row = time_s[at], at[middle]
    needed_s = np.maximum(t[middle + side] - t[middle], t[middle] - t[middle - side])
    longer = needed_s > reach_s[row]
    return np.where(longer, 2 * needed_s + step_s[row], 0.0)


def longest_step_s(head: Head, clock: FrameClock, settings: Settings) -> float:
    """Furthest apart that two frames with a head may be for the time between to be bridged.

    Where only every so-manieth frame was tracked, that is no gap, however far apart they are.
    """
    known = clock.exposure[np.isfinite(head.direction_rad)]
    usual = int(np.median(np.diff(known))) if len(known) > 1 else 1
    return (max(short_gap(clock, settings), usual - 1) + 1.5) * frame_s(clock, settings)


def short_gap(clock: FrameClock, settings: Settings) -> int:
    """Length of the longest gap that is bridged, in exposures."""
    return round(settings.max_gap_s / frame_s(clock, settings))


def frame_s(clock: FrameClock, settings: Settings) -> float:
    """Usual time from one exposure to the next."""
    if len(clock.time_s) < 2:
        return 1 / settings.nominal_fps
    return float(np.median(np.diff(clock.time_s) / np.diff(clock.exposure)))
