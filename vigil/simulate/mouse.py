r"""A mouse seen from above: its looks, the floor it walks on, and how it is drawn.

    left ear o                  th = 0: the snout points to the right of the image
               \  ___           th grows counter-clockwise as seen by a viewer
     body =====(  head )> snout x runs right, y runs down, integer = centre of a pixel
               /
    right ear o

A direction th points along (cos th, -sin th) in the image; the animal's left is at
(-sin th, -cos th). Lengths are those of an adult mouse (head and body 8 cm, tail 7.5 cm).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
Colour = tuple[float, float, float]

BODY_PARTS = ("left_ear", "right_ear", "snout", "tail_base")

# fixed-point bits below the pixel in OpenCV's drawing calls: sub-pixel to 1/64
SHIFT = 6
ONE = 1 << SHIFT
CIRCLE = np.stack([f(np.linspace(0, 2 * np.pi, 16, endpoint=False)) for f in (np.cos, np.sin)], 1)

# half-width of the outline, as a share of the widest place, along the spine: 0 is the tip
# of the snout and 1 the base of the tail
OUTLINE_AT = np.array(
    [0.0, 0.02, 0.06, 0.12, 0.20, 0.28, 0.36, 0.46, 0.58, 0.70, 0.80, 0.89, 0.96, 1.0]
)
OUTLINE_WIDTH = np.array(
    [0.08, 0.17, 0.27, 0.42, 0.57, 0.60, 0.62, 0.78, 0.93, 1.0, 0.95, 0.74, 0.40, 0.14]
)

# fur, as blue, green, red: black (C57BL/6), agouti, chocolate, grey
COATS: tuple[Colour, ...] = ((42, 40, 40), (58, 72, 86), (44, 54, 74), (96, 94, 92))


@dataclass(frozen=True)
class Mouse:
    """How one animal looks from above.

    Parameters
    ----------
    fur, ear, skin : tuple of float
        Blue, green and red of the coat, of the inside of the ears, and of snout and tail.
    ear_distance_cm, ear_radius_cm : float
        Between the centres of the ears; of one ear.
    snout_cm : float
        From the midpoint of the ears to the tip of the snout.
    body_cm, width_cm, tail_cm : float
        From the midpoint of the ears to the base of the tail; the body's widest place;
        the tail's length.
    px_per_cm : float
        Scale of the image.
    floor_seed : int
        Seed of the floor of the animal's arena, for `make_floor`.
    """

    fur: Colour = COATS[0]
    ear: Colour = (118, 112, 142)
    skin: Colour = (136, 134, 178)
    ear_distance_cm: float = 1.8
    ear_radius_cm: float = 0.62
    snout_cm: float = 2.0
    body_cm: float = 6.0
    width_cm: float = 3.0
    tail_cm: float = 7.5
    px_per_cm: float = 4.2
    floor_seed: int = 0

    @classmethod
    def of_animal(cls, seed: int | np.random.SeedSequence, px_per_cm: float = 4.2) -> Mouse:
        """Looks of an animal: the same for the same seed."""
        rng = np.random.default_rng(seed)
        coat = np.asarray(COATS[rng.integers(len(COATS))]) * rng.uniform(0.85, 1.15)
        size = rng.uniform(0.92, 1.08)
        brighter = rng.uniform(0.85, 1.2)
        return cls(
            fur=_colour(coat),
            ear=_colour(np.asarray(cls.ear) * brighter + rng.uniform(-8, 8, 3)),
            skin=_colour(np.asarray(cls.skin) * brighter + rng.uniform(-8, 8, 3)),
            ear_distance_cm=size * rng.uniform(1.7, 1.95),
            ear_radius_cm=size * rng.uniform(0.55, 0.68),
            snout_cm=size * rng.uniform(1.85, 2.15),
            body_cm=size * rng.uniform(5.6, 6.4),
            width_cm=size * rng.uniform(2.7, 3.3),
            tail_cm=size * rng.uniform(6.5, 8.5),
            px_per_cm=px_per_cm,
            floor_seed=int(rng.integers(2**31)),
        )


def make_floor(height: int, width: int, rng: np.random.Generator) -> Image:
    """Draw the floor of an arena: mottled bedding, uneven light, a darker rim.

    Returns
    -------
    array of uint8, shape (height, width, 3)
        Blue, green, red.
    """
    level = rng.uniform(155, 215)
    tint = np.array([rng.uniform(-10, 4), 0.0, rng.uniform(-4, 10)])
    stains = cv2.GaussianBlur(rng.normal(0, 1, (height, width)), (0, 0), 9.0)
    grain = cv2.GaussianBlur(rng.normal(0, 1, (height, width)), (0, 0), 1.2)
    y, x = np.mgrid[0:height, 0:width].astype(float)
    angle = rng.uniform(0, 2 * np.pi)
    slope = (x / width - 0.5) * np.cos(angle) + (y / height - 0.5) * np.sin(angle)
    light = (
        level
        + stains / stains.std() * rng.uniform(2, 7)
        + grain / grain.std() * rng.uniform(2, 6)
        + slope * rng.uniform(0, 40)
    )
    from_edge = np.minimum.reduce([x, y, width - 1 - x, height - 1 - y])
    light *= 1 - rng.uniform(0.15, 0.45) * (from_edge < max(1.0, 0.012 * min(height, width)))
    floor: Image = np.clip(light[..., None] + tint, 0, 255).astype(np.uint8)
    return floor


def draw_mouse(
    frame: Image,
    mouse: Mouse,
    x_px: float,
    y_px: float,
    direction_rad: float,
    body_bend_rad: float = 0.0,
) -> dict[str, tuple[float, float]]:
    """Draw the animal into a frame, in place.

    Parameters
    ----------
    frame : array of uint8, shape (height, width, 3)
        Changed in place; the animal may stick out of it.
    x_px, y_px : float
        Midpoint of the ears.
    direction_rad : float
        Direction of the head, counter-clockwise positive, 0 to the right.
    body_bend_rad : float
        By how much the head's direction is turned, counter-clockwise, against the
        direction of the hindquarters.

    Returns
    -------
    dict
        x and y in px of left_ear, right_ear, snout and tail_base.
    """
    scale = mouse.px_per_cm
    forward = np.array([np.cos(direction_rad), -np.sin(direction_rad)])
    left = np.array([forward[1], -forward[0]])
    head = np.array([x_px, y_px])
    snout = head + forward * mouse.snout_cm * scale
    ear = left * (0.5 * mouse.ear_distance_cm * scale)

    spine, normal = _spine(mouse, head, direction_rad, body_bend_rad)
    half_px = OUTLINE_WIDTH[:, None] * (0.5 * mouse.width_cm * scale)
    fur = np.asarray(mouse.fur)
    _band(frame, spine, normal * half_px, fur)
    _band(frame, spine[5:-1], normal[5:-1] * half_px[5:-1] * 0.5, fur * 1.22 + 5)

    tail = _tail(mouse, spine[-1], direction_rad - body_bend_rad, body_bend_rad)
    thickness = max(1, round(0.3 * scale))
    cv2.polylines(frame, [_fixed(tail)], False, mouse.skin, thickness, cv2.LINE_AA, SHIFT)

    radius_px = mouse.ear_radius_cm * scale
    for side in (head + ear, head - ear):
        _disc(frame, side, radius_px, fur * 0.7)
        _disc(frame, side, radius_px * 0.78, mouse.ear)
    _disc(frame, snout, 0.24 * scale, mouse.skin)
    points = (head + ear, head - ear, snout, spine[-1])
    return {part: (float(p[0]), float(p[1])) for part, p in zip(BODY_PARTS, points, strict=True)}


def _spine(
    mouse: Mouse, head: npt.NDArray[np.float64], direction_rad: float, bend_rad: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Points along the spine and their left normals: straight to the ears, then an arc."""
    behind_cm = OUTLINE_AT * (mouse.snout_cm + mouse.body_cm) - mouse.snout_cm
    turned = np.clip(behind_cm / mouse.body_cm, 0, 1) * bend_rad
    if abs(bend_rad) < 1e-6:
        along, aside = -behind_cm, np.zeros_like(behind_cm)
    else:
        radius = mouse.body_cm / bend_rad
        arc = behind_cm > 0
        along = np.where(arc, -radius * np.sin(turned), -behind_cm)
        aside = np.where(arc, radius * (1 - np.cos(turned)), 0.0)
    forward = np.array([np.cos(direction_rad), -np.sin(direction_rad)])
    left = np.array([forward[1], -forward[0]])
    spine = head + mouse.px_per_cm * (along[:, None] * forward + aside[:, None] * left)
    heading = direction_rad - turned
    return spine, np.stack([-np.sin(heading), -np.cos(heading)], axis=1)


def _tail(
    mouse: Mouse, base: npt.NDArray[np.float64], hind_rad: float, bend_rad: float
) -> npt.NDArray[np.float64]:
    """Points along the tail: it swings to the side that the body bends away from."""
    step_px = mouse.tail_cm * mouse.px_per_cm / 8
    heading = hind_rad - 0.9 * bend_rad * np.linspace(0, 1, 8) + 0.25 * np.sin(np.arange(8))
    steps = step_px * np.stack([-np.cos(heading), np.sin(heading)], axis=1)
    return np.concatenate([base[None], base + np.cumsum(steps, axis=0)])


def _fixed(points: npt.NDArray[np.float64]) -> npt.NDArray[np.int32]:
    return np.rint(points * ONE).astype(np.int32)


def _band(
    frame: Image,
    middle: npt.NDArray[np.float64],
    to_left: npt.NDArray[np.float64],
    colour: npt.ArrayLike,
) -> None:
    _fill(frame, np.concatenate([middle + to_left, (middle - to_left)[::-1]]), colour)


def _fill(frame: Image, outline: npt.NDArray[np.float64], colour: npt.ArrayLike) -> None:
    cv2.fillPoly(frame, [_fixed(outline)], _colour(colour), cv2.LINE_AA, SHIFT)


def _disc(
    frame: Image, centre: npt.NDArray[np.float64], radius_px: float, colour: npt.ArrayLike
) -> None:
    # a polygon: cv2.circle draws a diamond where the radius is a few pixels
    _fill(frame, centre + radius_px * CIRCLE, colour)


def _colour(values: npt.ArrayLike) -> Colour:
    blue, green, red = (float(v) for v in np.clip(np.asarray(values, dtype=float), 0, 255))
    return blue, green, red
