"""Head position and direction of ears whose place is known."""

import numpy as np
import pytest

from vigil.kinematics.head import confident, head_from_ears


def ears(direction_rad, x=50.0, y=40.0, distance=8.0):
    """Ears and snout of a head that faces a direction, in image coordinates (y down)."""
    d = np.atleast_1d(direction_rad).astype(float)
    forward = np.column_stack([np.cos(d), -np.sin(d)])
    to_left = np.column_stack([np.cos(d + np.pi / 2), -np.sin(d + np.pi / 2)])
    middle = np.column_stack([np.full(len(d), x), np.full(len(d), y)])
    return middle + to_left * distance / 2, middle - to_left * distance / 2, middle + 10 * forward


def head_of(left, right, snout, exposure=None, max_gap=8):
    number = np.arange(len(left)) if exposure is None else exposure
    return head_from_ears(left, right, snout, 20.0, number, max_gap)


@pytest.mark.parametrize(
    ("degrees", "left_ear"), [(0, (50, 36)), (90, (46, 40)), (180, (50, 44)), (-90, (54, 40))]
)
def test_the_four_directions_as_a_viewer_sees_them(degrees, left_ear):
    left, right, snout = ears(np.radians(degrees))
    assert left[0] == pytest.approx(left_ear)
    head = head_of(left, right, snout)
    assert np.degrees(head.direction_rad[0]) % 360 == pytest.approx(degrees % 360)
    assert (head.x_px[0], head.y_px[0]) == pytest.approx((50, 40))


@pytest.mark.parametrize("with_snout", [True, False])
def test_swapped_ears_are_put_right_and_counted(with_snout):
    direction = np.linspace(0, 6 * np.pi, 300)
    left, right, snout = ears(direction)
    for a, b in ((50, 53), (120, 121), (200, 240)):
        left[a:b], right[a:b] = right[a:b].copy(), left[a:b].copy()
    head = head_of(left, right, snout if with_snout else None)
    error = np.angle(np.exp(1j * (head.direction_rad - direction)))
    assert np.abs(error).max() < 1e-6
    assert head.swapped == 44


def test_a_missing_ear_makes_the_head_missing():
    left, right, snout = ears(np.zeros(20))
    right[7] = np.nan
    head = head_of(left, right, snout)
    assert np.flatnonzero(np.isnan(head.direction_rad)).tolist() == [7]
    assert np.flatnonzero(np.isnan(head.x_px)).tolist() == [7]


def test_positions_and_ear_distances_that_cannot_be_are_left_out():
    left, right, snout = ears(np.zeros(40))
    left[5] += 300
    left[20] += 90
    right[20] += 90
    head = head_of(left, right, snout)
    assert np.flatnonzero(np.isnan(head.x_px)).tolist() == [5, 20]
    assert head.outliers == 2


def test_likelihood():
    part = np.array([[1.0, 2.0, 0.9], [3.0, 4.0, 0.1], [5.0, 6.0, np.nan]])
    xy = confident(part, 0.6)
    assert xy[0].tolist() == [1, 2]
    assert np.isnan(xy[1:]).all()


def test_a_track_without_any_sure_frame():
    nothing = np.full((10, 2), np.nan)
    head = head_of(nothing, nothing, None)
    assert np.isnan(head.direction_rad).all()
    assert head.swapped == 0


def off_rad(head, direction):
    return np.abs(np.angle(np.exp(1j * (head.direction_rad - direction))))


def test_a_turn_during_a_long_gap_does_not_flip_what_follows():
    direction = np.where(np.arange(400) < 200, 0.0, np.radians(170))
    left, right, _ = ears(direction)
    left[170:230] = np.nan
    head = head_of(left, right, None)
    assert np.nanmax(off_rad(head, direction)) < 1e-6
    assert head.swapped == 0


def test_frames_that_the_camera_lost_are_a_gap_too():
    direction = np.where(np.arange(400) < 200, 0.0, np.radians(170))
    exposure = np.arange(400) + 60 * (np.arange(400) >= 200)
    left, right, _ = ears(direction)
    assert off_rad(head_of(left, right, None, exposure), direction).max() < 1e-6
    # from one frame to the next nothing turns as fast
    assert head_of(left, right, None).swapped == 200


def test_a_swapped_first_frame_does_not_flip_the_rest():
    direction = np.linspace(0, 2 * np.pi, 200)
    left, right, _ = ears(direction)
    left[:3], right[:3] = right[:3].copy(), left[:3].copy()
    head = head_of(left, right, None)
    assert off_rad(head, direction).max() < 1e-6
    assert head.swapped == 3


def test_each_stretch_is_decided_by_itself():
    direction = np.linspace(0, 2 * np.pi, 300)
    left, right, _ = ears(direction)
    for i in (0, 100, 120, 200):
        left[i], right[i] = right[i].copy(), left[i].copy()
    left[80:100] = left[180:200] = np.nan
    head = head_of(left, right, None)
    assert np.nanmax(off_rad(head, direction)) < 1e-6
    assert head.swapped == 4


def test_one_frame_with_a_snout_decides_its_stretch_both_ways():
    direction = np.linspace(0, 2 * np.pi, 200)
    left, right, snout = ears(direction)
    left[:150], right[:150] = right[:150].copy(), left[:150].copy()
    snout[:80] = snout[81:] = np.nan
    head = head_of(left, right, snout)
    assert off_rad(head, direction).max() < 1e-6
    assert head.swapped == 150
