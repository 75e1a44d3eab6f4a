"""The camera above the arena: exposures on its own clock, a video, its frame times."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from vigil.simulate.behaviour import STEP_HZ, Movement
from vigil.simulate.mouse import BODY_PARTS, Mouse, draw_mouse, make_floor
from vigil.simulate.plan import CameraClock, RecordingPlan
from vigil.simulate.settings import Rig
from vigil.simulate.streams import generator

FloatArray = npt.NDArray[np.float64]

SENSOR_NOISE = 2.0
NOISE_IMAGES = 16


@dataclass(frozen=True)
class Frames:
    """Frames that reached the video file, one entry per frame.

    Parameters
    ----------
    frame : ndarray of int
        Number of the frame in the file, from 0.
    camera_s, time_s : ndarray
        Middle of the exposure on the camera's clock and on the recording's.
    x_cm, y_cm, head_direction_rad : ndarray
        Midpoint of the ears, direction in (-pi, pi].
    parts_px : ndarray, (frame, part, 2)
        x and y of the parts in the order of BODY_PARTS.
    """

    frame: npt.NDArray[np.int64]
    camera_s: FloatArray
    time_s: FloatArray
    x_cm: FloatArray
    y_cm: FloatArray
    head_direction_rad: FloatArray
    parts_px: FloatArray


def exposure_camera_s(exposures: npt.ArrayLike, rate_hz: float) -> FloatArray:
    """Times of exposures on the camera's clock, which ticks in microseconds."""
    return np.round(np.asarray(exposures) / rate_hz, 6)


def exposure_time_s(clock: CameraClock, camera_s: npt.ArrayLike) -> FloatArray:
    """Times of exposures on the recording's clock."""
    return clock.offset_s + np.asarray(camera_s) * (1 + clock.drift_ppm * 1e-6)


class Camera:
    """Films the animal of one recording, block by block."""

    def __init__(self, folder: Path, rig: Rig, plan: RecordingPlan, clock: CameraClock) -> None:
        self._rig, self._clock = rig, clock
        self._lost = frozenset(clock.lost)
        looks = generator(rig.seed, "looks", plan.animal).integers(2**31)
        self._mouse = Mouse.of_animal(int(looks), rig.px_per_cm)
        size = rig.frame_px
        floor_rng = np.random.default_rng(self._mouse.floor_seed)
        floor = make_floor(size, size, floor_rng).astype(np.float32)
        noise_rng = generator(rig.seed, "sensor", plan.recording)
        self._floors = [
            np.clip(
                floor + SENSOR_NOISE * noise_rng.standard_normal(floor.shape, dtype=np.float32),
                0,
                255,
            ).astype(np.uint8)
            for _ in range(NOISE_IMAGES)
        ]
        code = cv2.VideoWriter.fourcc(*"mp4v")
        self._video = cv2.VideoWriter(
            str(folder / "video.mp4"), code, rig.frame_rate_hz, (size, size)
        )
        if not self._video.isOpened():
            raise OSError(f"OpenCV cannot write {folder / 'video.mp4'}; is its FFmpeg missing?")
        self._times = (folder / "video_times.csv").open("w", newline="")
        self._times.write("frame,camera_s\n")
        self._next_exposure = 0
        self._frames = 0
        self._before: FloatArray | None = None

    def advance(self, movement: Movement) -> tuple[FloatArray, Frames]:
        """Film a block of behaviour.

        Returns
        -------
        exposures_s : ndarray
            Times of all exposures on the recording's clock, lost frames included.
        frames : Frames
            What was written to the video file.
        """
        track = np.vstack(
            [
                movement.time_s,
                movement.x_cm,
                movement.y_cm,
                movement.head_direction_rad,
                movement.bend_rad,
            ]
        )
        if self._before is not None:
            track = np.concatenate([self._before, track], axis=1)
        self._before = track[:, -2:].copy()

        # both neighbouring steps are known of these, and of those after them the earlier one
        numbers = self._due(track[0, -1] - 1e-5)
        camera_s = exposure_camera_s(numbers, self._rig.frame_rate_hz)
        exposures_s = exposure_time_s(self._clock, camera_s)
        kept = np.array([n not in self._lost for n in numbers], dtype=bool)
        camera_s, time_s = camera_s[kept], exposures_s[kept]
        x_cm, y_cm, direction, bend = _between_steps(track, time_s)
        frame = self._frames + np.arange(len(time_s))
        self._frames += len(time_s)
        parts = np.empty((len(time_s), len(BODY_PARTS), 2))
        scale = self._rig.px_per_cm
        for k, number in enumerate(frame):
            # which floor is used must not depend on blocks
            image = self._floors[(7 * number + number // 5) % NOISE_IMAGES].copy()
            where = draw_mouse(
                image,
                self._mouse,
                x_cm[k] * scale,
                y_cm[k] * scale,
                direction[k],
                body_bend_rad=bend[k],
            )
            parts[k] = [where[p] for p in BODY_PARTS]
            self._video.write(image)
        for number, at_s in zip(frame, camera_s, strict=True):
            self._times.write(f"{number},{at_s:.6f}\n")
        wrapped = np.angle(np.exp(1j * direction))
        return exposures_s, Frames(frame, camera_s, time_s, x_cm, y_cm, wrapped, parts)

    def _due(self, until_s: float) -> npt.NDArray[np.int64]:
        """Exposures before a time that were not taken yet."""
        rate = self._rig.frame_rate_hz
        camera_s = (until_s - self._clock.offset_s) / (1 + self._clock.drift_ppm * 1e-6)
        stop = int(np.clip(np.ceil(camera_s * rate), self._next_exposure, self._clock.exposures))
        numbers = np.arange(self._next_exposure, stop)
        self._next_exposure = stop
        return numbers

    def close(self) -> None:
        """Finish the files."""
        self._video.release()
        self._times.close()


def _between_steps(track: FloatArray, time_s: FloatArray) -> FloatArray:
    """Rows of the track between its steps, on straight lines."""
    # counted from the clock's zero, so that rounding does not depend on the block
    place = time_s * STEP_HZ
    step = np.floor(place)
    share = place - step
    step = step.astype(int) - round(track[0, 0] * STEP_HZ)
    return np.asarray(track[1:, step] * (1 - share) + track[1:, step + 1] * share)
