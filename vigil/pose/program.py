"""The commands `vigil pose ...`.

Training needs DeepLabCut, which has an environment of its own. Called where it is missing,
`vigil pose train` starts the same words with the python of that environment.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import logging
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, fields
from importlib.metadata import version
from pathlib import Path

from vigil.pose.project import NETWORKS
from vigil.pose.training import IMAGENET, RANDOM, SHIPPED_START, Plan
from vigil.pose.training_device import find_device
from vigil.pose.training_symmetry import tell_mirror
from vigil.recording import RecordingError

log = logging.getLogger("vigil")

CHECKOUT = Path(__file__).parents[2]
CARD = "training.json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the commands of the group."""
    from vigil.pose.overlay import command as overlay

    commands = parser.add_subparsers(dest="pose_command", metavar="COMMAND", required=True)
    training = commands.add_parser("train", help="make and train a DeepLabCut project")
    _add_training(training)
    training.set_defaults(pose_run=train)
    measuring = commands.add_parser("evaluate", help="measure a trained DeepLabCut project again")
    measuring.add_argument("--project", type=Path, required=True, help="its config.yaml")
    _add_machine(measuring)
    measuring.set_defaults(pose_run=evaluate)
    drawing = commands.add_parser("overlay", help="draw tracks over a recording's video")
    overlay.add_arguments(drawing)
    drawing.set_defaults(pose_run=overlay.main)


def main(args: argparse.Namespace) -> int:
    """Run a command of the group; its exit status."""
    run: Callable[[argparse.Namespace], int] = args.pose_run
    return run(args)


def _add_training(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--frames",
        type=Path,
        nargs="+",
        required=True,
        help="folders of labelled frames, or a DeepLabCut project's config.yaml",
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the project to make")
    parser.add_argument("--scorer", help="whose labels, where several persons labelled")
    parser.add_argument(
        "--symmetric",
        nargs="*",
        type=_pair,
        metavar="LEFT:RIGHT",
        help="parts that a mirror swaps (none: it swaps none); by default those whose names differ "
        "in left and right; where there are none, frames are not mirrored",
    )
    parser.add_argument("--network", choices=list(NETWORKS), default=Plan.network)
    parser.add_argument(
        "--start",
        default=Plan.start,
        metavar="WEIGHTS",
        help=f"'{SHIPPED_START}' (the small model that ships; network small), '{RANDOM}', "
        f"'{IMAGENET}' (fetched by network), or a file of weights (default %(default)s)",
    )
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--epochs", type=_positive, default=Plan.epochs)
    length.add_argument("--minutes", type=float, help="train about this long instead")
    parser.add_argument("--test-share", type=float, default=Plan.test_share)
    parser.add_argument("--seed", type=int, default=Plan.seed, help="of split and training")
    parser.add_argument("--batch-size", type=_positive, default=Plan.batch_size)
    parser.add_argument("--learning-rate", type=float, default=Plan.learning_rate)
    parser.add_argument(
        "--scale",
        type=float,
        default=Plan.scale,
        help="size of what the network sees, as a share of the frame's (0.5 for large frames)",
    )
    parser.add_argument("--piece-px", type=_positive, default=Plan.piece_px)
    _add_machine(parser)


def _add_machine(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", default=Plan.device, help="auto, cpu, cuda, cuda:0, mps")
    parser.add_argument("--threads", type=_positive, default=os.cpu_count() or 1)
    parser.add_argument(
        "--no-pictures", action="store_true", help="leave out DeepLabCut's labelled images"
    )


def train(args: argparse.Namespace) -> int:
    """Make a project of labelled frames, train it, and say how well it does."""
    if not _has_deeplabcut():
        return _in_pose_environment("train", args)
    try:
        _train(args)
    except RecordingError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def evaluate(args: argparse.Namespace) -> int:
    """Measure a project that is trained."""
    if not _has_deeplabcut():
        return _in_pose_environment("evaluate", args)
    if not args.project.is_file():
        print(f"There is no {args.project}; name a project's config.yaml.", file=sys.stderr)
        return 1
    _prepare(args.threads)
    try:
        _measure(args.project, find_device(args.device), not args.no_pictures)
    except RecordingError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _train(args: argparse.Namespace) -> None:
    from vigil.pose.training import check_plan, make_labelled_project, train_project
    from vigil.pose.training_labels import read_labelled_frames

    plan = Plan(**{f.name: getattr(args, f.name) for f in fields(Plan)})
    check_plan(plan)
    frames = read_labelled_frames(args.frames, args.scorer, args.symmetric)
    _refuse_existing(args.out)
    _prepare(args.threads)
    device = find_device(plan.device)
    log.info(
        "%d frames labelled by %s: %s", len(frames.images), frames.scorer, ", ".join(frames.parts)
    )
    tell_mirror(frames.parts, frames.symmetric)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    try:
        config = make_labelled_project(args.out, frames, plan)
        epochs = train_project(config, frames, plan, device)
        _write_card(args, plan, epochs, started, device, len(frames.images))
    except BaseException:
        # there is nothing in it yet that anybody could use, and the name is wanted again
        shutil.rmtree(args.out, ignore_errors=True)
        raise
    _measure(config, device, not args.no_pictures)


def _refuse_existing(out: Path) -> None:
    if not out.exists():
        return
    cut_off = not (out / CARD).is_file() and (out / "dlc-models-pytorch").is_dir()
    raise RecordingError(
        f"{out} is there already, as a training that was cut off left it; remove it, or name a new "
        "folder for the project."
        if cut_off
        else f"{out} is there already; name a new folder for the project."
    )


def _write_card(
    args: argparse.Namespace, plan: Plan, epochs: int, started_s: float, device: str, frames: int
) -> None:
    card = {
        "plan": asdict(plan),
        "epochs": epochs,
        "minutes": round((time.monotonic() - started_s) / 60, 1),
        "device": device,
        "threads": args.threads,
        "frames": frames,
        "versions": _versions(),
    }
    (args.out / CARD).write_text(json.dumps(card, indent=1) + "\n")


def _versions() -> dict[str, str]:
    names = ("deeplabcut", "torch", "timm", "numpy")
    return {"python": platform.python_version(), **{name: version(name) for name in names}}


def _measure(config: Path, device: str, pictures: bool) -> None:
    from vigil.pose.training_report import measure, write_report

    errors = write_report(config, measure(config, device, pictures))
    print(errors.to_string(index=False, float_format="%.1f"))
    print(f"The project is {config}: put this path into pose.model.")


def _has_deeplabcut() -> bool:
    return importlib.util.find_spec("deeplabcut") is not None


def pose_python() -> str:
    """The python that has DeepLabCut.

    Raises
    ------
    RecordingError
        When there is none.
    """
    python = os.environ.get("VIGIL_POSE_PYTHON") or str(CHECKOUT / ".venv-pose/bin/python")
    if not Path(python).exists():
        raise RecordingError(
            f"DeepLabCut's environment is not installed ({python} is not there): run "
            "'make install', or name its python in VIGIL_POSE_PYTHON."
        )
    return python


def _in_pose_environment(command: str, args: argparse.Namespace) -> int:
    try:
        python = pose_python()
    except RecordingError as error:
        print(error, file=sys.stderr)
        return 1
    path = os.pathsep.join(p for p in (str(CHECKOUT), os.environ.get("PYTHONPATH")) if p)
    return subprocess.run(
        [python, "-m", "vigil.pose.program", command, *words_of(command, args)],
        env={**os.environ, "PYTHONPATH": path},
    ).returncode


def words_of(command: str, args: argparse.Namespace) -> list[str]:
    """The words of a command line that say the same as these arguments."""
    parser = argparse.ArgumentParser()
    if command == "train":
        _add_training(parser)
    else:
        parser.add_argument("--project")
        _add_machine(parser)
    words: list[str] = []
    for action in parser._actions:
        value = getattr(args, action.dest, None)
        if value is None or action.dest == "help" or value is False:
            continue
        if action.dest == "epochs" and args.minutes is not None:
            continue
        words.append(action.option_strings[0])
        if value is True:
            continue
        values = value if isinstance(value, list) else [value]
        words += [":".join(v) if isinstance(v, tuple) else str(v) for v in values]
    return words


def _prepare(threads: int) -> None:
    import cv2
    import torch

    # not on the root logger, whose handlers DeepLabCut takes away
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False
    torch.set_num_threads(threads)
    cv2.setNumThreads(1)


def _pair(word: str) -> tuple[str, str]:
    left, colon, right = word.partition(":")
    if not (left and colon and right):
        raise argparse.ArgumentTypeError(f"'{word}' is not of the form LEFT:RIGHT")
    return left, right


def _positive(word: str) -> int:
    number = int(word)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{word} is not above 0")
    return number


def run(words: Sequence[str] | None = None) -> int:
    """Run a command of the group by its words, as the pose environment is called."""
    parser = argparse.ArgumentParser(prog="vigil pose")
    add_arguments(parser)
    return main(parser.parse_args(words))


if __name__ == "__main__":
    sys.exit(run())
