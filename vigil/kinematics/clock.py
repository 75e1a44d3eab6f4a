"""The camera's frames on the clock of the brain signals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.signal import correlate

from vigil.recording import RecordingError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


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
        'time_s', 'camera_s and pulses', 'pulses' or 'nominal rate'.
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


def clock_from_times(time_s: FloatArray) -> FrameClock:
    """Frames whose times on the recording's clock are given."""
    exposure = exposure_numbers(time_s)
    dropped = int(exposure[-1] + 1 - len(exposure))
    return FrameClock(time_s, exposure, float("nan"), float("nan"), float("nan"), dropped, "time_s")


def clock_from_pulses(camera_s: FloatArray, pulse_s: FloatArray) -> FrameClock:
    """Place frames with times on the camera's clock by the pulses of their exposures.

    Exposures are numbered on both clocks by their regular spacing, so that frames which
    the camera lost and pulses which the acquisition missed leave holes and do not shift
    what follows. A frame gets the time of its own pulse, or where that is missing the time
    on the straight line through all others.

    Which pulse belongs to the first frame follows when both span equally many exposures.
    Otherwise holes that frames and pulses share decide; where there are none, regular
    pulses cannot tell: a likely place is taken, and notes and `ambiguous_frames` say how
    far off it may be.

    Parameters
    ----------
    camera_s : ndarray, (frame,)
        Rising times of the frames in the file, on the camera's clock.
    pulse_s : ndarray, (pulse,)
        Rising times of the pulses on the recording's clock.

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
    frame = exposure_numbers(camera_s)
    first_exposure = float(camera_s[0]) / _usual_step_s(camera_s)
    shift, shifts = _place(frame, pulse, first_exposure)
    frame = frame + shift
    common, at_pulse, at_frame = np.intersect1d(pulse, frame, return_indices=True)
    if len(common) < 2:
        raise RecordingError(
            "No camera pulse matches a frame; check kinematics.camera_port and "
            "kinematics.camera_input."
        )
    drift, offset_s = np.polyfit(camera_s[at_frame], pulse_s[at_pulse], 1)
    residual = pulse_s[at_pulse] - (offset_s + drift * camera_s[at_frame])
    residual_ms = float(np.sqrt(np.mean(residual**2)) * 1e3)
    time_s = offset_s + drift * camera_s
    time_s[at_frame] = pulse_s[at_pulse]
    if np.diff(time_s).min() <= 0:
        raise RecordingError(
            f"Frame times and camera pulses disagree by {residual_ms:.0f} ms, so that frames would "
            "change places; check kinematics.camera_port, kinematics.camera_input and the file "
            "of frame times."
        )
    # frames from before the first pulse are exposures too, and are counted from 0
    exposure = frame - min(shift, 0)
    note = _alternatives(int(pulse[-1] - frame[-1] + shift), shift, shifts, _usual_step_s(pulse_s))
    return FrameClock(
        time_s,
        exposure,
        float(offset_s),
        float((drift - 1) * 1e6),
        residual_ms,
        int(exposure[-1] + 1 - len(exposure)),
        "camera_s and pulses",
        (note,) if len(shifts) > 1 else (),
        int(np.abs(shifts - shift).max()),
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
    late_s = extra * _usual_step_s(pulse_s)
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


def exposure_numbers(time_s: FloatArray) -> IntArray:
    """Number regularly spaced exposures, counting those that are missing.

    Counts are summed over the steps between neighbours, so that drift does not add up.

    Raises
    ------
    RecordingError
        When times do not rise.
    """
    step_s = np.diff(time_s)
    if len(step_s) and step_s.min() <= 0:
        at = int(np.argmin(step_s)) + 1
        raise RecordingError(
            f"Frame times do not rise at frame {at} ({time_s[at]:.4f} s after "
            f"{time_s[at - 1]:.4f} s); check the file of frame times."
        )
    steps = np.maximum(1, np.round(step_s / _usual_step_s(time_s)))
    return np.concatenate([[0], np.cumsum(steps)]).astype(np.int64)


def _usual_step_s(time_s: FloatArray) -> float:
    """Mean of the single steps: a median of rounded times would miscount long gaps."""
    step_s = np.diff(time_s)
    if not len(step_s):
        return float("nan")
    single = np.round(step_s / np.median(step_s)) == 1
    return float(np.mean(step_s[single]) if single.any() else np.median(step_s))


def _place(frame: IntArray, pulse: IntArray, first_exposure: float) -> tuple[int, IntArray]:
    """Shift from the numbers of frames to those of pulses, and all shifts that are possible.

    The shorter of the two lies within the longer. `first_exposure` is the number of the
    first frame if the camera's clock started with the first exposure.
    """
    missing = int(pulse[-1] - frame[-1])
    shifts = np.arange(min(missing, 0), max(missing, 0) + 1)
    agreeing = _shifts_by_holes(frame, pulse, shifts)
    lead = round(first_exposure)
    if len(agreeing):
        shifts = agreeing
    elif lead == missing and abs(first_exposure - lead) < 0.1:
        # the camera's clock accounts for every pulse without a frame
        shifts = np.array([missing])
    if lead in shifts:
        return lead, shifts
    return int(shifts[np.argmin(np.abs(shifts))]), shifts


def _shifts_by_holes(frame: IntArray, pulse: IntArray, shifts: IntArray) -> IntArray:
    """Shifts at which holes of the frames lie on holes of the pulses; none if they do not.

    Frames are lost and pulses are missed independently, and a long gap of the one lies on
    some hole of the other by chance. Holes decide only where more are shared than not.
    """
    has_frame, has_pulse = _presence(frame), _presence(pulse)
    if len(shifts) == 1 or has_frame.all() or has_pulse.all():
        return shifts[:0]
    pulses_longer = len(has_pulse) >= len(has_frame)
    long, short = (has_pulse, has_frame) if pulses_longer else (has_frame, has_pulse)
    both_there = _overlaps(long, short)
    both_missing = _overlaps(~long, ~short)
    only_one = len(short) - both_there - both_missing
    rank = both_there * (len(short) + 1) + both_missing
    best = np.flatnonzero((rank == rank.max()) & (both_missing > only_one))
    # the frames start as many exposures into the pulses, or the pulses into the frames
    return best if pulses_longer else -best[::-1]


def _presence(number: IntArray) -> BoolArray:
    """Which of the exposures 0 .. last are there."""
    there: BoolArray = np.zeros(int(number[-1]) + 1, dtype=np.bool_)
    there[number] = True
    return there


def _overlaps(long: BoolArray, short: BoolArray) -> IntArray:
    """Number of places that are true in both, at each place of the short in the long."""
    counts = correlate(long.astype(np.float64), short.astype(np.float64), "valid", "fft")
    return np.asarray(np.round(counts), dtype=np.int64)


def _alternatives(missing: int, shift: int, shifts: IntArray, step_s: float) -> str:
    """What may be the case when several shifts are possible, and what that makes of times."""
    if missing > 0:
        what = f"The pulses span {missing} exposures more than the frames: frames were lost at"
        what += " the start of the video, or at its end, or at both"
    else:
        what = f"The frames span {-missing} exposures more than the pulses: the camera started"
        what += " before the acquisition, or ran on after it, or both"
    low_s, high_s = (shifts.min() - shift) * step_s, (shifts.max() - shift) * step_s
    return (
        f"{what}, which regular pulses cannot tell; the true times lie between {low_s:+.3f} s and "
        f"{high_s:+.3f} s of those given; a column time_s in the file of frame times settles it."
    )
