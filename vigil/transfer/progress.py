"""How far a long piece of work is, at which rate, and how long it will take."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

log = logging.getLogger("vigil")

EVERY_S = 10.0


class Progress:
    """Bytes brought and bytes verified of a recording; tells the log every few seconds.

    Parameters
    ----------
    total_bytes : int
        Size of all files. Each byte is brought and verified, so the work is twice this.
    clock : callable
        Seconds that only go forward.
    """

    def __init__(self, total_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.total_bytes = total_bytes
        self.brought = 0
        self.verified = 0
        self.found = 0
        self.expected = 0
        self.read = 0
        self._clock = clock
        self._started = self._told = clock()

    def bring(self, n_bytes: int) -> None:
        """Count bytes that arrived."""
        self.brought += n_bytes
        self._tell_now_and_then()

    def find(self, n_bytes: int) -> None:
        """Count bytes that an earlier run had brought, which tell nothing about the rate."""
        self.brought += n_bytes
        self.found += n_bytes

    def verify(self, n_bytes: int) -> None:
        """Count bytes that were read back."""
        self.verified += n_bytes
        self._tell_now_and_then()

    def expect(self, n_bytes: int) -> None:
        """Add bytes of a source that are read once more, which nobody could foresee."""
        self.expected += n_bytes

    def reread(self, n_bytes: int) -> None:
        """Count bytes of a source that were read once more."""
        self.read += n_bytes
        self._tell_now_and_then()

    def line(self) -> str:
        """How far, how fast and how long still."""
        seconds = max(self._clock() - self._started, 1e-3)
        done = self.brought + self.verified + self.read
        left_s = seconds * max(2 * self.total_bytes + self.expected - done, 0)
        left_s /= max(done - self.found, 1)
        rate = (self.brought - self.found) / 1e6 / seconds
        return (
            f"{self.brought / 1e9:.2f} of {self.total_bytes / 1e9:.2f} GB brought, "
            f"{self.verified / 1e9:.2f} GB verified, {rate:.0f} MB/s, {left_s:.0f} s left"
        )

    def tell(self) -> None:
        """Tell the log now."""
        log.info("%s", self.line())

    def _tell_now_and_then(self) -> None:
        now = self._clock()
        if now - self._told >= EVERY_S:
            self._told = now
            self.tell()
