"""Frames of a video by their number, exactly: the k-th frame is the one that row k tracked.

A container's own seeking is not trusted: files with B-frames, odd edit lists or uneven frame
times land a few frames off without a word. The times at which frames are shown are read from
the packets, which needs no decoding; every frame taken is checked against them. Where that
fails, frames are counted from the first one.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

import cv2
import numpy as np
import numpy.typing as npt

from vigil.pose.video import COUNT_TOLERANCE
from vigil.recording import RecordingError

log = logging.getLogger("vigil")

Image = npt.NDArray[np.uint8]
FloatArray = npt.NDArray[np.float64]

TICK_MS = 1e-3
STEPS_BACK = (40, 400, 4000)  # frames before the wanted one, from which a seek is tried


class ExactVideo:
    """A video whose frames are taken by number, from 0.

    Parameters
    ----------
    path : path
        The file.
    frames : int or None
        Frames that it is known to hold. Times of packets are trusted only where there are so many.

    Raises
    ------
    RecordingError
        When it is no longer there or cannot be opened.
    """

    def __init__(self, path: Path, frames: int | None = None) -> None:
        if not path.is_file():
            raise RecordingError(
                f"The video {path} is not there any more; bring it back, or name a copy of it "
                "with --video."
            )
        self.path = path
        self._capture = self._open()
        self._next = 0
        self._frames = frames
        self._shown_ms: FloatArray | None = None
        self._asked = False

    def __enter__(self) -> ExactVideo:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._capture.release()

    @property
    def rate_hz(self) -> float:
        """Frame rate that the file claims; 30 where it claims none."""
        rate = float(self._capture.get(cv2.CAP_PROP_FPS))
        return rate if np.isfinite(rate) and rate > 0 else 30.0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in px."""
        wide, high = cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT
        return int(self._capture.get(wide)), int(self._capture.get(high))

    @property
    def claimed_frames(self) -> int:
        """Frames that the file says to hold, 0 where it does not say."""
        return max(0, int(self._capture.get(cv2.CAP_PROP_FRAME_COUNT)))

    def packets(self) -> int:
        """Frames by the file's packets; 0 where packets have no times of their own."""
        self._read_times()
        return 0 if self._shown_ms is None else len(self._shown_ms)

    def _read_times(self) -> None:
        if self._asked:
            return
        self._asked = True
        shown_ms = self._shown_ms_of_packets()
        if shown_ms is None or self._frames not in (None, len(shown_ms)):
            return
        # decoders leave out what comes before the first whole picture
        begin = self._open()
        begin.grab()
        first_ms = float(begin.get(cv2.CAP_PROP_POS_MSEC))
        begin.release()
        if abs(first_ms - shown_ms[0]) <= TICK_MS:
            self._shown_ms = shown_ms

    def count(self) -> int:
        """Frames that can be decoded, counted one by one."""
        self._restart()
        while self._capture.grab():
            self._next += 1
        found = self._next
        self._restart()
        return found

    def frame(self, number: int) -> Image:
        """The frame of a number, (height, width, 3), blue first.

        Raises
        ------
        RecordingError
            When the video cannot be decoded up to there.
        """
        if not (self._next <= number <= self._next + STEPS_BACK[0]):
            self._seek(number)
        if not self._forward(number):
            # what the packets promise is not what comes out: count from the first frame
            self._shown_ms = None
            self._restart()
            self._forward(number)
        shows, image = self._capture.retrieve() if self._next == number + 1 else (False, None)
        if not shows or image is None:
            raise RecordingError(
                f"Frame {number} of the video {self.path} cannot be decoded; copy the video again "
                "from the rig, or ask for another time."
            )
        return np.asarray(image, dtype=np.uint8)

    def _forward(self, number: int) -> bool:
        """Decode up to a frame; False where a frame is not shown when its packet says."""
        while self._next <= number:
            if not self._capture.grab():
                return self._shown_ms is None
            if self._shown_ms is not None and (
                self._next >= len(self._shown_ms)
                or abs(self._capture.get(cv2.CAP_PROP_POS_MSEC) - self._shown_ms[self._next])
                > TICK_MS
            ):
                return False
            self._next += 1
        return True

    def _seek(self, number: int) -> None:
        """Go to some frame before a number, or to the first one."""
        self._read_times()
        for back in STEPS_BACK:
            if self._shown_ms is None or number <= back:
                break
            self._capture.set(cv2.CAP_PROP_POS_FRAMES, number - back)
            if not self._capture.grab():
                break
            at_ms = float(self._capture.get(cv2.CAP_PROP_POS_MSEC))
            here = int(np.searchsorted(self._shown_ms, at_ms - TICK_MS))
            if here < number and abs(self._shown_ms[here] - at_ms) <= TICK_MS:
                self._next = here + 1
                return
        self._restart()

    def _open(self) -> cv2.VideoCapture:
        capture = cv2.VideoCapture(str(self.path), cv2.CAP_FFMPEG)
        if not capture.isOpened():
            raise RecordingError(
                f"The video {self.path} is damaged or not a video; copy it again from the rig, or "
                "re-encode it with ffmpeg."
            )
        return capture

    def _restart(self) -> None:
        self._capture.release()
        self._capture = self._open()
        self._next = 0

    def _shown_ms_of_packets(self) -> FloatArray | None:
        """Times at which the frames are shown, ascending; None where two are shown at once."""
        packets = cv2.VideoCapture(str(self.path), cv2.CAP_FFMPEG, [cv2.CAP_PROP_FORMAT, -1])
        times = []
        while packets.grab():
            times.append(packets.get(cv2.CAP_PROP_POS_MSEC))
        packets.release()
        shown = np.sort(np.asarray(times, dtype=np.float64))
        if not len(shown) or (np.diff(shown) <= 2 * TICK_MS).any():
            return None
        return shown


def frame_counts(paths: Sequence[Path], rows: int) -> list[int]:
    """Frames of each video, so that rows of tracks can be found in them.

    What the files claim is taken when it adds up to the rows of the tracks, else what their
    packets add up to, else frames are decoded and counted.

    Parameters
    ----------
    paths : sequence of path
        The videos in the order of their tracks.
    rows : int
        Rows of the tracks.

    Raises
    ------
    RecordingError
        When the videos hold more or fewer frames than were tracked, by more than 1 %.
    """
    for ask in (lambda video: video.claimed_frames, ExactVideo.packets):
        counts = []
        for path in paths:
            with ExactVideo(path) as video:
                counts.append(ask(video))
        if sum(counts) == rows:
            return counts
    log.info("frames of %d videos are counted, which takes a while", len(paths))
    counted = []
    for path in paths:
        with ExactVideo(path) as video:
            counted.append(video.count())
    if abs(sum(counted) - rows) > COUNT_TOLERANCE * rows:
        raise RecordingError(
            f"The videos {', '.join(map(str, paths))} hold {sum(counted)} frames and the tracks "
            f"{rows}: they do not belong together; name the videos that were tracked, in their "
            "order, with --video."
        )
    return counted


def frames_of(
    paths: Sequence[Path], counts: Sequence[int], numbers: Sequence[int]
) -> Iterator[tuple[int, Image]]:
    """Frames of videos that follow each other, by their row of the tracks.

    Parameters
    ----------
    paths, counts : sequence
        The videos and their frames, as of `frame_counts`.
    numbers : sequence of int
        Rows, ascending; those beyond the last frame are left out.
    """
    first = 0
    for path, count in zip(paths, counts, strict=True):
        mine = [n for n in numbers if first <= n < first + count]
        if mine:
            with ExactVideo(path, count) as video:
                for n in mine:
                    yield n, video.frame(n - first)
        first += count
