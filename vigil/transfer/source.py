"""The files of a recording where they lie: here, or on a remote."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from vigil.recording import RecordingError
from vigil.remote import is_remote, name_of
from vigil.row import BROUGHT, column_of
from vigil.sources import dead_links, names_here, odd_signs
from vigil.transfer import rclone
from vigil.transfer.files import leads_out

log = logging.getLogger("vigil")


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
    columns : tuple of str
        Columns of the row that lead to it.
    """

    where: str
    name: str
    n_bytes: int
    modified_s: float
    columns: tuple[str, ...] = ()

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
        When two files have the same name, one has a name that cannot be kept or leads out of the
        recording's folder, a column names no file, or a remote does not know a file's size.
    RemoteMissing
        When a remote has no such folder or file.
    """
    named = {c: v for c, v in cells.items() if v and column_of(c) in BROUGHT}
    found = {f.where: f for f in _find_here({c: v for c, v in named.items() if not is_remote(v)})}
    for column, where in named.items():
        if is_remote(where):
            for file in _find_there(where, column):
                earlier = found.get(file.where)
                columns = (*earlier.columns, column) if earlier else (column,)
                found[file.where] = replace(file, columns=columns)
    _refuse_names(list(found.values()))
    return sorted(found.values(), key=lambda f: "/" in f.name)


def see_again(file: Found) -> Found | None:
    """A file as it is now; None where it is gone."""
    try:
        if not file.remote:
            return _look(file.where, file.name, file.columns)
        (there,) = rclone.list_files(file.where)
    except (FileNotFoundError, rclone.RemoteMissing):
        return None
    return Found(file.where, file.name, there.n_bytes, there.modified_s, file.columns)


def tell_of_dead_links(cells: Mapping[str, str]) -> None:
    """Warn of links in the source's folder that lead nowhere, and so bring nothing."""
    if not is_remote(cells.get("source", "")):
        for path in dead_links(cells.get("source", "")):
            log.warning("%s is a link that leads nowhere; nothing is brought for it", path)


def _find_here(named: Mapping[str, str]) -> list[Found]:
    """Files of the cells that lead to files of this machine; the source is the first."""
    for column, value in named.items():
        if column != "source":
            _refuse_no_file(column, value, folder=Path(value).is_dir())
    if not named:
        return []
    try:
        led_to = {c: {os.path.realpath(p) for p in names_here(v)} for c, v in named.items()}
        first, *further = named.values()
        return [
            _look(p, name, tuple(c for c in named if os.path.realpath(p) in led_to[c]))
            for p, name in names_here(first, further).items()
        ]
    except PermissionError as error:
        raise RecordingError(
            f"{error.filename!a} cannot be read (permission denied); give yourself the right "
            "to read it."
        ) from error


def _find_there(where: str, column: str) -> list[Found]:
    """Files of a cell that leads to a remote."""
    listed = rclone.list_files(where)
    if column != "source":
        _refuse_no_file(column, where, folder=[f.where for f in listed] != [where])
    shown = [f for f in listed if not _is_hidden(f.name)]
    twice = [name for name, n in Counter(f.name for f in shown).items() if n > 1]
    if twice:
        raise _called_twice(twice[0])
    unknown = next((f for f in shown if f.n_bytes < 0), None)
    if unknown:
        raise RecordingError(
            f"{unknown.where!r} has no size that its remote could tell, as a document that is "
            "edited online; move it out of the folder, or bring it to where it has one."
        )
    return [Found(f.where, f.name, f.n_bytes, f.modified_s, (column,)) for f in shown]


def _refuse_no_file(column: str, value: str, folder: bool) -> None:
    """See that a cell names one file, and none that would be left out."""
    if folder or name_of(value)[:1] == ".":
        kind = "a folder" if folder else "a hidden file"
        raise RecordingError(f"{column} is {value!r}, which is {kind}; name a file that is seen.")


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
        if odd_signs(file.where):
            raise RecordingError(
                f"{file.where!a} has a sign in its name that is no letter (a line break, a "
                "control character, or a byte of another encoding); rename it."
            )
    counts = Counter(f.name for f in found)
    # a file cannot lie where a folder has to be
    folders = {str(p) for name in counts for p in PurePosixPath(name).parents}
    twice = next((n for n, count in counts.items() if count > 1 or n in folders), None)
    if twice:
        raise _called_twice(twice)


def _called_twice(name: str) -> RecordingError:
    return RecordingError(f"Two files of the recording are called {name}; rename one of them.")


def _look(path: str, name: str, columns: tuple[str, ...]) -> Found:
    # opened, because a network file system asks its server again when a file is opened
    with Path(path).open("rb") as f:
        stat = os.fstat(f.fileno())
    return Found(path, name, stat.st_size, stat.st_mtime_ns / 1e9, columns)
