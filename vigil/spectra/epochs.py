"""Which stored rows make up an epoch, and how much of it is valid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigil.recording import Segments


@dataclass(frozen=True)
class Stretch:
    """Whole windows of one segment that lie close together, and the rows to read for them.

    Parameters
    ----------
    windows : ndarray of int
        Numbers of the windows, rising.
    first, last : int
        Stored rows [first, last) that hold them all.
    read_first, read_last : int
        The same with a margin on both sides, as far as the segment has rows.
    segment : int
        Number of the segment.
    """

    windows: npt.NDArray[np.int64]
    first: int
    last: int
    read_first: int
    read_last: int
    segment: int


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
    segments : Segments
        Where the rows lie.
    """

    start_s: npt.NDArray[np.float64]
    valid: npt.NDArray[np.float64]
    first_row: npt.NDArray[np.int64]
    n_rows: int
    segments: Segments

    def stretches(self, size: int, margin: int = 0) -> Iterator[Stretch]:
        """Whole windows in groups of at most `size`, with the rows on both sides of them.

        A group ends with its segment, and where more than a window's length is left out
        between two windows: what lies there need not be read.

        Parameters
        ----------
        size : int
            Most windows of a group.
        margin : int
            Rows wanted before the first window and after the last one.
        """
        whole = np.flatnonzero(self.first_row >= 0)
        first_rows = np.asarray(self.segments.first_rows, dtype=np.int64)
        last_rows = first_rows + np.asarray(self.segments.rows, dtype=np.int64)
        row = self.first_row[whole]
        segment = np.searchsorted(last_rows, row, side="right")
        apart = (np.diff(segment) > 0) | (np.diff(row) > 2 * self.n_rows)
        for run in np.split(np.arange(len(whole)), np.flatnonzero(apart) + 1):
            for i in range(0, len(run), size):
                some = run[i : i + size]
                own = int(segment[some[0]])
                first, last = int(row[some[0]]), int(row[some[-1]]) + self.n_rows
                yield Stretch(
                    windows=whole[some],
                    first=first,
                    last=last,
                    read_first=max(first - margin, int(first_rows[own])),
                    read_last=min(last + margin, int(last_rows[own])),
                    segment=own,
                )


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
    return Windows(start_s, np.minimum(valid, 1.0), first_row, n_rows, segments)
