"""What a person should know about the frames' times, in sentences."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vigil.kinematics.matching import Place

FloatArray = npt.NDArray[np.float64]


def note_on_place(missing: int, place: Place, step_s: float) -> str:
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


def note_on_parting(frames: int) -> str:
    """Of clocks that part at once."""
    return (
        "Frames and pulses part at once by a third of an exposure or more, as when exposures were "
        f"counted wrong in a hole of one of them: the video may be off by up to {frames} frames "
        "from there on; a column time_s in the file of frame times settles it."
    )


def note_on_drift(drift_ppm: float) -> str:
    """Of clocks that run more differently than clocks do."""
    return (
        f"The camera's clock and the acquisition's differ by {drift_ppm:+.0f} ppm, more than "
        "clocks do: the frame times may be counted from a nominal rate, or be those of another "
        "video."
    )


def note_on_rate(time_s: FloatArray) -> str:
    """Of frames that are not regular."""
    step_s = np.diff(time_s)
    fast, slow = 1 / np.quantile(step_s, [0.05, 0.95])
    return (
        "The frames keep no common rate "
        f"(nine of ten steps are those of {slow:.3g} to {fast:.3g} frames a second): their times "
        "are taken as they are, but how many were dropped is not known."
    )


def note_on_pieces(n_files: int, slack: int) -> str:
    """Of files whose camera clocks begin anew and that have room among the pulses."""
    return (
        f"The camera's clock begins anew in some of {n_files} files of the video, and their frames "
        f"do not account for all pulses: files may be off by up to {slack} frames; a column time_s "
        "in the files of frame times settles it."
    )


def note_on_lower_rate(frames: int) -> str:
    """Of a long stretch in which single steps are missing."""
    return (
        f"At {frames} frames most steps around are of two exposures or more: the frame rate was "
        "lower there, or frames were lost one after the other; they are counted as dropped."
    )


def note_on_bounces(left_out: int, pulses: int) -> str:
    """Of pulses that cannot be exposures."""
    return (
        f"{left_out} of {pulses} camera pulses come too soon after another to be exposures and "
        "were left out: the line bounces, or something else is on that input."
    )
