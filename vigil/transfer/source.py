"""The files of a recording where they lie: here, or on a remote."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vigil.recording import RecordingError
from vigil.remote import is_remote
from vigil.sources import files_here
from vigil.table import BROUGHT
from vigil.transfer import rclone


@dataclass(frozen=True)
class Found:
    """A file of a recording as it was seen.

    Parameters
    ----------
    where : str
        Path or `remote:path`.
    name : str
    n_bytes : int
    modified_s : float
        Seconds since 1970, or 0 where a remote keeps no times.
    """

    where: str
    name: str
    n_bytes: int
    modified_s: float

    @property
    def remote(self) -> bool:
        """Whether it lies on a remote."""
        return is_remote(self.where)

    def read(self, offset: int, count: int) -> bytes:
        """A few of its bytes; fewer where it ends."""
        count = min(count, self.n_bytes - offset)
        if count <= 0:
            return b""
        if self.remote:
            return rclone.read_piece(self.where, offset, count)
        with Path(self.where).open("rb") as f:
            f.seek(offset)
            return f.read(count)


def find_files(cells: Mapping[str, str]) -> list[Found]:
    """Files that the cells `source`, `video` and `video_times` of a row lead to, as they are now.

    Raises
    ------
    RecordingError
        When two files have the same name.
    RemoteMissing
        When a remote has no such folder or file.
    """
    named = [cells[c] for c in BROUGHT if cells.get(c)]
    near = [n for n in named if not is_remote(n)]
    # the source first: its folder is looked into
    here = files_here(near[0], near[1:]) if near else []
    found = {path: _look(path) for path in here}
    for where in named:
        if is_remote(where):
            for f in rclone.list_files(where):
                # a document that has no size is none that an acquisition wrote
                if f.name[0] != "." and f.n_bytes >= 0:
                    found[f.where] = Found(f.where, f.name, f.n_bytes, f.modified_s)
    names = [f.name for f in found.values()]
    twice = next((n for n in names if names.count(n) > 1), None)
    if twice:
        raise RecordingError(f"Two files of the recording are called {twice}; rename one of them.")
    return list(found.values())


def _look(path: str) -> Found:
    # opened, because a network file system asks its server again when a file is opened
    with Path(path).open("rb") as f:
        stat = os.fstat(f.fileno())
    return Found(path, Path(path).name, stat.st_size, stat.st_mtime_ns / 1e9)
