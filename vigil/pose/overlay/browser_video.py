"""A video that browsers play, written by the FFmpeg that comes with OpenCV."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from vigil.recording import RecordingError

Image = npt.NDArray[np.uint8]

# the one that more programs play first; OpenCV's own wheels bring no encoder of H.264 on Linux
CODECS = {".mp4": ("avc1", "vp09"), ".webm": ("VP80",)}
CODEC_NAMES = {"avc1": "H.264", "vp09": "VP9", "VP80": "VP8"}


def write_video(path: Path, images: Iterator[Image], rate_hz: float) -> str:
    """Write frames as a video beside its place, then rename it.

    Returns
    -------
    str
        Name of the codec.

    Raises
    ------
    RecordingError
        When the ending is not .mp4 or .webm, there is no frame, or no codec can be had.
    """
    if path.suffix.lower() not in CODECS:
        raise RecordingError(
            f"{path} is to be a video that browsers play: end it in .mp4 or .webm."
        )
    first = next(images, None)
    if first is None:
        raise RecordingError("The video ends before the frames that were asked for.")
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".partial.{path.name}")
    try:
        codec, writer = _open_writer(beside, rate_hz, (first.shape[1], first.shape[0]))
        writer.write(first)
        for image in images:
            if image.shape != first.shape:
                # OpenCV would leave such a frame out without a word
                raise RecordingError(
                    "The frames change their size within this time; ask for the time before or "
                    "after."
                )
            writer.write(image)
        writer.release()
        beside.rename(path)
    finally:
        beside.unlink(missing_ok=True)
    return CODEC_NAMES[codec]


def _open_writer(path: Path, rate_hz: float, size: tuple[int, int]) -> tuple[str, cv2.VideoWriter]:
    for codec in CODECS[path.suffix.lower()]:
        code = cv2.VideoWriter.fourcc(*codec)
        with _quiet():
            writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, code, rate_hz, size)
        if writer.isOpened():
            return codec, writer
    raise RecordingError(
        f"OpenCV on this machine cannot write {path.suffix} videos; try the other of .mp4 and "
        ".webm."
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Nothing on the terminal from FFmpeg.

    It tells of every codec that it does not have before the next is tried, and of VP8's tag
    although it writes VP8; whether a video can be written is said in our own words.
    """
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def write_picture(path: Path, image: Image) -> None:
    """Write a PNG beside its place, then rename it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".partial.{path.name}")
    _, content = cv2.imencode(".png", image)
    beside.write_bytes(content.tobytes())
    beside.rename(path)
