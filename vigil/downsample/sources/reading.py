"""Bytes of files that may vanish or shrink while they are read: a sentence then, never a crash.

Nothing is mapped into memory: a map holds a descriptor for each file, and a file that shrinks
under it ends the process.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from vigil.recording import RecordingError

NO_FILE = (FileNotFoundError, IsADirectoryError, NotADirectoryError)
"""What opening raises where a file is not there; other faults are the machine's."""


@contextmanager
def opened(path: Path) -> Iterator[FileIO]:
    """A file, open for reading without a buffer.

    Raises
    ------
    RecordingError
        When it is not there.
    """
    try:
        file = path.open("rb", buffering=0)
    except NO_FILE as error:
        raise not_there(path) from error
    with file:
        yield file


def not_there(path: object) -> RecordingError:
    """The sentence for a file that is not there."""
    return RecordingError(
        f"{path} is not there any more or is no file; bring it back, or correct the column "
        "'source', and run again."
    )


def fill(file: FileIO, array: npt.NDArray[Any], path: Path) -> None:
    """Read from where a file stands until the array, which lies in one piece, is full.

    Raises
    ------
    RecordingError
        When the file ends before.
    """
    view = array.reshape(-1).view(np.uint8).data
    at, done = file.tell(), 0
    while done < len(view):
        n = file.readinto(view[done:])
        if not n:
            raise RecordingError(
                f"{path} became shorter while it was read (nothing at byte {at + done}); copy it "
                "again when nothing writes to it any more."
            )
        done += n
