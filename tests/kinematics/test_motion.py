"""The table of kinematics of a head that runs in a circle."""

import numpy as np
import pytest

from vigil.kinematics.clock import clock_from_times
from vigil.kinematics.head import Head
from vigil.kinematics.motion import head_motion
from vigil.kinematics.settings import Settings

T = np.arange(900) / 30 + 2.0
W = 2 * np.pi / 5


def circle(keep=slice(None)):
    a = W * T
    x, y = 60 + 40 * np.cos(a), 60 - 40 * np.sin(a)
    facing = (a + np.pi / 2 + np.pi) % (2 * np.pi) - np.pi
    return Head(x[keep], y[keep], facing[keep], 0, 0), clock_from_times(T[keep])


def test_speed_in_cm_and_turning_counter_clockwise():
    motion = head_motion(*circle(), px_per_cm=4.0, settings=Settings())
    inner = motion.iloc[10:-10]
    assert motion["valid"].all()
    assert inner["speed_cm_s"].to_numpy() == pytest.approx(10 * W, rel=1e-3)
    assert inner["acceleration_cm_s2"].to_numpy() == pytest.approx(10 * W**2, rel=5e-3)
    assert inner["angular_velocity_rad_s"].to_numpy() == pytest.approx(W, rel=1e-3)
    # running up the image is a falling y
    assert inner.loc[inner["head_direction_rad"].between(1.4, 1.7), "velocity_y_cm_s"].max() < 0


def test_lost_frames_are_not_rows_and_do_not_make_jumps():
    keep = np.setdiff1d(np.arange(900), [300, 301, 302])
    motion = head_motion(*circle(keep), px_per_cm=4.0, settings=Settings())
    assert len(motion) == 897
    assert motion["time_s"].to_numpy() == pytest.approx(T[keep])
    assert motion["speed_cm_s"].iloc[10:-10].to_numpy() == pytest.approx(10 * W, rel=0.02)


def test_a_long_gap_is_not_valid():
    head, clock = circle()
    head.x_px[400:460] = np.nan
    motion = head_motion(head, clock, px_per_cm=4.0, settings=Settings())
    # half a window beside the gap: 0.7 s, and 1 s for jerk
    assert np.flatnonzero(motion["speed_cm_s"].isna()).tolist() == list(range(390, 470))
    assert np.flatnonzero(motion["jerk_cm_s3"].isna()).tolist() == list(range(385, 475))
    assert not motion["valid"][385:475].any()
    assert motion["valid"].drop(range(385, 475)).all()


def test_angular_acceleration_of_a_head_that_swings():
    head, clock = circle()
    swing = 0.8 * np.sin(2 * np.pi * 0.5 * (T - 2))
    motion = head_motion(
        Head(head.x_px, head.y_px, swing, 0, 0), clock, px_per_cm=4.0, settings=Settings()
    )
    true = -0.8 * np.pi**2 * np.sin(np.pi * (T - 2))
    found = motion["angular_acceleration_rad_s2"].to_numpy()
    assert found[10:-10] == pytest.approx(true[10:-10], abs=0.01 * 0.8 * np.pi**2)


def test_nothing_is_derived_across_a_step_that_a_head_cannot_make():
    head, clock = circle()
    head.x_px[500:] += 100
    jumped = Head(head.x_px, head.y_px, head.direction_rad, 0, 0, np.array([500]))
    motion = head_motion(jumped, clock, px_per_cm=4.0, settings=Settings())
    assert np.flatnonzero(motion["speed_cm_s"].isna()).tolist() == list(range(490, 510))
    assert motion["speed_cm_s"].max() < 1.05 * 10 * W


def test_frames_that_were_not_tracked_are_short_gaps():
    head, clock = circle()
    for values in (head.x_px, head.y_px, head.direction_rad):
        values[1::2] = np.nan
    motion = head_motion(head, clock, px_per_cm=4.0, settings=Settings())
    # the last frame is missing, and half a window beside it
    assert motion["valid"].iloc[:-16].all()
    assert motion["speed_cm_s"].iloc[20:-20].to_numpy() == pytest.approx(10 * W, rel=0.01)
