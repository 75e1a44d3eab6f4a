"""Whether a camera shows a living picture: brightness, contrast, and frames that repeat.

What a file makes of a camera that hangs was tried with x264, MPEG-4 part 2 and motion JPEG on
drawn scenes of 480 x 640 px: x264 of constant quality and motion JPEG repeat the frame to the
bit, but for key frames (every 12 to 250 frames), which are coded anew. A sleeping animal
never gives that for long: breathing and the noise of the sensor change some pixel in
nearly every frame; at the coarsest quality that was tried (x264, crf 35) at most 16 frames
in a row, half a second, were the same. So a picture is frozen where frames repeat to the
bit for a second, single changed frames between long repeats left aside. An encoder of
constant bit rate goes on refining a picture that hangs, and so does MPEG-4 part 2: the one is
found in part, the other not.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from vigil.recording import stretches

Image = npt.NDArray[np.uint8]
BoolArray = npt.NDArray[np.bool_]

# rows that are compared: a whole row lies together in memory
EVERY_ROW = 4
# pixels whose brightness is taken, in both directions
EVERY_PIXEL = 8
# a key frame between two runs of at least so many frames that repeat does not part them
KEY_FRAME_RUN = 8
MEASURES = ("frozen_share", "frozen_longest_frames", "dark_share", "blank_share", "brightness")


@dataclass(frozen=True)
class Pictures:
    """What the frames of a video look like, one entry for each that was looked at.

    Parameters
    ----------
    brightness : ndarray, (frame,)
        Mean of all colours, 0 to 255.
    contrast : ndarray, (frame,)
        Standard deviation of the colour that varies most, in the same unit.
    repeats : ndarray of bool, (frame,)
        Whether the frame is the one before to the bit.
    """

    brightness: npt.NDArray[np.float32]
    contrast: npt.NDArray[np.float32]
    repeats: BoolArray


class PictureWatch:
    """Looks at frames as they pass."""

    def __init__(self) -> None:
        self._before: Image | None = None
        self._brightness = array("f")
        self._contrast = array("f")
        self._repeats = bytearray()

    def add(self, frame: Image) -> None:
        """Look at a frame, (row, column, colour)."""
        rows = frame[::EVERY_ROW]
        before = self._before
        same = before is not None and before.shape == rows.shape and np.array_equal(before, rows)
        self._repeats.append(bool(same))
        if same:
            self._brightness.append(self._brightness[-1])
            self._contrast.append(self._contrast[-1])
            return
        self._before = rows.copy()
        mean, deviation = cv2.meanStdDev(np.ascontiguousarray(frame[::EVERY_PIXEL, ::EVERY_PIXEL]))
        self._brightness.append(float(mean.mean()))
        self._contrast.append(float(deviation.max()))

    def pictures(self) -> Pictures:
        """What was seen."""
        return Pictures(
            np.array(self._brightness, dtype=np.float32),
            np.array(self._contrast, dtype=np.float32),
            np.frombuffer(bytes(self._repeats), dtype=np.bool_),
        )


def picture_measures(
    pictures: Pictures | None,
    frozen_frames: int,
    dark_below: float,
    blank_below: float,
    frame_step: int,
) -> dict[str, Any]:
    """Shares of frozen, dark and blank frames, and the longest time that the picture stood.

    Parameters
    ----------
    pictures : Pictures or None
        All measures are None without a video.
    frozen_frames : int
        Frames of the video that a picture must repeat to count as frozen.
    dark_below, blank_below : float
        Limits of brightness and contrast.
    frame_step : int
        Frames of the video from one that was looked at to the next.
    """
    if pictures is None or not len(pictures.repeats):
        return dict.fromkeys(MEASURES)
    count = len(pictures.repeats)
    _, length = still_stretches(pictures.repeats)
    needed = max(2, -(-frozen_frames // frame_step))
    frozen = length[length >= needed]
    values = (
        float(frozen.sum() / count),
        int(frozen.max(initial=0) * frame_step),
        float((pictures.brightness < dark_below).mean()),
        float((pictures.contrast < blank_below).mean()),
        float(np.median(pictures.brightness)),
    )
    return dict(zip(MEASURES, values, strict=True))


def still_stretches(
    repeats: BoolArray,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """First frames and lengths of the stretches in which the picture repeats.

    A single frame that does not repeat, with `KEY_FRAME_RUN` frames that do on both sides,
    is a key frame and belongs to the stretch.
    """
    first, stop = stretches(repeats)
    long = stop - first >= KEY_FRAME_RUN
    parted_by_one = np.flatnonzero((first[1:] - stop[:-1] == 1) & long[:-1] & long[1:])
    joined = np.array(repeats, dtype=np.bool_)
    joined[stop[parted_by_one]] = True
    first, stop = stretches(joined)
    return first, stop - first
