"""Tracking with the model that ships with Vigil, through DeepLabCut's own inference runner.

DeepLabCut's `analyze_videos` needs a project around a model, and by default prepares
frames in a second thread that shares unguarded lists with the first, which can lose a
frame. Here its runner is used without that thread: the same network, preparation and
predictor, one frame in, one pose out.
"""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import yaml

from vigil.pose.video import Video, check_count

log = logging.getLogger("vigil")

FOLDER = Path(__file__).parent / "model"
CONFIG = "pytorch_config.yaml"
SNAPSHOT = "snapshot.pt"
# predictions are gathered in blocks, so that memory does not hold a dictionary per frame
BLOCK_FRAMES = 4096
SAY_EVERY_S = 10.0


@dataclass
class Tracker:
    """DeepLabCut's runner with a network in it.

    Parameters
    ----------
    parts : list of str
        Body parts in the order of the network's output.
    runner : deeplabcut PoseInferenceRunner
        Frames in, poses out.
    """

    parts: list[str]
    runner: Any

    def poses(self, frames: Iterator[npt.NDArray[np.uint8]]) -> npt.NDArray[np.float32]:
        """X, y and likelihood, (frame, part, 3), of RGB frames."""
        found = self.runner.inference(frames)
        if not found:
            return np.empty((0, len(self.parts), 3), np.float32)
        return np.stack([f["bodyparts"][0, :, :3] for f in found]).astype(np.float32)


def load_tracker(
    config: dict[str, Any], snapshot: Path, batch_size: int, device: str, threads: int
) -> Tracker:
    """Build the network and load its weights."""
    import torch
    from deeplabcut.pose_estimation_pytorch.apis.utils import get_pose_inference_runner

    torch.set_num_threads(threads)
    cv2.setNumThreads(1)
    runner = get_pose_inference_runner(
        config,
        snapshot,
        batch_size=batch_size,
        device=None if device == "auto" else device,
        inference_cfg={"multithreading": {"enabled": False}},
    )
    # convolutions over few channels are up to twice as fast on a CPU in this order
    runner.model.to(memory_format=torch.channels_last)
    return Tracker(list(config["metadata"]["bodyparts"]), runner)


def load_shipped(batch_size: int, device: str, threads: int) -> Tracker:
    """Load the model that ships with Vigil."""
    config = yaml.safe_load((FOLDER / CONFIG).read_text())
    return load_tracker(config, FOLDER / SNAPSHOT, batch_size, device, threads)


def track(tracker: Tracker, videos: list[Video]) -> npt.NDArray[np.float32]:
    """Track the videos of a recording, end to end.

    Returns
    -------
    array, shape (frame, part, 3)
        X and y in px and likelihood, one row for each frame that was decoded.
    """
    from deeplabcut.pose_estimation_pytorch.apis.videos import VideoIterator

    progress = _Progress(sum(v.frames for v in videos))
    blocks = []
    for video in videos:
        frames = progress.count(VideoIterator(video.path))
        decoded = 0
        while True:
            # at its end the iterator starts again, so a short block is the last one
            block = tracker.poses(itertools.islice(frames, BLOCK_FRAMES))
            blocks.append(block)
            decoded += len(block)
            if len(block) < BLOCK_FRAMES:
                break
        check_count(video, decoded)
    progress.say_done()
    return np.concatenate(blocks)


class _Progress:
    """Says in the log how fast the tracking is and how long it will take."""

    def __init__(self, frames: int) -> None:
        self.frames = frames
        self.done = 0
        self.started = self.said = time.monotonic()

    def count(self, frames: Iterator[npt.NDArray[np.uint8]]) -> Iterator[npt.NDArray[np.uint8]]:
        for frame in frames:
            yield frame
            self.done += 1
            now = time.monotonic()
            if now - self.said >= SAY_EVERY_S:
                self.said = now
                rate = self.done / (now - self.started)
                left_s = max(0, self.frames - self.done) / rate
                log.info(
                    "%d of %d frames, %.0f frames/s, about %.0f s left",
                    self.done,
                    self.frames,
                    rate,
                    left_s,
                )

    def say_done(self) -> None:
        seconds = time.monotonic() - self.started
        log.info("%d frames in %.1f s, %.0f frames/s", self.done, seconds, self.done / seconds)
