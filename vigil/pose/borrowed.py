"""Tracking with models that are not Vigil's: a DeepLabCut project's, or a SuperAnimal.

A project for one animal without a detector is tracked as the shipped model is: its network
is loaded once and frames of all videos stream through it. Every other kind (top-down with
a detector, several animals, a cropped picture) goes through DeepLabCut's own video
functions, which know them all; these track every frame.
"""

from __future__ import annotations

import logging
import re
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, NamedTuple

import pandas as pd
import yaml

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


class Trained(NamedTuple):
    """A trained network of a project, as DeepLabCut counts them."""

    fraction: int
    shuffle: int


def parts_of_project(config: Path) -> list[str]:
    """Body parts that a project's model gives, before it is loaded."""
    project = _project(config)
    several = project.get("multianimalproject")
    parts = project.get("multianimalbodyparts" if several else "bodyparts") or []
    return [str(p) for p in [*parts, *(project.get("uniquebodyparts") or [] if several else [])]]


def parts_of_superanimal() -> list[str]:
    """Body parts that SuperAnimal-TopViewMouse gives, by the list that DeepLabCut ships."""
    import deeplabcut

    configs = Path(deeplabcut.__file__).parent / "modelzoo" / "project_configs"
    listed = yaml.safe_load((configs / f"{SUPERANIMAL}.yaml").read_text())
    return [str(p) for p in listed["bodyparts"]]


def _project(config: Path) -> dict[str, Any]:
    config = config.expanduser()
    if not config.is_file():
        raise FileNotFoundError(
            f"The DeepLabCut project {config} is not there; give the path of its config.yaml in "
            "pose.model."
        )
    try:
        project = yaml.safe_load(config.read_text())
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise RuntimeError(
            f"{config} is not a DeepLabCut project's config.yaml ({str(error).splitlines()[0]}); "
            "mend the file."
        ) from error
    return dict(project)


def choose_trained(config: Path, project: dict[str, Any], shuffle: int | None) -> Trained:
    """Which of a project's networks tracks: the one asked for, the only one, or the first.

    Raises
    ------
    RuntimeError
        When none is trained, or several are and none of them is DeepLabCut's own choice.
    """
    fractions = [round(100 * float(f)) for f in project.get("TrainingFraction") or []]
    folder = config.parent / "dlc-models-pytorch" / f"iteration-{project.get('iteration', 0)}"
    found = []
    for weights in sorted(folder.glob("*/train/snapshot*.pt")):
        named = re.search(r"trainset(\d+)shuffle(\d+)$", weights.parent.parent.name)
        if named and int(named[1]) in fractions:
            found.append(Trained(fractions.index(int(named[1])), int(named[2])))
    trained = sorted(set(found))
    suited = [t for t in trained if shuffle in (None, t.shuffle)]
    if not suited:
        there = ", ".join(str(t.shuffle) for t in trained)
        has = f"its trained shuffles are {there}" if there else "it has no trained PyTorch network"
        raise RuntimeError(
            f"The DeepLabCut project {config} cannot be used: {has}; train its network, or name "
            "the shuffle in pose.shuffle."
        )
    own = Trained(0, 1)
    if len(suited) > 1 and shuffle is None and own not in suited:
        there = ", ".join(str(t.shuffle) for t in suited)
        raise RuntimeError(
            f"The DeepLabCut project {config} has the trained shuffles {there}; name one of them "
            "in pose.shuffle."
        )
    return own if own in suited else suited[0]


def track_with_project(
    config: Path, film: Film, batch_size: int, threads: int, shuffle: int | None = None
) -> Tracked:
    """Track with the trained model of a DeepLabCut project.

    Parameters
    ----------
    config : Path
        The project's config.yaml.
    batch_size : int
        Frames that the network sees at once; 0: as the project says.
    shuffle : int, optional
        Which of its networks.

    Raises
    ------
    FileNotFoundError, RuntimeError
        When the project is not there or has no trained model.
    """
    project = _project(config)
    config = config.expanduser().resolve()
    trained = choose_trained(config, project, shuffle)
    _prepare(threads)
    try:
        loader, snapshot, streams = _network(config, trained)
        if streams:
            own = int(loader.project_cfg.get("batch_size") or 1)
            tracker = load_tracker(
                loader.model_cfg, snapshot.path, batch_size or own, "auto", threads
            )
            scorer = str(loader.scorer(snapshot))
    except (OSError, ValueError, IndexError, RuntimeError, UnpicklingError) as error:
        raise _unusable(config, error) from error
    if streams:
        return replace(tracker.follow(film, scorer), weights=snapshot.path)
    log.info("DeepLabCut's analyze_videos tracks with this kind of model")

    def analyse(files: list[str], folder: str) -> None:
        import deeplabcut

        try:
            deeplabcut.analyze_videos(
                str(config),
                files,
                shuffle=trained.shuffle,
                trainingsetindex=trained.fraction,
                destfolder=folder,
                batch_size=batch_size or None,
                device=_device(),
                # the thread that prepares frames can lose one: see vigil.pose.network
                inference_cfg={"multithreading": {"enabled": False}},
            )
        except (FileNotFoundError, ValueError, IndexError) as error:
            raise _unusable(config, error) from error

    tracked = _track(analyse, film, batch_size)
    if project.get("cropping"):
        # DeepLabCut gives the points in the pixels of the cropped picture
        for part in dict.fromkeys(tracked.tracks.columns.get_level_values(0)):
            tracked.tracks[(part, "x")] += float(project["x1"])
            tracked.tracks[(part, "y")] += float(project["y1"])
    return replace(tracked, weights=snapshot.path)


def _unusable(config: Path, error: Exception) -> RuntimeError:
    """Not the recording's fault: the job fails and can be repeated."""
    return RuntimeError(
        f"DeepLabCut cannot use the project {config} ({str(error).splitlines()[0]}); train and "
        "evaluate its network first."
    )


def _network(config: Path, trained: Trained) -> tuple[Any, Any, bool]:
    """Loader and snapshot, as `analyze_videos` chooses them, and whether frames can stream."""
    from deeplabcut.pose_estimation_pytorch.apis.utils import (
        get_model_snapshots,
        parse_snapshot_index_for_analysis,
    )
    from deeplabcut.pose_estimation_pytorch.data import DLCLoader
    from deeplabcut.pose_estimation_pytorch.task import Task

    loader = DLCLoader(str(config), trainset_index=trained.fraction, shuffle=trained.shuffle)
    project = loader.project_cfg
    several = project["multianimalproject"] or loader.model_cfg["metadata"]["unique_bodyparts"]
    other = loader.pose_task != Task.BOTTOM_UP or several or project.get("cropping", False)
    index, _ = parse_snapshot_index_for_analysis(project, loader.model_cfg, None, None)
    snapshot = get_model_snapshots(index, loader.model_folder, loader.pose_task)[0]
    return loader, snapshot, not other


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
        weights, _ = (
            get_super_animal_snapshot_path(dataset=SUPERANIMAL, model_name=network)
            for network in (SUPERANIMAL_NETWORK, SUPERANIMAL_DETECTOR)
        )
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

    return replace(_track(analyse, film, batch_size or 1), weights=Path(weights))


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
