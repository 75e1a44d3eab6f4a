"""Frames of several files come once, in order, and every one of them is counted."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from vigil.pose.video import Film, Video, check_count, open_videos, video_faults
from vigil.recording import RecordingError


def write(path: Path, greys: list[int]) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30, (64, 48))
    for grey in greys:
        frame = np.full((48, 64, 3), grey, np.uint8)
        frame[:, :, 0] = 200
        writer.write(frame)
    writer.release()
    return path


@pytest.fixture
def videos(tmp_path: Path) -> list[Video]:
    """Ten and seven frames, each with a number to tell it by: its red."""
    one = write(tmp_path / "one.avi", [10 * k for k in range(10)])
    return open_videos([one, write(tmp_path / "two.avi", [10 * k for k in range(10, 17)])])


@pytest.mark.parametrize("step", [1, 3, 20])
def test_frames_run_on_from_file_to_file(videos, step) -> None:
    film = Film(videos, step)
    shown = list(film.frames())
    assert film.decoded == 17
    numbers = [round(frame[..., 0].mean() / 10) for frame in shown]
    assert numbers == list(range(0, 17, step))
    # red, green, blue: blue was written last
    assert shown[0][..., 2].mean() == pytest.approx(200, abs=6)
    assert len(film.watch.pictures().repeats) == len(shown)


def test_a_file_that_ends_early_ends_the_recording(videos) -> None:
    cut = Video(videos[0].path, 20)
    with pytest.raises(RecordingError, match=r"one\.avi ends after 10 of its 20 frames"):
        list(Film([cut, videos[1]]).frames())


def test_containers_that_guess_are_off_by_a_few() -> None:
    check_count(Video(Path("guess.mp4"), 1000), 991)
    with pytest.raises(RecordingError):
        check_count(Video(Path("guess.mp4"), 1000), 989)


def test_a_few_frames_that_are_missing_are_told():
    videos = [Video(Path("a.avi"), 1000, (640, 480)), Video(Path("b.avi"), 1000, (640, 480))]
    assert video_faults(videos, [1000, 997]) == []
    (fault,) = video_faults(videos, [993, 1000])
    assert fault.startswith("a.avi holds 993 of the 1000 frames")
