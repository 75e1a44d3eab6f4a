"""Labelled frames: every layout that DeepLabCut writes reads the same, and faults are named."""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
import yaml

from vigil.pose.project import write_labels
from vigil.pose.training_labels import read_labelled_frames
from vigil.recording import RecordingError

PARTS = ["snout", "leftear", "rightear"]
POINTS = np.array(
    [
        [[10.25, 20.5], [12, 24], [8, 24]],
        [[30, 5], [np.nan, np.nan], [28, 9]],
        [[np.nan, np.nan]] * 3,
        [[63, 47], [40, 40], [44, 40]],
    ]
)
NAMES = [f"img{k:03d}.png" for k in range(len(POINTS))]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four frames of 64 x 48 px with labels as DeepLabCut 3 writes them; one has none."""
    made = tmp_path / "labeled-data" / "mouse1"
    made.mkdir(parents=True)
    for k, name in enumerate(NAMES):
        cv2.imwrite(str(made / name), np.full((48, 64, 3), 40 * k, np.uint8))
    write_labels(made, "Ann", PARTS, NAMES, POINTS)
    return made


def old_csv(folder: Path, points: np.ndarray = POINTS, names: list[str] = NAMES) -> None:
    """Labels as DeepLabCut 2 wrote them: the frame in one column."""
    rows = [
        ["scorer"] + ["Ann"] * 6,
        ["bodyparts", *np.repeat(PARTS, 2)],
        ["coords"] + ["x", "y"] * 3,
    ]
    for name, row in zip(names, points, strict=True):
        cells = ["" if np.isnan(v) else repr(float(v)) for v in row.ravel()]
        rows.append([f"labeled-data\\mouse1\\{name}", *cells])
    (folder / "CollectedData_Ann.csv").write_text("\n".join(",".join(r) for r in rows) + "\n")


def drop(folder: Path, *suffixes: str) -> None:
    for suffix in suffixes:
        (folder / f"CollectedData_Ann{suffix}").unlink()


LAYOUTS = ["both", "h5", "csv", "old csv", "excel", "project", "parent"]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_reads_the_same(folder: Path, layout: str) -> None:
    source = folder
    if layout == "h5":
        drop(folder, ".csv")
    elif layout == "csv":
        drop(folder, ".h5")
    elif layout == "old csv":
        drop(folder, ".h5")
        old_csv(folder)
    elif layout == "excel":
        drop(folder, ".h5")
        path = folder / "CollectedData_Ann.csv"
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    elif layout == "project":
        source = folder.parents[1] / "config.yaml"
        source.write_text(yaml.safe_dump({"scorer": "Ann", "bodyparts": PARTS}))
    elif layout == "parent":
        source = folder.parent
    frames = read_labelled_frames([source])
    assert (frames.scorer, frames.parts) == ("Ann", PARTS)
    assert frames.symmetric == [("leftear", "rightear")]
    assert frames.sizes == {"mouse1": (64, 48)}
    # the frame without a label is left out
    assert [image.name for image in frames.images] == [NAMES[k] for k in (0, 1, 3)]
    np.testing.assert_array_equal(frames.points, POINTS[[0, 1, 3]])


def test_parts_of_a_project_come_in_its_order(folder: Path) -> None:
    config = folder.parents[1] / "config.yaml"
    config.write_text(yaml.safe_dump({"scorer": "Ann", "bodyparts": ["rightear", "snout"]}))
    frames = read_labelled_frames([config])
    assert frames.parts == ["rightear", "snout"]
    np.testing.assert_array_equal(frames.points[0], [[8, 24], [10.25, 20.5]])


def changed(points: np.ndarray, where: tuple[int, ...], value: float) -> np.ndarray:
    other = points.copy()
    other[where] = value
    return other


def no_labels(folder: Path) -> None:
    drop(folder, ".h5", ".csv")


def frame_lost(folder: Path) -> None:
    (folder / NAMES[1]).unlink()


def frame_broken(folder: Path) -> None:
    (folder / NAMES[1]).write_bytes(b"no image")


def frame_larger(folder: Path) -> None:
    cv2.imwrite(str(folder / NAMES[3]), np.zeros((96, 128, 3), np.uint8))


def label_outside(folder: Path) -> None:
    write_labels(folder, "Ann", PARTS, NAMES, changed(POINTS, (0, 1, 0), 66.5))


def half_a_label(folder: Path) -> None:
    write_labels(folder, "Ann", PARTS, NAMES, changed(POINTS, (0, 1, 0), np.nan))


def two_scorers(folder: Path) -> None:
    write_labels(folder, "Bob", PARTS, NAMES, POINTS)


def two_versions(folder: Path) -> None:
    old_csv(folder, changed(POINTS, (0, 0, 0), 11.0))


def frame_twice(folder: Path) -> None:
    write_labels(folder, "Ann", PARTS, [NAMES[0], *NAMES[:3]], POINTS)


def no_table(folder: Path) -> None:
    drop(folder, ".h5")
    (folder / "CollectedData_Ann.csv").write_text("frame,x,y\n1,2,3\n")


def several_animals(folder: Path) -> None:
    drop(folder, ".csv")
    path = folder / "CollectedData_Ann.h5"
    table = pd.DataFrame(pd.read_hdf(path))
    table.columns = pd.MultiIndex.from_tuples([("Ann", "m1", *c[1:]) for c in table.columns])
    table.to_hdf(path, key="df_with_missing", mode="w")


def nothing_labelled(folder: Path) -> None:
    write_labels(folder, "Ann", PARTS, NAMES, np.full_like(POINTS, np.nan))


def other_parts(folder: Path) -> None:
    other = folder.parent / "mouse2"
    other.mkdir()
    cv2.imwrite(str(other / "a.png"), np.zeros((48, 64, 3), np.uint8))
    write_labels(other, "Ann", ["snout"], ["a.png"], POINTS[:1, :1])


def other_parts_first(folder: Path) -> None:
    other_parts(folder)
    (folder.parent / "mouse2").rename(folder.parent / "mouse0")


def twice_the_same_name(folder: Path) -> None:
    other = folder.parent / "more" / "mouse1"
    other.mkdir(parents=True)
    write_labels(other, "Ann", PARTS, NAMES, POINTS)


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (no_labels, "no CollectedData_<scorer>"),
        (frame_lost, r"img001.png is not there"),
        (frame_broken, r"img001.png cannot be read"),
        (frame_larger, r"img003.png has 128 x 96 px"),
        (
            label_outside,
            r"leftear of .*img000.png is at \(66.5, 24\), outside the frame of 64 x 48",
        ),
        (half_a_label, r"leftear of .*img000.png is at \(nan, 24\)"),
        (two_scorers, "labelled by Ann and Bob; .*--scorer"),
        (two_versions, "hold different labels"),
        (frame_twice, "img000.png is there twice"),
        (no_table, "no header rows"),
        (several_animals, "one animal"),
        (nothing_labelled, "has a label"),
        (other_parts, "mouse2 have no body part leftear; they have snout"),
        (other_parts_first, "mouse0 have no body part leftear; they have snout"),
    ],
)
def test_faults_are_named(folder: Path, fault, sentence: str) -> None:
    fault(folder)
    with pytest.raises(RecordingError, match=sentence) as caught:
        read_labelled_frames([folder.parent])
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_faults_of_the_words(folder: Path) -> None:
    with pytest.raises(RecordingError, match="Bob did not"):
        read_labelled_frames([folder], scorer="Bob")
    with pytest.raises(RecordingError, match="no body part ear"):
        read_labelled_frames([folder], symmetric=[("ear", "snout")])
    with pytest.raises(RecordingError, match="snout in more than one pair"):
        read_labelled_frames([folder], symmetric=[("leftear", "snout"), ("snout", "rightear")])
    with pytest.raises(RecordingError, match="no folder"):
        read_labelled_frames([folder / "nowhere"])
    twice_the_same_name(folder)
    with pytest.raises(RecordingError, match="called mouse1"):
        read_labelled_frames([folder, folder.parent / "more"])


def test_who_says_that_a_mirror_swaps_nothing_is_believed(folder: Path) -> None:
    assert read_labelled_frames([folder], symmetric=[]).symmetric == []


def test_two_projects_of_other_parts(folder: Path) -> None:
    configs = [folder.parents[1] / "config.yaml", folder.parents[1] / "other.yaml"]
    for config, parts in zip(configs, (PARTS, PARTS[:2]), strict=True):
        config.write_text(yaml.safe_dump({"scorer": "Ann", "bodyparts": parts}))
    for order in (configs, configs[::-1]):
        with pytest.raises(RecordingError, match="train on projects of the same parts"):
            read_labelled_frames(order)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("scorer: Ann\nbodyparts: [nose]\n", "no body part nose; they have snout"),
        ("scorer: Ann\nmultianimalproject: true\nbodyparts: MULTI!\n", "several animals"),
        ("a: 1\n", "not the config.yaml"),
        ("a: [1\n", "cannot be read"),
    ],
)
def test_faults_of_a_project(folder: Path, text: str, sentence: str) -> None:
    config = folder.parents[1] / "config.yaml"
    config.write_text(text)
    with pytest.raises(RecordingError, match=sentence):
        read_labelled_frames([config])


def test_two_scorers_and_one_is_chosen(folder: Path) -> None:
    write_labels(folder, "Bob", PARTS, NAMES, POINTS + 1)
    frames = read_labelled_frames([folder], scorer="Bob")
    np.testing.assert_array_equal(frames.points, POINTS[[0, 1, 3]] + 1)
