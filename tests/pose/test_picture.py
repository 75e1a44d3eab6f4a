"""Frozen, dark and blank pictures are told from living ones, through a lossy file too."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from vigil.pose.picture import (
    KEY_FRAME_RUN,
    MEASURES,
    Pictures,
    PictureWatch,
    picture_measures,
    still_stretches,
)
from vigil.pose.video import Film, open_videos

LIMITS = {"frozen_frames": 30, "dark_below": 20.0, "blank_below": 2.0}


def scene(k: float, noise: float, rng: np.random.Generator) -> np.ndarray:
    """An animal that sleeps: its flank rises and sinks by a pixel, the sensor is noisy."""
    y, x = np.mgrid[:96, :128]
    flank = ((x - 64) / 20) ** 2 + ((y - 48) / (14 + np.sin(2 * np.pi * 2.5 * k / 30))) ** 2
    grey = 90 + 0.2 * x - 60 / (1 + np.exp(8 * (flank - 1)))
    grey = grey + rng.normal(0, noise, grey.shape) if noise else grey
    return np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def write(path: Path, frames: list[np.ndarray], code: str) -> Film:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*code), 30, (128, 96))
    for frame in frames:
        writer.write(frame)
    writer.release()
    film = Film(open_videos([path]))
    assert sum(1 for _ in film.frames()) == len(frames)
    return film


@pytest.mark.parametrize("code", ["MJPG", "mp4v"])
@pytest.mark.parametrize("noise", [0.5, 2.0])
def test_a_sleeping_animal_is_not_frozen(tmp_path, code, noise) -> None:
    rng = np.random.default_rng(1)
    name = "asleep.avi" if code == "MJPG" else "asleep.mp4"
    film = write(tmp_path / name, [scene(k, noise, rng) for k in range(150)], code)
    measures = picture_measures(film.watch.pictures(), **LIMITS, frame_step=1)
    assert [measures[m] for m in MEASURES[:4]] == [0, 0, 0, 0]
    assert 70 < measures["brightness"] < 120


def test_a_camera_that_hangs_is_found(tmp_path) -> None:
    rng = np.random.default_rng(2)
    frames = [scene(k, 2.0, rng) for k in range(150)]
    frames[50:110] = [frames[50]] * 60
    film = write(tmp_path / "hangs.avi", frames, "MJPG")
    measures = picture_measures(film.watch.pictures(), **LIMITS, frame_step=1)
    assert measures["frozen_longest_frames"] == 59
    assert measures["frozen_share"] == pytest.approx(59 / 150)


def test_dark_and_blank(tmp_path) -> None:
    rng = np.random.default_rng(3)
    lit = [scene(k, 2.0, rng) for k in range(40)]
    dark = [(f * 0.2).astype(np.uint8) for f in lit]
    blue = [np.full_like(f, (200, 0, 0)) for f in lit[:20]]
    film = write(tmp_path / "dark.avi", [*lit, *dark, *blue], "MJPG")
    measures = picture_measures(film.watch.pictures(), **LIMITS, frame_step=1)
    assert measures["dark_share"] == pytest.approx(0.4)
    assert measures["blank_share"] == pytest.approx(0.2)


def pictures(repeats: list[bool]) -> Pictures:
    some = np.full(len(repeats), 90, np.float32)
    return Pictures(some, some, np.array(repeats))


def test_a_key_frame_does_not_part_a_stretch() -> None:
    run = KEY_FRAME_RUN
    first, length = still_stretches(np.array([False] + [True] * run + [False] + [True] * run))
    assert (first.tolist(), length.tolist()) == ([1], [2 * run + 1])


def test_frames_given_twice_by_a_change_of_rate_are_not_frozen() -> None:
    for repeated in (1, 3):
        repeats = ([False] + [True] * repeated) * 200
        measures = picture_measures(pictures(repeats), **LIMITS, frame_step=1)
        assert measures["frozen_share"] == 0


def test_the_limit_counts_frames_of_the_video() -> None:
    repeats = [False] * 10 + [True] * 10 + [False] * 80
    assert picture_measures(pictures(repeats), **LIMITS, frame_step=1)["frozen_share"] == 0
    stepped = picture_measures(pictures(repeats), **LIMITS, frame_step=3)
    assert (stepped["frozen_share"], stepped["frozen_longest_frames"]) == (0.1, 30)


def test_every_pixel_of_the_looked_at_rows_counts() -> None:
    watch = PictureWatch()
    frame = np.full((16, 20, 3), 100, np.uint8)
    changed = frame.copy()
    changed[8, 13, 2] += 1
    for picture in (frame, frame, changed, changed, frame[:8]):
        watch.add(picture)
    assert watch.pictures().repeats.tolist() == [False, True, False, True, False]


def test_without_a_video_nothing_is_said() -> None:
    assert picture_measures(None, **LIMITS, frame_step=1) == dict.fromkeys(MEASURES)
