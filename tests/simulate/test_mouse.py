"""The drawn animal is where it is said to be."""

import cv2
import numpy as np
import pytest

from vigil.simulate.mouse import BODY_PARTS, Mouse, draw_mouse, make_floor

LARGE = Mouse(px_per_cm=20.0)
DIRECTIONS = np.radians([0, 37, 90, 151, 180, 233, 270, 359])


def blank() -> np.ndarray:
    return np.full((480, 480, 3), 200, np.uint8)


def centre_of(
    colour: tuple[float, ...], frame: np.ndarray, near: tuple[float, float]
) -> np.ndarray:
    """Centroid of the pixels of one colour within an ear's length of a point."""
    off = np.abs(frame.astype(float) - np.asarray(colour)).max(axis=2)
    y, x = np.nonzero(off < 2)
    close = np.hypot(x - near[0], y - near[1]) < 20
    assert close.sum() > 50, "nothing of this colour there"
    return np.array([x[close].mean(), y[close].mean()])


@pytest.mark.parametrize("direction_rad", DIRECTIONS)
def test_ears_are_drawn_where_they_are_said_to_be(direction_rad: float) -> None:
    frame = blank()
    at = draw_mouse(frame, LARGE, 240.3, 239.6, direction_rad, 0.4)
    for ear in ("left_ear", "right_ear"):
        found = centre_of(LARGE.ear, frame, at[ear])
        np.testing.assert_allclose(found, at[ear], atol=0.3)


@pytest.mark.parametrize("direction_rad", DIRECTIONS)
@pytest.mark.parametrize("bend_rad", [-0.8, 0.0, 0.8])
def test_geometry(direction_rad: float, bend_rad: float) -> None:
    at = draw_mouse(blank(), LARGE, 240.0, 240.0, direction_rad, bend_rad)
    left, right, snout, tail = (np.array(at[p]) for p in BODY_PARTS)
    np.testing.assert_allclose((left + right) / 2, 240.0, atol=1e-9)
    assert np.linalg.norm(left - right) == pytest.approx(1.8 * 20)
    forward = np.array([np.cos(direction_rad), -np.sin(direction_rad)])
    np.testing.assert_allclose(snout, 240 + forward * 2.0 * 20, atol=1e-9)
    assert (tail - 240) @ forward < 0


def test_left_is_up_for_an_animal_that_looks_right() -> None:
    at = draw_mouse(blank(), LARGE, 240.0, 240.0, 0.0)
    assert at["snout"] == pytest.approx((280.0, 240.0))
    assert at["left_ear"] == pytest.approx((240.0, 222.0))
    assert at["right_ear"] == pytest.approx((240.0, 258.0))
    assert at["tail_base"] == pytest.approx((120.0, 240.0))


def test_turning_left_is_counter_clockwise() -> None:
    """At a quarter turn the animal that looked right looks up the image, where y is small."""
    at = draw_mouse(blank(), LARGE, 240.0, 240.0, np.pi / 2)
    assert at["snout"] == pytest.approx((240.0, 200.0))
    assert at["left_ear"] == pytest.approx((222.0, 240.0))


def test_a_head_turned_left_leaves_the_body_to_its_left() -> None:
    """Bent by +90 degrees, an animal whose head looks right walked down the image before."""
    at = draw_mouse(blank(), LARGE, 240.0, 240.0, 0.0, np.pi / 2)
    radius = 6.0 * 20 / (np.pi / 2)
    assert at["tail_base"] == pytest.approx((240 - radius, 240 - radius))


def test_half_pixels_move_the_picture() -> None:
    frames = []
    for x in (240.0, 240.5):
        frame = blank()
        at = draw_mouse(frame, LARGE, x, 240.0, 0.3)
        dark = 200 - cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY).astype(float)
        frames.append((dark * np.arange(480)).sum() / dark.sum())
        assert at["snout"][0] == pytest.approx(x + 40 * np.cos(0.3))
    assert frames[1] - frames[0] == pytest.approx(0.5, abs=0.05)


def test_same_seed_same_looks() -> None:
    assert Mouse.of_animal(5) == Mouse.of_animal(5)
    assert Mouse.of_animal(5) != Mouse.of_animal(6)
    one, same, other = (make_floor(64, 96, np.random.default_rng(k)) for k in (1, 1, 2))
    assert one.shape == (64, 96, 3)
    assert one.dtype == np.uint8
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()


def test_ears_stand_out_at_the_default_scale() -> None:
    """At 4.2 px/cm an ear's colour is not that of the fur between the ears."""
    for animal in range(20):
        mouse = Mouse.of_animal(animal)
        frame = make_floor(128, 128, np.random.default_rng(mouse.floor_seed))
        at = draw_mouse(frame, mouse, 64.0, 64.0, 0.0)
        x, y = (round(v) for v in at["left_ear"])
        contrast = np.abs(frame[y, x].astype(float) - frame[64, 64]).max()
        assert contrast > 10, f"animal {animal}"


def test_out_of_the_frame_is_no_error() -> None:
    frame = blank()
    at = draw_mouse(frame, LARGE, -500.0, 1000.0, 1.0)
    assert (frame == 200).all()
    assert at["left_ear"][0] < 0
