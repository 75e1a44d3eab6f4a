"""A short simulated film with its truth, and the python of the pose environment."""

import os
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest

from vigil.simulate.mouse import BODY_PARTS, Mouse, draw_mouse, make_floor

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Film:
    """A video and where the parts are in each of its frames, (frame, part, 2)."""

    path: Path
    truth: np.ndarray


def make_film(path: Path, animal: int, frames: int) -> Film:
    """A mouse that wanders through a 30 cm arena, seen at 4.2 px/cm."""
    rng = np.random.default_rng(animal)
    mouse = Mouse.of_animal(animal)
    floor = make_floor(128, 128, np.random.default_rng(mouse.floor_seed))
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 30, (128, 128))
    x, y, direction, bend, turn = 64.0, 64.0, rng.uniform(-3, 3), 0.0, 0.0
    truth = []
    for _ in range(frames):
        turn = 0.9 * turn + rng.normal(0, 0.03)
        if np.hypot(x - 64, y - 64) > 35:
            home = np.arctan2(-(64 - y), 64 - x)
            turn = 0.15 * np.sin(home - direction) + 0.05
        direction += turn
        bend = 0.9 * bend + turn
        x += 1.2 * np.cos(direction)
        y -= 1.2 * np.sin(direction)
        frame = floor.copy()
        at = draw_mouse(frame, mouse, x, y, direction, bend)
        noisy = frame + rng.normal(0, 3, frame.shape)
        writer.write(np.clip(noisy, 0, 255).astype(np.uint8))
        truth.append([at[p] for p in BODY_PARTS])
    writer.release()
    return Film(path, np.array(truth))


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> list[Film]:
    folder = tmp_path_factory.mktemp("films")
    return [make_film(folder / f"part{k}.mp4", 2000 + k, n) for k, n in enumerate((90, 150))]


@pytest.fixture(scope="session")
def pose_python() -> str:
    """The python that has DeepLabCut; without it these tests cannot say anything."""
    python = os.environ.get("VIGIL_POSE_PYTHON", str(ROOT / ".venv-pose" / "bin" / "python"))
    if not Path(python).exists():
        pytest.fail(
            f"The pose environment is not installed ({python} is not there): run 'make install', "
            "or name its python in VIGIL_POSE_PYTHON."
        )
    return python
