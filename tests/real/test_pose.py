"""Quality of real tracks and of a real video: what is known of them is what is said."""

import json

import numpy as np
import pytest

from vigil.pose import METHOD_VERSION
from vigil.pose.files import read_tracks
from vigil.pose.picture import picture_measures
from vigil.pose.run import run
from vigil.pose.settings import Settings
from vigil.pose.video import Film, open_videos
from vigil.stage import Job

TRACKS = {
    "demo6": ("behaviordepot_tracks/demo6_tracking.csv", "LeftEar RightEar Nose"),
    "deepof": ("deepof_tracks/testDLC_square_arena.h5", "Left_ear Right_ear Nose"),
    "dlcanalyzer": (
        "dlcanalyzer_tracks/EPM_15DeepCut_resnet50_epmMay17shuffle1_1030000.csv",
        "earl earr nose",
    ),
}
VIDEO = "dlc_openfield_pranav/examples/openfield-Pranav-2018-10-30/videos/m3v1mp4.mp4"


def judge(realdata, folder, name):
    """The stage's own verdict on tracks that were made elsewhere."""
    path, parts = TRACKS[name]
    words = ("left_ear", "right_ear", "snout")
    settings = Settings(body_parts=dict(zip(words, parts.split(), strict=True)))
    outputs = {n: str(folder / n) for n in ("tracks", "quality", "verdict")}
    job = Job("pose", METHOD_VERSION, name, {"tracks": str(realdata / path)}, outputs)
    job.settings = settings.model_dump(mode="json")
    run(job)
    given, kept = read_tracks(realdata / path), read_tracks(outputs["tracks"])
    np.testing.assert_array_equal(kept.to_numpy(), given.to_numpy())
    return json.loads((folder / "verdict").read_text())


def test_jumps_of_an_open_field_are_found(realdata, tmp_path):
    says = judge(realdata, tmp_path, "demo6")
    measures = says["measures"]
    assert measures["frames"] == 17918
    # ears 24.8 to 28.1 px apart (quartiles), chirality right in 98.9 % of all frames
    assert 25 < measures["ear_distance_px"] < 28
    assert measures["ear_distance_spread"] == pytest.approx((28.1 - 24.8) / 26.4, abs=0.02)
    assert measures["swaps"] < 0.011
    # an ear that runs off by up to 1617 px, hundreds of times
    assert 0.005 < measures["jumps"]["LeftEar"] < 0.02
    assert measures["jumps"]["RightEar"] < 0.002
    assert says["verdict"] == "warn"
    assert any("jumps further than an animal moves" in r for r in says["reasons"])
    assert measures["frozen_share"] is None


def test_good_tracks_are_ok(realdata, tmp_path):
    says = judge(realdata, tmp_path, "deepof")
    assert (says["verdict"], says["reasons"]) == ("ok", [])
    assert says["measures"]["swaps"] == 0
    assert set(says["measures"]["jumps"].values()) == {0.0}


def test_a_maze_that_hides_the_animal_is_doubtful(realdata, tmp_path):
    says = judge(realdata, tmp_path, "dlcanalyzer")
    assert says["verdict"] == "warn"
    assert sum("unsure" in r for r in says["reasons"]) == 3
    # corners of the maze that are seen stand still
    assert [says["measures"]["jumps"][c] for c in ("tl", "tr", "bl", "br")] == [0, 0, 0, 0]


@pytest.mark.parametrize("step", [1, 3])
def test_a_camera_that_works_is_neither_frozen_nor_dark(realdata, step):
    film = Film(open_videos([realdata / VIDEO]), step)
    shown = sum(1 for _ in film.frames())
    assert (film.decoded, shown) == (2330, -(-2330 // step))
    pictures = film.watch.pictures()
    assert not pictures.repeats.any()
    settings = Settings()
    measures = picture_measures(
        pictures, settings.frozen_frames, settings.dark_below, settings.blank_below, step
    )
    assert measures["frozen_share"] == measures["dark_share"] == measures["blank_share"] == 0
    assert 170 < measures["brightness"] < 180


def test_a_real_video_that_hangs_is_found(realdata, tmp_path):
    """Frames of the real video, one of them repeated for two seconds and coded anew."""
    import cv2

    capture = cv2.VideoCapture(str(realdata / VIDEO))
    frames = [capture.read()[1] for _ in range(150)]
    frames[60:120] = [frames[60]] * 60
    path = tmp_path / "hangs.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30, (640, 480))
    for frame in frames:
        writer.write(frame)
    writer.release()
    film = Film(open_videos([path]))
    for _ in film.frames():
        pass
    measures = picture_measures(film.watch.pictures(), 30, 20.0, 2.0, 1)
    assert measures["frozen_longest_frames"] == 59
