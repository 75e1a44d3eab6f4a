"""The table of kinematics of a head that runs in a circle."""

import numpy as np
import pytest

from vigil.kinematics.clock import FrameClock, clock_from_times
from vigil.kinematics.head import Head
from vigil.kinematics.motion import head_motion, notes_on_motion
from vigil.kinematics.settings import Settings
from vigil.recording import RecordingError

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
    # half a window of jerk is blanked at both ends of the track
    assert np.flatnonzero(~motion["valid"]).tolist() == [*range(15), *range(885, 900)]
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
    assert np.flatnonzero(motion["speed_cm_s"].isna()).tolist() == [
        *range(10), *range(390, 470), *range(890, 900)
    ]  # fmt: skip
    assert np.flatnonzero(motion["jerk_cm_s3"].isna()).tolist() == [
        *range(15), *range(385, 475), *range(885, 900)
    ]  # fmt: skip
    assert not motion["valid"][385:475].any()
    assert motion["valid"].iloc[15:385].all()
    assert motion["valid"].iloc[475:885].all()


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
    assert np.flatnonzero(motion["speed_cm_s"].isna()).tolist() == [
        *range(10), *range(490, 510), *range(890, 900)
    ]  # fmt: skip
    assert motion["speed_cm_s"].max() < 1.05 * 10 * W


def test_frames_that_were_not_tracked_are_short_gaps():
    head, clock = circle()
    for values in (head.x_px, head.y_px, head.direction_rad):
        values[1::2] = np.nan
    motion = head_motion(head, clock, px_per_cm=4.0, settings=Settings())
    # the last frame is missing, and half a window beside it
    assert motion["valid"].iloc[15:-16].all()
    assert motion["speed_cm_s"].iloc[20:-20].to_numpy() == pytest.approx(10 * W, rel=1e-3)


def every(step, rate_hz, seconds=30):
    """The circle at another rate, with a head in every so-manieth frame."""
    at_s = np.arange(seconds * rate_hz) / rate_hz
    a = W * at_s
    x, y, facing = 60 + 40 * np.cos(a), 60 - 40 * np.sin(a), np.angle(1j * np.exp(1j * a))
    for values in (x, y, facing):
        values[np.arange(len(at_s)) % step > 0] = np.nan
    return Head(x, y, facing, 0, 0), clock_from_times(at_s)


@pytest.mark.parametrize(("step", "rate_hz"), [(10, 30), (8, 15), (3, 5), (1, 3)])
def test_frames_far_apart_have_speeds_and_a_note_on_their_windows(step, rate_hz):
    head, clock = every(step, rate_hz)
    motion = head_motion(head, clock, px_per_cm=4.0, settings=Settings())
    assert motion["valid"].mean() > 0.7
    assert motion.loc[motion["valid"], "speed_cm_s"].to_numpy() == pytest.approx(10 * W, rel=0.02)
    notes = notes_on_motion(head, clock, Settings())
    # seven frames with a head are needed, from half a frame before to half a frame after
    assert f"Windows of {(6 * step + 1) / rate_hz:.2g} s instead of 0.7 s" in notes[0]
    assert "for jerk" in notes[1]


def test_frames_close_together_need_no_note():
    for step, rate_hz in ((1, 30), (1, 10), (2, 30), (3, 30)):
        assert notes_on_motion(*every(step, rate_hz), Settings()) == ()


def test_a_head_seen_too_seldom_for_any_speed_is_told():
    head, clock = every(1, 30)
    for values in (head.x_px, head.y_px, head.direction_rad):
        values[np.arange(len(values)) % 30 > 3] = np.nan
    assert not head_motion(head, clock, 4.0, Settings())["valid"].any()
    assert "No speed is known" in notes_on_motion(head, clock, Settings())[-1]


def test_no_frame_at_all_is_told():
    nothing = np.zeros(0)
    clock = FrameClock(nothing, np.zeros(0, dtype=np.int64), 0.0, 0.0, 0.0, 0, "none")
    with pytest.raises(RecordingError, match="no frame"):
        head_motion(Head(nothing, nothing, nothing, 0, 0), clock, 4.0, Settings())
