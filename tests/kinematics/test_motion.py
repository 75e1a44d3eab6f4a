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
    assert motion["speed_cm_s"].iloc[10:-10].to_numpy() == pytest.approx(10 * W, rel=0.05)


def test_a_long_gap_is_not_valid():
    head, clock = circle()
    head.x_px[400:460] = np.nan
    motion = head_motion(head, clock, px_per_cm=4.0, settings=Settings())
    assert not motion["valid"][393:467].any()
    assert motion["valid"][:392].all()
