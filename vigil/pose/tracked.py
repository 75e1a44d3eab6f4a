"""What tracking gives, whichever way it went."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from vigil.pose.picture import Pictures


@dataclass(frozen=True)
class Tracked:
    """The tracks of a recording.

    Parameters
    ----------
    tracks : DataFrame
        As `vigil.pose.files.read_tracks` gives them, one row per decoded frame.
    scorer : str
        Name of the model.
    device : str
        Where the network ran, '' for tracks that were given.
    batch_size : int
        Frames that the network saw at once; 0 where DeepLabCut chose.
    frame_step : int
        Every how many frames one was tracked.
    pictures : Pictures or None
        What the frames look like; None without a video.
    frames_of_videos : tuple of int
        Decoded frames of each video; empty for tracks that were given.
    weights : Path or None
        The network's file; None for tracks that were given.
    """

    tracks: pd.DataFrame
    scorer: str
    device: str = ""
    batch_size: int = 0
    frame_step: int = 1
    pictures: Pictures | None = None
    frames_of_videos: tuple[int, ...] = ()
    weights: Path | None = None
