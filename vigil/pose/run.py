"""The edge of pose: videos or existing tracks in, tracks and their quality out.

DeepLabCut is imported only where a video is tracked, so that existing tracks are taken
over in the core environment.
"""

from __future__ import annotations

import logging
from pathlib import Path

import pandas as pd

from vigil.pose.files import quality_table, read_scorer, read_tracks, tracks_table, write_tracks
from vigil.pose.settings import SHIPPED, SUPERANIMAL, Settings
from vigil.pose.video import open_videos
from vigil.recording import RecordingError
from vigil.stage import Job

log = logging.getLogger("vigil")


def run(job: Job) -> None:
    """Track the head of one recording.

    Inputs: `videos` (in order) or `tracks` (what DeepLabCut wrote elsewhere). Outputs:
    `tracks`, `quality`. Settings: those of pose.
    """
    settings = Settings.model_validate(job.settings)
    given = job.optional_input("tracks")
    if given is not None:
        tracks, scorer = read_tracks(given), read_scorer(given)
        check_parts(tracks, settings, str(given))
    else:
        tracks, scorer = track_videos(settings, job.input_list("videos"), job.threads)
        check_parts(tracks, settings, f"the model {settings.model}")
    quality = quality_table(tracks, settings.confident_likelihood)
    for part, share, median in quality.itertuples(index=False):
        log.info("%s: likelihood %.2f, sure in %.1f %% of frames", part, median, 100 * share)
    write_tracks(job.output("tracks"), tracks, scorer)
    quality.to_csv(job.output("quality"), sep="\t", index=False, float_format="%.4f")


def track_videos(settings: Settings, paths: list[Path], threads: int) -> tuple[pd.DataFrame, str]:
    """Track videos, one after the other, with the model of the settings.

    Returns
    -------
    tracks : DataFrame
        As `vigil.pose.files.read_tracks` gives them, one row per decoded frame.
    scorer : str
        Name of the model.
    """
    videos = open_videos(paths)
    log.info(
        "%d frames of %d videos, model %s, %d threads",
        sum(v.frames for v in videos),
        len(videos),
        settings.model,
        threads,
    )
    if settings.model == SHIPPED:
        from vigil.pose.shipped import load_shipped, track

        tracker = load_shipped(settings.batch_size or 32, settings.device, threads)
        return tracks_table(tracker.parts, track(tracker, videos)), SHIPPED
    from vigil.pose.borrowed import track_with_project, track_with_superanimal

    if settings.model == SUPERANIMAL:
        return track_with_superanimal(settings, videos, threads)
    return track_with_project(settings, videos, threads)


def check_parts(tracks: pd.DataFrame, settings: Settings, source: str) -> None:
    """Refuse names of body parts that the model does not know.

    Raises
    ------
    RecordingError
        Lists the body parts that there are.
    """
    there = list(dict.fromkeys(tracks.columns.get_level_values(0)))
    for word, name in settings.body_parts.model_dump().items():
        if name is not None and name not in there:
            raise RecordingError(
                f"pose.body_parts.{word} is '{name}', but {source} has the body parts "
                f"{', '.join(there)}: name one of these."
            )
