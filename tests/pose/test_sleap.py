"""SLEAP's files, in the layouts that sleap-io 0.9.5 wrote when the reader was made with it."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tables

from vigil.pose.files import read_scorer, read_tracks
from vigil.recording import RecordingError

NODES = ["nose", "ear_l", "ear_r"]
AXES = ("track", "xy", "node", "frame")


@pytest.fixture
def points() -> np.ndarray:
    """X, y and score of one animal: no animal in frame 3, no left ear in frame 5."""
    rng = np.random.default_rng(0)
    points = np.concatenate([rng.uniform(0, 60, (8, 3, 2)), rng.uniform(0.2, 1, (8, 3, 1))], 2)
    points[3] = np.nan
    points[5, 1] = np.nan
    return points


def write_analysis(path: Path, animals: list[np.ndarray], axes=AXES, dims=True) -> Path:
    """Arrays as sleap-io lays them out; `axes` is the order in which they lie."""
    every = np.stack(animals)  # track, frame, node, coordinate
    now = ("track", "frame", "node", "xy")
    xy = np.transpose(every[..., :2], [now.index(a) for a in axes])
    of_score = [a for a in axes if a != "xy"]
    score = np.transpose(every[..., 2], [now.index(a) for a in of_score])
    with tables.open_file(str(path), "w") as file:
        file.create_carray("/", "tracks", obj=xy)
        file.create_carray("/", "point_scores", obj=score)
        names = [f"mouse{k + 1}".encode() for k in range(len(animals))]
        file.create_carray("/", "track_names", obj=np.array(names))
        file.create_carray("/", "node_names", obj=np.array([n.encode() for n in NODES]))
        if dims:
            file.root.tracks._v_attrs["dims"] = json.dumps(axes)
    return path


def write_slp(path: Path, found: list[dict], form: float = 1.4) -> Path:
    """Instances as dictionaries: frame, points (node, 3), and track, placed, video or not."""
    with tables.open_file(str(path), "w") as file:
        # the skeleton lists its nodes in another order than the file
        stored = [{"name": n, "weight": 1.0} for n in reversed(NODES)]
        order = [{"id": 2 - k} for k in range(3)]
        group = file.create_group("/", "metadata")
        about = json.dumps({"skeletons": [{"nodes": order}], "nodes": stored})
        group._v_attrs["json"] = np.bytes_(about)
        group._v_attrs["format_id"] = form
        frames = [(k, f.get("video", 0), f["frame"], k, k + 1) for k, f in enumerate(found)]
        kind = [("frame_id", "u8"), ("video", "u4"), ("frame_idx", "u8")]
        kind += [("instance_id_start", "u8"), ("instance_id_end", "u8")]
        file.create_table("/", "frames", obj=np.array(frames, dtype=kind))
        placed, predicted, instances = [], [], []
        for k, f in enumerate(found):
            rows = placed if f.get("placed") else predicted
            first = len(rows)
            for x, y, score in f["points"]:
                seen = np.isfinite(x)
                rows.append((x, y, seen, True, score)[: 4 if f.get("placed") else 5])
            by_model = not f.get("placed")
            instances.append((k, by_model, k, 0, f.get("track", -1), -1, 0.9, first, first + 3, 0))
        kind = [("instance_id", "i8"), ("instance_type", "u1"), ("frame_id", "u8")]
        kind += [("skeleton", "u4"), ("track", "i4"), ("from_predicted", "i8"), ("score", "f4")]
        kind += [("point_id_start", "u8"), ("point_id_end", "u8"), ("tracking_score", "f4")]
        file.create_table("/", "instances", obj=np.array(instances, dtype=kind))
        kind = [("x", "f8"), ("y", "f8"), ("visible", "i1"), ("complete", "i1"), ("score", "f8")]
        file.create_table("/", "points", obj=np.array(placed, dtype=kind[:4]))
        file.create_table("/", "pred_points", obj=np.array(predicted, dtype=kind))
    return path


def write_csv(path: Path, found: list[dict]) -> Path:
    rows = []
    for f in found:
        row = {"track": f.get("track"), "frame_idx": f["frame"], "instance.score": 0.9}
        for node, (x, y, score) in sorted(zip(NODES, f["points"], strict=True)):
            row |= {f"{node}.score": score, f"{node}.x": x, f"{node}.y": y}
        rows.append(row)
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def instances(points: np.ndarray, **more: object) -> list[dict]:
    return [{"frame": k, "points": p, **more} for k, p in enumerate(points) if np.isfinite(p).any()]


def assert_holds(path: Path, points: np.ndarray) -> None:
    tracks = read_tracks(path)
    assert set(tracks.columns.get_level_values(0)) == set(NODES)
    assert read_scorer(path) == "SLEAP"
    for k, node in enumerate(NODES):
        np.testing.assert_allclose(tracks[node].to_numpy(), points[:, k], err_msg=node)


@pytest.mark.parametrize("axes", [AXES, ("frame", "track", "node", "xy")])
def test_analysis_h5_in_any_order_of_its_axes(tmp_path, points, axes) -> None:
    # the name says nothing
    assert_holds(write_analysis(tmp_path / "tracks.txt", [points], axes), points)


def test_analysis_h5_of_sleap_itself_does_not_tell_its_axes(tmp_path, points) -> None:
    assert_holds(write_analysis(tmp_path / "a.h5", [points], dims=False), points)


def test_analysis_csv(tmp_path, points) -> None:
    assert_holds(write_csv(tmp_path / "a.csv", instances(points, track="mouse1")), points)
    assert_holds(write_csv(tmp_path / "untracked.csv", instances(points)), points)


def test_slp(tmp_path, points) -> None:
    assert_holds(write_slp(tmp_path / "a.slp", instances(points, track=0)), points)


def test_slp_of_an_earlier_form_has_corners_of_pixels(tmp_path, points) -> None:
    moved = points - [0.5, 0.5, 0]
    assert_holds(write_slp(tmp_path / "a.slp", instances(points), form=1.0), moved)


def test_what_a_person_placed_stands_above(tmp_path, points) -> None:
    by_hand = np.array([[1.0, 2.0, np.nan], [3.0, 4.0, np.nan], [5.0, 6.0, np.nan]])
    both = [*instances(points), {"frame": 6, "points": by_hand, "placed": True}]
    expected = points.copy()
    expected[6] = [[1, 2, 1], [3, 4, 1], [5, 6, 1]]
    assert_holds(write_slp(tmp_path / "a.slp", both), expected)
    assert_holds(write_csv(tmp_path / "a.csv", both), expected)


def test_scores_are_likelihoods(tmp_path, points) -> None:
    points[0, 0, 2] = 1.07
    path = write_analysis(tmp_path / "a.h5", [points])
    points[0, 0, 2] = 1.0
    assert_holds(path, points)


def test_two_animals_are_refused(tmp_path, points) -> None:
    with pytest.raises(RecordingError, match=r"hold 2 animals \(mouse1, mouse2\)"):
        read_tracks(write_analysis(tmp_path / "two.h5", [points, points + 1]))
    two = [*instances(points, track=0), *instances(points, track=1)]
    for path in (write_slp(tmp_path / "two.slp", two), write_csv(tmp_path / "two.csv", two)):
        with pytest.raises(RecordingError, match="hold 2 animals"):
            read_tracks(path)
    # without the names of tracks, two animals in one frame
    nameless = [*instances(points), *instances(points)]
    with pytest.raises(RecordingError, match="hold 2 animals; give tracks of one animal"):
        read_tracks(write_slp(tmp_path / "nameless.slp", nameless))


def test_an_empty_second_track_is_no_animal(tmp_path, points) -> None:
    empty = np.full_like(points, np.nan)
    assert_holds(write_analysis(tmp_path / "a.h5", [empty, points]), points)


def test_two_videos_are_refused(tmp_path, points) -> None:
    found = [*instances(points[:4]), *instances(points[4:], video=1)]
    with pytest.raises(RecordingError, match="holds tracks of several videos"):
        read_tracks(write_slp(tmp_path / "a.slp", found))
