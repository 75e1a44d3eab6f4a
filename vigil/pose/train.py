"""Make the model that ships with Vigil: `python -m vigil.pose.train --out vigil/pose/model`.

Runs in the pose environment. Draws labelled frames, lets DeepLabCut train a small network
on them, measures it on animals that it has not seen, and writes the model and its card.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import platform
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import yaml

from vigil.pose.evaluation import evaluate
from vigil.pose.network import load_tracker
from vigil.pose.project import (
    NETWORKS,
    SMALL_NETWORK,
    create_dataset,
    create_project,
    train_network,
    write_labels,
)
from vigil.pose.shipped import CONFIG, SNAPSHOT
from vigil.pose.training_frames import HELD_OUT, SCALE_PX_PER_CM, TRAIN, labelled_frame
from vigil.provenance import hash_path
from vigil.simulate.mouse import BODY_PARTS

log = logging.getLogger("vigil")

CARD = "card.json"
SCORER, FRAMES = "vigil", "simulated"
EARS = ("left_ear", "right_ear")


@dataclass(frozen=True)
class Plan:
    """How much is drawn and how long it is trained.

    Parameters
    ----------
    frames : int
        Labelled frames; one in twenty tells DeepLabCut how the training goes.
    epochs, batch_size : int
        Passes over them, and frames per step.
    learning_rate : float
        Of AdamW (Loshchilov & Hutter 2019), falling to zero along half a cosine.
    seed : int
        Of weights, batches and augmentation.
    """

    frames: int = 6000
    epochs: int = 15
    batch_size: int = 32
    learning_rate: float = 2e-3
    seed: int = 1


def main(words: Sequence[str] | None = None) -> None:
    """Train, measure, and write the model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the model")
    parser.add_argument("--frames", type=int, default=Plan.frames, help="labelled frames")
    parser.add_argument("--epochs", type=int, default=Plan.epochs, help="passes over them")
    parser.add_argument("--held-out", type=int, default=3000, help="frames to measure on")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args(words)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    import torch

    torch.set_num_threads(given.threads)
    plan = Plan(frames=given.frames, epochs=given.epochs)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="vigil-pose-") as temporary:
        project = make_project(Path(temporary) / "project", plan)
        log.info("%d frames are labelled; training starts", plan.frames)
        config_path, snapshot = train_network(
            project,
            network_changes(plan),
            seed=plan.seed,
            epochs=plan.epochs,
            batch_size=plan.batch_size,
        )
        seconds = time.monotonic() - started
        given.out.mkdir(parents=True, exist_ok=True)
        config = portable_config(yaml.safe_load(config_path.read_text()))
        weights = torch.load(snapshot, map_location="cpu", weights_only=True)["model"]
    (given.out / CONFIG).write_text(yaml.safe_dump(config, sort_keys=False))
    torch.save({"model": weights, "metadata": {"epoch": plan.epochs}}, str(given.out / SNAPSHOT))
    tracker = load_tracker(config, given.out / SNAPSHOT, 32, "cpu", given.threads)
    card = {
        "name": "vigil-mouse",
        "snapshot": hash_path(given.out / SNAPSHOT),
        "is": "a DeepLabCut network that finds ears, snout and tail base of one simulated mouse "
        "seen from above",
        "is_not": "a model of real mice: it has never seen one",
        "made_with": f"python -m vigil.pose.train --frames {plan.frames} --epochs {plan.epochs}",
        "plan": asdict(plan),
        "training_data": {
            "frames": "drawn by vigil.pose.training_frames, every one of another animal",
            "size_px": 128,
            "scale_px_per_cm": list(SCALE_PX_PER_CM),
            "seeds": f"SeedSequence({TRAIN}, spawn_key=(k,)) for k < {plan.frames}",
            "held_out_seeds": f"SeedSequence({HELD_OUT}, spawn_key=(k,)) for k < {given.held_out}",
        },
        "errors": {
            "train": evaluate(tracker, TRAIN, min(1000, plan.frames)),
            "held_out": evaluate(tracker, HELD_OUT, given.held_out),
        },
        "training_minutes": round(seconds / 60, 1),
        "threads": given.threads,
        "date": datetime.now(UTC).date().isoformat(),
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in ("deeplabcut", "torch", "timm", "numpy")},
        },
    }
    (given.out / CARD).write_text(json.dumps(card, indent=1) + "\n")
    log.info("%s", json.dumps(card["errors"], indent=1))


def make_project(folder: Path, plan: Plan) -> Path:
    """Make a project with simulated labels; returns the path of its config.yaml."""
    first, _ = labelled_frame(np.random.SeedSequence(TRAIN, spawn_key=(0,)))
    height, width = first.shape[:2]
    settings = {"skeleton": [list(EARS)], "TrainingFraction": [0.95]}
    config = create_project(folder, SCORER, SCORER, BODY_PARTS, {FRAMES: (width, height)}, settings)
    inside = folder / "labeled-data" / FRAMES
    inside.mkdir()
    names, points = [], []
    for k in range(plan.frames):
        frame, at = labelled_frame(np.random.SeedSequence(TRAIN, spawn_key=(k,)))
        names.append(f"img{k:05d}.png")
        cv2.imwrite(str(inside / names[-1]), frame)
        points.append(at)
    write_labels(inside, SCORER, BODY_PARTS, names, np.array(points))
    create_dataset(config)
    return config


def network_changes(plan: Plan) -> dict[str, Any]:
    """What is changed in DeepLabCut's own configuration of a residual network."""
    symmetric = [[BODY_PARTS.index(ear) for ear in EARS]]
    return {
        **NETWORKS[SMALL_NETWORK].changes(len(BODY_PARTS)),
        # narrower peaks than DeepLabCut's for large frames, yet wide enough that a part between
        # two cells of the map, 4 px apart, still makes a likelihood above 0.8
        "model.heads.bodypart.target_generator.pos_dist_thresh": 8,
        # frames come blurred, noisy and at every scale; what is left is the compass
        "data.train.crop_sampling": None,
        "data.train.motion_blur": False,
        "data.train.gaussian_noise": False,
        "data.train.affine": {"p": 0.5, "rotation": 180, "scaling": [0.9, 1.1], "translation": 0},
        "data.train.hflip": {"p": 0.5, "symmetries": symmetric},
        "runner.optimizer.params.lr": plan.learning_rate,
        "runner.scheduler.type": "CosineAnnealingLR",
        "runner.scheduler.params": {"T_max": plan.epochs},
        "runner.eval_interval": plan.epochs,
        "runner.snapshots.max_snapshots": 1,
        "train_settings.seed": plan.seed,
    }


def portable_config(config: dict[str, Any]) -> dict[str, Any]:
    """A network's configuration without the places where it was trained."""
    metadata = {**config["metadata"], "project_path": "", "pose_config_path": ""}
    return {**config, "metadata": metadata, "device": "auto", "resume_training_from": None}


if __name__ == "__main__":
    main()
