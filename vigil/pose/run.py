"""The edge of pose: videos or existing tracks in, tracks and their quality out.

DeepLabCut is imported only where a video is tracked, so that existing tracks are taken
over in the core environment.
"""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

from vigil.pose.files import read_scorer, read_tracks, write_tracks
from vigil.pose.picture import Pictures, picture_measures
from vigil.pose.quality import quality_table, tracks_measures
from vigil.pose.settings import SHIPPED, SUPERANIMAL, Settings
from vigil.pose.tracked import Tracked
from vigil.pose.verdict import verdict
from vigil.pose.video import Film, Video, open_videos, video_faults
from vigil.provenance import hash_path
from vigil.recording import RecordingError
from vigil.stage import Job

log = logging.getLogger("vigil")


def run(job: Job) -> None:
    """Track the head of one recording.

    Inputs: `videos` (in order) or `tracks` (what DeepLabCut or SLEAP wrote elsewhere).
    Outputs: `tracks`, `quality`, `verdict`. Settings: those of pose. Resources: `batch_size`
    (0: the model's own) and `frame_step` (1: each frame).
    """
    settings = Settings.model_validate(job.settings)
    given = job.optional_input("tracks")
    if given is not None:
        found = Tracked(read_tracks(given), read_scorer(given))
        parts = dict.fromkeys(found.tracks.columns.get_level_values(0))
        check_parts(list(parts), settings, str(given))
        videos = []
    else:
        videos = open_videos(job.input_list("videos"))
        found = track_videos(settings, videos, job.threads, job.resources)
        job.decided |= {
            "weights": found.weights.name if found.weights else "",
            "weights_hash": hash_path(found.weights) if found.weights else "",
            "device": found.device,
            "batch_size": found.batch_size,
            "frame_step": found.frame_step,
        }
    quality = quality_table(found.tracks, settings, found.frame_step)
    for part, share, median, jumps in quality.itertuples(index=False):
        log.info(
            "%s: likelihood %.2f, sure in %.1f %% of frames, jumps in %.2f %%",
            part,
            median,
            100 * share,
            100 * jumps,
        )
    says = verdict(
        quality,
        tracks_measures(found.tracks, settings, found.frame_step),
        _look(found.pictures, settings, found.frame_step),
        settings,
        video_faults(videos, found.frames_of_videos),
    )
    says["measures"]["frames_of_videos"] = list(found.frames_of_videos)
    log.info("tracking is %s%s", says["verdict"], "".join(f"\n  {r}" for r in says["reasons"]))
    write_tracks(job.output("tracks"), found.tracks, found.scorer)
    quality.to_csv(job.output("quality"), sep="\t", index=False, float_format="%.4f")
    job.output("verdict").write_text(json.dumps(says, indent=1) + "\n")


def track_videos(
    settings: Settings, videos: list[Video], threads: int, resources: dict[str, Any]
) -> Tracked:
    """Track videos, one after the other, with the model of the settings.

    Names of body parts are checked before, not after a day of frames.
    """
    batch_size, frame_step = resources.get("batch_size", 0), resources.get("frame_step", 1)
    log.info(
        "%d frames of %d videos, %s, model %s, %d threads",
        sum(v.frames for v in videos),
        len(videos),
        "each of them" if frame_step == 1 else f"one of {frame_step}",
        settings.model,
        threads,
    )
    film = Film(videos, frame_step)
    # beside the network one thread decodes and prepares frames, which takes a tenth to a third of
    # the network's time on one core
    network_threads = max(1, threads - 1)
    if settings.model == SHIPPED:
        from vigil.pose.shipped import FOLDER, SNAPSHOT, load_shipped

        tracker = load_shipped(batch_size, network_threads)
        check_parts(tracker.parts, settings, f"the model {SHIPPED}")
        return replace(tracker.follow(film, SHIPPED), weights=FOLDER / SNAPSHOT)
    from vigil.pose import borrowed

    if settings.model == SUPERANIMAL:
        check_parts(borrowed.parts_of_superanimal(), settings, f"the model {SUPERANIMAL}")
        return borrowed.track_with_superanimal(film, batch_size, network_threads)
    config = Path(settings.model)
    check_parts(borrowed.parts_of_project(config), settings, f"the model {config}")
    return borrowed.track_with_project(config, film, batch_size, network_threads, settings.shuffle)


def check_parts(there: list[str], settings: Settings, source: str) -> None:
    """Refuse names of body parts that the model does not know.

    Raises
    ------
    RecordingError
        Lists the body parts that there are.
    """
    for word, name in settings.body_parts.model_dump().items():
        if name is not None and name not in there:
            raise RecordingError(
                f"pose.body_parts.{word} is '{name}', but {source} has the body parts "
                f"{', '.join(there)}: name one of these."
            )


def _look(pictures: Pictures | None, settings: Settings, frame_step: int) -> dict[str, Any]:
    return picture_measures(
        pictures, settings.frozen_frames, settings.dark_below, settings.blank_below, frame_step
    )
