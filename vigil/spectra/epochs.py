"""Which stored rows make up an epoch, and how much of it is valid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigil.recording import Segments


@dataclass(frozen=True)
class Windows:
    """Windows of equal length on the recording's clock.

    Parameters
    ----------
    start_s : ndarray, (window,)
    valid : ndarray, (window,)
        Fraction of the window that holds samples.
    first_row : ndarray of int, (window,)
        First stored row of a whole window, -1 where a gap or the end touches it.
    n_rows : int
        Rows of a window.
    """

    start_s: npt.NDArray[np.float64]
    valid: npt.NDArray[np.float64]
    first_row: npt.NDArray[np.int64]
    n_rows: int

    def blocks(self, size: int) -> Iterator[tuple[npt.NDArray[np.int64], int, int]]:
        """Whole windows in groups of at most `size` that lie close together in the store.

        Yields
        ------
        windows, first, last
            Numbers of the windows, and the stored rows that hold them all.
        """
        whole = np.flatnonzero(self.first_row >= 0)
        for i in range(0, len(whole), size):
            which = whole[i : i + size]
            yield which, int(self.first_row[which[0]]), int(self.first_row[which[-1]]) + self.n_rows


def place_windows(segments: Segments, start_s: npt.NDArray[np.float64], window_s: float) -> Windows:
    """Find the stored rows of windows that begin at given times.

    Parameters
    ----------
    segments : Segments
        Where the rows lie.
    start_s : ndarray, (window,)
        Rising starts of the windows.
    window_s : float
        Their length.
    """
    n_rows = round(window_s * segments.rate_hz)
    valid = np.zeros(len(start_s))
    first_row = np.full(len(start_s), -1, dtype=np.int64)
    for a, b, n, row0 in zip(
        segments.start_s, segments.stop_s, segments.rows, segments.first_rows, strict=True
    ):
        overlap = np.minimum(start_s + window_s, b) - np.maximum(start_s, a)
        valid += np.clip(overlap, 0.0, None) / window_s
        row = np.round((start_s - a) * segments.rate_hz).astype(np.int64)
        # the last window may lack one row where the segment's end falls between two samples
        row = np.where(row + n_rows == n + 1, row - 1, row)
        inside = (row >= 0) & (row + n_rows <= n)
        first_row[inside] = row0 + row[inside]
    return Windows(start_s, np.minimum(valid, 1.0), first_row, n_rows)
