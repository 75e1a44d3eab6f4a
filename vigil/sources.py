"""The files to which the rows of the table lead: which are here, and which two rows share."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from vigil.remote import inside, is_remote, name_of, same_place
from vigil.row import BROUGHT, SEPARATOR, Row, column_of, paths_in, paths_of

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
    transfer, which says so; and so is a folder that cannot be listed.
    """
    try:
        named = [*paths_in(row.video), *paths_in(row.video_times)]
        return list(names_here(row.source, named))
    except OSError:
        return []


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
    apart = [p for p in map(Path, named) if _is_seen(p)]
    spot = _spots([*inside, *apart]) if apart else {}
    lies = {spot[p]: p for p in inside if spot}
    # the file itself within the folder, or the one to which a link from elsewhere leads
    twins = {lies.get(spot[p]) or lies.get(p.resolve()): p for p in apart}
    names = {twins.get(p, p): name for p, name in inside.items() if _is_seen(p)}
    names |= {p: p.name for p in apart}
    return {str(p): name for p, name in names.items()}


def dead_links(source: str) -> list[str]:
    """Links of a folder that lead nowhere, hidden ones left out."""
    folder = Path(source)
    inside = _inside(folder) if folder.is_dir() else {}
    return [str(p) for p in inside if p.is_symlink() and not p.exists()]


def odd_signs(text: str) -> bool:
    """Whether a name holds control characters, line breaks, or bytes that are not UTF-8."""
    return any(unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in text)


def _is_seen(path: Path) -> bool:
    return path.is_file() and path.name[0] != "."


def _spots(paths: Iterable[Path]) -> dict[Path, Path]:
    """Where each file or link itself lies, not what it leads to; each folder is asked once."""
    paths = list(paths)
    homes = {home: home.resolve() for home in {p.parent for p in paths}}
    return {p: homes[p.parent] / p.name for p in paths}


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
    """Files of a folder and their names in it, also links that lead nowhere."""
    top = sorted(p for p in folder.iterdir() if p.name[0] != ".")
    if may_be_tree(p.name for p in top):
        every = {p: p.relative_to(folder).as_posix() for p in sorted(_walk(folder))}
        if is_tree(every.values()):
            return every
    return {p: p.name for p in top if not p.is_dir()}


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


def place_of(row: Row, name: str, raw: str) -> Any:
    """A cell as a stage uses it: of a file on a remote the place to which transfer brings it."""
    value = getattr(row, name)
    if name not in BROUGHT or not value:
        return value
    places = [f"{raw}/{name_of(p)}" if is_remote(p) else p for p in paths_in(value)]
    return SEPARATOR.join(places)


def shared_files(rows: Mapping[str, Row], read: Sequence[str] = ()) -> list[str]:
    """A sentence for each recording whose source must not be deleted when it is verified.

    Another row needs it as well, or it lies among the copies, or the workflow itself reads it.
    Two paths of one file are told as long as this machine can see that; that a remote leads to
    the same files as another, or as a path here, it cannot see.

    Parameters
    ----------
    rows : mapping of Row
    read : sequence of str
        Files that the workflow reads: its table and its configuration.
    """
    sentences = []
    claims = {row.recording: _brought(row) for row in rows.values()}
    homes = [_full(folder) for folder in ("raw", "archive")]
    own = [_full(path) for path in read]
    owners: dict[str, str] = {}
    for row in rows.values():
        for claim in claims[row.recording]:
            owners.setdefault(claim, row.recording)
    folders = {c for c in owners if is_remote(c) or not _can_be_listed(c)}
    for row in rows.values():
        named = [_full(p) for n, p in paths_of(row).items() if column_of(n) not in BROUGHT]
        needed = dict.fromkeys([*claims[row.recording], *named])
        other = next(_of_others(row.recording, needed, owners, folders), None)
        at_home = next((c for c in claims[row.recording] if any(_lies_in(c, h) for h in homes)), "")
        read_here = next((c for c in claims[row.recording] if c in own), "")
        if other:
            sentences.append(
                f"transfer.delete_source is on, but {other[0]} belongs to {other[1]} and to "
                f"{row.recording}; give each recording files of its own or keep the sources"
            )
        elif at_home or read_here:
            why = "is one of the copies" if at_home else "is read by the workflow"
            sentences.append(
                f"transfer.delete_source is on, but {at_home or read_here}, a source of "
                f"{row.recording}, {why}; name another source or keep the sources"
            )
    return sentences


def _of_others(
    recording: str, needed: Iterable[str], owners: Mapping[str, str], folders: Collection[str]
) -> Iterator[tuple[str, str]]:
    """What a recording needs and another claims, or lies in a folder that another claims.

    Of two that claim one in the other only the later is told; `owners` is in their order.
    """
    for need in needed:
        if owners.get(need, recording) != recording:
            yield need, owners[need]
    order = list(dict.fromkeys(owners.values()))
    earlier = set(order[: order.index(recording)] if recording in order else order)
    for need in needed:
        for folder in folders:
            told = owners[folder] in earlier or need not in owners
            if told and owners[folder] != recording and _lies_in(need, folder):
                yield need, owners[folder]
        if need in folders:
            yield from ((c, o) for c, o in owners.items() if o in earlier and _lies_in(c, need))


def _can_be_listed(path: str) -> bool:
    try:
        names_here(path)
    except OSError:
        return False
    return True


def _lies_in(path: str, folder: str) -> bool:
    return path.startswith(inside(folder, ""))


def _brought(row: Row) -> list[str]:
    """Files that transfer brings, in full; of a remote, or a folder without any, what is named."""
    brought = [p for n, p in paths_of(row).items() if column_of(n) in BROUGHT]
    afar = [same_place(p) for p in brought if is_remote(p)]
    here = [_full(f) for f in source_files(row)]
    return [*(here or [_full(row.source)] * (not is_remote(row.source))), *afar]


def _full(path: str) -> str:
    return os.path.realpath(path)
