"""A short training on hand-labelled frames of a real mouse (Mathis et al. 2018)."""

import os
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from vigil.pose.program import pose_python
from vigil.pose.training_labels import LabelledFrames, read_labelled_frames

ROOT = Path(__file__).parents[2]
LABELS = "dlc_openfield_pranav/examples/openfield-Pranav-2018-10-30/labeled-data"
EPOCHS = 8
# of the labels of one person, twice, and of the network of the same paper
HUMAN_PX, PUBLISHED_PX = 2.7, 4.2


@pytest.fixture(scope="module")
def frames(realdata: Path) -> LabelledFrames:
    return read_labelled_frames([realdata / LABELS])


@pytest.fixture(scope="module")
def project(realdata: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("training") / "project"
    words = ["train", "--frames", str(realdata / LABELS), "--out", str(folder)]
    words += ["--epochs", str(EPOCHS), "--scale", "0.5", "--threads", "1", "--device", "cpu"]
    done = subprocess.run(
        [pose_python(), "-m", "vigil.pose.program", *words, "--no-pictures"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


def test_labels_are_read(frames: LabelledFrames) -> None:
    assert frames.points.shape == (116, 4, 2)
    assert frames.parts == ["snout", "leftear", "rightear", "tailbase"]
    assert frames.symmetric == [("leftear", "rightear")]
    assert frames.sizes == {"m4s1": (640, 480)}


def test_no_frame_is_in_both_splits(project: Path) -> None:
    split = pd.read_csv(project / "frames.tsv", sep="\t").groupby("split")["image"].agg(set)
    assert (len(split["train"]), len(split["test"])) == (93, 23)
    assert not split["train"] & split["test"]


def test_a_minute_of_training_finds_the_mouse(project: Path, frames: LabelledFrames) -> None:
    errors = pd.read_csv(project / "errors.tsv", sep="\t")
    print(errors.to_string(index=False))
    print(f"published {PUBLISHED_PX} px, between two labellings {HUMAN_PX} px")
    assert set(errors["split"]) == {"train", "test"}
    test = errors[errors["split"] == "test"].set_index("part")
    # the best that can be said without looking at a frame: the mean place of each part
    blind_px = np.linalg.norm(frames.points - frames.points.mean(axis=0), axis=2).mean(axis=0)
    for part, blind in zip(frames.parts, blind_px, strict=True):
        assert test.loc[part, "median_px"] < blind / 10
    assert test.loc["(all)", "mean_px"] < 15
