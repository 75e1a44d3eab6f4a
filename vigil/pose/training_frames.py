"""Labelled frames of simulated mice, to train the shipped model on and to test it.

Every frame shows another animal, on another floor, at another scale, through another
camera: the model is to know mice as the simulator draws them, not one of them. The seeds
live in spaces of their own (`TRAIN` and `HELD_OUT`), apart from each other and from those of
a simulated rig, whose seeds are small integers.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from vigil.simulate.mouse import BODY_PARTS, COATS, Image, Mouse, draw_mouse, make_floor

TRAIN = int.from_bytes(b"vigil: pose-train", "big")
HELD_OUT = int.from_bytes(b"vigil: pose-held-out", "big")
SCALE_PX_PER_CM = (3.0, 7.0)


def labelled_frame(
    seed: np.random.SeedSequence, size_px: int = 128
) -> tuple[Image, npt.NDArray[np.float64]]:
    """One frame of one animal that no other frame shows.

    Parameters
    ----------
    seed : SeedSequence
        Same seed, same frame.
    size_px : int
        Height and width.

    Returns
    -------
    frame : array of uint8, shape (size_px, size_px, 3)
        Blue, green, red.
    points : array, shape (4, 2)
        x and y of BODY_PARTS in px; NaN where a part lies outside of the frame.
    """
    rng = np.random.default_rng(seed)
    floor = make_floor(size_px, size_px, rng)
    _litter(floor, rng)
    mouse = random_mouse(rng)
    low, high = 0.03 * size_px, 0.97 * size_px
    x_px, y_px = rng.uniform(low, high, 2)
    direction_rad = rng.uniform(-np.pi, np.pi)
    bend_rad = float(np.clip(rng.normal(0, 0.6), -1.5, 1.5))
    step_px, turn_rad = _motion(rng, mouse.px_per_cm)
    sharp = floor.copy()
    at = draw_mouse(sharp, mouse, x_px, y_px, direction_rad, bend_rad)
    exposure = [sharp]
    if step_px > 0.2 or abs(turn_rad) > 0.02:
        for part in (-0.5, 0.5):
            moved = floor.copy()
            draw_mouse(
                moved,
                mouse,
                x_px + part * step_px * np.cos(direction_rad),
                y_px - part * step_px * np.sin(direction_rad),
                direction_rad + part * turn_rad,
                bend_rad,
            )
            exposure.append(moved)
    frame = through_camera(np.mean(exposure, axis=0), rng)
    points = np.array([at[part] for part in BODY_PARTS])
    points[((points < 0) | (points > size_px - 1)).any(axis=1)] = np.nan
    return frame, points


def random_mouse(rng: np.random.Generator) -> Mouse:
    """An animal with looks from a wider range than a rig's animals have."""
    scale = float(np.exp(rng.uniform(*np.log(SCALE_PX_PER_CM))))
    mouse = Mouse.of_animal(int(rng.integers(2**62)), px_per_cm=scale)
    one, other = (np.asarray(COATS[k]) for k in rng.integers(len(COATS), size=2))
    share = rng.uniform()
    coat = (share * one + (1 - share) * other) * rng.uniform(0.7, 1.2) + rng.uniform(-6, 6, 3)
    blue, green, red = np.clip(coat, 8, 130)
    return replace(
        mouse,
        fur=(float(blue), float(green), float(red)),
        width_cm=mouse.width_cm * rng.uniform(0.85, 1.15),
        ear_radius_cm=mouse.ear_radius_cm * rng.uniform(0.9, 1.1),
    )


def through_camera(light: npt.NDArray[np.float64], rng: np.random.Generator) -> Image:
    """Blur, exposure, noise, sometimes no colour, sometimes a lossy file."""
    if rng.uniform() < 0.5:
        light = np.asarray(cv2.GaussianBlur(light, (0, 0), rng.uniform(0.3, 1.1)), dtype=float)
    if rng.uniform() < 0.3:
        light = np.repeat(light.mean(axis=2, keepdims=True), 3, axis=2)
    light = light * rng.uniform(0.6, 1.2) + rng.uniform(-12, 25)
    light = light + rng.normal(0, rng.uniform(0, 9), light.shape)
    frame: Image = np.clip(light, 0, 255).astype(np.uint8)
    if rng.uniform() < 0.5:
        quality = int(rng.integers(35, 95))
        _, stored = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, quality])
        frame = np.asarray(cv2.imdecode(stored, cv2.IMREAD_COLOR), dtype=np.uint8)
    return frame


def _motion(rng: np.random.Generator, px_per_cm: float) -> tuple[float, float]:
    """Path and turn of the head while the shutter is open, of one frame in two: none."""
    if rng.uniform() < 0.5:
        return 0.0, 0.0
    return float(rng.uniform(0, 0.6) * px_per_cm), float(rng.normal(0, 0.08))


def _litter(floor: Image, rng: np.random.Generator) -> None:
    """Droppings and bits of food, which are neither ears nor snouts."""
    height, width = floor.shape[:2]
    for _ in range(rng.poisson(2.0)):
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        axes = (int(rng.integers(1, 4)), int(rng.integers(1, 3)))
        colour = tuple(float(c) for c in rng.uniform(30, 190) + rng.uniform(-12, 12, 3))
        angle = float(rng.uniform(0, 180))
        cv2.ellipse(floor, centre, axes, angle, 0, 360, colour, -1, cv2.LINE_AA)
