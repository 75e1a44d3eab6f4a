"""Interleaved int16 samples in flat files: time after time, in each all channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vigil.downsample.scratch import scratch
from vigil.downsample.sources.reading import fill, opened
from vigil.downsample.sources.source import Described, Int16
from vigil.recording import RecordingError

PIECE_BYTES = 1 << 20
"""Read at once: fits the second-level cache, so that turning it costs little."""


@dataclass(frozen=True)
class FlatPiece:
    """Where the samples of a segment lie.

    Parameters
    ----------
    path : path
        The file.
    first_frame : int
        Number of the segment's first frame (one sample of every channel) in the file.
    width : int
        Channels in the file, those included that are not used.
    """

    path: Path
    first_frame: int
    width: int


@dataclass(frozen=True, kw_only=True)
class FlatSource(Described):
    """Segments in one or several flat files.

    Parameters
    ----------
    pieces : tuple of FlatPiece
        One per segment.
    columns : tuple of int
        Position of each channel in a frame.
    """

    pieces: tuple[FlatPiece, ...]
    columns: tuple[int, ...]

    @property
    def dtype(self) -> np.dtype[np.int16]:
        """Of its numbers, which are steps already."""
        return np.dtype(np.int16)

    def read_numbers(self, segment: int, start: int, stop: int, channels: Sequence[int]) -> Int16:
        """The same as `read`."""
        return self.read(segment, start, stop, channels)

    def read(self, segment: int, start: int, stop: int, channels: Sequence[int]) -> Int16:
        """Samples [start, stop) of some channels in one segment, (channel, sample)."""
        piece = self.pieces[segment]
        columns = [self.columns[c] for c in channels]
        a, b = min(columns, default=0), max(columns, default=-1) + 1
        chosen: slice | list[int] = [c - a for c in columns]
        if columns == list(range(a, b)):
            chosen = slice(None)
        at_once = max(1, PIECE_BYTES // (2 * piece.width))
        held = scratch("frames", min(at_once, stop - start) * piece.width, np.int16)
        frames = held.reshape(-1, piece.width)
        out = np.empty((len(columns), stop - start), np.int16)
        with opened(piece.path) as file:
            file.seek(2 * piece.width * (piece.first_frame + start))
            for first in range(0, stop - start, at_once):
                n = min(at_once, stop - start - first)
                fill(file, frames[:n], piece.path)
                out[:, first : first + n] = frames[:n, a:b][:, chosen].T
        return out


def n_frames(path: Path, width: int) -> int:
    """Frames in a flat file.

    Raises
    ------
    RecordingError
        When it is not there, empty or ends inside a frame.
    """
    if not path.is_file():
        raise RecordingError(
            f"{path} is not there, but the recording's description names it; bring the file, or "
            "copy the whole folder again."
        )
    size = path.stat().st_size
    if not size:
        raise RecordingError(f"{path} is empty (0 bytes); copy it again from the rig.")
    frames, extra = divmod(size, 2 * width)
    if extra:
        raise RecordingError(
            f"{path} ends inside a sample of its {width} channels at byte {size - extra}: it is "
            "truncated, or the number of channels in its description is wrong; copy both again."
        )
    return frames
