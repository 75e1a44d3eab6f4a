"""How fast the tracking is and how long it will take, said in the log."""

from __future__ import annotations

import logging
import time

log = logging.getLogger("vigil")

SAY_EVERY_S = 10.0


class Progress:
    """Counts frames and tells of them now and then.

    Parameters
    ----------
    frames : int
        Frames that there are, as far as their files say.
    """

    def __init__(self, frames: int) -> None:
        self.frames = frames
        self.done = 0
        self.started = self.said = time.monotonic()

    def add(self, frames: int) -> None:
        """Count frames that are done."""
        self.done += frames
        now = time.monotonic()
        if now - self.said >= SAY_EVERY_S:
            self.said = now
            rate = self.done / (now - self.started)
            left_s = max(0, self.frames - self.done) / rate if rate else float("inf")
            log.info(
                "%d of %d frames, %.0f frames/s, about %.0f s left",
                self.done,
                self.frames,
                rate,
                left_s,
            )

    def say_done(self) -> None:
        """Tell of all of them."""
        seconds = max(time.monotonic() - self.started, 1e-9)
        log.info("%d frames in %.1f s, %.0f frames/s", self.done, seconds, self.done / seconds)
