"""The model that ships with Vigil."""

from __future__ import annotations

from pathlib import Path

import yaml

from vigil.pose.network import Tracker, load_tracker

FOLDER = Path(__file__).parent / "model"
CONFIG = "pytorch_config.yaml"
SNAPSHOT = "snapshot.pt"
BATCH_SIZE = 32
"""Frames at once where the profile says nothing."""


def load_shipped(batch_size: int, threads: int) -> Tracker:
    """Load the model that ships with Vigil; a batch size of 0 is the model's own."""
    config = yaml.safe_load((FOLDER / CONFIG).read_text())
    return load_tracker(config, FOLDER / SNAPSHOT, batch_size or BATCH_SIZE, "auto", threads)
