"""The camera's frames on the clock of the brain signals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import median_filter

from vigil.kinematics.clock_notes import (
    note_on_bounces,
    note_on_drift,
    note_on_lower_rate,
    note_on_parting,
    note_on_pieces,
    note_on_place,
    note_on_rate,
)
from vigil.kinematics.exposures import (
    LOCAL_STEPS,
    exposure_numbers,
    is_regular,
    usual_step_s,
    without_bounces,
)
from vigil.kinematics.matching import parted_by_holes, place_frames
from vigil.kinematics.pieces import join_pieces, restarts
from vigil.recording import RecordingError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

MOST_DRIFT = 0.01
"""Clocks that differ by more than this do not count the same exposures."""
USUAL_DRIFT_PPM = 500.0
"""Quartz clocks differ by 200 at most; more is told."""
LEVEL_PULSES = 25
"""Pulses whose median distance from the line is compared with that of those before and after."""
PARTED = 0.35
"""Share of a step by which these differ where one of the clocks was numbered wrong."""
LATE_STAMPS = 11
"""Stamps of the camera around each whose median distance from the line holds for it."""


@dataclass(frozen=True)
class FrameClock:
    """When each frame of the video was exposed.

    Parameters
    ----------
    time_s : ndarray, (frame,)
        On the recording's clock.
    exposure : ndarray of int, (frame,)
        Number of the exposure; lost frames leave holes.
    offset_s, drift_ppm : float
        time = offset + camera time * (1 + drift * 1e-6); NaN where there is no camera time.
    residual_ms : float
        Root mean square distance of the pulses from that line; NaN without pulses.
    dropped_frames : int
        Exposures without a frame between the first frame and the last, less those between two
        files of the video and while the acquisition was stopped: the camera was not filming.
    source : str
        'time_s', '.nvt', '.smi', 'camera_s and pulses', 'pulses' or 'nominal rate'.
    notes : tuple of str
        What a person should know about it, in sentences.
    ambiguous_frames : int
        By how many frames the video may be off because frames and pulses fit one another in
        several places; 0 when their counts decide.
    """

    time_s: FloatArray
    exposure: IntArray
    offset_s: float
    drift_ppm: float
    residual_ms: float
    dropped_frames: int
    source: str
    notes: tuple[str, ...] = ()
    ambiguous_frames: int = 0


def clock_from_times(
    time_s: FloatArray,
    breaks: Sequence[int] = (),
    source: str = "time_s",
    notes: tuple[str, ...] = (),
    ambiguous_frames: int = 0,
) -> FrameClock:
    """Frames whose times on the recording's clock are given.

    What lies before the frames `breaks`, between two files of the video or while the
    acquisition was stopped, are exposures, but not dropped frames: the camera was not filming.

    Raises
    ------
    RecordingError
        When there are no times, or they do not rise.
    """
    exposure = exposure_numbers(time_s)
    dropped = _dropped(exposure, breaks)
    if not is_regular(time_s):
        notes = (*notes, note_on_rate(time_s))
    elif slower := int(np.sum(median_filter(np.diff(exposure), LOCAL_STEPS, mode="nearest") > 1)):
        notes = (*notes, note_on_lower_rate(slower))
    unknown = float("nan")
    return FrameClock(
        time_s, exposure, unknown, unknown, unknown, dropped, source, notes, ambiguous_frames
    )


def clock_from_pulses(
    camera_s: FloatArray,
    pulse_s: FloatArray,
    first_rows: Sequence[int] = (0,),
    stop_s: Sequence[float] | FloatArray = (),
) -> FrameClock:
    """Place frames with times on the camera's clock by the pulses of their exposures.

    Exposures are numbered on both clocks by their regular spacing, so that frames which
    the camera lost and pulses which the acquisition missed leave holes and do not shift
    what follows. Pulses for which the exposures around leave no room, bounces of the line,
    are left out and told. A frame gets the time of its own pulse, or where that is missing
    the time that the camera's clock tells between the pulses around it.

    Which pulse belongs to the first frame is told, in this order, by the unevenness of
    exposures that both clocks show, by pauses that both share, by a camera's clock that
    accounts for every pulse too many, and by equally many exposures on both
    (`vigil.kinematics.matching`). Where nothing tells, or where the camera's clock
    contradicts the counts, a likely place is taken, and notes and `ambiguous_frames` say
    how far off it may be. So they do where the clocks part by a third of an exposure or more from
    some pulses to the next, which clocks do not: one of them was numbered wrong there.

    Parameters
    ----------
    camera_s : ndarray, (frame,)
        Rising times of the frames in the file, on the camera's clock.
    pulse_s : ndarray, (pulse,)
        Rising times of the pulses on the recording's clock.
    first_rows : sequence of int
        First frame of each file of the video; the camera's clock may begin anew there.
    stop_s : sequence of float
        Times on the recording's clock at which the acquisition was stopped.

    Raises
    ------
    RecordingError
        When there are too few pulses to place the frames.
    """
    if len(pulse_s) < 2 or len(camera_s) < 2:
        raise RecordingError(
            f"{len(pulse_s)} camera pulses for {len(camera_s)} frames are too few to place the "
            "video on the signals' clock; check kinematics.camera_port and "
            "kinematics.camera_input, or give time_s in the file of frame times."
        )
    step_s = usual_step_s(pulse_s)
    pulse_s, bounces = _without_bounces(pulse_s)
    pulse = exposure_numbers(pulse_s)
    starts = restarts(camera_s, first_rows)
    if starts:
        pieces = join_pieces(camera_s, starts, pulse_s)
        camera_s, frame, ambiguous = pieces.camera_s, pieces.frame, pieces.slack
        shift = int(frame[0])
        notes = (note_on_pieces(len(starts) + 1, ambiguous),) if ambiguous else ()
    else:
        number = exposure_numbers(camera_s)
        place = place_frames(camera_s, number, pulse_s, pulse)
        shift, frame = place.shift, number + place.shift
        ambiguous = int(np.abs(place.shifts - shift).max())
        missing = int(pulse[-1] - number[-1])
        notes = (note_on_place(missing, place, step_s),) if ambiguous else ()
    common, at_pulse, at_frame = np.intersect1d(
        pulse, frame, assume_unique=True, return_indices=True
    )
    if len(common) < 2:
        raise RecordingError(
            "No camera pulse matches a frame; check kinematics.camera_port and "
            "kinematics.camera_input."
        )
    drift, offset_s = np.polyfit(camera_s[at_frame], pulse_s[at_pulse], 1)
    if abs(drift - 1) > MOST_DRIFT:
        raise RecordingError(
            f"There are {1 / usual_step_s(camera_s):.4g} frames a second by the camera's clock and "
            f"{1 / step_s:.4g} pulses: these are not the pulses of its exposures; "
            "check kinematics.camera_port, kinematics.camera_input and the file of frame times."
        )
    line_s = offset_s + drift * camera_s
    residual = pulse_s[at_pulse] - line_s[at_frame]
    residual_ms = float(np.sqrt(np.mean(residual**2)) * 1e3)
    parted = _parted_frames(residual, step_s)
    if not starts:
        parted = max(parted, parted_by_holes(camera_s, frame, pulse_s, pulse))
    if parted:
        ambiguous = max(ambiguous, parted)
        notes = (*notes, note_on_parting(parted))
    drift_ppm = float((drift - 1) * 1e6)
    if abs(drift_ppm) > USUAL_DRIFT_PPM:
        notes = (*notes, note_on_drift(drift_ppm))
    # clocks wander with temperature: between pulses the way off the line is that around them,
    # of which a single late stamp says nothing
    wander = median_filter(residual, min(LATE_STAMPS, len(residual)), mode="nearest")
    time_s = line_s + np.interp(camera_s, camera_s[at_frame], wander)
    time_s[at_frame] = pulse_s[at_pulse]
    # frames from before the first pulse are exposures too, and are counted from 0
    exposure = frame - min(shift, 0)
    return FrameClock(
        time_s,
        exposure,
        float(offset_s),
        drift_ppm,
        residual_ms,
        _dropped(exposure, [*first_rows, *np.searchsorted(time_s, stop_s).tolist()]),
        "camera_s and pulses",
        notes + bounces,
        ambiguous,
    )


def clock_from_pulses_alone(n_frames: int, pulse_s: FloatArray) -> FrameClock:
    """Frames without times: the n-th pulse is the n-th frame, which lost frames falsify."""
    pulse_s, bounces = _without_bounces(pulse_s)
    if len(pulse_s) < max(n_frames, 2):
        raise RecordingError(
            f"{len(pulse_s)} camera pulses cannot place {n_frames} frames; check "
            "kinematics.camera_port and kinematics.camera_input, or give a file of frame times in "
            "the column video_times."
        )
    extra = len(pulse_s) - n_frames
    late_s = extra * usual_step_s(pulse_s)
    notes = (
        (
            f"There are {extra} more pulses than frames and no frame times: which frames were lost "
            f"is not known, and the true times are between 0 and {late_s:.3g} s later than those "
            "given; name a file of frame times in the column video_times.",
        )
        if extra
        else ()
    )
    number = exposure_numbers(pulse_s)[:n_frames]
    unknown = float("nan")
    return FrameClock(
        pulse_s[:n_frames],
        number,
        unknown,
        unknown,
        unknown,
        extra,
        "pulses",
        notes + bounces,
        extra,
    )


def clock_from_rate(n_frames: int, rate_hz: float) -> FrameClock:
    """Frames with neither times nor pulses: the nominal rate from the recording's zero."""
    number = np.arange(n_frames)
    return FrameClock(
        number / rate_hz,
        number,
        float("nan"),
        float("nan"),
        float("nan"),
        0,
        "nominal rate",
        (f"Neither frame times nor pulses: {rate_hz:g} frames a second from time 0 are assumed.",),
    )


def _dropped(exposure: IntArray, breaks: Sequence[int]) -> int:
    """Exposures without a frame from the first frame to the last, less those before `breaks`."""
    missing = np.diff(exposure) - 1
    between = sum(int(missing[k - 1]) for k in set(breaks) if 0 < k < len(exposure))
    return int(missing.sum()) - between


def _parted_frames(residual: FloatArray, step_s: float) -> int:
    """By how many frames the clocks part at once somewhere; 0 where they keep together.

    Clocks wander, but not within some pulses: medians of `LEVEL_PULSES` residuals are compared
    with the next but one, so that the parting may lie within the one between.
    """
    count = min(LEVEL_PULSES, len(residual) // 6)
    if count < 5:  # too few for medians
        return 0
    blocks = residual[: len(residual) // count * count].reshape(-1, count)
    level = np.concatenate([np.median(blocks, axis=1), [np.median(residual[-count:])]]) / step_s
    if np.abs(level[2:] - level[:-2]).max() < PARTED:
        return 0
    return int(np.ceil(np.ptp(level)))


def _without_bounces(pulse_s: FloatArray) -> tuple[FloatArray, tuple[str, ...]]:
    """The pulses that can be exposures, and a note on the others."""
    kept_s = without_bounces(pulse_s)
    left_out = len(pulse_s) - len(kept_s)
    return kept_s, (note_on_bounces(left_out, len(pulse_s)),) if left_out else ()
