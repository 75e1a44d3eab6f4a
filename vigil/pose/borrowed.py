"""Tracking with models that are not Vigil's: a DeepLabCut project's, or a SuperAnimal.

A project for one animal without a detector is tracked as the shipped model is: its network
is loaded once and frames of all videos stream through it. Every other kind (top-down with
a detector, several animals, a cropped picture) goes through DeepLabCut's own video
functions, which know them all; these track every frame.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from vigil.pose.files import read_scorer, read_tracks
from vigil.pose.network import load_tracker
from vigil.pose.settings import SUPERANIMAL
from vigil.pose.tracked import Tracked
from vigil.pose.video import Film, check_count
from vigil.recording import RecordingError

log = logging.getLogger("vigil")

# the pair that DeepLabCut offers for mice seen from above (Ye et al. 2024)
SUPERANIMAL_NETWORK = "hrnet_w32"
SUPERANIMAL_DETECTOR = "fasterrcnn_resnet50_fpn_v2"


def track_with_project(config: Path, film: Film, batch_size: int, threads: int) -> Tracked:
    """Track with the trained model of a DeepLabCut project.

    Parameters
    ----------
    config : Path
        The project's config.yaml.
    batch_size : int
        Frames that the network sees at once; 0: as the project says.

    Raises
    ------
    FileNotFoundError, RuntimeError
        When the project is not there or has no trained model.
    """
    config = config.expanduser()
    if not config.is_file():
        raise FileNotFoundError(
            f"The DeepLabCut project {config} is not there; give the path of its config.yaml in "
            "pose.model."
        )
    _prepare(threads)
    try:
        network = _streaming_network(config.resolve())
        if network is not None:
            loader, snapshot = network
            own = int(loader.project_cfg.get("batch_size") or 1)
            tracker = load_tracker(
                loader.model_cfg, snapshot.path, batch_size or own, "auto", threads
            )
            scorer = str(loader.scorer(snapshot))
    except (FileNotFoundError, ValueError, IndexError) as error:
        raise _unusable(config, error) from error
    if network is not None:
        return tracker.follow(film, scorer)
    log.info("DeepLabCut's analyze_videos tracks with this kind of model")

    def analyse(files: list[str], folder: str) -> None:
        import deeplabcut

        try:
            deeplabcut.analyze_videos(
                str(config.resolve()),
                files,
                destfolder=folder,
                batch_size=batch_size or None,
                device=_device(),
                # the thread that prepares frames can lose one: see vigil.pose.network
                inference_cfg={"multithreading": {"enabled": False}},
            )
        except (FileNotFoundError, ValueError, IndexError) as error:
            raise _unusable(config, error) from error

    return _track(analyse, film, batch_size)


def _unusable(config: Path, error: Exception) -> RuntimeError:
    """Not the recording's fault: the job fails and can be repeated."""
    return RuntimeError(
        f"DeepLabCut cannot use the project {config} ({error}); train and evaluate its network "
        "first."
    )


def _streaming_network(config: Path) -> tuple[Any, Any] | None:
    """A project's loader and snapshot, as `analyze_videos` chooses them; None for another way."""
    from deeplabcut.pose_estimation_pytorch.apis.utils import (
        get_model_snapshots,
        parse_snapshot_index_for_analysis,
    )
    from deeplabcut.pose_estimation_pytorch.data import DLCLoader
    from deeplabcut.pose_estimation_pytorch.task import Task

    loader = DLCLoader(str(config), trainset_index=0, shuffle=1)
    project = loader.project_cfg
    several = project["multianimalproject"] or loader.model_cfg["metadata"]["unique_bodyparts"]
    if loader.pose_task != Task.BOTTOM_UP or several or project.get("cropping", False):
        return None
    index, _ = parse_snapshot_index_for_analysis(project, loader.model_cfg, None, None)
    return loader, get_model_snapshots(index, loader.model_folder, loader.pose_task)[0]


def track_with_superanimal(film: Film, batch_size: int, threads: int) -> Tracked:
    """Track with SuperAnimal-TopViewMouse.

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
            batch_size=batch_size or 1,
            device="auto",
            create_labeled_video=False,
        )

    return _track(analyse, film, batch_size or 1)


def _prepare(threads: int) -> None:
    import torch

    torch.set_num_threads(threads)


def _device() -> str:
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def _track(analyse: Callable[[list[str], str], None], film: Film, batch_size: int) -> Tracked:
    """Let DeepLabCut track videos under names of our own, then join what it wrote."""
    if film.frame_step > 1:
        log.warning("this kind of model tracks each frame: no frame is skipped")
        film = Film(film.videos)
    log.info("network on %s", _device())
    with tempfile.TemporaryDirectory(prefix="vigil-pose-") as temporary:
        sources, results = Path(temporary) / "videos", Path(temporary) / "tracks"
        sources.mkdir()
        results.mkdir()
        # videos of two folders may have the same name
        links = [sources / f"video{k:05d}{v.path.suffix}" for k, v in enumerate(film.videos)]
        for link, video in zip(links, film.videos, strict=True):
            link.symlink_to(video.path.resolve())
        analyse([str(link) for link in links], str(results))
        tables = []
        for link, video in zip(links, film.videos, strict=True):
            written = sorted(results.glob(f"{link.stem}*.h5"))
            if not written:
                raise RecordingError(
                    f"DeepLabCut wrote no tracks for {video.path}; look for its message in the log."
                )
            tables.append(read_tracks(written[0]))
            check_count(video, len(tables[-1]))
        scorer = read_scorer(written[0])
    # DeepLabCut keeps the frames to itself; beside a detector a second decoding takes little
    for _ in film.frames():
        pass
    tracks = pd.concat(tables, ignore_index=True)
    pictures = film.watch.pictures()
    counts = tuple(film.frames_of_videos)
    return Tracked(tracks, scorer, _device(), batch_size, 1, pictures, counts)
