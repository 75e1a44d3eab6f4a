"""`vigil pose overlay`: tracks and motion drawn on the video of any minute of a recording."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.kinematics.files import read_kinematics
from vigil.pose.files import read_frames_of_videos, read_tracks
from vigil.pose.overlay.browser_video import write_picture, write_video
from vigil.pose.overlay.drawing import Shown, annotate, contact_sheet
from vigil.pose.overlay.exact_frames import ExactVideo, frame_counts, frames_of
from vigil.pose.settings import Settings
from vigil.recording import RecordingError
from vigil.sleep.files import read_hypnogram
from vigil.stage import not_analysed
from vigil.transfer.files import read_manifest

Image = npt.NDArray[np.uint8]

VIDEO_ENDINGS = (".mp4", ".avi", ".mkv", ".mov", ".mpg", ".mpeg", ".m4v", ".wmv", ".webm")
TRAIL_S = 1.0


@dataclass(frozen=True)
class Material:
    """What the stages left of one recording, one row per frame of its videos.

    Parameters
    ----------
    videos : list of path
        In the order of their frames.
    tracks : DataFrame
        As `vigil.pose.files.read_tracks` gives them.
    motion : DataFrame
        Rows of kinematics.parquet; only `time_s` where there are no kinematics.
    px_per_cm : float
        NaN where it is not known.
    likelihood_min : float
        Below it a body part counts as missing.
    hypnogram : DataFrame or None
    counts : list of int or None
        Frames of each video as pose counted them; None where it did not.
    """

    videos: list[Path]
    tracks: pd.DataFrame
    motion: pd.DataFrame
    px_per_cm: float = math.nan
    likelihood_min: float = 0.6
    hypnogram: pd.DataFrame | None = None
    counts: list[int] | None = None


def gather(results: Path, recording: str, videos: Sequence[Path] = ()) -> Material:
    """Read what is drawn: results/<recording>/pose, kinematics and sleep, and find the video.

    Raises
    ------
    RecordingError
        When there is no such recording, no tracks, no video any more, or tables of other tracks.
    """
    folder = results / recording
    if not folder.is_dir():
        raise RecordingError(
            f"There is no recording {recording} in {results}; name one of its folders, or another "
            "folder of results with --results."
        )
    tracks_file = _result(folder / "pose" / "tracks.h5")
    if tracks_file is None:
        raise RecordingError(
            f"{recording} has no tracks ({folder / 'pose' / 'tracks.h5'}): {_reason(folder)}."
        )
    tracks = read_tracks(tracks_file)
    found = list(videos) or _videos_of(folder)
    history = _provenance(folder / "kinematics")
    motion_file = _result(folder / "kinematics" / "kinematics.parquet")
    if motion_file is None:
        with ExactVideo(found[0]) as video:
            motion = pd.DataFrame({"time_s": np.arange(len(tracks)) / video.rate_hz})
        print(f"{recording} has no kinematics: times are those of the video alone")
    else:
        motion = read_kinematics(motion_file)
    if len(motion) != len(tracks):
        raise RecordingError(
            f"The kinematics of {recording} have {len(motion)} rows and its tracks {len(tracks)}: "
            "one is older than the other; run the workflow again."
        )
    hypnogram = _result(folder / "sleep" / "hypnogram.parquet")
    px_per_cm = _px_per_cm(folder / "kinematics", history)
    least = history.get("settings", {}).get("likelihood_min", Settings().confident_likelihood)
    return Material(
        videos=found,
        tracks=tracks,
        motion=motion,
        px_per_cm=px_per_cm,
        likelihood_min=float(least),
        hypnogram=None if hypnogram is None else read_hypnogram(hypnogram),
        counts=_counts(_result(folder / "pose" / "verdict.json"), len(found)),
    )


def _counts(verdict: Path | None, n_videos: int) -> list[int] | None:
    counts = read_frames_of_videos(verdict) if verdict else []
    return counts if counts and len(counts) == n_videos else None


def _result(path: Path) -> Path | None:
    """A result that is there and real."""
    return path if path.is_file() and not_analysed(path) is None else None


def _reason(folder: Path) -> str:
    mark = not_analysed(folder / "pose" / "tracks.h5")
    return mark.reason.rstrip(".") if mark else "run the workflow for it first"


def _provenance(folder: Path) -> dict[str, Any]:
    path = folder / "provenance.json"
    if _result(path) is None:
        return {}
    record: dict[str, Any] = json.loads(path.read_text())
    return record


def _px_per_cm(folder: Path, history: dict[str, Any]) -> float:
    """The scale that kinematics used; NaN where it is not told."""
    clock = _result(folder / "clock.json")
    scale = json.loads(clock.read_text()).get("scale", {}) if clock else {}
    told = scale.get("px_per_cm") or history.get("row", {}).get("px_per_cm")
    return float(told) if told else math.nan


def _videos_of(folder: Path) -> list[Path]:
    """The videos that were tracked; paths in results are relative to the folder above them."""
    tracked = _provenance(folder / "pose").get("inputs", {}).get("videos", [])
    paths = [Path(entry["path"]) for entry in tracked]
    manifest = folder / "transfer" / "manifest.tsv"
    if not paths and _result(manifest) is not None:
        paths = [p for p in read_manifest(manifest) if p.suffix.lower() in VIDEO_ENDINGS]
        if len(paths) > 1:
            raise RecordingError(
                f"{folder.name} has {len(paths)} videos and tracks that were made elsewhere; name "
                "the videos in the order of the tracks with --video."
            )
    if not paths:
        raise RecordingError(
            f"No video of {folder.name} is known; name the one that was tracked with --video."
        )
    beside = folder.parent.parent
    return [p if p.is_file() or p.is_absolute() else beside / p for p in paths]


def rows_between(motion: pd.DataFrame, start_s: float | None, stop_s: float | None) -> range:
    """Rows of the frames from one time to another, on the recording's clock.

    Raises
    ------
    RecordingError
        When no frame lies there.
    """
    time_s = motion["time_s"].to_numpy(float)
    low = time_s[0] if start_s is None else start_s
    high = np.inf if stop_s is None else stop_s
    first, last = np.searchsorted(time_s, [low - 1e-6, high - 1e-6])
    if high <= low or first >= last:
        wanted = f"{low:g} s to " + ("the end" if stop_s is None else f"{high:g} s")
        raise RecordingError(
            f"No frame lies from {wanted}: the video goes from {time_s[0]:.1f} s to "
            f"{time_s[-1]:.1f} s on the recording's clock; ask for a time in between."
        )
    return range(int(first), int(last))


def shown_at(tracked: Material, row: int) -> Shown:
    """What is drawn on the frame of a row."""
    motion = tracked.motion.iloc[row]
    time_s = float(motion["time_s"])
    parts = list(dict.fromkeys(tracked.tracks.columns.get_level_values(0)))
    points = tracked.tracks.iloc[row].to_numpy(float).reshape(-1, 3)
    by_part = {
        p: (float(x), float(y), float(q)) for p, (x, y, q) in zip(parts, points, strict=True)
    }
    if "x_cm" not in tracked.motion:
        return Shown(row, time_s, by_part, state=_state(tracked.hypnogram, time_s))
    first = int(np.searchsorted(tracked.motion["time_s"].to_numpy(float), time_s - TRAIL_S))
    past = tracked.motion.iloc[first : row + 1][["x_cm", "y_cm"]].to_numpy(float)
    trail = past * tracked.px_per_cm
    return Shown(
        frame=row,
        time_s=time_s,
        parts=by_part,
        head_px=(float(trail[-1, 0]), float(trail[-1, 1])),
        direction_rad=float(motion["head_direction_rad"]),
        speed_cm_s=float(motion["speed_cm_s"]),
        turning_deg_s=math.degrees(motion["angular_velocity_rad_s"]),
        state=_state(tracked.hypnogram, time_s),
        trail_px=trail,
    )


def _state(hypnogram: pd.DataFrame | None, time_s: float) -> str | None:
    if hypnogram is None or not len(hypnogram):
        return None
    at = int(np.searchsorted(hypnogram["start_s"].to_numpy(float), time_s, side="right")) - 1
    epoch = hypnogram.iloc[max(at, 0)]
    inside = epoch["start_s"] <= time_s < epoch["start_s"] + epoch["duration_s"]
    return str(epoch["state"]) if inside else ""


def drawn_frames(tracked: Material, rows: Sequence[int]) -> Iterator[Image]:
    """Frames of rows, drawn on; one after the other."""
    counts = tracked.counts or frame_counts(tracked.videos, len(tracked.tracks))
    for row, image in frames_of(tracked.videos, counts, rows):
        yield annotate(image, shown_at(tracked, row), tracked.likelihood_min)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `vigil pose overlay`."""
    parser.add_argument("recording", metavar="RECORDING", help="id of the recording")
    parser.add_argument(
        "--from", dest="start_s", type=float, metavar="S", help="seconds on the recording's clock"
    )
    parser.add_argument("--to", dest="stop_s", type=float, metavar="S", help="end, in seconds")
    parser.add_argument("--results", type=Path, default=Path("results"), help="folder of results")
    parser.add_argument(
        "--video",
        type=Path,
        nargs="+",
        default=[],
        help="the video that was tracked, or several in their order, where they lie elsewhere now",
    )
    parser.add_argument(
        "--out",
        type=Path,
        help="video to write: .webm is quick; .mp4 opens in more programs and takes minutes",
    )
    parser.add_argument("--sheet", type=Path, help="PNG to write, with a few frames")
    parser.add_argument("--frames", type=int, default=12, help="frames on the sheet (12)")


def main(args: argparse.Namespace) -> int:
    """Write the video, the sheet of frames, or both; 0 when that went well."""
    try:
        if args.out is None and args.sheet is None:
            raise RecordingError("Nothing to write: name a video with --out or a PNG with --sheet.")
        tracked = gather(args.results, args.recording, args.video)
        if args.sheet is not None:
            rows = rows_between(tracked.motion, args.start_s, args.stop_s)
            picked = np.unique(np.linspace(rows[0], rows[-1], max(1, args.frames)).astype(int))
            write_picture(args.sheet, contact_sheet(list(drawn_frames(tracked, picked.tolist()))))
            print(f"{args.sheet}: {len(picked)} frames")
        if args.out is not None:
            _write_minute(args, tracked)
    except RecordingError as error:
        print(error)
        return 1
    return 0


def _write_minute(args: argparse.Namespace, tracked: Material) -> None:
    start_s = float(tracked.motion["time_s"].iloc[0]) if args.start_s is None else args.start_s
    rows = rows_between(
        tracked.motion, start_s, start_s + 60 if args.stop_s is None else args.stop_s
    )
    step_s = np.diff(tracked.motion["time_s"].to_numpy(float)[rows[0] : rows[-1] + 1])
    rate_hz = 1 / float(np.median(step_s)) if len(step_s) else 30.0
    codec = write_video(args.out, drawn_frames(tracked, rows), rate_hz)
    print(f"{args.out}: {len(rows)} frames, {len(rows) / rate_hz:.1f} s, {codec}")
