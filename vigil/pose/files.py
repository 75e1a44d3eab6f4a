"""What pose leaves: tracks.h5 in DeepLabCut's own format; tracks of other programs are read.

Readers and writers work in both environments: they need pandas and PyTables, not
DeepLabCut or SLEAP.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from vigil.pose.sleap import is_sleap_csv, is_sleap_h5, read_sleap_csv, read_sleap_h5
from vigil.recording import RecordingError

HDF5 = b"\x89HDF\r\n\x1a\n"
KEY = "df_with_missing"
COORDS = ("x", "y", "likelihood")
SLEAP = "SLEAP"


def read_tracks(path: str | Path) -> pd.DataFrame:
    """Read a track that DeepLabCut, SLEAP or this stage wrote.

    Parameters
    ----------
    path : path
        DeepLabCut's HDF5 or CSV, SLEAP's analysis HDF5 or CSV, or its .slp, of one animal.
        The content tells which, not the name.

    Returns
    -------
    DataFrame
        One row per frame of the video, numbered from 0; columns (body part, coordinate)
        with the coordinates x and y in px and likelihood from 0 to 1.

    Raises
    ------
    RecordingError
        When the file is not such a table.
    """
    path = Path(path)
    try:
        tracks = _whole(_read(path)).astype(np.float64)
    except (OSError, RuntimeError, LookupError, ValueError, TypeError, AttributeError) as error:
        raise RecordingError(
            f"{path} cannot be read as tracks of DeepLabCut or SLEAP ({_first_line(error)}); give "
            "the .h5 or .csv file that DeepLabCut wrote for this video, or SLEAP's analysis file."
        ) from error
    if tracks.empty:
        raise RecordingError(f"The tracks {path} hold no frame; track the video again.")
    return tracks.reset_index(drop=True)


def _whole(tracks: pd.DataFrame) -> pd.DataFrame:
    """One row per frame from 0 on: frames that a numbered table leaves out are missing points."""
    number = tracks.index
    if not pd.api.types.is_integer_dtype(number) or not len(number):
        return tracks
    if number.min() < 0 or not number.is_unique:
        raise ValueError("frames are numbered twice or below 0")
    return tracks.reindex(range(int(number.max()) + 1))


def write_tracks(path: str | Path, tracks: pd.DataFrame, scorer: str) -> None:
    """Write tracks.h5 as DeepLabCut does for one animal.

    Parameters
    ----------
    tracks : DataFrame
        As `read_tracks` gives them.
    scorer : str
        Name of the model.
    """
    names = ["scorer", "bodyparts", "coords"]
    wide = tracks.copy()
    wide.columns = pd.MultiIndex.from_tuples([(scorer, *c) for c in tracks.columns], names=names)
    # the fixed format: a table of pandas 3 cannot be opened by the pandas 2 of DeepLabCut
    wide.to_hdf(path, key=KEY, mode="w", format="fixed")


def read_scorer(path: str | Path) -> str:
    """Name of the model that made a tracks file, '' when the file does not say."""
    path = Path(path)
    if _is_hdf5(path):
        wide = None if is_sleap_h5(path) else _read_hdf(path)
    else:
        wide = None if is_sleap_csv(path) else _read_csv(path)
    if wide is None:
        return SLEAP
    return str(wide.columns[0][0]) if len(wide.columns) else ""


def read_frames_of_videos(path: str | Path) -> list[int]:
    """Frames of each video of a recording, from verdict.json; empty where tracks were given."""
    measures = json.loads(Path(path).read_text())["measures"]
    return [int(n) for n in measures["frames_of_videos"]]


def tracks_table(parts: list[str], points: np.ndarray) -> pd.DataFrame:
    """A table of tracks from an array (frame, part, 3) of x, y and likelihood."""
    columns = pd.MultiIndex.from_product([parts, COORDS], names=["bodyparts", "coords"])
    flat = np.asarray(points, dtype=np.float64).reshape(len(points), -1)
    return pd.DataFrame(flat, columns=columns)


def _read(path: Path) -> pd.DataFrame:
    """Columns (part, coordinate) of whichever program's file this is."""
    if _is_hdf5(path):
        if is_sleap_h5(path):
            return tracks_table(*read_sleap_h5(path))
        return _parts_only(_read_hdf(path), path)
    if is_sleap_csv(path):
        return tracks_table(*read_sleap_csv(path))
    return _parts_only(_read_csv(path), path)


def _is_hdf5(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(HDF5)) == HDF5


def _read_hdf(path: Path) -> pd.DataFrame:
    with pd.HDFStore(path, mode="r") as store:
        keys = store.keys()
        if not keys:
            raise ValueError("no table in it")
        table = store.get(f"/{KEY}" if f"/{KEY}" in keys else keys[0])
    if not isinstance(table, pd.DataFrame):
        raise TypeError("not a table of frames")
    return table


def _read_csv(path: Path) -> pd.DataFrame:
    with path.open() as lines:
        titles = [line.split(",", 1)[0].strip() for _, line in zip(range(5), lines, strict=False)]
    if "coords" not in titles:
        raise ValueError("no header rows scorer, bodyparts, coords")
    return pd.read_csv(path, header=list(range(titles.index("coords") + 1)), index_col=0)


def _parts_only(wide: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Columns (part, coordinate) of the one animal."""
    columns = wide.columns
    if columns.nlevels == 4:
        animals = list(dict.fromkeys(columns.get_level_values(1)))
        if len(animals) != 1:
            raise RecordingError(
                f"The tracks {path} hold {len(animals)} animals ({', '.join(animals[:4])}); give "
                "tracks of one animal."
            )
        columns = _without_level(columns, 1)
    if columns.nlevels != 3 or set(columns.get_level_values(2)) != set(COORDS):
        raise RecordingError(
            f"{path} has no columns scorer, bodyparts and coords (x, y, likelihood); give the .h5 "
            "or .csv file that DeepLabCut wrote for this video."
        )
    tracks = wide.copy()
    tracks.columns = _without_level(columns, 0).set_names(["bodyparts", "coords"])
    order = [
        (part, c) for part in dict.fromkeys(tracks.columns.get_level_values(0)) for c in COORDS
    ]
    if sorted(order) != sorted(tracks.columns.to_list()):
        raise RecordingError(
            f"The tracks {path} do not have x, y and likelihood once for each body part; export "
            "them again from DeepLabCut."
        )
    return tracks[order]


def _without_level(columns: pd.Index, level: int) -> pd.MultiIndex:
    kept = [name[:level] + name[level + 1 :] for name in columns.to_list()]
    names = [n for k, n in enumerate(columns.names) if k != level]
    return pd.MultiIndex.from_tuples(kept, names=names)


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__
