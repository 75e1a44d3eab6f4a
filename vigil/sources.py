"""The files to which the rows of the table lead: which are here, and which two rows share."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from vigil.remote import is_remote, name_of
from vigil.table import BROUGHT, PATHS, Row

OEBIN = "structure.oebin"
"""What Open Ephys writes into the folder of each recording, over the folders of its streams."""
NODE = r"Record[ _]Node[^/]*"
LEVEL = re.compile(rf"{NODE}|experiment\d+|recording\d+")
"""A folder of Open Ephys' binary format: a record node's, an experiment's, a recording's."""
DESCRIBED = re.compile(rf"((({NODE}/)?experiment\d+/)?recording\d+/)?structure\.oebin")
CONFIGURED = re.compile(rf"(?P<node>({NODE}/)?)settings\.xml")


def source_files(row: Row) -> list[str]:
    """Files that belong to a recording and are here: its folder's, its video, its frame times.

    Of a folder that is a tree (`is_tree`) the files in its folders belong to it too. Hidden files
    and folders are left out, and what lies on a remote. What is named and not there is left to
    transfer, which says so.
    """
    return list(names_here(row.source, [v for v in (row.video, row.video_times) if v]))


def names_here(source: str, named: Sequence[str] = ()) -> dict[str, str]:
    """Files of a folder (or the one file), and further ones, as far as they are there.

    Returns
    -------
    dict of str
        Path of each file and its name in the recording: in a tree the path from `source` on
        (posix), else the file's own. One of `named` keeps its own name also within a tree.
    """
    folder = Path(source)
    inside = _inside(folder) if folder.is_dir() else {folder: folder.name}
    apart = {p.resolve(): p for p in map(Path, named) if p.is_file() and p.name[0] != "."}
    names = {apart.get(p.resolve(), p): name for p, name in inside.items()}
    names |= {p: p.name for p in apart.values()}
    return {str(p): name for p, name in names.items() if p.is_file() and p.name[0] != "."}


def may_be_tree(names: Iterable[str]) -> bool:
    """Whether the files and folders at the top of a folder are worth a look at what is below."""
    return any(name == OEBIN or LEVEL.fullmatch(name) for name in names)


def is_tree(names: Collection[str]) -> bool:
    """Whether a folder has to be taken with the folders in it, as Open Ephys wrote them.

    It has when it is the folder of a session, a record node, an experiment or a recording of the
    binary format: `structure.oebin` lies where it does in one, or `settings.xml` lies beside
    folders of experiments.

    Parameters
    ----------
    names : collection of str
        Paths of all files, from the folder on (posix).
    """
    nodes = [m["node"] for m in map(CONFIGURED.fullmatch, names) if m]
    beside = re.compile(rf"({'|'.join(map(re.escape, nodes))})experiment\d+/.*", re.DOTALL)
    return any(DESCRIBED.fullmatch(n) or (nodes and beside.fullmatch(n)) for n in names)


def _inside(folder: Path) -> dict[Path, str]:
    """Files of a folder and their names in it."""
    top = sorted(p for p in folder.iterdir() if p.name[0] != ".")
    if may_be_tree(p.name for p in top):
        every = {p: p.relative_to(folder).as_posix() for p in sorted(_walk(folder))}
        if is_tree(every.values()):
            return every
    return {p: p.name for p in top if p.is_file()}


def _walk(folder: Path) -> list[Path]:
    """All files under a folder, but no hidden ones; links to folders are not followed."""

    def fail(error: OSError) -> None:
        # a folder that cannot be listed must not be missed in silence
        raise error

    found: list[Path] = []
    for place, folders, files in os.walk(folder, onerror=fail):
        folders[:] = [name for name in folders if name[0] != "."]
        found += [Path(place, name) for name in files if name[0] != "."]
    return found


def place_of(row: Row, name: str, raw: str) -> str:
    """Where the file that a cell names is read from: on a remote it is not, so from its copy."""
    value = str(getattr(row, name))
    return f"{raw}/{name_of(value)}" if name in BROUGHT and is_remote(value) else value


def shared_files(rows: Mapping[str, Row]) -> list[str]:
    """A sentence for each recording whose source another row needs as well.

    Who has sources deleted must not lose files that a second recording still waits for.
    """
    owner: dict[str, str] = {}
    for row in rows.values():
        for file in _brought(row):
            owner.setdefault(file, row.recording)
    sentences = []
    for row in rows.values():
        named = [_full(getattr(row, n)) for n in PATHS if n not in BROUGHT and getattr(row, n)]
        needed = dict.fromkeys([*_brought(row), *named])
        other = next((f for f in needed if owner.get(f, row.recording) != row.recording), None)
        if other:
            sentences.append(
                f"transfer.delete_source is on, but {other} belongs to {owner[other]} and to "
                f"{row.recording}; give each recording files of its own or keep the sources"
            )
    return sentences


def _brought(row: Row) -> list[str]:
    """Files that transfer brings, in full; of a remote what the row names."""
    afar = [getattr(row, n) for n in BROUGHT if is_remote(getattr(row, n))]
    return [*(_full(f) for f in source_files(row)), *afar]


def _full(path: str) -> str:
    return str(Path(path).resolve())
