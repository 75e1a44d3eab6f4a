"""The files to which the rows of the table lead: which are here, and which two rows share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from vigil.remote import is_remote, name_of
from vigil.table import BROUGHT, PATHS, Row


def source_files(row: Row) -> list[str]:
    """Files that belong to a recording and are here: its folder's, its video, its frame times.

    Hidden files and folders are left out, and what lies on a remote. What is named and not
    there is left to transfer, which says so.
    """
    return files_here(row.source, [v for v in (row.video, row.video_times) if v])


def files_here(source: str, named: Sequence[str] = ()) -> list[str]:
    """Files of a folder (or the one file), and further ones, as far as they are there."""
    folder = Path(source)
    inside = sorted(p for p in folder.iterdir() if p.is_file()) if folder.is_dir() else [folder]
    every = [*inside, *(Path(n) for n in named)]
    files = {p.resolve(): p for p in every if p.is_file() and p.name[0] != "."}
    return [str(p) for p in files.values()]


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
