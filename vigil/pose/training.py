"""Training on labelled frames with DeepLabCut, from weights that are on this machine.

The frames are copied into a DeepLabCut project of their own, split into training and test
frames by a seed, and DeepLabCut trains on the former. The test frames decide nothing: the
last snapshot is kept, not the one that does best on them.
"""

from __future__ import annotations

import logging
import math
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vigil.pose.project import (
    NETWORKS,
    SMALL_NETWORK,
    create_dataset,
    create_project,
    train_network,
    write_labels,
)
from vigil.pose.shipped import FOLDER, SNAPSHOT
from vigil.pose.training_labels import LabelledFrames
from vigil.recording import RecordingError

log = logging.getLogger("vigil")

BACKBONE_WEIGHTS = "backbone."
RANDOM, SHIPPED_START, IMAGENET = "random", "vigil-mouse", "imagenet"
TASK = "pose"
# DeepLabCut's own choices for whole frames: larger ones are trained in pieces of this size
LARGEST_PIECE_PX = 448
PEAK_PX = 17
# below it, the peaks of the map would be narrower than its cells
LEAST_PEAK_PX = 8
FEWEST_FRAMES = 4
# points on the learning curve
CURVE_POINTS = 20
# to find out how long an epoch takes
TRIAL_EPOCHS = 5


@dataclass(frozen=True)
class Plan:
    """How a network is trained.

    Parameters
    ----------
    network : str
        A name of `vigil.pose.project.NETWORKS`.
    start : str
        'random', 'vigil-mouse' (the small model that ships), 'imagenet' (fetched), or the
        path of a file of weights: a DeepLabCut snapshot or timm's.
    epochs : int
        Passes over the training frames.
    minutes : float, optional
        Train about this long instead, by the time that two epochs take.
    test_share : float
        Of the frames, held back.
    seed : int
        Of the split, weights, batches and augmentation.
    learning_rate : float
        Of AdamW (Loshchilov & Hutter 2019), falling to zero along half a cosine.
    scale : float
        Size of what the network sees as a share of the frame's. DeepLabCut scales the
        points that it finds back to the frame.
    piece_px : int
        Frames that are larger after scaling are trained in pieces of this size.
    """

    network: str = SMALL_NETWORK
    start: str = SHIPPED_START
    epochs: int = 200
    minutes: float | None = None
    test_share: float = 0.2
    seed: int = 1
    batch_size: int = 8
    learning_rate: float = 2e-3
    scale: float = 1.0
    piece_px: int = LARGEST_PIECE_PX
    device: str = "auto"


def check_plan(plan: Plan) -> None:
    """Refuse a plan that cannot be followed.

    Raises
    ------
    RecordingError
        Says which option, and what it may be.
    """
    if plan.start == SHIPPED_START and plan.network != SMALL_NETWORK:
        raise RecordingError(
            f"The weights '{SHIPPED_START}' are those of the network {SMALL_NETWORK}, not of "
            f"{plan.network}; start it from '{RANDOM}', '{IMAGENET}' or a file of weights."
        )
    if plan.start not in (RANDOM, SHIPPED_START, IMAGENET) and not Path(plan.start).is_file():
        raise RecordingError(
            f"There is no file of weights {plan.start}; give one, or '{SHIPPED_START}', "
            f"'{RANDOM}' or '{IMAGENET}'."
        )
    for name, least, most in (("test_share", 0, 1), ("scale", 0, 2), ("learning_rate", 0, 1)):
        if not least < getattr(plan, name) < most:
            raise RecordingError(
                f"--{name.replace('_', '-')} is {getattr(plan, name):g}; it must lie between "
                f"{least} and {most}."
            )
    if plan.minutes is not None and plan.minutes <= 0:
        raise RecordingError(f"--minutes is {plan.minutes:g}; it must be above 0.")


def split_frames(count: int, test_share: float, seed: int) -> tuple[list[int], list[int]]:
    """Rows that train and rows that test, drawn by a seed; both sorted, neither empty.

    Raises
    ------
    RecordingError
        When there are too few frames for both.
    """
    if count < FEWEST_FRAMES:
        raise RecordingError(
            f"There are {count} labelled frames, too few to train on some and test on others; "
            f"label at least {FEWEST_FRAMES}, better some hundred."
        )
    tests = min(max(1, round(test_share * count)), count - 2)
    order = np.random.default_rng(seed).permutation(count)
    return sorted(order[tests:].tolist()), sorted(order[:tests].tolist())


def make_labelled_project(folder: Path, frames: LabelledFrames, plan: Plan) -> Path:
    """Make a DeepLabCut project of labelled frames; returns the path of its config.yaml."""
    train, test = split_frames(len(frames.images), plan.test_share, plan.seed)
    config = create_project(
        folder,
        TASK,
        frames.scorer,
        frames.parts,
        frames.sizes,
        {
            "skeleton": [list(pair) for pair in frames.symmetric or ()],
            "TrainingFraction": [round(len(train) / len(frames.images), 2)],
            # the last snapshot
            "snapshotindex": -1,
        },
    )
    for name in frames.sizes:
        inside = folder / "labeled-data" / name
        inside.mkdir()
        rows = [k for k, image in enumerate(frames.images) if image.parent.name == name]
        for k in rows:
            shutil.copyfile(frames.images[k], inside / frames.images[k].name)
        names = [frames.images[k].name for k in rows]
        write_labels(inside, frames.scorer, frames.parts, names, frames.points[rows])
    create_dataset(config, (train, test))
    return config


def network_changes(frames: LabelledFrames, plan: Plan, epochs: int) -> dict[str, Any]:
    """What a plan changes in DeepLabCut's own configuration of a network."""
    network = NETWORKS[plan.network]
    largest = [max(size[k] for size in frames.sizes.values()) for k in (0, 1)]
    longest_px = round(plan.scale * max(largest))
    width, height = (min(plan.piece_px, math.ceil(plan.scale * side)) for side in largest)
    one_size = len(set(frames.sizes.values())) == 1
    whole = one_size and max(width, height) >= longest_px
    resize = {"longest_max_size": longest_px} if plan.scale != 1 else {}
    changes: dict[str, Any] = {
        **network.changes(len(frames.parts)),
        # batches are small: means from ImageNet or from an earlier training serve better
        "model.backbone.freeze_bn_stats": network.batch_norm
        and plan.start not in (RANDOM, SHIPPED_START),
        "model.heads.bodypart.target_generator.pos_dist_thresh": max(
            LEAST_PEAK_PX, round(PEAK_PX * plan.scale)
        ),
        "data.train.crop_sampling": None
        if whole
        else {"width": width, "height": height, "max_shift": 0.1, "method": "hybrid"},
        # seen from above, an animal heads anywhere
        "data.train.affine": {"p": 0.9, "rotation": 180, "scaling": [0.8, 1.25], "translation": 0},
        # mirrored, a left ear is a right one: never without knowing which parts swap
        "data.train.hflip": None
        if frames.symmetric is None
        else {"p": 0.5, "symmetries": symmetric_rows(frames)},
        "runner.optimizer.params.lr": plan.learning_rate,
        "runner.scheduler.type": "CosineAnnealingLR",
        "runner.scheduler.params": {"T_max": epochs},
        "runner.eval_interval": max(1, epochs // CURVE_POINTS),
        "runner.snapshots.max_snapshots": 1,
        # none is best by the test frames
        "runner.key_metric": "none",
        "train_settings.seed": plan.seed,
    }
    for stage in ("train", "inference"):
        changes.update({f"data.{stage}.{key}": value for key, value in resize.items()})
    return changes


def symmetric_rows(frames: LabelledFrames) -> list[list[int]]:
    """Pairs of parts that a mirror swaps, as places in the list of parts."""
    return [[frames.parts.index(part) for part in pair] for pair in frames.symmetric or ()]


def starting_backbone(plan: Plan) -> Mapping[str, Any] | None:
    """The weights that a backbone starts from; None for random and for fetched ones."""
    if plan.start in (RANDOM, IMAGENET):
        return None
    import torch

    path = FOLDER / SNAPSHOT if plan.start == SHIPPED_START else Path(plan.start).expanduser()
    try:
        weights = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        raise RecordingError(f"The weights {path} cannot be read ({error}).") from error
    if "model" in weights:
        weights = weights["model"]
        return {
            name.removeprefix(BACKBONE_WEIGHTS): value
            for name, value in weights.items()
            if name.startswith(BACKBONE_WEIGHTS)
        }
    return {f"model.{name}": value for name, value in weights.items()}


def train_project(config: Path, frames: LabelledFrames, plan: Plan, device: str) -> int:
    """Train a project's network; returns the number of epochs."""
    epochs = plan.epochs if plan.minutes is None else epochs_in(config, frames, plan, device)
    _train(config, frames, plan, device, epochs)
    return epochs


def epochs_in(config: Path, frames: LabelledFrames, plan: Plan, device: str) -> int:
    """How many epochs fit into the plan's minutes, by training for a few."""
    assert plan.minutes is not None
    started = time.monotonic()
    clock = _EpochClock()
    logging.getLogger().addFilter(clock)
    try:
        _train(config, frames, plan, device, TRIAL_EPOCHS, measure=False)
    finally:
        logging.getLogger().removeFilter(clock)
    spent_s = time.monotonic() - started
    if len(clock.ends_s) < TRIAL_EPOCHS:
        raise RuntimeError("DeepLabCut no longer says when an epoch ends; give --epochs.")
    epoch_s = float(np.median(np.diff(clock.ends_s)))
    epochs = max(1, int((60 * plan.minutes - spent_s) / epoch_s))
    log.info("an epoch takes %.1f s: %d epochs in %g minutes", epoch_s, epochs, plan.minutes)
    return epochs


class _EpochClock(logging.Filter):
    """Notes when DeepLabCut says that an epoch is over.

    A filter, because DeepLabCut takes all handlers from the root logger.
    """

    def __init__(self) -> None:
        super().__init__()
        self.ends_s: list[float] = []

    def filter(self, record: logging.LogRecord) -> bool:
        if record.getMessage().startswith("Epoch "):
            self.ends_s.append(time.monotonic())
        return True


def _train(
    config: Path,
    frames: LabelledFrames,
    plan: Plan,
    device: str,
    epochs: int,
    measure: bool = True,
) -> None:
    for pattern in ("snapshot-*.pt", "learning_stats.csv"):
        for old in (config.parent / "dlc-models-pytorch").rglob(f"train/{pattern}"):
            old.unlink()
    changes = network_changes(frames, plan, epochs)
    if not measure:
        changes["runner.eval_interval"] = epochs + 1
    train_network(
        config,
        changes,
        seed=plan.seed,
        epochs=epochs,
        batch_size=plan.batch_size,
        device=device,
        backbone=starting_backbone(plan),
        fetch=plan.start == IMAGENET,
    )
