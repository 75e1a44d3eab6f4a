"""The camera's frames on the clock of the brain signals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigil.recording import RecordingError

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


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
    """

    time_s: FloatArray
    exposure: IntArray
    offset_s: float
    drift_ppm: float
    residual_ms: float
    dropped_frames: int
    source: str
    notes: tuple[str, ...] = ()


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

    Parameters
    ----------
    camera_s : ndarray, (frame,)
        Rising times of the frames in the file, on the camera's clock; when the clock
        starts with the first exposure, frames lost at the very start are told.
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
            "video on the signals' clock; check kinematics.camera_input, or give time_s in "
            "the file of frame times."
        )
    notes = []
    pulse = exposure_numbers(pulse_s)
    frame = exposure_numbers(camera_s)
    frame_s = float(np.median(np.diff(camera_s)))
    missing = int(pulse[-1] - frame[-1])
    lead = round(float(camera_s[0]) / frame_s)
    shift = lead if 0 <= lead <= max(missing, 0) else 0
    if missing < 0:
        notes.append(
            f"The pulses span {-missing} exposures less than the frames; the first pulse was "
            "taken as the first frame."
        )
    elif missing > shift:
        notes.append(f"{missing - shift} pulses come after the last frame.")
    frame = frame + shift
    common, at_pulse, at_frame = np.intersect1d(pulse, frame, return_indices=True)
    if len(common) < 2:
        raise RecordingError("No camera pulse matches a frame; check kinematics.camera_input.")
    drift, offset_s = np.polyfit(camera_s[at_frame], pulse_s[at_pulse], 1)
    residual = pulse_s[at_pulse] - (offset_s + drift * camera_s[at_frame])
    time_s = offset_s + drift * camera_s
    time_s[at_frame] = pulse_s[at_pulse]
    return FrameClock(
        time_s,
        frame,
        float(offset_s),
        float((drift - 1) * 1e6),
        float(np.sqrt(np.mean(residual**2)) * 1e3),
        int(frame[-1] + 1 - len(frame)),
        "camera_s and pulses",
        tuple(notes),
    )


def clock_from_pulses_alone(n_frames: int, pulse_s: FloatArray) -> FrameClock:
    """Frames without times: the n-th pulse is the n-th frame, which lost frames falsify."""
    if len(pulse_s) < max(n_frames, 2):
        raise RecordingError(
            f"{len(pulse_s)} camera pulses cannot place {n_frames} frames; give a file of frame "
            "times in the column video_times."
        )
    extra = len(pulse_s) - n_frames
    notes = (
        (
            f"{extra} more pulses than frames and no frame times: which frames were lost is not "
            "known, and times may be late by as many frames.",
        )
        if extra
        else ()
    )
    number = exposure_numbers(pulse_s)[:n_frames]
    return FrameClock(
        pulse_s[:n_frames], number, float("nan"), float("nan"), float("nan"), extra, "pulses", notes
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
    steps = np.maximum(1, np.round(step_s / np.median(step_s))) if len(step_s) else step_s
    return np.concatenate([[0], np.cumsum(steps)]).astype(np.int64)
