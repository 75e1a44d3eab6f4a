"""What the raw samples of one channel show while they pass: silence, drop-outs, saturation."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

WINDOW_S = 0.1
"""Length of a window, of which the extremes are looked at; whole windows of a segment count."""
DROP_OUT_WINDOWS = 2
"""Flat windows in a row, between windows with a signal, that are a drop-out."""


@dataclass
class RawTally:
    """Counts over the raw samples of one channel, before any filter.

    Only what windows add up to is kept, so that the counts are the same for any piece size.

    Attributes
    ----------
    samples, saturated : int
        Samples in all, and those at the end of the converter's range.
    windows, flat_windows : int
        Windows in all, and those in which every sample is the same.
    drop_outs, dropped_windows : int
        Stretches of at least `DROP_OUT_WINDOWS` flat windows after which the signal came back,
        and their windows.
    silent_end_windows : int
        Flat windows since the last one with a signal.
    """

    samples: int = 0
    saturated: int = 0
    windows: int = 0
    flat_windows: int = 0
    drop_outs: int = 0
    dropped_windows: int = 0
    silent_end_windows: int = 0
    _was_live: bool = field(default=False, repr=False)

    def add(
        self,
        window_min: npt.NDArray[np.int16],
        window_max: npt.NDArray[np.int16],
        saturated: int,
        samples: int,
    ) -> None:
        """Take a piece of the channel into account; pieces come in order.

        Parameters
        ----------
        window_min, window_max : ndarray, int16
            Extremes of the piece's whole windows, in order.
        saturated, samples : int
            Samples at the end of the converter's range, and in all.
        """
        self.samples += int(samples)
        self.saturated += int(saturated)
        self.windows += len(window_min)
        live = np.flatnonzero(window_min != window_max)
        self.flat_windows += len(window_min) - len(live)
        if not len(live):
            self.silent_end_windows += len(window_min)
            return
        # flat windows in front of each live one; those in front of the first began before
        silent = np.diff(live, prepend=-1) - 1
        silent[0] += self.silent_end_windows
        if not self._was_live:
            silent[0] = 0
        silent = silent[silent >= DROP_OUT_WINDOWS]
        self.drop_outs += len(silent)
        self.dropped_windows += int(silent.sum())
        self.silent_end_windows = len(window_min) - 1 - int(live[-1])
        self._was_live = True

    @property
    def flat_share(self) -> float:
        """Share of the windows in which nothing changes."""
        return self.flat_windows / self.windows if self.windows else 0.0

    @property
    def saturated_share(self) -> float:
        """Share of the samples at the end of the range."""
        return self.saturated / self.samples if self.samples else 0.0
