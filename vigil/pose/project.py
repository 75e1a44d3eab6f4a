"""A DeepLabCut project with simulated labels, made and trained by program.

DeepLabCut (Mathis et al. 2018; Lauer et al. 2022) does the work: this module writes what
a person would have clicked, asks for a small network, and starts it from random weights,
so that nothing has to be fetched.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import yaml

from vigil.pose.training_frames import TRAIN, labelled_frame
from vigil.simulate.mouse import BODY_PARTS

log = logging.getLogger("vigil")

SCORER = "vigil"
# timm's smallest residual network: 0.4 million weights, of which a CPU core does hundreds
# of frames a second; stride 8, and 4 after the head's deconvolution
BACKBONE = "test_resnet.r160_in1k"
BACKBONE_STRIDE = 8
BACKBONE_CHANNELS = 96


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


def make_project(folder: Path, plan: Plan) -> Path:
    """Make a project with simulated labels; returns the path of its config.yaml."""
    import deeplabcut

    first, _ = labelled_frame(np.random.SeedSequence(TRAIN, spawn_key=(0,)))
    video = folder / "simulated.avi"
    writer = cv2.VideoWriter(str(video), cv2.VideoWriter.fourcc(*"MJPG"), 30, first.shape[1::-1])
    writer.write(first)
    writer.release()
    config = Path(
        deeplabcut.create_new_project(
            "vigil", SCORER, [str(video)], working_directory=str(folder), copy_videos=True
        )
    )
    settings = yaml.safe_load(config.read_text())
    settings.update(
        bodyparts=list(BODY_PARTS),
        skeleton=[["left_ear", "right_ear"]],
        engine="pytorch",
        TrainingFraction=[0.95],
        default_net_type="resnet_50",
    )
    config.write_text(yaml.safe_dump(settings, sort_keys=False))
    _label(config.parent / "labeled-data" / "simulated", plan.frames)
    deeplabcut.create_training_dataset(
        str(config),
        num_shuffles=1,
        net_type="resnet_50",
        augmenter_type="albumentations",
        engine=deeplabcut.Engine.PYTORCH,
        userfeedback=False,
    )
    return config


def _label(folder: Path, frames: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    names, rows = [], []
    for k in range(frames):
        frame, points = labelled_frame(np.random.SeedSequence(TRAIN, spawn_key=(k,)))
        name = f"img{k:05d}.png"
        cv2.imwrite(str(folder / name), frame)
        names.append(("labeled-data", folder.name, name))
        rows.append(points.ravel())
    columns = pd.MultiIndex.from_product(
        [[SCORER], BODY_PARTS, ["x", "y"]], names=["scorer", "bodyparts", "coords"]
    )
    labels = pd.DataFrame(np.array(rows), columns=columns, index=pd.MultiIndex.from_tuples(names))
    labels.to_hdf(folder / f"CollectedData_{SCORER}.h5", key="df_with_missing", mode="w")
    labels.to_csv(folder / f"CollectedData_{SCORER}.csv")


def network(plan: Plan) -> dict[str, Any]:
    """What is changed in DeepLabCut's own configuration of a residual network."""
    parts = len(BODY_PARTS)
    symmetric = [[BODY_PARTS.index("left_ear"), BODY_PARTS.index("right_ear")]]
    return {
        "model.backbone.model_name": BACKBONE,
        "model.backbone.output_stride": BACKBONE_STRIDE,
        "model.backbone_output_channels": BACKBONE_CHANNELS,
        "model.heads.bodypart.heatmap_config.channels": [BACKBONE_CHANNELS, parts],
        "model.heads.bodypart.locref_config.channels": [BACKBONE_CHANNELS, 2 * parts],
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


def train(config: Path, plan: Plan) -> tuple[Path, Path]:
    """Train from random weights; returns the network's configuration file and the snapshot."""
    import deeplabcut
    import torch
    from deeplabcut.pose_estimation_pytorch.data import DLCLoader
    from deeplabcut.pose_estimation_pytorch.models import PoseModel

    changes = network(plan)
    loader = DLCLoader(config=str(config), shuffle=1, trainset_index=0)
    for key, value in changes.items():
        loader.model_cfg.set_nested(key, value)
    torch.manual_seed(plan.seed)
    # given a snapshot, DeepLabCut does not ask a hub for pretrained weights
    model = PoseModel.build(loader.model_cfg.to_dict()["model"], pretrained_backbone=False)
    start = config.parent / "random-weights.pt"
    torch.save({"model": model.state_dict(), "metadata": {"epoch": 0}}, start)
    deeplabcut.train_network(
        str(config),
        shuffle=1,
        device="cpu",
        snapshot_path=str(start),
        batch_size=plan.batch_size,
        epochs=plan.epochs,
        save_epochs=plan.epochs,
        display_iters=50,
        pytorch_cfg_updates=changes,
    )
    snapshots = sorted(loader.model_folder.glob("snapshot-*.pt"), key=lambda p: p.stat().st_mtime)
    return loader.model_config_path, snapshots[-1]
