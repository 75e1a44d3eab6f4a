"""recordings.tsv: one row per recording, checked before anything runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from vigil.nearest import nearest_word
from vigil.remote import is_connection, is_here, is_remote, same_place
from vigil.row import BROUGHT, NEEDED, SEPARATOR, SEVERAL, Row, column_of, paths_in, paths_of


class TableError(Exception):
    """The table cannot be used; the message says row, column, value and remedy."""


def read_table(path: str | Path) -> dict[str, Row]:
    """Read and check a table of recordings.

    Paths are relative to the table's folder.

    Returns
    -------
    dict of Row
        By recording, in the order of the table, with paths made relative to the working
        directory or absolute.

    Raises
    ------
    TableError
        One sentence for every wrong cell: row (its line in the file), column, value, remedy.
    """
    path = Path(path)
    if not path.is_file():
        raise TableError(
            f"The table of recordings {path} is not there; make one with the columns recording, "
            "animal and source, or set 'recordings' in config.yaml."
        )
    lines = _lines(path)
    if not lines:
        raise TableError(
            f"The table of recordings {path} is empty; make one with the columns recording, "
            "animal and source."
        )
    columns = [name.strip() for name in lines[0][1]]
    faults = _column_faults(columns)
    if faults:
        raise TableError(f"{path}: " + "\n  ".join(f"{f}." for f in faults))
    rows: dict[str, Row] = {}
    ids: dict[str, str] = {}
    for number, cells in lines[1:]:
        wrong = _cell_faults(number, cells, columns)
        faults += wrong
        if wrong:
            continue
        values = {n: c.strip() for n, c in zip(columns, cells, strict=True) if c.strip()}
        try:
            row = Row.model_validate(dict.fromkeys(NEEDED, "") | values)
        except ValidationError as error:
            faults += [_sentence(number, e) for e in error.errors()]
            continue
        twin = ids.setdefault(row.recording.lower(), row.recording)
        if row.recording in rows:
            faults.append(
                f"row {number}, column recording: '{row.recording}' is there twice; "
                "give each recording an id of its own"
            )
        elif twin != row.recording:
            faults.append(
                f"row {number}, column recording: '{row.recording}' differs from '{twin}' only in "
                "case, which some file systems do not tell apart; give it another id"
            )
        rows[row.recording] = _resolved(row, path.parent)
        faults += _connections(number, rows[row.recording])
        faults += _several_faults(number, row, rows[row.recording])
    if faults:
        raise TableError(f"{path}: " + "\n  ".join(f"{f}." for f in faults))
    return rows


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    """Number in the file, from 1, and cells of each line that is not blank."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    except OSError as error:
        raise TableError(
            f"The table of recordings {path} cannot be read ({error.strerror}); see to its "
            "permissions and its disk."
        ) from error
    if "\0" in text:
        raise TableError(
            f"The table of recordings {path} is not text in UTF-8; save it again as "
            "tab-separated text with the encoding UTF-8 (not as a workbook or 'Unicode text')."
        )
    lines = enumerate((line.split("\t") for line in text.split("\n")), start=1)
    return [(number, cells) for number, cells in lines if "".join(cells).strip()]


def _cell_faults(number: int, cells: list[str], columns: list[str]) -> list[str]:
    """What is wrong with a line before its cells are looked at one by one."""
    wanted = len(columns)
    if len(cells) > wanted:
        remedy = (
            "take away the tab at its end"
            if not "".join(cells[wanted:]).strip()
            else f"take away the tab that is too much, or name the column of '{cells[-1].strip()}'"
        )
        return [f"row {number} has {len(cells)} cells and the header {wanted}; {remedy}"]
    if len(cells) < wanted:
        return [
            f"row {number} has {len(cells)} cells and the header {wanted}; "
            "empty cells need their tab too"
        ]
    return [
        f"row {number}: {c.strip()} is in quotation marks, which would become part of the cell; "
        "take them away"
        for name, c in zip(columns, cells, strict=True)
        if _is_quoted(c, name in SEVERAL)
    ]


def _is_quoted(cell: str, several: bool) -> bool:
    """Whether a cell, or a part of one that may name several files, is in quotation marks."""
    parts = paths_in(cell) if several else []
    return any(len(p) > 1 and p[0] == p[-1] == '"' for p in (cell.strip(), *parts))


def _sentence(number: int, error: Any) -> str:
    message = error["msg"].removeprefix("Value error, ")
    return (
        f"row {number}, column {error['loc'][0]}: '{error['input']}': "
        f"{message[0].lower()}{message[1:]}"
    )


def _column_faults(columns: list[str]) -> list[str]:
    allowed = list(Row.model_fields)
    if len(columns) == 1 and columns[0] not in allowed:
        return [
            f"its first line '{columns[0]}' has no tab; separate the columns by tabs, and name "
            "recording, animal and source"
        ]
    faults = []
    for position, name in enumerate(columns, start=1):
        if not name:
            faults.append(
                f"column {position} of {len(columns)} has no name; name it, or take away the tab "
                "that is too much, in the header and below"
            )
        elif name not in allowed:
            near = nearest_word(name, allowed)
            remedy = f"did you mean '{near}'" if near else f"allowed: {', '.join(allowed)}"
            faults.append(f"column '{name}' is not known; {remedy}")
    twice = dict.fromkeys(n for n in columns if n and columns.count(n) > 1)
    faults += [f"column '{n}' is there twice; keep one" for n in twice]
    faults += [f"column '{n}' is missing" for n in NEEDED if n not in columns]
    return faults


def _resolved(row: Row, folder: Path) -> Row:
    """The row with its paths made relative to the working directory; remotes stay."""
    resolved: dict[str, list[str]] = {}
    for name, value in paths_of(row).items():
        path, column = str(folder / value), column_of(name)
        afar = is_remote(value) or is_connection(value)
        kept = column in BROUGHT and afar and not is_here(path)
        resolved.setdefault(column, []).append(value if kept else path)
    return row.model_copy(update={c: SEPARATOR.join(paths) for c, paths in resolved.items()})


def _connections(number: int, row: Row) -> list[str]:
    """Cells that spell out a connection: a password has no place in a table."""
    return [
        f"row {number}, column {column_of(name)}: it spells out a connection; name a remote of "
        "your rclone configuration instead (`rclone config`), such as rig:2026/day1"
        for name, path in paths_of(row).items()
        if column_of(name) in BROUGHT and is_connection(path)
    ]


def _several_faults(number: int, row: Row, resolved: Row) -> list[str]:
    """What is wrong with cells that name several files.

    A file that is named twice, maybe in two ways, would be counted twice.
    """
    faults = []
    for column in SEVERAL:
        told, paths = paths_in(getattr(row, column)), paths_in(getattr(resolved, column))
        if len(told) != len(paths):
            faults.append(
                f"row {number}, column {column}: the table lies in a folder with a semicolon in "
                "its name, which would separate files; rename the folder"
            )
            continue
        places: set[str] = set()
        for name, path in zip(told, paths, strict=True):
            place = same_place(path) if is_remote(path) else os.path.normpath(path)
            if place in places and not is_connection(path):
                faults.append(
                    f"row {number}, column {column}: it names '{name}' twice; name each file once, "
                    "in the order in which they were filmed"
                )
            places.add(place)
    return faults
