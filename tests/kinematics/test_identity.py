"""Readings of short tracks that are clear to a person."""

import numpy as np
import pytest

from vigil.kinematics.identity import AS_IS, SWAPPED, WRONG, limits, read_identity

N = 120
# 10 px and 33 degrees in an exposure, never below 8 px and 60 degrees; gaps up to 8
LIMIT = limits(10.0, 8.0, np.radians(33), np.radians(60), 8)


def walk():
    """Two pixels a frame to the right, turning by 3 degrees a frame."""
    xy = np.column_stack([2.0 * np.arange(N), np.zeros(N)])
    return xy, np.radians(3.0) * np.arange(N)


def read(xy, direction, side=None, exposure=None):
    return read_identity(
        xy,
        direction,
        np.zeros(N) if side is None else side,
        np.arange(N) if exposure is None else exposure,
        LIMIT,
    )


def test_a_clean_track_is_as_it_is():
    reading = read(*walk())
    assert not reading.state.any()
    assert not reading.jump.any()


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("frames", [[0], [50], [N - 1], [50, 52, 53], list(range(30, 70))])
def test_flipped_frames_are_swapped_either_way_round_in_time(frames, backwards):
    xy, direction = walk()
    direction[frames] += np.pi
    if backwards:
        xy, direction = xy[::-1], direction[::-1]
        frames = [N - 1 - f for f in frames]
    reading = read(xy, direction)
    assert np.flatnonzero(reading.state == SWAPPED).tolist() == sorted(frames)
    assert np.sum(reading.state == WRONG) == 0


@pytest.mark.parametrize("where", [(0, 6), (50, 51), (50, 65), (N - 5, N)])
def test_a_short_stretch_elsewhere_is_wrong(where):
    xy, direction = walk()
    xy[slice(*where)] = (700.0, 20.0)
    reading = read(xy, direction)
    assert np.flatnonzero(reading.state == WRONG).tolist() == list(range(*where))
    assert not reading.jump.any()


def test_a_frame_turned_sideways_is_wrong():
    xy, direction = walk()
    direction[50] += np.radians(95)
    assert np.flatnonzero(read(xy, direction).state).tolist() == [50]
    assert read(xy, direction).state[50] == WRONG


def test_two_long_stretches_apart_both_stay_and_the_step_is_a_jump():
    xy, direction = walk()
    xy[60:] += 500
    reading = read(xy, direction)
    assert np.all(reading.state == AS_IS)
    assert np.flatnonzero(reading.jump).tolist() == [60]


def test_the_step_may_be_longer_where_frames_are_missing():
    xy, direction = walk()
    xy[60:, 0] += 35
    assert np.flatnonzero(read(xy, direction).jump).tolist() == [60]
    exposure = np.arange(N) + 4 * (np.arange(N) >= 60)
    assert not read(xy, direction, exposure=exposure).jump.any()


def test_a_snout_that_stays_ahead_outweighs_a_flip_between_stretches():
    # the direction flips once; the snout says that both sides are right
    xy, direction = walk()
    direction[80:] += np.pi
    side = np.zeros(N)
    assert np.flatnonzero(read(xy, direction, side).state).tolist() == list(range(80, N))
    side[::4] = 1
    reading = read(xy, direction, side)
    assert not reading.state.any()
    assert np.flatnonzero(reading.jump).tolist() == [80]


def test_a_snout_lost_for_a_moment_flips_nothing():
    xy, direction = walk()
    side = np.ones(N)
    side[40:46] = -1
    assert not read(xy, direction, side).state.any()


def test_nothing_known_is_nothing_read():
    reading = read_identity(np.zeros((0, 2)), np.zeros(0), np.zeros(0), np.arange(0), LIMIT)
    assert len(reading.state) == len(reading.jump) == 0


def test_frames_are_not_left_out_to_make_time_for_a_turn():
    # swapped for longer than any price by the frame would pay for
    n = 4000
    xy, direction = np.zeros((n, 2)), np.zeros(n)
    direction[500:3300] = np.pi
    reading = read_identity(xy, direction, np.zeros(n), np.arange(n), LIMIT)
    assert np.flatnonzero(reading.state == SWAPPED).tolist() == list(range(500, 3300))
    assert not np.any(reading.state == WRONG)
    assert not reading.jump.any()


def test_one_impossible_turn_does_not_swap_minutes():
    n = 4000
    direction = np.where(np.arange(n) < 1500, 0.0, np.pi)
    reading = read_identity(np.zeros((n, 2)), direction, np.zeros(n), np.arange(n), LIMIT)
    assert not reading.state.any()
    assert np.flatnonzero(reading.jump).tolist() == [1500]
