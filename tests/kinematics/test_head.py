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


@pytest.mark.parametrize(
    ("degrees", "left_ear"), [(0, (50, 36)), (90, (46, 40)), (180, (50, 44)), (-90, (54, 40))]
)
def test_the_four_directions_as_a_viewer_sees_them(degrees, left_ear):
    left, right, snout = ears(np.radians(degrees))
    assert left[0] == pytest.approx(left_ear)
    head = head_from_ears(left, right, snout, 20.0)
    assert np.degrees(head.direction_rad[0]) % 360 == pytest.approx(degrees % 360)
    assert (head.x_px[0], head.y_px[0]) == pytest.approx((50, 40))


@pytest.mark.parametrize("with_snout", [True, False])
def test_swapped_ears_are_put_right_and_counted(with_snout):
    direction = np.linspace(0, 6 * np.pi, 300)
    left, right, snout = ears(direction)
    for a, b in ((50, 53), (120, 121), (200, 240)):
        left[a:b], right[a:b] = right[a:b].copy(), left[a:b].copy()
    head = head_from_ears(left, right, snout if with_snout else None, 20.0)
    error = np.angle(np.exp(1j * (head.direction_rad - direction)))
    assert np.abs(error).max() < 1e-6
    assert head.swapped == 44


def test_a_missing_ear_makes_the_head_missing():
    left, right, snout = ears(np.zeros(20))
    right[7] = np.nan
    head = head_from_ears(left, right, snout, 20.0)
    assert np.flatnonzero(np.isnan(head.direction_rad)).tolist() == [7]
    assert np.flatnonzero(np.isnan(head.x_px)).tolist() == [7]


def test_positions_and_ear_distances_that_cannot_be_are_left_out():
    left, right, snout = ears(np.zeros(40))
    left[5] += 300
    left[20] += 90
    right[20] += 90
    head = head_from_ears(left, right, snout, 20.0)
    assert np.flatnonzero(np.isnan(head.x_px)).tolist() == [5, 20]
    assert head.outliers == 2


def test_likelihood():
    part = np.array([[1.0, 2.0, 0.9], [3.0, 4.0, 0.1], [5.0, 6.0, np.nan]])
    xy = confident(part, 0.6)
    assert xy[0].tolist() == [1, 2]
    assert np.isnan(xy[1:]).all()


def test_a_track_without_any_sure_frame():
    nothing = np.full((10, 2), np.nan)
    head = head_from_ears(nothing, nothing, None, 20.0)
    assert np.isnan(head.direction_rad).all()
    assert head.swapped == 0
