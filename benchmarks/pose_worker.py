"""Serves tracking to its benchmark: a small project, videos, and two ways to track them.

Runs in the environment of DeepLabCut. The project's network has random weights: what it
finds means nothing, how long it takes is what a trained one takes.
"""

from __future__ import annotations

import contextlib
import shutil
import sys
import time
from pathlib import Path

import cv2
import numpy as np
from worker import serve

from vigil.pose import METHOD_VERSION
from vigil.pose.files import read_tracks
from vigil.pose.project import NETWORKS, create_dataset, create_project, write_labels
from vigil.pose.run import run
from vigil.stage import Job, run_stage

PARTS = ("left_ear", "right_ear", "snout", "tail_base")
SIZE = (640, 480)


def make(folder: str, network: str, batch_size: int) -> None:
    """Make a project with an untrained network, for frames of 640 x 480 px."""
    import torch
    from deeplabcut.pose_estimation_pytorch.data import DLCLoader
    from deeplabcut.pose_estimation_pytorch.models import PoseModel

    settings = {"TrainingFraction": [0.9], "batch_size": batch_size}
    config = create_project(Path(folder), "bench", "me", PARTS, {"drawn": SIZE}, settings)
    labels = config.parent / "labeled-data" / "drawn"
    labels.mkdir(parents=True, exist_ok=True)
    names = [f"img{k}.png" for k in range(10)]
    for name in names:
        cv2.imwrite(str(labels / name), np.zeros((SIZE[1], SIZE[0], 3), np.uint8))
    points = np.random.default_rng(0).uniform(0, 400, (10, len(PARTS), 2))
    write_labels(labels, "me", PARTS, names, points)
    create_dataset(config)
    loader = DLCLoader(config=str(config), shuffle=1, trainset_index=0)
    if network in NETWORKS:
        loader.update_model_cfg(NETWORKS[network].changes(len(PARTS)))
    torch.manual_seed(1)
    model = PoseModel.build(loader.model_cfg.to_dict()["model"], pretrained_backbone=False)
    weights = {"model": model.state_dict(), "metadata": {"epoch": 1}}
    torch.save(weights, loader.model_folder / "snapshot-001.pt")


def film(folder: str, files: int, frames: int) -> list[str]:
    """Write videos of a dark animal on a noisy floor."""
    rng = np.random.default_rng(3)
    grain = rng.normal(120, 6, (8, SIZE[1], SIZE[0]))
    place = Path(folder)
    place.mkdir(parents=True)
    paths = [place / f"hour{k:02d}.mp4" for k in range(files)]
    for path in paths:
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 30, SIZE)
        for k in range(frames):
            grey = np.clip(grain[k % len(grain)], 0, 255).astype(np.uint8)
            at = (int(320 + 200 * np.cos(k / 20)), int(240 + 150 * np.sin(k / 20)))
            cv2.ellipse(grey, at, (60, 30), 3.0 * k, 0, 360, 40, -1)
            writer.write(np.repeat(grey[..., None], 3, axis=2))
        writer.release()
    return [str(path) for path in paths]


def stage(config: str, videos: list[str], out: str, threads: int, batch_size: int) -> float:
    """Seconds of the whole stage, from its rule's job to the files that it leaves."""
    place = _fresh(out)
    job = Job(
        stage="pose",
        method_version=METHOD_VERSION,
        recording="bench",
        inputs={"videos": videos, "model": config},
        outputs={n: str(place / n) for n in ("tracks", "quality", "verdict", "provenance")},
        settings={"model": config},
        threads=threads,
        resources={"batch_size": batch_size, "frame_step": 1},
    )
    started = time.perf_counter()
    run_stage(run, job)
    return time.perf_counter() - started


def deeplabcut(config: str, videos: list[str], out: str, threads: int, batch_size: int) -> float:
    """Seconds of DeepLabCut's own call on the same videos, as its manual writes it."""
    import deeplabcut as dlc
    import torch

    torch.set_num_threads(threads)
    place = _fresh(out)
    started = time.perf_counter()
    with contextlib.redirect_stdout(sys.stderr):
        dlc.analyze_videos(config, videos, destfolder=str(place), batch_size=batch_size or None)
    return time.perf_counter() - started


def difference_px(videos: list[str], ours: str, theirs: str) -> float:
    """Largest difference between the two in any coordinate; infinite where a frame is lost."""
    paths = [next(Path(theirs).glob(f"{Path(v).stem}DLC*.h5")) for v in videos]
    found = np.concatenate([read_tracks(path).to_numpy() for path in paths])
    own = read_tracks(Path(ours) / "tracks").to_numpy()
    return float(np.abs(own - found).max()) if own.shape == found.shape else float("inf")


def _fresh(out: str) -> Path:
    shutil.rmtree(out, ignore_errors=True)
    Path(out).mkdir(parents=True)
    return Path(out)


if __name__ == "__main__":
    serve({task.__name__: task for task in (make, film, stage, deeplabcut, difference_px)})
