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
    # from one frame to the next nothing turns as fast; which side is wrong is not told
    assert head_of(left, right, None).jumps.tolist() == [200]
    assert not len(head_of(left, right, None, exposure).jumps)


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


def test_few_frames_with_a_snout_decide_their_stretch_both_ways():
    direction = np.linspace(0, 2 * np.pi, 200)
    left, right, snout = ears(direction)
    left[:150], right[:150] = right[:150].copy(), left[:150].copy()
    snout[:80] = snout[90:] = np.nan
    head = head_of(left, right, snout)
    assert off_rad(head, direction).max() < 1e-6
    assert head.swapped == 150


@pytest.mark.parametrize(
    ("left", "right", "forward"),
    # what movement 0.15 gives: compute_forward_vector(..., camera_view="top_down"), as (x, y)
    [
        ((46.0, 36.0), (54.0, 44.0), (0.7071067811865475, -0.7071067811865475)),
        ((10.0, 20.0), (13.0, 24.0), (0.8, -0.6)),
        ((50.5, 41.0), (49.5, 33.0), (-0.9922778767136677, 0.12403473458920847)),
    ],
)
def test_forward_is_that_of_movement(left, right, forward):
    head = head_of(np.array([left]), np.array([right]), None)
    direction = float(head.direction_rad[0])
    assert (np.cos(direction), -np.sin(direction)) == pytest.approx(forward)


def test_an_ear_that_is_marked_elsewhere_on_the_animal():
    direction = np.linspace(0, np.pi, 200)
    left, right, snout = ears(direction, distance=26.0)
    right[90:96] = left[90:96] + np.array([60.0, 20.0])
    head = head_of(left, right, snout)
    assert np.flatnonzero(np.isnan(head.direction_rad)).tolist() == list(range(90, 96))
    assert head.outliers == 6


def test_ears_of_few_pixels_may_vary_by_the_noise():
    rng = np.random.default_rng(3)
    direction = np.cumsum(rng.normal(0, 0.05, 3000))
    left, right, snout = (p + rng.normal(0, 1, p.shape) for p in ears(direction, distance=7.6))
    head = head_of(left, right, snout)
    # 1 px on ears 7.6 px apart turns the axis by 11 degrees
    assert head.outliers < 0.01 * 3000
    assert head.swapped == 0
    assert np.degrees(np.nanmedian(off_rad(head, direction))) < 8


def test_a_snout_at_a_lamp_says_nothing():
    direction = np.linspace(0, 2 * np.pi, 200)
    left, right, snout = ears(direction)
    snout[50:150] = (900.0, 30.0)
    head = head_of(left, right, snout)
    assert off_rad(head, direction).max() < 1e-6
    assert head.swapped == 0


def test_a_head_that_is_tilted_still_tells_its_side():
    # the snout is seen close to the ears for a while, and the track flips after it
    direction = np.zeros(300)
    left, right, snout = ears(direction)
    snout[100:150] = (50.0, 40.0) + 0.3 * (snout[100:150] - (50.0, 40.0))
    for a, b in ((0, 100), (150, 300)):
        left[a:b], right[a:b] = right[a:b].copy(), left[a:b].copy()
    head = head_of(left, right, snout)
    assert off_rad(head, direction).max() < 1e-6
    assert head.swapped == 250


def test_a_step_that_no_head_makes_is_told():
    direction = np.zeros(200)
    left, right, snout = (p.copy() for p in ears(direction))
    for part in (left, right, snout):
        part[100:] += 150
    head = head_of(left, right, snout)
    assert head.jumps.tolist() == [100]
    assert np.isfinite(head.x_px).all()


def test_ears_that_are_marked_at_the_tail_while_the_snout_stays():
    direction = np.full(200, 0.5)
    left, right, snout = (p.copy() for p in ears(direction))
    for part in (left, right):
        part[100:112] -= (14.0, 0.0)
    head = head_of(left, right, snout)
    assert np.flatnonzero(np.isnan(head.x_px)).tolist() == list(range(100, 112))
    # without a snout nothing speaks against a head that moved so far
    assert np.isfinite(head_of(left, right, None).x_px).all()


def turning(rate_hz, seconds, seed=0):
    """A head that turns by 120 degrees a second (standard deviation), with errors of marking."""
    rng = np.random.default_rng(seed)
    n = round(seconds * rate_hz)
    t = np.arange(n) / rate_hz
    direction = sum(
        a * np.sin(2 * np.pi * f * t + p)
        for a, f, p in zip(
            rng.uniform(1, 3, 3), (0.07, 0.19, 0.31), rng.uniform(0, 6, 3), strict=True
        )
    )
    parts = [p + rng.normal(0, 0.7, p.shape) for p in ears(direction, distance=20.0)]
    return direction, parts, rng


def at_rate(left, right, snout, rate_hz):
    return head_from_ears(
        left, right, snout, 1200 / rate_hz, np.arange(len(left)), round(rate_hz / 4),
        np.radians(1000) / rate_hz,
    )  # fmt: skip


@pytest.mark.parametrize("seconds", [10, 130, 300])
def test_a_long_swap_without_a_snout_is_repaired_whole(seconds):
    direction, (left, right, _), _ = turning(30, 900)
    left[9000 : 9000 + 30 * seconds], right[9000 : 9000 + 30 * seconds] = (
        right[9000 : 9000 + 30 * seconds].copy(), left[9000 : 9000 + 30 * seconds].copy()
    )  # fmt: skip
    head = at_rate(left, right, None, 30)
    assert np.nanmax(off_rad(head, direction)) < np.pi / 2
    assert head.outliers == 0


@pytest.mark.parametrize("rate_hz", [30, 10, 6])
def test_swaps_without_a_snout_are_repaired_in_slow_frames_too(rate_hz):
    direction, (left, right, _), rng = turning(rate_hz, 300)
    swapped = rng.random(len(left)) < 0.03
    left[swapped], right[swapped] = right[swapped].copy(), left[swapped].copy()
    head = at_rate(left, right, None, rate_hz)
    assert head.swapped == swapped.sum()
    assert np.nanmax(off_rad(head, direction)) < np.pi / 2
    assert not head.turns_round


@pytest.mark.parametrize("rate_hz", [10, 6, 5, 4])
def test_a_snout_behind_in_single_frames_flips_no_head(rate_hz):
    direction, (left, right, snout), rng = turning(rate_hz, 300)
    behind = rng.random(len(left)) < 0.03
    middle = (left + right) / 2
    snout[behind] = 2 * middle[behind] - snout[behind]
    head = at_rate(left, right, snout, rate_hz)
    assert np.nanmax(off_rad(head, direction)) < np.pi / 2


def test_frames_too_slow_to_tell_swaps_are_not_repaired_and_told():
    direction, (left, right, snout), _ = turning(4, 300)
    left[100:110], right[100:110] = right[100:110].copy(), left[100:110].copy()
    head = at_rate(left, right, None, 4)
    assert head.swapped == 0
    assert head.turns_round
    assert head.unanchored == len(left)
    # a snout tells
    head = at_rate(left, right, snout, 4)
    assert (head.swapped, head.unanchored) == (10, 0)
    assert np.nanmax(off_rad(head, direction)) < np.pi / 2


def test_ears_do_not_change_in_a_gap_in_which_the_head_faces_on():
    # a sudden turn of 150 degrees, and a short gap before it that could hide a change
    direction = np.where(np.arange(400) < 200, 0.0, np.radians(150))
    left, right, _ = ears(direction)
    left[100:107] = np.nan
    head = at_rate(left, right, None, 30)
    assert head.swapped == 0
    assert head.jumps.tolist() == [200]
