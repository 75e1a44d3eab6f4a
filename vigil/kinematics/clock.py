"""The camera's frames on the clock of the brain signals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigil.kinematics.matching import Place, exposure_numbers, place_frames, usual_step_s
from vigil.kinematics.pieces import join_pieces, restarts
from vigil.recording import RecordingError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

MOST_DRIFT = 0.01
"""Clocks that differ by more than this do not count the same exposures."""


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
        Exposures without a frame.
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
    """
    exposure = exposure_numbers(time_s)
    between = sum(int(exposure[k] - exposure[k - 1] - 1) for k in set(breaks) if k > 0)
    dropped = int(exposure[-1] + 1 - len(exposure)) - between
    unknown = float("nan")
    return FrameClock(
        time_s, exposure, unknown, unknown, unknown, dropped, source, notes, ambiguous_frames
    )


def clock_from_pulses(
    camera_s: FloatArray, pulse_s: FloatArray, first_rows: Sequence[int] = (0,)
) -> FrameClock:
    """Place frames with times on the camera's clock by the pulses of their exposures.

    Exposures are numbered on both clocks by their regular spacing, so that frames which
    the camera lost and pulses which the acquisition missed leave holes and do not shift
    what follows. A frame gets the time of its own pulse, or where that is missing the time
    that the camera's clock tells between the pulses around it.

    Which pulse belongs to the first frame is told, in this order, by the unevenness of
    exposures that both clocks show, by pauses that both share, by a camera's clock that
    accounts for every pulse too many, and by equally many exposures on both
    (`vigil.kinematics.matching`). Where nothing tells, or where the camera's clock
    contradicts the counts, a likely place is taken, and notes and `ambiguous_frames` say
    how far off it may be.

    Parameters
    ----------
    camera_s : ndarray, (frame,)
        Rising times of the frames in the file, on the camera's clock.
    pulse_s : ndarray, (pulse,)
        Rising times of the pulses on the recording's clock.
    first_rows : sequence of int
        First frame of each file of the video; the camera's clock may begin anew there.

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
    pulse = exposure_numbers(pulse_s)
    starts = restarts(camera_s, first_rows)
    if starts:
        pieces = join_pieces(camera_s, starts, pulse_s)
        camera_s, frame, ambiguous = pieces.camera_s, pieces.frame, pieces.slack
        shift = int(frame[0])
        notes = (_note_on_pieces(len(starts) + 1, ambiguous),) if ambiguous else ()
    else:
        number = exposure_numbers(camera_s)
        place = place_frames(camera_s, number, pulse_s, pulse)
        shift, frame = place.shift, number + place.shift
        ambiguous = int(np.abs(place.shifts - shift).max())
        missing = int(pulse[-1] - number[-1])
        notes = (_alternatives(missing, place, usual_step_s(pulse_s)),) if ambiguous else ()
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
            f"{1 / usual_step_s(pulse_s):.4g} pulses: these are not the pulses of its exposures; "
            "check kinematics.camera_port, kinematics.camera_input and the file of frame times."
        )
    line_s = offset_s + drift * camera_s
    residual = pulse_s[at_pulse] - line_s[at_frame]
    residual_ms = float(np.sqrt(np.mean(residual**2)) * 1e3)
    # clocks wander with temperature: between pulses the way off the line is that around them
    time_s = line_s + np.interp(camera_s, camera_s[at_frame], residual)
    time_s[at_frame] = pulse_s[at_pulse]
    # frames from before the first pulse are exposures too, and are counted from 0
    exposure = frame - min(shift, 0)
    return FrameClock(
        time_s,
        exposure,
        float(offset_s),
        float((drift - 1) * 1e6),
        residual_ms,
        int(exposure[-1] + 1 - len(exposure)),
        "camera_s and pulses",
        notes,
        ambiguous,
    )


def clock_from_pulses_alone(n_frames: int, pulse_s: FloatArray) -> FrameClock:
    """Frames without times: the n-th pulse is the n-th frame, which lost frames falsify."""
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
        pulse_s[:n_frames], number, unknown, unknown, unknown, extra, "pulses", notes, extra
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


def _alternatives(missing: int, place: Place, step_s: float) -> str:
    """What may be the case when several shifts are possible, and what that makes of times."""
    off_s = (place.shifts - place.shift) * step_s
    if len(place.shifts) == abs(missing) + 1 and missing > 0:
        what = f"The pulses span {missing} exposures more than the frames: frames were lost at"
        what += " the start of the video, or at its end, or at both, which regular pulses cannot"
        what += " tell"
    elif len(place.shifts) == abs(missing) + 1 and missing < 0:
        what = f"The frames span {-missing} exposures more than the pulses: the camera started"
        what += " before the acquisition, or ran on after it, or both, which regular pulses cannot"
        what += " tell"
    elif missing == 0 and len(place.shifts) == 2:
        what = "Frames and pulses span equally many exposures, but by the camera's clock"
        what += f" {place.shifts.max()} frames were lost at the start"
    else:
        what = "The places of the frames among the pulses that their holes and uneven steps tell"
        what += " do not agree"
    # one end of each may be gone; the range is for all that is gone being of the shorter
    further = ", or further off if frames were lost at one end and pulses missed at the other"
    return (
        f"{what}; the true times lie between {off_s.min():+.3f} s and {off_s.max():+.3f} s of "
        f"those given{further if missing else ''}; a column time_s in the file of frame times "
        "settles it."
    )


def _note_on_pieces(n_files: int, slack: int) -> str:
    return (
        f"The camera's clock begins anew in some of {n_files} files of the video, and their frames "
        f"do not account for all pulses: files may be off by up to {slack} frames; a column time_s "
        "in the files of frame times settles it."
    )
