"""Frames that a person has labelled, as DeepLabCut stores them, read and checked.

DeepLabCut keeps the labels of a folder of frames in CollectedData_<scorer>.h5 and .csv
beside them: a row per frame, columns scorer, bodyparts, coords.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import yaml

from vigil.pose.training_symmetry import check_pairs, find_mirror
from vigil.recording import FloatArray, RecordingError

LABELS = "CollectedData_"
COORDS = ["x", "y"]
HEADS = ("scorer", "individuals", "bodyparts", "coords")
# labels of a border pixel may lie half a pixel outside; labelling programs round
BORDER_PX = 1.0
# csv and h5 of the same labels differ by the digits of the text
SAME_PX = 0.01


@dataclass(frozen=True)
class LabelledFrames:
    """Frames with the places of an animal's parts.

    Parameters
    ----------
    scorer : str
        Who labelled them.
    parts : list of str
        Names of the body parts.
    symmetric : list of tuple, optional
        Pairs of parts that a mirror swaps; None where they are not known.
    images : list of path
        Sorted by folder and name.
    points : array, shape (frame, part, 2)
        X and y in px, NaN where a part cannot be seen.
    sizes : dict
        Width and height in px of the frames of each folder, by its name.
    """

    scorer: str
    parts: list[str]
    symmetric: list[tuple[str, str]] | None
    images: list[Path]
    points: FloatArray
    sizes: dict[str, tuple[int, int]]


def read_labelled_frames(
    sources: Sequence[Path],
    scorer: str | None = None,
    symmetric: Sequence[tuple[str, str]] | None = None,
) -> LabelledFrames:
    """Read the labelled frames of folders or of a DeepLabCut project.

    Parameters
    ----------
    sources : sequence of path
        Folders of frames (or a folder of such folders), or a project's config.yaml, whose
        scorer and body parts then hold.
    scorer : str, optional
        Whose labels; needed where two persons labelled.
    symmetric : sequence of pairs, optional
        Parts that a mirror swaps, maybe none; without it those whose names differ in left and
        right.

    Raises
    ------
    RecordingError
        When there are no labels, or they do not fit the frames or each other.
    """
    parts: list[str] | None = None
    folders: list[Path] = []
    for source in sources:
        if source.suffix.lower() in (".yaml", ".yml"):
            project = _read_project(source)
            scorer = scorer or str(project["scorer"])
            parts = _one_list(source, [str(part) for part in project["bodyparts"]], parts)
            found = _labelled_folders(source.parent / "labeled-data")
        else:
            found = _labelled_folders(source)
        folders += [folder for folder in found if folder not in folders]
    folders.sort(key=lambda folder: folder.name)
    names = [folder.name for folder in folders]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise RecordingError(
            f"Two folders of frames are called {twice[0]}; give them names of their own."
        )
    scorer = _one_scorer(folders, scorer)
    tables = {folder: _read_labels(folder, scorer) for folder in folders}
    parts = _same_parts(tables, parts)
    images: list[Path] = []
    points: list[FloatArray] = []
    sizes: dict[str, tuple[int, int]] = {}
    for folder, table in tables.items():
        flat = table[[(part, c) for part in parts for c in COORDS]].to_numpy(float)
        xy = flat.reshape(len(table), len(parts), 2)
        labelled = np.isfinite(xy).all(axis=2).any(axis=1)
        for name, row in zip(table.index[labelled], xy[labelled], strict=True):
            size = _check_frame(folder / name, parts, row)
            if sizes.setdefault(folder.name, size) != size:
                raise RecordingError(
                    f"{folder / name} has {size[0]} x {size[1]} px, other frames of its folder "
                    f"have not; put frames of one size into one folder."
                )
            images.append(folder / name)
            points.append(row)
    if not images:
        raise RecordingError(f"No frame of {folders[0]} has a label; label some and save them.")
    if symmetric is not None:
        check_pairs(symmetric, parts)
    pairs = find_mirror(parts).pairs if symmetric is None else list(symmetric)
    return LabelledFrames(scorer, parts, pairs, images, np.array(points), sizes)


def _read_project(config: Path) -> dict[str, Any]:
    try:
        project = yaml.safe_load(config.read_text())
    except (OSError, yaml.YAMLError) as error:
        raise RecordingError(
            f"The DeepLabCut project {config} cannot be read ({error})."
        ) from error
    if not isinstance(project, dict) or not project.get("scorer"):
        raise RecordingError(f"{config} is not the config.yaml of a DeepLabCut project.")
    if project.get("multianimalproject") or not isinstance(project.get("bodyparts"), list):
        raise RecordingError(
            f"{config} is a project of several animals; Vigil trains on frames of one."
        )
    return project


def _labelled_folders(folder: Path) -> list[Path]:
    """The folder itself or those in it, where there are labels."""
    if not folder.is_dir():
        raise RecordingError(f"There is no folder {folder}; name one with labelled frames.")
    found = [f for f in (folder, *sorted(folder.iterdir())) if any(f.glob(f"{LABELS}*"))]
    if not found:
        raise RecordingError(
            f"There is no {LABELS}<scorer>.h5 or .csv in {folder}; label its frames in DeepLabCut "
            "and save them."
        )
    return [f.resolve() for f in found]


def _one_scorer(folders: Sequence[Path], scorer: str | None) -> str:
    there = {
        file.stem.removeprefix(LABELS): folder
        for folder in folders
        for file in sorted(folder.glob(f"{LABELS}*"))
        if file.suffix in (".h5", ".csv")
    }
    if scorer is None and len(there) == 1:
        return next(iter(there))
    if scorer is None:
        raise RecordingError(
            f"The frames were labelled by {' and '.join(sorted(there))}; say whose labels to take "
            "with --scorer."
        )
    return scorer


def _read_labels(folder: Path, scorer: str) -> pd.DataFrame:
    """Labels of a folder: index file name, columns (part, coordinate)."""
    paths = [folder / f"{LABELS}{scorer}{suffix}" for suffix in (".h5", ".csv")]
    there = [path for path in paths if path.is_file()]
    if not there:
        raise RecordingError(
            f"There is no {paths[0].name} or .csv in {folder}: {scorer} did not label these frames."
        )
    tables = []
    for path in there:
        try:
            wide = _read_csv(path) if path.suffix == ".csv" else pd.read_hdf(path)
            tables.append(_by_frame(wide))
        except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
            raise RecordingError(
                f"{path} cannot be read as DeepLabCut's labels of one animal "
                f"({str(error).splitlines()[0]}); save the labels again."
            ) from error
    if len(tables) == 2 and not _agree(*tables):
        raise RecordingError(
            f"{there[0].name} and {there[1].name} in {folder} hold different labels; remove the "
            "older one."
        )
    return tables[0]


def _read_csv(path: Path) -> pd.DataFrame:
    # tables that Excel saved begin with a byte order mark
    with path.open(newline="", encoding="utf-8-sig") as lines:
        rows = list(csv.reader(lines))
    heads = {row[0]: row for row in rows[:4] if row and row[0] in HEADS}
    if not {"scorer", "bodyparts", "coords"} <= set(heads):
        raise ValueError("no header rows scorer, bodyparts, coords")
    # frames are named in one column or, folder by folder, in three
    names = 3 if not heads["scorer"][1] else 1
    body = [row for row in rows if row and row[0] not in heads]
    columns = pd.MultiIndex.from_arrays(
        [heads[level][names:] for level in heads], names=list(heads)
    )
    values = [[float(cell) if cell else np.nan for cell in row[names:]] for row in body]
    return pd.DataFrame(values, index=["/".join(row[:names]) for row in body], columns=columns)


def _by_frame(wide: pd.DataFrame | pd.Series) -> pd.DataFrame:
    if not isinstance(wide, pd.DataFrame) or wide.columns.nlevels != 3:
        raise ValueError("not a table with columns scorer, bodyparts, coords")
    table = wide.copy()
    table.columns = pd.MultiIndex.from_tuples([tuple(map(str, c[1:])) for c in wide.columns])
    table.index = pd.Index([_file_name(row) for row in wide.index])
    table = table[[c for c in table.columns if c[1] in COORDS]]
    if table.index.has_duplicates:
        raise ValueError(f"{table.index[table.index.duplicated()][0]} is there twice")
    parts = set(table.columns.get_level_values(0))
    if {tuple(c) for c in table.columns} != {(part, c) for part in parts for c in COORDS}:
        raise ValueError("a body part without x and y")
    return table.sort_index()


def _file_name(row: object) -> str:
    text = str(row[-1] if isinstance(row, tuple) else row)
    return re.split(r"[\\/]", text)[-1]


def _agree(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    return (
        list(one.index) == list(other.index)
        and set(one.columns) == set(other.columns)
        and np.allclose(
            one.to_numpy(float),
            other[list(one.columns)].to_numpy(float),
            rtol=0,
            atol=SAME_PX,
            equal_nan=True,
        )
    )


def _one_list(config: Path, parts: list[str], earlier: list[str] | None) -> list[str]:
    if earlier is not None and set(parts) != set(earlier):
        raise RecordingError(
            f"{config} has the body parts {', '.join(parts)}, another project "
            f"{', '.join(earlier)}; train on projects of the same parts."
        )
    return earlier or parts


def _same_parts(tables: dict[Path, pd.DataFrame], parts: list[str] | None) -> list[str]:
    """The parts of a project, else those of the folders, which have to be the same."""
    there = {f: list(dict.fromkeys(t.columns.get_level_values(0))) for f, t in tables.items()}
    parts = parts or list(dict.fromkeys(part for each in there.values() for part in each))
    for folder, own in there.items():
        if missing := [part for part in parts if part not in own]:
            raise RecordingError(
                f"The labels in {folder} have no body part {missing[0]}; they have "
                f"{', '.join(own)}; label the same parts in every folder."
            )
    return parts


def _check_frame(image: Path, parts: Sequence[str], points: FloatArray) -> tuple[int, int]:
    """Width and height of a frame whose labels lie in it."""
    if not image.is_file():
        raise RecordingError(
            f"The frame {image} is not there, but has labels; bring it back or remove its row."
        )
    frame = cv2.imread(str(image))
    if frame is None:
        raise RecordingError(f"The frame {image} cannot be read as an image; copy it again.")
    height, width = frame.shape[:2]
    for part, (x, y) in zip(parts, points, strict=True):
        if np.isnan(x) != np.isnan(y) or not (
            np.isnan(x)
            or (-BORDER_PX <= x <= width + BORDER_PX and -BORDER_PX <= y <= height + BORDER_PX)
        ):
            raise RecordingError(
                f"The label {part} of {image} is at ({x:g}, {y:g}), outside the frame of "
                f"{width} x {height} px; correct or remove it."
            )
    return width, height
