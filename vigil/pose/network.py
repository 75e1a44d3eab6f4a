"""A DeepLabCut network that tracks the frames of many videos without a pause.

DeepLabCut's `analyze_videos` opens one video after the other and by default prepares
frames in a second thread that shares unguarded lists with the first, which can lose a
frame. Here its own steps are called one by one (preparation, network, predictor,
rescaling): a thread decodes and prepares batches ahead, handing each over whole, and
batches run on from one file to the next.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from vigil.in_order import in_order
from vigil.pose.files import tracks_table
from vigil.pose.picture import Image
from vigil.pose.progress import Progress
from vigil.pose.tracked import Tracked
from vigil.pose.video import Film

log = logging.getLogger("vigil")

# batches that are prepared while the network is at work
AHEAD = 2


@dataclass
class Tracker:
    """DeepLabCut's runner with a network in it.

    Parameters
    ----------
    parts : list of str
        Body parts in the order of the network's output.
    runner : deeplabcut PoseInferenceRunner
        Its preparation, network and predictor.
    """

    parts: list[str]
    runner: Any

    @property
    def device(self) -> str:
        """Where the network runs: cpu, cuda, mps."""
        return str(self.runner.device)

    @property
    def batch_size(self) -> int:
        """Frames that the network sees at once."""
        return int(self.runner.batch_size)

    def poses(self, frames: Iterable[Image]) -> npt.NDArray[np.float32]:
        """X, y and likelihood, (frame, part, 3), of RGB frames."""
        return self._stack(list(self._found(iter(frames))))

    def follow(self, film: Film, scorer: str) -> Tracked:
        """Track the videos of a recording, and tell how."""
        points = self.track(film)
        return Tracked(
            tracks_table(self.parts, points),
            scorer,
            self.device,
            self.batch_size,
            film.frame_step,
            film.watch.pictures(),
            tuple(film.frames_of_videos),
        )

    def track(self, film: Film) -> npt.NDArray[np.float32]:
        """Track the videos of a recording, end to end.

        Returns
        -------
        array, shape (frame, part, 3)
            X and y in px and likelihood, one row for each frame that was decoded; NaN where
            the frame was left out.
        """
        progress = Progress(sum(v.frames for v in film.videos))
        found = []
        for batch in self._found(film.frames()):
            found.append(batch)
            progress.add(len(batch) * film.frame_step)
        progress.done = film.decoded
        progress.say_done()
        tracked = self._stack(found)
        if film.frame_step == 1:
            return tracked
        every = np.full((film.decoded, len(self.parts), 3), np.nan, np.float32)
        every[:: film.frame_step] = tracked
        return every

    def _stack(self, batches: list[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
        return np.concatenate([np.empty((0, len(self.parts), 3), np.float32), *batches])

    def _found(self, frames: Iterator[Image]) -> Iterator[npt.NDArray[np.float32]]:
        """Poses of one batch after the other."""
        import torch

        batches = self._batches(frames)
        with ThreadPoolExecutor(1) as pool:
            ahead = in_order(pool, lambda _: next(batches, None), itertools.count(), AHEAD)
            for _, batch in ahead:
                if batch is None:
                    return
                inputs, contexts = batch
                with torch.inference_mode():
                    predictions = self.runner.predict(inputs)
                found = [
                    self.runner.postprocessor([prediction], context)[0]["bodyparts"][0, :, :3]
                    for prediction, context in zip(predictions, contexts, strict=True)
                ]
                yield np.stack(found).astype(np.float32)

    def _batches(self, frames: Iterator[Image]) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
        """Prepared frames of one size, as many as the network sees at once."""
        import torch

        # a camera that was set anew between two files may give frames of another size
        for _, alike in itertools.groupby(frames, key=lambda frame: frame.shape):
            while chosen := list(itertools.islice(alike, self.batch_size)):
                prepared = [self.runner.preprocessor(frame, {}) for frame in chosen]
                inputs = torch.cat([tensor for tensor, _ in prepared])
                yield inputs, [context for _, context in prepared]


def load_tracker(
    config: Any, snapshot: Path, batch_size: int, device: str, threads: int
) -> Tracker:
    """Build a network for one animal and load its weights.

    Parameters
    ----------
    config : mapping or deeplabcut PoseConfig
        The network's configuration, as in pytorch_config.yaml.
    device : str
        'auto': a GPU when there is one.
    """
    import torch
    from deeplabcut.pose_estimation_pytorch.apis.utils import get_pose_inference_runner
    from deeplabcut.pose_estimation_pytorch.config.pose import PoseConfig

    torch.set_num_threads(threads)
    cv2.setNumThreads(1)
    config = PoseConfig.from_any(config)
    config["device"] = device
    runner = get_pose_inference_runner(config, snapshot, batch_size=batch_size)
    # convolutions over few channels are up to twice as fast on a CPU in this order
    runner.model.to(memory_format=torch.channels_last)
    tracker = Tracker(list(config["metadata"]["bodyparts"]), runner)
    log.info("network on %s, %d frames at once", tracker.device, batch_size)
    return tracker
