"""Samples that have numbers beside them, which jump where some were lost."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from vigil.downsample.sources.reading import NO_FILE, fill, not_there
from vigil.recording import RecordingError

STRIDE = 1 << 16
"""Sample numbers looked at: between two that are as far apart as they should be is no gap."""
Integers = npt.NDArray[np.integer]


class WholeInFile:
    """Whole numbers in a file, read when they are asked for.

    Parameters
    ----------
    path : path
        The file.
    dtype : numpy.dtype
        Of its numbers.
    first_byte : int
        Where they begin.
    n : int
        How many there are.
    """

    def __init__(self, path: Path, dtype: np.dtype[Any], first_byte: int, n: int) -> None:
        self._path, self._dtype, self._first_byte, self._n = path, dtype, first_byte, n
        # held open, as thousands of numbers are looked at one by one
        self._file = path.open("rb", buffering=0)

    def __del__(self) -> None:
        if hasattr(self, "_file"):
            self._file.close()

    def __len__(self) -> int:
        return self._n

    def __getitem__(self, at: int | slice) -> Any:
        first, last, _ = at.indices(self._n) if isinstance(at, slice) else (at, at + 1, 1)
        numbers = np.empty(max(0, last - first), self._dtype)
        self._file.seek(self._first_byte + first * self._dtype.itemsize)
        fill(self._file, numbers, self._path)
        return numbers if isinstance(at, slice) else numbers[0]


def read_npy(path: Path) -> WholeInFile:
    """The numbers in sample_numbers.npy (or timestamps.npy of old versions), left in the file.

    Raises
    ------
    RecordingError
        When it is no such file.
    """
    try:
        with path.open("rb") as file:
            shape, dtype, first_byte = _npy_header(file)
    except NO_FILE as error:
        raise not_there(path) from error
    except Exception as error:  # numpy's own parser fails in a dozen ways on a damaged header
        raise RecordingError(
            f"{path} is no array of sample numbers ({type(error).__name__} in its header); copy "
            "it again from the rig."
        ) from error
    if len(shape) != 1 or dtype.kind not in "iu":
        raise RecordingError(
            f"{path} holds {dtype} in {len(shape)} dimensions instead of whole sample "
            "numbers; bring sample_numbers.npy from the rig."
        )
    if path.stat().st_size < first_byte + shape[0] * dtype.itemsize:
        raise RecordingError(
            f"{path} ends before the last of its {shape[0]} numbers, at byte "
            f"{path.stat().st_size}; copy it again from the rig."
        )
    return WholeInFile(path, dtype, first_byte, shape[0])


def _npy_header(file: BinaryIO) -> tuple[tuple[int, ...], np.dtype[Any], int]:
    """Shape, type and first byte of the numbers of a .npy file."""
    version = np.lib.format.read_magic(file)
    read = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }[version]
    shape, _, dtype = read(file)
    return shape, dtype, file.tell()


def runs_of_numbers(
    numbers: WholeInFile | Integers, path: Path, frames: int, dat: Path
) -> list[tuple[int, int, int]]:
    """Gapless stretches by the numbers of the samples.

    Parameters
    ----------
    numbers : row of int
        May stay in a file: few of them are looked at.
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
    if runs[0][0] <= -(1 << 53) or runs[-1][0] >= 1 << 53:
        raise RecordingError(f"{path} holds numbers beyond any clock; copy it again from the rig.")
    return runs


def _breaks(numbers: WholeInFile | Integers) -> list[int]:
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
