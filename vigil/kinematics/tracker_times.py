"""Times of frames as Neuralynx' acquisition noted them: .nvt and .smi files beside a video."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vigil.kinematics.exposures import exposure_numbers, usual_step_s
from vigil.neuralynx import Captions, read_captions, read_tracker_times_us
from vigil.recording import RecordingError

FloatArray = npt.NDArray[np.float64]

MOST_EXTRA_S = 1.0
"""A file that goes on longer than this after its video does not belong to it."""


@dataclass(frozen=True)
class NotedTimes:
    """Times of the frames of a file of video, on the acquisition's clock.

    Parameters
    ----------
    timestamp_us : ndarray, (frame,)
        One for each frame of the video.
    extra : int
        Times of which it is not known whether they are those of the first or the last frames.
    note : str
        What a person should know about it, or ''.
    """

    timestamp_us: FloatArray
    extra: int = 0
    note: str = ""


def read_noted_times(paths: Sequence[Path], n_frames: int | Sequence[int]) -> list[NotedTimes]:
    """Read the .nvt or .smi files of a recording, one per file of the video, in order.

    Parameters
    ----------
    paths : sequence of Path
        All .nvt or all .smi.
    n_frames : int or sequence of int
        Frames of the video; of each file, where they are known of each.

    Raises
    ------
    RecordingError
        When the files cannot be those of the video.
    """
    captions = [read_captions(p) for p in paths if p.suffix.lower() == ".smi"]
    tracked = [read_tracker_times_us(p) for p in paths if p.suffix.lower() == ".nvt"]
    lengths = [len(c.timestamp_us) for c in captions] + [len(t) for t in tracked]
    if isinstance(n_frames, int):
        if len(paths) > 1 and sum(lengths) != n_frames:
            raise RecordingError(
                f"{_names(paths)} have {' + '.join(map(str, lengths))} frames, the video "
                f"{n_frames}: one of them is not whole or belongs to another recording."
            )
        n_frames = lengths if len(paths) > 1 else [n_frames]
    if len(n_frames) != len(paths):
        raise RecordingError(
            f"The video has {len(n_frames)} files, and {_names(paths)} are {len(paths)}: name one "
            "file of frame times for each, in the same order."
        )
    if captions:
        return [
            times_of_captions(c, n, p) for c, n, p in zip(captions, n_frames, paths, strict=True)
        ]
    return [times_of_tracker(t, n, p) for t, n, p in zip(tracked, n_frames, paths, strict=True)]


def times_of_tracker(timestamp_us: FloatArray, n_frames: int, path: Path) -> NotedTimes:
    """The records of a .nvt file for the frames of its video.

    Both are written from the same frames, but the tracker may note some before the video
    begins or after it ends; nothing in the file tells which of them.
    """
    extra = len(timestamp_us) - n_frames
    if extra == 0:
        return NotedTimes(timestamp_us)
    step_us = usual_step_s(timestamp_us)
    if extra < 0 or extra * step_us > MOST_EXTRA_S * 1e6:
        raise _other_video(path, len(timestamp_us), n_frames)
    return NotedTimes(
        timestamp_us[:n_frames],
        extra,
        f"{path.name} has {extra} more frames than its video, at the start or the end: the true "
        f"times are between 0 and {extra * step_us / 1e6:.3g} s later than those given; the .smi "
        "file beside the video settles it.",
    )


def times_of_captions(captions: Captions, n_frames: int, path: Path) -> NotedTimes:
    """The captions of a .smi file for the frames of its video.

    As many captions as frames are theirs in order; where the times in the video at which they
    begin leave frames out, that is told. With other counts these times are the numbers of
    their frames, where that leaves no doubt: no hole in them and a few after the last frame,
    or holes and the last one at the last frame. A frame without a caption is then between its
    neighbours.
    """
    count = len(captions.timestamp_us)
    rising = count > 1 and np.diff(captions.start_ms).min() > 0
    if count == n_frames and not rising:
        return NotedTimes(captions.timestamp_us)
    if not rising:
        raise _other_video(path, count, n_frames)
    step_ms = usual_step_s(captions.start_ms)
    number = exposure_numbers(captions.start_ms) + round(float(captions.start_ms[0]) / step_ms)
    if count == n_frames:
        return _in_order(captions, int(number[-1]) + 1 - count, step_ms, path)
    extra = count - n_frames
    if extra > 0 and number[-1] + 1 == count and extra * step_ms <= MOST_EXTRA_S * 1e3:
        note = f"{path.name} has {extra} more captions than its video has frames; they were left"
        return NotedTimes(captions.timestamp_us[:n_frames], 0, f"{note} out at its end.")
    if extra < 0 and number[-1] + 1 == n_frames and -extra * step_ms <= MOST_EXTRA_S * 1e3:
        between = np.interp(np.arange(n_frames), number, captions.timestamp_us)
        between[: number[0]] -= (number[0] - np.arange(number[0])) * usual_step_s(
            captions.timestamp_us
        )
        note = f"{path.name} has no caption for {-extra} frames of its video; they were placed"
        return NotedTimes(between, 0, f"{note} between their neighbours.")
    raise _other_video(path, count, n_frames)


def _in_order(captions: Captions, left_out: int, step_ms: float, path: Path) -> NotedTimes:
    """As many captions as frames; by their own times in the video they may not be its frames."""
    if left_out <= 0:
        return NotedTimes(captions.timestamp_us)
    return NotedTimes(
        captions.timestamp_us,
        left_out,
        f"{path.name} has a caption for each frame of its video, but their own times in the video "
        f"leave out {left_out} frames: if these have no caption and as many captions lie after "
        f"the last frame, the true times are up to {left_out * step_ms / 1e3:.3g} s earlier than "
        "those given, which are in order.",
    )


def _other_video(path: Path, count: int, n_frames: int) -> RecordingError:
    return RecordingError(
        f"{path} has {count} frames, the video {n_frames}: one of the two is not whole or belongs "
        "to another recording."
    )


def _names(paths: Sequence[Path]) -> str:
    return ", ".join(p.name for p in paths)
