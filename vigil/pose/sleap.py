"""Tracks that SLEAP made (Pereira et al. 2022): analysis .h5, analysis .csv, and .slp.

The files are read with the libraries that are here anyway (PyTables, pandas); SLEAP's own
reader, sleap-io, would bring 400 MB for them. The layouts are those that sleap-io 0.9
writes and describes:

- analysis .h5: `tracks` (instance, 2, node, frame) and `point_scores` (instance, node, frame),
  or in the order of axes that the attribute `dims` gives, and `node_names`;
- analysis .csv: one line per instance, `frame_idx`, `track`, then `<node>.x`, `.y`, `.score`;
- .slp: the tables `frames`, `instances`, `points` (placed by a person), `pred_points`, and the
  skeleton as JSON.

A point without a score was placed by a person: its likelihood is 1, and it stands above what
was predicted in its frame. Scores above 1, which the peak of a smoothed map may have, are 1.
A .csv and a .slp end with the last frame that has an animal, wherever the video ends.
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import tables

from vigil.recording import RecordingError

FloatArray = npt.NDArray[np.float64]
MATLAB_ORDER = ("track", "xy", "node", "frame")
PREDICTED = 1
# files of earlier forms have the corner of a pixel where later ones have its centre
CENTRED_SINCE = 1.1


def is_sleap_h5(path: Path) -> bool:
    """Whether an HDF5 file is one of SLEAP's."""
    with _open(path) as file:
        names = set(file.root._v_children)
    return {"tracks", "node_names"} <= names or {"frames", "instances", "pred_points"} <= names


def is_sleap_csv(path: Path) -> bool:
    """Whether a text file is SLEAP's analysis table."""
    with path.open(errors="replace") as lines:
        titles = lines.readline().strip().split(",")
    return "frame_idx" in titles and any(t.endswith(".x") for t in titles)


def read_sleap_h5(path: Path) -> tuple[list[str], FloatArray]:
    """Names of the nodes, and x, y and score (frame, node, 3), of an analysis .h5 or a .slp."""
    with _open(path) as file:
        names = set(file.root._v_children)
        return _from_analysis(file, path) if "tracks" in names else _from_slp(file, path)


def read_sleap_csv(path: Path) -> tuple[list[str], FloatArray]:
    """Names of the nodes, and x, y and score (frame, node, 3), of an analysis .csv."""
    table = pd.read_csv(path)
    nodes = [c.removesuffix(".x") for c in table.columns if c.endswith(".x")]
    columns = [f"{node}.{c}" for node in nodes for c in ("x", "y", "score")]
    # a file without scores holds what a person placed
    values = table.reindex(columns=columns).to_numpy(dtype=np.float64)
    points = values.reshape(len(table), len(nodes), 3)
    number = table["frame_idx"].to_numpy(dtype=np.float64)
    if not (number >= 0).all() or (number % 1).any():
        raise ValueError("frame_idx has cells that are no whole number from 0 on")
    frame = number.astype(np.int64)
    present = np.isfinite(points[..., 0]).any(axis=1)
    kept = present & _foremost(frame, present & np.isnan(points[..., 2]).all(axis=1))
    animals = table.loc[kept, "track"].dropna().unique() if "track" in table else []
    _one_animal(path, [str(a) for a in animals], frame[kept])
    every = np.full((int(frame.max(initial=-1)) + 1, len(nodes), 3), np.nan)
    every[frame[kept]] = points[kept]
    return nodes, _scored(every)


def _from_analysis(file: Any, path: Path) -> tuple[list[str], FloatArray]:
    tracks, scores = file.root.tracks, file.root.point_scores
    order = _order(tracks, file)
    xy = np.transpose(tracks.read(), [order.index(d) for d in ("track", "frame", "node", "xy")])
    of_scores = [d for d in order if d != "xy"]
    score = np.transpose(scores.read(), [of_scores.index(d) for d in ("track", "frame", "node")])
    there = np.flatnonzero(np.isfinite(xy).any(axis=(1, 2, 3)))
    names = [_text(n) for n in file.root.track_names.read()] if len(there) > 1 else []
    _one_animal(path, names or [str(k) for k in there])
    points = np.concatenate([xy, score[..., None]], axis=3)
    chosen = points[there[0]] if len(there) else np.full(points.shape[1:], np.nan)
    return [_text(n) for n in file.root.node_names.read()], _scored(chosen)


def _order(tracks: Any, file: Any) -> tuple[str, ...]:
    """Meaning of the axes of `tracks`."""
    if "dims" in tracks._v_attrs:
        return tuple(json.loads(_text(tracks._v_attrs["dims"])))
    if "transpose" in file.root._v_attrs and not file.root._v_attrs["transpose"]:
        return ("frame", "node", "xy", "track")
    return MATLAB_ORDER


def _from_slp(file: Any, path: Path) -> tuple[list[str], FloatArray]:
    about = file.root.metadata._v_attrs
    skeleton = json.loads(_text(about["json"]))
    places = [int(n["id"]) for n in skeleton["skeletons"][0]["nodes"]]
    nodes = [str(skeleton["nodes"][k]["name"]) for k in places]
    frames, instances = file.root.frames.read(), file.root.instances.read()
    if len(np.unique(frames["video"])) > 1:
        raise RecordingError(
            f"The SLEAP file {path} holds tracks of several videos; export those of this recording "
            "as analysis .h5."
        )
    frame_of = dict(zip(frames["frame_id"].tolist(), frames["frame_idx"].tolist(), strict=True))
    frame = np.array([frame_of[k] for k in instances["frame_id"].tolist()], dtype=np.int64)
    predicted = instances["instance_type"] == PREDICTED
    kept = _foremost(frame, ~predicted)
    animals = np.unique(instances["track"][kept])
    _one_animal(path, [str(k) for k in animals], frame[kept])
    placed = _slp_points(file.root.points.read(), False)
    found = _slp_points(file.root.pred_points.read(), True)
    points = np.full((int(kept.sum()), len(nodes), 3), np.nan)
    for row, (instance, by_model) in enumerate(zip(instances[kept], predicted[kept], strict=True)):
        first = int(instance["point_id_start"])
        points[row] = (found if by_model else placed)[first : int(instance["point_id_end"])]
    if float(about["format_id"]) < CENTRED_SINCE:
        points[..., :2] -= 0.5
    every = np.full((int(frame.max(initial=-1)) + 1, len(nodes), 3), np.nan)
    every[frame[kept]] = points
    return nodes, _scored(every)


def _slp_points(table: npt.NDArray[Any], scored: bool) -> FloatArray:
    """X, y and score (point, 3), NaN where a point is not visible."""
    score = table["score"] if scored else np.full(len(table), np.nan)
    points = np.column_stack([table["x"], table["y"], score]).astype(np.float64)
    points[~table["visible"].astype(bool)] = np.nan
    return points


def _foremost(frame: npt.NDArray[np.int64], placed: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """All but what was predicted in frames in which a person placed the animal."""
    return placed | ~np.isin(frame, frame[placed])


def _scored(points: FloatArray) -> FloatArray:
    """Likelihoods from 0 to 1 where there is a position, NaN elsewhere."""
    placed: npt.NDArray[np.bool_] = np.isfinite(points[..., 0]) & np.isfinite(points[..., 1])
    score = np.where(np.isnan(points[..., 2]), 1.0, np.clip(points[..., 2], 0.0, 1.0))
    scored = np.concatenate([points[..., :2], score[..., None]], axis=2)
    scored[~placed] = np.nan
    return scored


def _one_animal(path: Path, animals: list[str], frame: npt.NDArray[np.int64] | None = None) -> None:
    twice = frame is not None and len(np.unique(frame)) < len(frame)
    if len(animals) > 1 or twice:
        names = f" ({', '.join(animals[:4])})" if len(animals) > 1 else ""
        raise RecordingError(
            f"The tracks {path} hold {max(len(animals), 2)} animals{names}; give tracks of one "
            "animal, or let SLEAP join the pieces of its track."
        )


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _open(path: Path) -> Any:
    with warnings.catch_warnings():
        # texts about the video, of a kind that PyTables cannot read and that nothing here needs
        warnings.filterwarnings("ignore", message="problems loading leaf", category=UserWarning)
        file = tables.open_file(str(path), mode="r")
        for _ in file.walk_nodes("/"):
            pass
    return file
