"""A camera's clock that begins anew with each file of the video, made one clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigil.kinematics.exposures import exposure_numbers, usual_step_s
from vigil.kinematics.matching import place_frames

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Pieces:
    """Files of the video among the pulses.

    Parameters
    ----------
    camera_s : ndarray, (frame,)
        One clock for all files: that of the first one, gone on.
    frame : ndarray of int, (frame,)
        Number of each frame's exposure; the first pulse is 0.
    slack : int
        By how many frames a file may be off; 0 when each has its place.
    """

    camera_s: FloatArray
    frame: IntArray
    slack: int


def restarts(camera_s: FloatArray, first_rows: Sequence[int]) -> list[int]:
    """Rows at which a file begins and the camera's clock has gone back."""
    return [row for row in first_rows if row > 0 and camera_s[row] <= camera_s[row - 1]]


def join_pieces(camera_s: FloatArray, starts: Sequence[int], pulse_s: FloatArray) -> Pieces:
    """Place files, each with a clock of its own, among the pulses.

    Stretches of pulses between pauses that are as long as the files are theirs, and so is the
    whole of the pulses where files that follow each other without a lost frame span as much.
    Where files show by their own unevenness or pauses that it is otherwise, these have their
    places; the rest lies between its neighbours, as early as it can, and `slack` says how much
    room there is.

    Parameters
    ----------
    camera_s : ndarray, (frame,)
        Times on the camera's clock, rising within each file.
    starts : sequence of int
        First row of each file but the first.
    pulse_s : ndarray, (pulse,)
        Rising times of the pulses.
    """
    files = np.split(camera_s, list(starts))
    numbers = [exposure_numbers(f) for f in files]
    pulse = exposure_numbers(pulse_s)
    lengths = np.array([n[-1] + 1 for n in numbers])
    known = [
        _own_place(f, n, pulse_s, pulse) if len(f) > 1 else None
        for f, n in zip(files, numbers, strict=True)
    ]
    end_to_end = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    room = int(pulse[-1]) + 1 - int(lengths.sum())
    by_runs = _runs_as_long(pulse, lengths)
    if by_runs is not None and _agree(by_runs, known):
        first, slack = by_runs, 0
    elif _agree(end_to_end, known) and (room == 0 or not any(k is not None for k in known)):
        first, slack = end_to_end, abs(room)
    else:
        first, slack = _between(known, lengths, int(pulse[-1]) + 1)
    step_s = np.mean([usual_step_s(f) for f in files if len(f) > 1])
    joined = [
        camera_s[0] + (at - first[0]) * step_s + f - f[0]
        for at, f in zip(first, files, strict=True)
    ]
    frame = [at + n for at, n in zip(first, numbers, strict=True)]
    return Pieces(np.concatenate(joined), np.concatenate(frame), slack)


def _own_place(
    camera_s: FloatArray, frame: IntArray, pulse_s: FloatArray, pulse: IntArray
) -> int | None:
    """Where a file lies by what it shows itself."""
    place = place_frames(camera_s, frame, pulse_s, pulse)
    return place.shift if place.evidence in ("unevenness", "pauses") else None


def _agree(first: IntArray, known: Sequence[int | None]) -> bool:
    """Whether files at these places contradict none of those that show their own."""
    return all(k is None or k == at for at, k in zip(first, known, strict=True))


def _runs_as_long(pulse: IntArray, lengths: IntArray) -> IntArray | None:
    """First pulses of stretches between the longest pauses, where they are as long as the files."""
    step = np.diff(pulse)
    if len(lengths) - 1 > int(np.sum(step > 1)):
        return None
    # a pause at each border between files, the longest ones
    longest = np.sort(np.argsort(step, kind="stable")[len(step) - (len(lengths) - 1) :])
    first = np.concatenate([pulse[:1], pulse[longest + 1]])
    last = np.concatenate([pulse[longest], pulse[-1:]])
    return first if np.array_equal(last + 1 - first, lengths) else None


def _between(known: Sequence[int | None], lengths: IntArray, span: int) -> tuple[IntArray, int]:
    """Places of all files from those of some; and the room of those that have no place."""
    earliest, latest = np.zeros(len(lengths), np.int64), np.zeros(len(lengths), np.int64)
    at = 0
    for i, place in enumerate(known):
        earliest[i] = at if place is None else place
        at = int(earliest[i] + lengths[i])
    at = span
    for i in range(len(lengths) - 1, -1, -1):
        place = known[i]
        latest[i] = at - lengths[i] if place is None else place
        at = int(latest[i])
    first = np.minimum(earliest, latest)
    # files that overlap have at most one right place
    overlap = int(np.max(first[:-1] + lengths[:-1] - first[1:], initial=0))
    return first, max(int(np.abs(latest - earliest).max()), overlap)
