"""Tracks as DeepLabCut writes them are read; tracks as we write them can be read by all."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from vigil.pose.files import (
    read_scorer,
    read_tracks,
    tracks_table,
    write_tracks,
)
from vigil.recording import RecordingError

PARTS = ["left_ear", "right_ear", "snout"]


def deeplabcut_table(frames: int = 20, animals: tuple[str, ...] = ()) -> pd.DataFrame:
    """A table as DeepLabCut makes it: scorer on top, individuals only in multi-animal projects."""
    levels: list[list[str]] = [["DLC_Resnet50_arenaNov1shuffle1_snapshot_200"]]
    names = ["scorer"]
    if animals:
        levels.append(list(animals))
        names.append("individuals")
    columns = pd.MultiIndex.from_product(
        [*levels, PARTS, ["x", "y", "likelihood"]], names=[*names, "bodyparts", "coords"]
    )
    values = np.random.default_rng(0).uniform(0, 1, (frames, len(columns)))
    return pd.DataFrame(values, columns=columns)


@pytest.mark.parametrize("animals", [(), ("individual_1",)])
@pytest.mark.parametrize("kind", ["table.h5", "fixed.h5", "tracks.csv"])
def test_reads_what_deeplabcut_writes(tmp_path: Path, kind: str, animals: tuple[str, ...]) -> None:
    table = deeplabcut_table(animals=animals)
    path = tmp_path / kind
    if kind.endswith(".csv"):
        table.to_csv(path)
    else:
        table.to_hdf(path, key="df_with_missing", mode="w", format=kind.split(".")[0])
    tracks = read_tracks(path)
    assert list(tracks.columns) == [(p, c) for p in PARTS for c in ("x", "y", "likelihood")]
    np.testing.assert_allclose(tracks.to_numpy(), table.to_numpy(), rtol=1e-15)
    assert read_scorer(path) == "DLC_Resnet50_arenaNov1shuffle1_snapshot_200"


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    points = np.random.default_rng(1).uniform(0, 100, (7, 3, 3))
    points[2, 1] = np.nan
    tracks = tracks_table(PARTS, points)
    write_tracks(tmp_path / "tracks.h5", tracks, "vigil-mouse")
    pd.testing.assert_frame_equal(read_tracks(tmp_path / "tracks.h5"), tracks)
    raw = pd.read_hdf(tmp_path / "tracks.h5", key="df_with_missing")
    assert list(raw.columns.names) == ["scorer", "bodyparts", "coords"]
    assert raw.columns[0] == ("vigil-mouse", "left_ear", "x")


def test_columns_come_in_one_order(tmp_path: Path) -> None:
    table = deeplabcut_table()
    shuffled = table[list(table.columns[::-1])]
    shuffled.to_hdf(tmp_path / "odd.h5", key="df_with_missing", mode="w")
    tracks = read_tracks(tmp_path / "odd.h5")
    scorer = table.columns[0][0]
    assert tracks.columns[0] == ("snout", "x")
    np.testing.assert_array_equal(tracks[("left_ear", "y")], table[(scorer, "left_ear", "y")])


def test_two_animals_are_refused(tmp_path: Path) -> None:
    deeplabcut_table(animals=("mouse1", "mouse2")).to_csv(tmp_path / "two.csv")
    with pytest.raises(RecordingError, match=r"two\.csv hold 2 animals \(mouse1, mouse2\)"):
        read_tracks(tmp_path / "two.csv")


@pytest.mark.parametrize("name", ["tracks.h5", "tracks.csv"])
def test_other_files_are_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text("frame,x,y\n0,1.0,2.0\n")
    with pytest.raises(RecordingError, match="cannot be read as tracks of DeepLabCut or SLEAP"):
        read_tracks(path)


def test_labels_are_not_tracks(tmp_path: Path) -> None:
    """CollectedData_*.h5, what a person clicked, has no likelihood."""
    table = deeplabcut_table().drop(columns="likelihood", level="coords")
    table.to_hdf(tmp_path / "CollectedData.h5", key="df_with_missing", mode="w")
    with pytest.raises(RecordingError, match="no columns scorer, bodyparts and coords"):
        read_tracks(tmp_path / "CollectedData.h5")


def test_no_frame_is_refused(tmp_path: Path) -> None:
    deeplabcut_table(frames=0).to_csv(tmp_path / "none.csv")
    with pytest.raises(RecordingError, match="hold no frame"):
        read_tracks(tmp_path / "none.csv")


def test_frames_that_a_numbered_table_leaves_out_are_missing(tmp_path):
    columns = pd.MultiIndex.from_product([["net"], ["snout"], ["x", "y", "likelihood"]])
    columns = columns.set_names(["scorer", "bodyparts", "coords"])
    kept = [0, 1, 4]
    wide = pd.DataFrame(np.arange(9.0).reshape(3, 3), columns=columns, index=kept)
    wide.to_csv(tmp_path / "t.csv")
    tracks = read_tracks(tmp_path / "t.csv")
    assert len(tracks) == 5
    assert tracks[("snout", "x")].tolist()[4] == 6.0
    assert tracks.loc[[2, 3]].isna().all(axis=None)


@pytest.mark.parametrize("cell", ["foo", "-1"])
def test_cells_that_cannot_be_are_refused(tmp_path, cell):
    number, x = (cell, 1.0) if cell == "-1" else (0, cell)
    rows = ["scorer,net,net,net", "bodyparts,snout,snout,snout", "coords,x,y,likelihood"]
    (tmp_path / "t.csv").write_text("\n".join([*rows, f"{number},{x},2.0,0.9"]) + "\n")
    with pytest.raises(RecordingError, match="cannot be read as tracks"):
        read_tracks(tmp_path / "t.csv")
