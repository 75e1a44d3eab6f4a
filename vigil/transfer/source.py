"""The files of a recording where they lie: here, or on a remote."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from vigil.recording import RecordingError
from vigil.remote import is_remote
from vigil.sources import names_here
from vigil.table import BROUGHT
from vigil.transfer import rclone
from vigil.transfer.files import leads_out


@dataclass(frozen=True)
class Found:
    """A file of a recording as it was seen.

    Parameters
    ----------
    where : str
        Path or `remote:path`.
    name : str
        What it is called in the recording; of a tree with its folders (`a/b.dat`).
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

    Those in folders of a tree come last, so that of two files that end in the same name the
    one that the row names is found first.

    Raises
    ------
    RecordingError
        When two files have the same name, or one a name that leads out of the recording's folder.
    RemoteMissing
        When a remote has no such folder or file.
    """
    named = [cells[c] for c in BROUGHT if cells.get(c)]
    near = [n for n in named if not is_remote(n)]
    # the source first: its folder is looked into
    here = names_here(near[0], near[1:]) if near else {}
    found = {path: _look(path, name) for path, name in here.items()}
    for where in named:
        if is_remote(where):
            for f in rclone.list_files(where):
                # a document that has no size is none that an acquisition wrote
                if not _is_hidden(f.name) and f.n_bytes >= 0:
                    found[f.where] = Found(f.where, f.name, f.n_bytes, f.modified_s)
    _refuse_names(list(found.values()))
    return sorted(found.values(), key=lambda f: "/" in f.name)


def _is_hidden(name: str) -> bool:
    return any(part[:1] == "." and part != ".." for part in name.split("/"))


def _refuse_names(found: Sequence[Found]) -> None:
    """See that each file has a place of its own under the recording's folder."""
    for file in found:
        if leads_out(file.name):
            raise RecordingError(
                f"{file.where} is called {file.name!r}, which leads out of the recording's folder; "
                "rename it."
            )
    counts = Counter(f.name for f in found)
    # a file cannot lie where a folder has to be
    folders = {str(p) for name in counts for p in PurePosixPath(name).parents}
    twice = next((n for n, count in counts.items() if count > 1 or n in folders), None)
    if twice:
        raise RecordingError(f"Two files of the recording are called {twice}; rename one of them.")


def _look(path: str, name: str) -> Found:
    # opened, because a network file system asks its server again when a file is opened
    with Path(path).open("rb") as f:
        stat = os.fstat(f.fileno())
    return Found(path, name, stat.st_size, stat.st_mtime_ns / 1e9)
