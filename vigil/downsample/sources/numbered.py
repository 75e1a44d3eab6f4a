"""Samples that have numbers beside them, which jump where some were lost."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vigil.recording import RecordingError

STRIDE = 1 << 16
"""Sample numbers looked at: between two that are as far apart as they should be is no gap."""
Whole = npt.NDArray[np.integer]


def read_npy(path: Path) -> Whole:
    """The numbers in sample_numbers.npy (or timestamps.npy of old versions), left in the file.

    Raises
    ------
    RecordingError
        When it is no such file.
    """
    try:
        numbers: Whole = np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # numpy's own parser fails in a dozen ways on a damaged header
        raise RecordingError(
            f"{path} is no array of sample numbers ({type(error).__name__} in its header); copy "
            "it again from the rig."
        ) from error
    if numbers.ndim != 1 or numbers.dtype.kind not in "iu":
        raise RecordingError(
            f"{path} holds {numbers.dtype} in {numbers.ndim} dimensions instead of whole sample "
            "numbers; bring sample_numbers.npy from the rig."
        )
    return numbers


def runs_of_numbers(
    numbers: Whole, path: Path, frames: int, dat: Path
) -> list[tuple[int, int, int]]:
    """Gapless stretches by the numbers of the samples.

    Parameters
    ----------
    numbers : ndarray of int
        May stay in its file: few of them are looked at.
    path : path
        Where they are from.
    frames : int
        Samples in `dat`.

    Returns
    -------
    list of (int, int, int)
        Number of the first sample, its position in the file, and the samples of each stretch.

    Raises
    ------
    RecordingError
        When there are more or less of them than samples, or they do not rise.
    """
    if len(numbers) != frames:
        raise RecordingError(
            f"{path} numbers {len(numbers)} samples but {dat} holds {frames}: one of them is "
            "truncated, or the number of channels is wrong; copy both again."
        )
    at = _breaks(numbers)
    if len(at) > max(100, frames // 100):
        raise RecordingError(
            f"{path} does not count up: it jumps at sample {at[0]} and {len(at) - 1} times more; "
            "it is damaged: copy it again from the rig."
        )
    borders = [0, *at, frames]
    runs = [(int(numbers[a]), a, b - a) for a, b in itertools.pairwise(borders)]
    for (number, a, n), (following, b, _) in itertools.pairwise(runs):
        if following < number + n:
            raise RecordingError(
                f"{path} goes back from {number + b - a - 1} to {following} at sample {b}; it is "
                "damaged: copy it again, or split the recording there."
            )
    if not 0 <= abs(runs[0][0]) < 1 << 53 or runs[-1][0] >= 1 << 53:
        raise RecordingError(f"{path} holds numbers beyond any clock; copy it again from the rig.")
    return runs


def _breaks(numbers: Whole) -> list[int]:
    """Positions of samples whose number is not one more than that before.

    Whole numbers that rise are gapless between two that are as far apart as their positions, so
    that one in 65536 is looked at, and all only where a gap is.
    """
    at: list[int] = []
    for a in range(0, len(numbers), STRIDE):
        b = min(a + STRIDE, len(numbers) - 1)
        if int(numbers[b]) - int(numbers[a]) != b - a:
            here = np.asarray(numbers[a : b + 1]).astype(np.int64)
            at += [int(i) for i in np.flatnonzero(np.diff(here) != 1) + a + 1]
    return at
