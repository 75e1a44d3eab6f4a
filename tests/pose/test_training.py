"""Training on labelled frames: the split, the plan, and a short training by DeepLabCut itself."""

import argparse
import json
import logging
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
import yaml

from vigil.pose import program, training
from vigil.pose.project import NETWORKS, fitting_weights, write_labels
from vigil.pose.training import (
    Plan,
    check_plan,
    network_changes,
    split_frames,
)
from vigil.pose.training_frames import HELD_OUT, labelled_frame
from vigil.pose.training_labels import LabelledFrames
from vigil.recording import RecordingError
from vigil.simulate.mouse import BODY_PARTS

ROOT = Path(__file__).parents[2]


def some_frames(sizes: dict[str, tuple[int, int]]) -> LabelledFrames:
    return LabelledFrames("Ann", ["snout", "l", "r"], [("l", "r")], [], np.empty((0, 3, 2)), sizes)


def test_split_is_whole_disjoint_and_by_the_seed() -> None:
    train, test = split_frames(116, 0.2, 1)
    assert (len(train), len(test)) == (93, 23)
    assert sorted(train + test) == list(range(116))
    assert split_frames(116, 0.2, 1) == (train, test)
    assert split_frames(116, 0.2, 2) != (train, test)


@pytest.mark.parametrize("share", [0.01, 0.99])
def test_both_sides_of_a_small_split_have_frames(share: float) -> None:
    train, test = split_frames(4, share, 1)
    assert len(train) >= 2
    assert len(test) >= 1


def test_one_frame_is_too_few() -> None:
    with pytest.raises(RecordingError, match="There are 1 labelled frames, too few"):
        split_frames(1, 0.2, 1)


@pytest.mark.parametrize(
    ("plan", "sentence"),
    [
        (Plan(network="resnet_50"), "weights 'vigil-mouse' are those of the network small"),
        (Plan(start="/nowhere.pt"), "no file of weights /nowhere.pt"),
        (Plan(test_share=1.0), "--test-share is 1"),
        (Plan(scale=0.0), "--scale is 0"),
        (Plan(minutes=-1.0), "--minutes is -1"),
    ],
)
def test_a_plan_that_cannot_be_followed(plan: Plan, sentence: str) -> None:
    check_plan(Plan())
    with pytest.raises(RecordingError, match=sentence):
        check_plan(plan)


def test_frames_are_scaled_in_training_and_in_use() -> None:
    frames = some_frames({"a": (640, 480)})
    changes = network_changes(frames, Plan(scale=0.5), 10)
    assert changes["data.train.longest_max_size"] == 320
    assert changes["data.inference.longest_max_size"] == 320
    assert changes["data.train.crop_sampling"] is None
    assert changes["data.train.hflip"]["symmetries"] == [[1, 2]]
    assert "data.inference.longest_max_size" not in network_changes(frames, Plan(), 10)


def test_frames_are_mirrored_only_where_it_is_known_what_swaps() -> None:
    known = some_frames({"a": (64, 48)})
    assert network_changes(known, Plan(), 10)["data.train.hflip"] == {
        "p": 0.5,
        "symmetries": [[1, 2]],
    }
    nothing = network_changes(replace(known, symmetric=[]), Plan(), 10)["data.train.hflip"]
    assert nothing == {"p": 0.5, "symmetries": []}
    changes = network_changes(replace(known, symmetric=None), Plan(), 10)
    assert changes["data.train.hflip"] is None
    assert changes["data.train.affine"]["rotation"] == 180


@pytest.mark.parametrize(
    ("sizes", "scale", "piece"),
    [
        ({"a": (640, 480)}, 1.0, (448, 448)),
        ({"a": (640, 400)}, 1.0, (448, 400)),
        ({"a": (448, 320)}, 1.0, None),
        # frames of two sizes do not fit into one batch
        ({"a": (320, 240), "b": (300, 300)}, 1.0, (320, 300)),
    ],
)
def test_large_or_unlike_frames_are_trained_in_pieces(sizes, scale, piece) -> None:
    crop = network_changes(some_frames(sizes), Plan(scale=scale), 10)["data.train.crop_sampling"]
    assert (crop and (crop["width"], crop["height"])) == piece


def test_no_snapshot_is_chosen_by_the_test_frames() -> None:
    changes = network_changes(some_frames({"a": (64, 48)}), Plan(), 10)
    assert not changes["runner.key_metric"].startswith(("test", "train"))


def test_weights_that_do_not_fit() -> None:
    own = {"model.a": np.zeros(2), "model.b": np.zeros(3), "model.fc.weight": np.zeros(9)}
    given = {"model.a": np.ones(2), "model.b": np.ones(3), "model.fc.weight": np.ones(5)}
    taken = fitting_weights(given, own)
    assert [taken[name].sum() for name in own] == [2, 3, 0]
    with pytest.raises(RecordingError, match=r"1 of 3 .* model\.b"):
        fitting_weights({**given, "model.b": np.ones(4)}, own)


def test_minutes_become_epochs(monkeypatch) -> None:
    now_s = [0.0]

    def train(*_args, **_more) -> None:
        logging.basicConfig(level=logging.INFO, force=True)
        now_s[0] += 20  # DeepLabCut is imported
        for epoch in range(1, training.TRIAL_EPOCHS + 1):
            now_s[0] += 4
            logging.info(f"Epoch {epoch}/5 (lr=0.1), train loss 1")
        now_s[0] += 1

    monkeypatch.setattr(training, "_train", train)
    monkeypatch.setattr(training.time, "monotonic", lambda: now_s[0])
    spent_s = 20 + 4 * training.TRIAL_EPOCHS + 1
    epochs = training.epochs_in(Path(), some_frames({}), Plan(minutes=10), "cpu")
    assert epochs == (600 - spent_s) // 4
    monkeypatch.setattr(training, "_train", lambda *_args, **_more: None)
    with pytest.raises(RuntimeError, match="give --epochs"):
        training.epochs_in(Path(), some_frames({}), Plan(minutes=10), "cpu")


def parsed(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    program.add_arguments(parser)
    return parser.parse_args(words)


@pytest.mark.parametrize(
    "words",
    [
        ["train", "--frames", "a", "b c", "--out", "d"],
        ["train", "--frames", "a", "--out", "d", "--minutes", "2.5", "--symmetric", "l:r", "m:n"],
        ["train", "--frames", "a", "--out", "d", "--epochs", "7", "--symmetric", "--no-pictures"],
        ["evaluate", "--project", "config.yaml", "--threads", "2"],
    ],
)
def test_the_other_environment_gets_the_same_words(words: list[str]) -> None:
    args = parsed(words)
    assert vars(parsed([words[0], *program.words_of(words[0], args)])) == vars(args)


def test_without_the_pose_environment(monkeypatch, capsys) -> None:
    monkeypatch.setattr(program, "_has_deeplabcut", lambda: False)
    monkeypatch.setenv("VIGIL_POSE_PYTHON", "/nowhere/python")
    assert program.run(["train", "--frames", "a", "--out", "b"]) == 1
    said = capsys.readouterr().err
    assert "/nowhere/python is not there" in said
    assert "make install" in said


@pytest.fixture
def labelled(tmp_path: Path, monkeypatch) -> list[str]:
    """The words that train on six frames, in this process, without DeepLabCut."""
    folder = tmp_path / "labeled-data" / "one"
    folder.mkdir(parents=True)
    names = [f"img{k}.png" for k in range(6)]
    for name in names:
        cv2.imwrite(str(folder / name), np.zeros((48, 64, 3), np.uint8))
    write_labels(folder, "Ann", ["snout", "earL", "earR"], names, np.full((6, 3, 2), 20.0))
    monkeypatch.setattr(program, "_has_deeplabcut", lambda: True)
    monkeypatch.setattr(program, "_prepare", lambda _threads: None)
    monkeypatch.setattr(program, "find_device", lambda device: device)
    monkeypatch.setattr(program, "_versions", dict)

    def make(out: Path, *_more: object) -> Path:
        (out / "dlc-models-pytorch").mkdir(parents=True)
        return out / "config.yaml"

    monkeypatch.setattr(training, "make_labelled_project", make)
    monkeypatch.setattr(training, "train_project", lambda *_args: 3)
    monkeypatch.setattr(program, "_measure", lambda *_args: None)
    return ["train", "--frames", str(folder), "--out", str(tmp_path / "m" / "project")]


@pytest.mark.parametrize("step", ["make_labelled_project", "train_project"])
@pytest.mark.parametrize("fault", [RuntimeError("CUDA out of memory"), KeyboardInterrupt()])
def test_a_training_that_fails_leaves_its_name_free(tmp_path, labelled, step, fault) -> None:
    out = tmp_path / "m" / "project"

    def fail(*_args: object) -> None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "half").touch()
        raise fault

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, step, fail)
        with pytest.raises(type(fault)):
            program.run(labelled)
    assert not out.exists()
    assert program.run(labelled) == 0
    assert json.loads((out / "training.json").read_text())["epochs"] == 3


def test_a_project_that_is_trained_stays_when_measuring_fails(
    tmp_path, labelled, monkeypatch
) -> None:
    def fail(*_args: object) -> None:
        raise RuntimeError("no room for pictures")

    monkeypatch.setattr(program, "_measure", fail)
    with pytest.raises(RuntimeError):
        program.run(labelled)
    assert (tmp_path / "m" / "project" / "training.json").is_file()


def test_what_is_there_already_stays_and_is_told(tmp_path, labelled, capsys) -> None:
    out = tmp_path / "m" / "project"
    (out / "dlc-models-pytorch").mkdir(parents=True)
    assert program.run(labelled) == 1
    assert "as a training that was cut off left it; remove it" in capsys.readouterr().err
    (out / "training.json").touch()
    assert program.run(labelled) == 1
    assert "is there already; name a new folder" in capsys.readouterr().err
    assert (out / "dlc-models-pytorch").is_dir()


CUDA = "import sys; from vigil.pose.program import run; sys.exit(run(sys.argv[1:]))"


def test_a_device_that_is_not_there_is_told_before_anything_is_made(
    pose_python, tmp_path, labelled
) -> None:
    # what PyTorch sees, also where there is a card
    env = {**os.environ, "PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": ""}
    words = [*labelled, "--device", "cuda:1", "--threads", "1"]
    done = subprocess.run(
        [pose_python, "-c", CUDA, *words], env=env, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.strip().endswith(
        "There is no cuda:1 that PyTorch can use on this machine; take --device cpu, or auto for "
        "what is there."
    )
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "m").exists()


FRAMES, EPOCHS = 60, 15


@pytest.fixture(scope="module")
def trained(pose_python, tmp_path_factory) -> Path:
    """A project trained on simulated frames, drawn twice as large and scaled by a half."""
    folder = tmp_path_factory.mktemp("trained")
    for mouse in ("one", "two"):
        inside = folder / "labeled-data" / mouse
        inside.mkdir(parents=True)
        names, points = [], []
        for k in range(FRAMES // 2):
            key = (50_000 + k + 1000 * (mouse == "two"),)
            frame, at = labelled_frame(np.random.SeedSequence(HELD_OUT, spawn_key=key))
            names.append(f"img{k:03d}.png")
            cv2.imwrite(str(inside / names[-1]), cv2.resize(frame, None, fx=2, fy=2))
            points.append(2 * at + 0.5)
        write_labels(inside, "Ann", BODY_PARTS, names, np.array(points))
    words = ["train", "--frames", str(folder / "labeled-data"), "--out", str(folder / "project")]
    words += ["--epochs", str(EPOCHS), "--scale", "0.5", "--threads", "1", "--device", "cpu"]
    done = subprocess.run(
        [pose_python, "-m", "vigil.pose.program", *words],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert "put this path into pose.model" in done.stdout
    return folder / "project"


def test_errors_are_in_px_of_the_frame_and_small(trained: Path) -> None:
    errors = pd.read_csv(trained / "errors.tsv", sep="\t")
    assert list(errors["part"].unique()) == [*BODY_PARTS, "(all)"]
    assert list(errors["split"].unique()) == ["train", "test"]
    whole = errors[errors["part"] == "(all)"].set_index("split")
    frames = pd.read_csv(trained / "frames.tsv", sep="\t")
    assert frames["split"].value_counts().to_dict() == {"train": 48, "test": 12}
    assert frames["image"].nunique() == FRAMES
    # the frames are 256 px wide; the mean place of a part is some 60 px off
    assert whole.loc["test", "mean_px"] < 20
    assert (errors["median_px"] <= errors["p95_px"]).all()
    assert (errors["mean_px"] <= errors["rmse_px"]).all()
    away = frames[frames["split"] == "test"][[f"{p}_px" for p in BODY_PARTS]].to_numpy()
    assert np.nanmean(away) == pytest.approx(whole.loc["test", "mean_px"], abs=0.001)


def test_deeplabcut_agrees_with_the_errors(trained: Path) -> None:
    (combined,) = trained.rglob("CombinedEvaluation-results.csv")
    theirs = pd.read_csv(combined).iloc[-1]
    ours = pd.read_csv(trained / "errors.tsv", sep="\t").set_index(["part", "split"])
    for split in ("train", "test"):
        assert ours.loc[("(all)", split), "mean_px"] == pytest.approx(
            theirs[f"{split} rmse"], abs=0.006
        )


def test_what_deeplabcut_users_expect_is_there(trained: Path) -> None:
    project = yaml.safe_load((trained / "config.yaml").read_text())
    assert project["project_path"] == str(trained)
    assert project["bodyparts"] == list(BODY_PARTS)
    pictures = [p.name for p in trained.rglob("LabeledImages_*/*.png")]
    assert sum(name.startswith("Test-") for name in pictures) == 12
    assert sum(name.startswith("Training-") for name in pictures) == 48
    for figure in ("errors.png", "learning_curve.png"):
        image = cv2.imread(str(trained / figure))
        assert image is not None
        assert np.ptp(image) > 100
    card = json.loads((trained / "training.json").read_text())
    assert card["epochs"] == EPOCHS
    assert card["plan"] == {**card["plan"], "start": "vigil-mouse", "scale": 0.5, "seed": 1}
    # one snapshot: none is kept for having done best on the test frames
    assert [p.name for p in trained.rglob("*.pt")] == [f"snapshot-{EPOCHS:03d}.pt"]
    assert not list(trained.parent.glob(".*"))


def test_network_names_are_those_of_timm(pose_python) -> None:
    script = (
        "import sys, torch; from vigil.pose.project import NETWORKS\n"
        "from deeplabcut.pose_estimation_pytorch.models.backbones import BACKBONES\n"
        "for n in NETWORKS.values():\n"
        "    extra = {'drop_block_rate': None} if 'efficient' in n.timm_name else {}\n"
        "    b = BACKBONES.build(dict(type='ResNet', model_name=n.timm_name, "
        "output_stride=n.stride, **extra))\n"
        "    with torch.no_grad(): shape = b(torch.zeros(1, 3, 64, 96)).shape\n"
        "    assert shape == (1, n.channels, 64 // n.stride, 96 // n.stride), (n, shape)\n"
    )
    done = subprocess.run(
        [pose_python, "-c", script],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert set(NETWORKS) >= {"small", "resnet_50"}
