"""Tracking with models that are not Vigil's: a DeepLabCut project's, or a SuperAnimal.

Both go through DeepLabCut's own video functions, which know every kind of model it has
(top-down ones with a detector too).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from vigil.pose.files import read_scorer, read_tracks
from vigil.pose.settings import SUPERANIMAL, Settings
from vigil.pose.video import Video, check_count
from vigil.recording import RecordingError

# the pair that DeepLabCut offers for mice seen from above (Ye et al. 2024)
SUPERANIMAL_NETWORK = "hrnet_w32"
SUPERANIMAL_DETECTOR = "fasterrcnn_resnet50_fpn_v2"


def track_with_project(
    settings: Settings, videos: list[Video], threads: int
) -> tuple[pd.DataFrame, str]:
    """Track with the trained model of a DeepLabCut project; tracks and scorer.

    Raises
    ------
    FileNotFoundError, RuntimeError
        When the project is not there or has no trained model.
    """
    config = Path(settings.model).expanduser()
    if not config.is_file():
        raise FileNotFoundError(
            f"The DeepLabCut project {config} is not there; give the path of its config.yaml in "
            "pose.model."
        )
    _prepare(threads)
    import deeplabcut

    def analyse(files: list[str], folder: str) -> None:
        try:
            deeplabcut.analyze_videos(
                str(config.resolve()),
                files,
                destfolder=folder,
                batch_size=settings.batch_size,
                device=None if settings.device == "auto" else settings.device,
                # the thread that prepares frames can lose one: see vigil.pose.shipped
                inference_cfg={"multithreading": {"enabled": False}},
            )
        except (FileNotFoundError, ValueError, IndexError) as error:
            # not the recording's fault: the job fails and can be repeated
            raise RuntimeError(
                f"DeepLabCut cannot use the project {config} ({error}); train and evaluate its "
                "network first."
            ) from error

    return _track(analyse, videos)


def track_with_superanimal(
    settings: Settings, videos: list[Video], threads: int
) -> tuple[pd.DataFrame, str]:
    """Track with SuperAnimal-TopViewMouse; tracks and scorer.

    Raises
    ------
    RuntimeError
        When its weights are not on this machine and cannot be fetched.
    """
    _prepare(threads)
    import deeplabcut
    from deeplabcut.pose_estimation_pytorch.modelzoo.utils import get_super_animal_snapshot_path

    try:
        for network in (SUPERANIMAL_NETWORK, SUPERANIMAL_DETECTOR):
            get_super_animal_snapshot_path(dataset=SUPERANIMAL, model_name=network)
    except OSError as error:
        raise RuntimeError(
            f"DeepLabCut could not fetch the model {SUPERANIMAL} (no network?): run it once "
            "where there is a network, or set pose.model to a project's config.yaml."
        ) from error

    def analyse(files: list[str], folder: str) -> None:
        deeplabcut.video_inference_superanimal(
            files,
            SUPERANIMAL,
            model_name=SUPERANIMAL_NETWORK,
            detector_name=SUPERANIMAL_DETECTOR,
            dest_folder=folder,
            max_individuals=1,
            batch_size=settings.batch_size or 1,
            device=settings.device,
            create_labeled_video=False,
        )

    return _track(analyse, videos)


def _prepare(threads: int) -> None:
    import torch

    torch.set_num_threads(threads)


def _track(
    analyse: Callable[[list[str], str], None], videos: list[Video]
) -> tuple[pd.DataFrame, str]:
    """Let DeepLabCut track videos under names of our own, then join what it wrote."""
    with tempfile.TemporaryDirectory(prefix="vigil-pose-") as temporary:
        sources, results = Path(temporary) / "videos", Path(temporary) / "tracks"
        sources.mkdir()
        results.mkdir()
        # videos of two folders may have the same name
        links = [sources / f"video{k:05d}{v.path.suffix}" for k, v in enumerate(videos)]
        for link, video in zip(links, videos, strict=True):
            link.symlink_to(video.path.resolve())
        analyse([str(link) for link in links], str(results))
        tables = []
        for link, video in zip(links, videos, strict=True):
            written = sorted(results.glob(f"{link.stem}*.h5"))
            if not written:
                raise RecordingError(
                    f"DeepLabCut wrote no tracks for {video.path}; look for its message in the log."
                )
            tables.append(read_tracks(written[0]))
            check_count(video, len(tables[-1]))
        scorer = read_scorer(written[0])
    return pd.concat(tables, ignore_index=True), scorer
