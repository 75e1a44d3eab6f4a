"""DeepLabCut projects, made and trained by program.

DeepLabCut (Mathis et al. 2018; Lauer et al. 2022) does the work: this module writes what
a person would have clicked, and starts networks from weights that are on this machine, so
that nothing has to be fetched.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pandas as pd
import yaml

from vigil.recording import RecordingError

# timm's smallest residual network: 0.4 million weights, of which a CPU core does hundreds
# of frames a second; stride 8, and 4 after the head's deconvolution
SMALL_NETWORK = "small"
# of a network that names pictures; a pose network does not use it
CLASSIFIER = ("model.classifier.", "model.fc.")


@dataclass(frozen=True)
class Network:
    """A backbone of timm under DeepLabCut's deconvolution head.

    Parameters
    ----------
    timm_name : str
        Its name in the library timm.
    stride : int
        Pixels of the frame per cell of its output; the head halves it.
    channels : int
        Of its output.
    batch_norm : bool
        Whether it keeps running means, which small batches of few frames spoil.
    """

    timm_name: str
    stride: int
    channels: int
    batch_norm: bool = True

    def changes(self, parts: int) -> dict[str, Any]:
        """What it changes in DeepLabCut's own configuration of a residual network."""
        return {
            "model.backbone.model_name": self.timm_name,
            "model.backbone.output_stride": self.stride,
            # an option of residual networks only; timm leaves out what is null
            **(
                {"model.backbone.drop_block_rate": None} if "efficientnet" in self.timm_name else {}
            ),
            "model.backbone_output_channels": self.channels,
            "model.heads.bodypart.heatmap_config.channels": [self.channels, parts],
            "model.heads.bodypart.locref_config.channels": [self.channels, 2 * parts],
        }


NETWORKS = {
    SMALL_NETWORK: Network("test_resnet.r160_in1k", 8, 96),
    "efficientnet_lite0": Network("tf_efficientnet_lite0", 16, 1280),
    "resnet_18": Network("resnet18", 16, 512),
    "resnet_50": Network("resnet50_gn", 16, 2048, batch_norm=False),
}


def create_project(
    folder: Path,
    task: str,
    scorer: str,
    parts: Sequence[str],
    sizes: Mapping[str, tuple[int, int]],
    settings: Mapping[str, Any],
) -> Path:
    """Make an empty single-animal project at `folder`; returns the path of its config.yaml.

    Parameters
    ----------
    folder : path
        Must not exist.
    sizes : mapping
        Width and height in px of the frames of each folder of labeled-data/.
    settings : mapping
        Further keys of config.yaml.
    """
    import deeplabcut

    with tempfile.TemporaryDirectory(prefix=".vigil-pose-", dir=folder.parent) as temporary:
        # DeepLabCut makes projects of videos only: one frame of nothing stands for them
        video = Path(temporary) / "placeholder.avi"
        writer = cv2.VideoWriter(str(video), cv2.VideoWriter.fourcc(*"MJPG"), 30, (64, 64))
        writer.write(np.zeros((64, 64, 3), np.uint8))
        writer.release()
        made = Path(
            deeplabcut.create_new_project(
                task, scorer, [str(video)], working_directory=temporary, copy_videos=True
            )
        ).parent
        (made / "videos" / video.name).unlink()
        (made / "labeled-data" / video.stem).rmdir()
        made.rename(folder)
    config = folder / "config.yaml"
    videos = {
        str(folder.resolve() / "videos" / f"{name}.avi"): {"crop": f"0, {width}, 0, {height}"}
        for name, (width, height) in sizes.items()
    }
    project = yaml.safe_load(config.read_text())
    project.update(
        project_path=str(folder.resolve()),
        video_sets=videos,
        bodyparts=list(parts),
        engine="pytorch",
        default_net_type="resnet_50",
    )
    project.update(settings)
    config.write_text(yaml.safe_dump(project, sort_keys=False))
    return config


def write_labels(
    folder: Path, scorer: str, parts: Sequence[str], names: Sequence[str], points: npt.NDArray[Any]
) -> None:
    """Write the labels of one folder of labeled-data/ as a labelling person's program does.

    Parameters
    ----------
    points : array, shape (frame, part, 2)
        X and y in px, NaN where a part cannot be seen.
    """
    columns = pd.MultiIndex.from_product(
        [[scorer], parts, ["x", "y"]], names=["scorer", "bodyparts", "coords"]
    )
    index = pd.MultiIndex.from_tuples([("labeled-data", folder.name, name) for name in names])
    labels = pd.DataFrame(points.reshape(len(names), -1), columns=columns, index=index)
    labels.to_hdf(folder / f"CollectedData_{scorer}.h5", key="df_with_missing", mode="w")
    labels.to_csv(folder / f"CollectedData_{scorer}.csv")


def create_dataset(config: Path, split: tuple[list[int], list[int]] | None = None) -> None:
    """Let DeepLabCut write down which frames train and which test.

    Parameters
    ----------
    split : tuple of two lists of int, optional
        Rows of the labels sorted by folder and name; without it DeepLabCut draws.
    """
    import deeplabcut

    deeplabcut.create_training_dataset(
        str(config),
        num_shuffles=1,
        net_type="resnet_50",
        augmenter_type="albumentations",
        engine=deeplabcut.Engine.PYTORCH,
        userfeedback=False,
        trainIndices=None if split is None else [split[0]],
        testIndices=None if split is None else [split[1]],
    )


def train_network(
    config: Path,
    changes: Mapping[str, Any],
    *,
    seed: int,
    epochs: int,
    batch_size: int,
    device: str = "cpu",
    backbone: Mapping[str, Any] | None = None,
    fetch: bool = False,
) -> tuple[Path, Path]:
    """Train; returns the network's configuration file and its last snapshot.

    Parameters
    ----------
    changes : mapping
        What is changed in DeepLabCut's own configuration, by dotted names.
    backbone : mapping, optional
        Weights that the backbone starts from; random ones without.
    fetch : bool
        Let timm fetch ImageNet weights from its hub instead.
    """
    import deeplabcut
    import torch
    from deeplabcut.pose_estimation_pytorch.data import DLCLoader
    from deeplabcut.pose_estimation_pytorch.models import PoseModel

    loader = DLCLoader(config=str(config), shuffle=1, trainset_index=0)
    for key, value in changes.items():
        loader.model_cfg.set_nested(key, value)
    torch.manual_seed(seed)
    settings = loader.model_cfg.to_dict()["model"]
    try:
        model = PoseModel.build(settings, pretrained_backbone=fetch)
    except (OSError, RuntimeError, ValueError) as error:
        if not fetch:
            raise
        raise RecordingError(
            "The ImageNet weights cannot be fetched (no network?); fetch them where there is one, "
            "or start from others."
        ) from error
    if backbone is not None:
        model.backbone.load_state_dict(fitting_weights(backbone, model.backbone.state_dict()))
    # given a snapshot, DeepLabCut does not ask a hub for pretrained weights
    with tempfile.TemporaryDirectory(prefix="vigil-pose-") as temporary:
        start = Path(temporary) / "start.pt"
        torch.save({"model": model.state_dict(), "metadata": {"epoch": 0}}, start)
        deeplabcut.train_network(
            str(config),
            shuffle=1,
            device=device,
            snapshot_path=str(start),
            batch_size=batch_size,
            epochs=epochs,
            save_epochs=epochs,
            display_iters=50,
            pytorch_cfg_updates=dict(changes),
        )
    snapshots = sorted(loader.model_folder.glob("snapshot-*.pt"), key=lambda p: p.stat().st_mtime)
    return loader.model_config_path, snapshots[-1]


def fitting_weights(given: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The weights of a backbone, taken from those given.

    Raises
    ------
    RecordingError
        When one that it needs is missing or has another shape.
    """
    taken = {
        name: given[name] if name in given and given[name].shape == own.shape else own
        for name, own in wanted.items()
    }
    lost = [
        name
        for name, own in wanted.items()
        if taken[name] is own
        and not name.startswith(CLASSIFIER)
        and not name.endswith("num_batches_tracked")
    ]
    if lost:
        raise RecordingError(
            f"The weights to start from do not fit the network: {len(lost)} of {len(wanted)} are "
            f"missing or have another shape (the first is {lost[0]}); start from weights of the "
            "same network."
        )
    return taken
