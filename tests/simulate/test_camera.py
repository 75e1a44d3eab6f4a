import json

import cv2
import numpy as np
import pandas as pd
import pytest

from vigil.simulate.cheetah import NEV_RECORD
from vigil.simulate.plan import plan_rig
from vigil.simulate.settings import Rig

RECORDING = "mouse2-01"


@pytest.fixture(scope="module")
def head(tiny_rig):
    return pd.read_parquet(tiny_rig / "truth" / RECORDING / "head.parquet")


@pytest.fixture(scope="module")
def times(tiny_rig):
    return pd.read_csv(tiny_rig / RECORDING / "video_times.csv")


@pytest.fixture(scope="module")
def frames(tiny_rig):
    video = cv2.VideoCapture(str(tiny_rig / RECORDING / "video.mp4"))
    assert video.get(cv2.CAP_PROP_FPS) == 30
    images = []
    while (read := video.read())[0]:
        images.append(read[1])
    return images


@pytest.fixture(scope="module")
def clock(tiny_rig):
    return json.loads((tiny_rig / "truth" / RECORDING / "clock.json").read_text())


def test_one_row_per_frame(head, times, frames):
    assert len(head) == len(times) == len(frames)
    assert frames[0].shape == (128, 128, 3)
    np.testing.assert_array_equal(head["frame"], np.arange(len(head)))
    np.testing.assert_array_equal(times["frame"], np.arange(len(head)))


def test_the_clock_explains_the_times(head, times, clock):
    camera_s = times["camera_s"].to_numpy()
    assert camera_s[0] == 0
    expected = clock["offset_s"] + camera_s * (1 + clock["drift_ppm"] * 1e-6)
    np.testing.assert_allclose(head["time_s"], expected, atol=1e-9)


def test_lost_frames_leave_a_hole_but_have_a_pulse(tiny_rig, times, clock):
    exposures = np.round(times["camera_s"].to_numpy() * 30).astype(int)
    missing = sorted(set(range(exposures[-1] + 1)) - set(exposures.tolist()))
    assert missing == clock["lost_exposures"]
    assert len(missing) == clock["dropped_frames"] >= 2
    events = np.fromfile(tiny_rig / RECORDING / "Events.nev", NEV_RECORD, offset=16384)
    up_s = 1e-6 * (events["timestamp_us"][events["ttl"] == 1] - events["timestamp_us"][0])
    for k in missing:
        at_s = clock["offset_s"] + k / 30 * (1 + clock["drift_ppm"] * 1e-6)
        gaps = pd.read_csv(tiny_rig / "truth" / RECORDING / "gaps.tsv", sep="\t").to_numpy()
        if not np.any((at_s > gaps[:, 0]) & (at_s < gaps[:, 1])):
            assert np.abs(up_s - at_s).min() < 1e-4


def test_ears_and_snout_agree_with_position_and_direction(head):
    left, right, snout = (
        head[[f"{p}_x_px", f"{p}_y_px"]].to_numpy() for p in ("left_ear", "right_ear", "snout")
    )
    middle = 0.5 * (left + right)
    np.testing.assert_allclose(middle, head[["x_cm", "y_cm"]].to_numpy() * 4.2, atol=1e-6)
    forward = snout - middle
    direction = np.arctan2(-forward[:, 1], forward[:, 0])
    off = np.angle(np.exp(1j * (direction - head["head_direction_rad"].to_numpy())))
    assert np.abs(off).max() < 1e-6
    # seen along the nose the left ear is to the left: y runs down
    ears = left - right
    cross = forward[:, 0] * ears[:, 1] - forward[:, 1] * ears[:, 0]
    assert np.all(cross < 0)


def test_the_mouse_is_where_the_truth_says(head, frames):
    stack = np.stack(frames[:: len(frames) // 40]).astype(float).mean(axis=3)
    rows = head.iloc[:: len(frames) // 40]
    inside = 0
    for image, x, y in zip(stack, rows["x_cm"] * 4.2, rows["y_cm"] * 4.2, strict=True):
        floor = np.median(image)
        patch = image[round(y) - 1 : round(y) + 2, round(x) - 1 : round(x) + 2]
        inside += patch.mean() < floor - 25
    assert inside >= 0.95 * len(rows)


def test_the_image_is_as_large_as_the_plan_says():
    assert plan_rig(Rig(video=False))[0].camera is None


def test_the_track_is_continuous(head):
    # also where one block of the simulation ends and the next one begins
    step_cm = np.hypot(np.diff(head["x_cm"]), np.diff(head["y_cm"]))
    assert np.max(step_cm / np.diff(head["time_s"])) < 45
    turn = np.angle(np.exp(1j * np.diff(head["head_direction_rad"])))
    assert np.max(np.abs(turn) / np.diff(head["time_s"])) < 20
