"""The videos of a recording: a look before the tracking, their frames, and their count."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from vigil.pose.picture import Image, PictureWatch
from vigil.recording import RecordingError

# containers that guess their count of frames from their duration are off by a few
COUNT_TOLERANCE = 0.01
LOST_TOLD = 3
"""Frames that may be missing from a video's end before a word is said."""


@dataclass(frozen=True)
class Video:
    """A video file that can be opened.

    Parameters
    ----------
    path : Path
        The file.
    frames : int
        Frames that the file says to hold; 0 when it does not say.
    size_px : tuple of int
        Width and height of its first frame.
    """

    path: Path
    frames: int
    size_px: tuple[int, int] = (0, 0)


def open_videos(paths: list[Path]) -> list[Video]:
    """Make sure that each video opens and shows a first frame.

    Raises
    ------
    RecordingError
        When a video is missing, empty or damaged.
    """
    if not paths:
        raise RecordingError(
            "The recording has no video to track: fill the column 'video' of the table, or 'pose' "
            "with existing tracks."
        )
    return [_open(path) for path in paths]


def _open(path: Path) -> Video:
    if not path.is_file():
        raise RecordingError(f"The video {path} is not there; check the column 'video'.")
    if path.stat().st_size == 0:
        raise RecordingError(f"The video {path} is an empty file; copy it again from the rig.")
    capture = _decoder(path)
    try:
        shows, frame = capture.read() if capture.isOpened() else (False, None)
        frames = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
    finally:
        capture.release()
    if not shows or frame is None:
        raise RecordingError(
            f"The video {path} is damaged or not a video (no frame can be decoded): copy it again "
            "from the rig, or re-encode it with ffmpeg."
        )
    return Video(path, max(frames, 0), (int(frame.shape[1]), int(frame.shape[0])))


def _decoder(path: Path) -> cv2.VideoCapture:
    """The frames of a video, decoded by one thread; else there is one for each core."""
    capture = cv2.VideoCapture(str(path), cv2.CAP_ANY, [cv2.CAP_PROP_N_THREADS, 1])
    # some rare formats are read by what knows no threads
    return capture if capture.isOpened() else cv2.VideoCapture(str(path))


def check_count(video: Video, decoded: int) -> None:
    """Refuse a video that ends before the frames that it says to hold.

    The frames after the hole would be given the times of those that are missing.
    """
    if decoded < video.frames * (1 - COUNT_TOLERANCE):
        raise RecordingError(
            f"The video {video.path} ends after {decoded} of its {video.frames} frames: copy it "
            "again from the rig, or re-encode what is left of it with ffmpeg."
        )


def video_faults(videos: Sequence[Video], decoded: Sequence[int]) -> list[str]:
    """Sentences for videos that hold fewer frames than they say, or differ in size."""
    faults = [
        f"{video.path.name} holds {n} of the {video.frames} frames that it announces; if they are "
        "missing from its middle, those after them have wrong times."
        for video, n in zip(videos, decoded, strict=True)
        if video.frames - n > LOST_TOLD
    ]
    sizes = dict.fromkeys(video.size_px for video in videos)
    if len(sizes) > 1:
        told = ", ".join(f"{w} x {h}" for w, h in sizes)
        faults.append(f"The videos have frames of {told} px, but the table has one px_per_cm.")
    return faults


class Film:
    """The frames of all videos of a recording, one after the other, read once.

    Parameters
    ----------
    videos : list of Video
        In the order in which they were filmed.
    frame_step : int
        Every how many frames one is given out; the others are only counted.
    """

    def __init__(self, videos: list[Video], frame_step: int = 1) -> None:
        self.videos = videos
        self.frame_step = frame_step
        self.watch = PictureWatch()
        self.decoded = 0
        self.frames_of_videos: list[int] = []

    def frames(self) -> Iterator[Image]:
        """Every `frame_step`-th frame of the recording, (row, column, colour) in RGB.

        Raises
        ------
        RecordingError
            When a video ends before the frames that it says to hold.
        """
        for video in self.videos:
            first = self.decoded
            capture = _decoder(video.path)
            try:
                while capture.grab():
                    wanted = self.decoded % self.frame_step == 0
                    self.decoded += 1
                    if wanted:
                        shows, frame = capture.retrieve()
                        if not shows or frame is None:
                            self.decoded -= 1
                            break
                        picture = np.asarray(frame, dtype=np.uint8)
                        self.watch.add(picture)
                        yield np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), dtype=np.uint8)
            finally:
                capture.release()
            check_count(video, self.decoded - first)
            self.frames_of_videos.append(self.decoded - first)
