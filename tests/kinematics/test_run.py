"""The stage at work on a small recording: tracks of a head that runs in a circle."""

import json

import numpy as np
import pandas as pd
import pytest

from vigil.downsample.files import create_lfp
from vigil.kinematics import METHOD_VERSION
from vigil.kinematics.run import run
from vigil.pose.files import tracks_table, write_tracks
from vigil.recording import Montage, RecordingError, Segments
from vigil.stage import Job
from vigil.transfer.files import Brought, write_manifest

NAMES = {"left_ear": "LeftEar", "right_ear": "RightEar", "snout": "Nose"}
CORNERS = ("tl", "tr", "br", "bl")
OUTPUTS = {
    "kinematics": "kinematics.parquet", "turns": "turns.tsv", "bouts": "bouts.tsv",
    "clock": "clock.json",
}  # fmt: skip
W, FRAMES = 2 * np.pi / 5, 900


@pytest.fixture
def job(tmp_path):
    """A job on 30 s of a head that runs at 12.6 cm/s around an arena of 40 cm, 10 px per cm."""

    def make(row=None, **settings):
        angle = W * np.arange(FRAMES) / 30
        middle = 250 + 100 * np.column_stack([np.cos(angle), -np.sin(angle)])
        forward = np.column_stack([-np.sin(angle), -np.cos(angle)])
        left = np.column_stack([-np.cos(angle), np.sin(angle)])
        places = {
            "LeftEar": middle + 9 * left, "RightEar": middle - 9 * left,
            "Nose": middle + 20 * forward,
            **{n: np.tile(xy, (FRAMES, 1)) for n, xy in zip(
                CORNERS, [(50, 50), (450, 50), (450, 450), (50, 450)], strict=True
            )},
        }  # fmt: skip
        points = np.array([np.column_stack([p, np.full(FRAMES, 0.99)]) for p in places.values()])
        points[:2, 300:310] = points[1::-1, 300:310]
        table = tracks_table(list(places), points.transpose(1, 0, 2))
        write_tracks(tmp_path / "tracks.h5", table, "made")
        (tmp_path / "verdict.json").write_text('{"measures": {"frames_of_videos": []}}')
        video = Brought(tmp_path / "video.mp4", 0, "", "in place", "", "video.mp4")
        write_manifest(tmp_path / "manifest.tsv", [video])
        create_lfp(
            tmp_path / "lfp.zarr",
            Montage(("a",), ("a",), ("",), ("lfp",)),
            Segments((0.0,), (30.0,), (0,), 1250.0),
            [0.25],
            clock_zero_us=0.0,
        )
        return Job(
            "kinematics",
            METHOD_VERSION,
            "m1",
            {n: str(tmp_path / f) for n, f in (
                ("tracks", "tracks.h5"), ("manifest", "manifest.tsv"), ("lfp", "lfp.zarr"),
                ("verdict", "verdict.json"),
            )},
            {n: str(tmp_path / f) for n, f in OUTPUTS.items()},
            settings={"body_parts": NAMES, **settings},
            row=row or {},
        )  # fmt: skip

    return make


def check(job, tmp_path, source):
    run(job)
    motion = pd.read_parquet(tmp_path / "kinematics.parquet")
    assert motion["valid"].iloc[15:-15].all()
    assert motion["speed_cm_s"].median() == pytest.approx(10 * W, rel=1e-3)
    assert motion["angular_velocity_rad_s"].median() == pytest.approx(W, rel=1e-3)
    assert motion["angular_acceleration_rad_s2"].abs().median() < 0.01
    bouts = pd.read_csv(tmp_path / "bouts.tsv", sep="\t")
    assert bouts["kind"].tolist() == ["moving"]
    assert bouts["distance_cm"][0] == pytest.approx(10 * W * (30 - 20 / 30), rel=0.01)
    assert pd.read_csv(tmp_path / "turns.tsv", sep="\t")["direction"].tolist() == ["ccw"]
    record = json.loads((tmp_path / "clock.json").read_text())
    assert record["swapped_ears"] == 10
    assert record["scale"] == {"px_per_cm": pytest.approx(10), "source": source, "notes": []}
    assert job.decided["scale"] == {"px_per_cm": pytest.approx(10), "source": source}


def test_with_the_scale_of_the_table(job, tmp_path):
    check(job({"px_per_cm": 10.0}), tmp_path, "px_per_cm")


def test_with_an_arena_of_known_size(job, tmp_path):
    arena = {"arena_cm": [40, 40], "arena_corners": list(CORNERS)}
    check(job(**arena), tmp_path, "arena_corners")


@pytest.mark.parametrize("cell", [None, ""])
def test_without_a_scale_there_is_no_speed(job, cell):
    with pytest.raises(RecordingError, match="m1 is not known"):
        run(job({"px_per_cm": cell}))


def test_tracks_without_ears(job):
    wanting = job({"px_per_cm": 10.0})
    wanting.settings["body_parts"] = NAMES | {"left_ear": "ear_l"}
    with pytest.raises(RecordingError, match="no body part 'ear_l' for the left ear"):
        run(wanting)


def test_tracks_without_a_frame(job, tmp_path):
    empty = job({"px_per_cm": 10.0})
    one = tracks_table(list(NAMES.values()), np.zeros((1, 3, 3)))
    write_tracks(tmp_path / "tracks.h5", one.iloc[:0], "made")
    with pytest.raises(RecordingError, match="no frame"):
        run(empty)


def test_windows_that_had_to_be_longer_are_told_in_the_clock(job, tmp_path):
    slow = job({"px_per_cm": 10.0}, nominal_fps=5.0)
    run(slow)
    notes = json.loads((tmp_path / "clock.json").read_text())["notes"]
    assert "Windows of 1.4 s instead of 0.7 s were needed in 100 %" in notes[1]
