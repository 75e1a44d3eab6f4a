"""Label files as text: rows of starts and states, AccuSleePy's labels, and plain lists."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vigil.recording import RecordingError
from vigil.sleep.label_words import state_of_word

FloatArray = npt.NDArray[np.float64]

FORMATS = (
    "Vigil reads a CSV with the columns start_s and state (and duration_s), AccuSleePy's CSV "
    "(brain_state), a list of one state per line, and EDF+ annotations (.edf)."
)
ACCUSLEEP = {"1": "rem", "2": "wake", "3": "nrem"}
"""Digits of AccuSleep and, as it comes, AccuSleePy 0.13 (Barger et al. 2019)."""
ACCUSLEEP_UNDEFINED = "-1"
LARGEST_BYTES = 100_000_000
COLUMNS = {"start_s": ("start_s", "start"), "duration_s": ("duration_s", "duration")}


@dataclass(frozen=True)
class LabelRows:
    """What a file of labels says, before it is laid on a recording.

    Parameters
    ----------
    state : ndarray of str, (row,)
        States of `vigil.recording.STATES`; '' where nothing is labelled.
    place : ndarray of int, (row,)
        Where each row stands in its file.
    start_s, duration_s : ndarray, (row,), or None
        In seconds of the recording; None where the file does not tell.
    unit : str
        What `place` counts.
    """

    state: npt.NDArray[np.str_]
    place: npt.NDArray[np.int64]
    start_s: FloatArray | None
    duration_s: FloatArray | None
    unit: str = "line"


def read_text_rows(path: str | Path) -> LabelRows:
    """Read labels that are text.

    The format is told by the header. Separators may be commas, semicolons or tabs; with the
    latter two, numbers may have a decimal comma. A mark of byte order, Windows line ends and
    letters outside ASCII in columns that are not used do no harm.

    Raises
    ------
    RecordingError
        When the file is none of the formats, or a number or state in it cannot be understood.
    """
    lines, comma = _split(path, _text(path))
    if not lines:
        raise RecordingError(f"The labels {path} are empty. {FORMATS}")
    names = [cell.lower() for cell in lines[0][1]]
    body = lines[1:]
    if "brain_state" in names:
        return _list(path, body, names.index("brain_state"), _accusleep_state)
    if names == ["state"]:
        return _list(path, body, 0, state_of_word)
    if "state" in names or any(n in names for n in COLUMNS["start_s"]):
        return _table(path, names, body, comma)
    if len(names) == 1 and (state_of_word(names[0]) or names[0].lstrip("-").isdigit()):
        return _list(path, lines, 0, state_of_word)
    raise RecordingError(
        f"The labels {path} begin with '{','.join(names)[:60]}', which is no header of labels. "
        f"{FORMATS}"
    )


def read_begin(path: str | Path, most_bytes: int) -> bytes:
    """The first bytes of a file of labels; a RecordingError where it cannot be read."""
    try:
        with Path(path).open("rb") as f:
            return f.read(most_bytes)
    except OSError as error:
        raise RecordingError(
            f"The labels {path} cannot be read ({error.strerror}); see sleep_labels in the table."
        ) from error


def _text(path: str | Path) -> str:
    raw = read_begin(path, LARGEST_BYTES + 1)
    if len(raw) > LARGEST_BYTES:
        raise RecordingError(f"{path} is too large for a file of labels. {FORMATS}")
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = raw.decode("utf-16", errors="replace")
    else:
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            # spreadsheets of Western Europe; states and numbers are the same in all of these
            text = raw.decode("latin-1")
    if any(ord(c) < 32 and c not in "\t\r\n" for c in set(text)):
        raise RecordingError(f"The labels {path} are not text. {FORMATS}")
    return text


def _split(path: str | Path, text: str) -> tuple[list[tuple[int, list[str]]], bool]:
    """Lines that are not blank, as (number of the line, cells), and if commas part the cells."""
    header = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(",;\t", key=header.count)
    lines = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line_before = 0
    try:
        for cells in reader:
            if reader.line_num > line_before + 1:
                # what a quotation mark swallows would be missing without a word
                raise csv.Error("a quotation mark opens here and is not closed in its line")
            line_before = reader.line_num
            cells = [cell.strip() for cell in cells]
            while cells and not cells[-1]:
                cells.pop()
            if cells:
                lines.append((reader.line_num, cells))
    except csv.Error as error:
        raise RecordingError(
            f"The labels {path} cannot be read (line {line_before + 1}: {error}). {FORMATS}"
        ) from error
    return lines, separator == ","


def _states(
    path: str | Path,
    words: Sequence[str],
    place: npt.NDArray[np.int64],
    meaning: Callable[[str], str | None],
) -> npt.NDArray[np.str_]:
    means = {word: meaning(word) for word in set(words)}
    for word, line in zip(words, place, strict=True):
        if means[word] is None:
            why = (
                "digits mean different states in different programs; write words, or name the "
                "column brain_state if they are AccuSleep's (1 REM, 2 wake, 3 NREM)."
                if word.lstrip("-").replace(".", "").isdigit()
                else "write wake, nrem, rem or unclassified, or leave it empty."
            )
            raise RecordingError(
                f"The labels {path} hold the state '{word[:40]}' in line {line}; {why}"
            )
    return np.array([means[word] for word in words], dtype="<U12")


def _accusleep_state(word: str) -> str | None:
    digit = word.removesuffix(".0")
    if digit in ("", ACCUSLEEP_UNDEFINED):
        return ""
    # further digits are states that a laboratory gave itself
    return ACCUSLEEP.get(digit, "unclassified") if digit.isdigit() else None


def _list(
    path: str | Path,
    lines: list[tuple[int, list[str]]],
    column: int,
    meaning: Callable[[str], str | None],
) -> LabelRows:
    """One row per epoch: a line left out would move all that follow, so none may be."""
    place = np.array([n for n, _ in lines], dtype=np.int64)
    hole = np.flatnonzero(np.diff(place) != 1)
    if len(hole):
        raise RecordingError(
            f"The labels {path} have no state in line {place[hole[0]] + 1}, and each line is an "
            "epoch; write unclassified there."
        )
    words = [cells[column] if column < len(cells) else "" for _, cells in lines]
    return LabelRows(_states(path, words, place, meaning), place, None, None)


def _table(
    path: str | Path, names: list[str], lines: list[tuple[int, list[str]]], comma: bool
) -> LabelRows:
    columns = {c: [names.index(n) for n in also if n in names] for c, also in COLUMNS.items()}
    columns["state"] = [names.index("state")] if "state" in names else []
    for column in ("start_s", "state"):
        if not columns[column]:
            raise RecordingError(
                f"The labels {path} have no column '{column}' among {', '.join(names)[:80]}. "
                f"{FORMATS}"
            )
    for number, cells in lines:
        if len(cells) > len(names):
            raise RecordingError(
                f"The labels {path} have {len(cells)} columns in line {number}, but "
                f"{len(names)} in the header; with decimal commas, part the columns by semicolons."
            )
    place = np.array([n for n, _ in lines], dtype=np.int64)
    cells_of = {
        name: [cells[at[0]] if at[0] < len(cells) else "" for _, cells in lines]
        for name, at in columns.items()
        if at
    }
    return LabelRows(
        _states(path, cells_of["state"], place, state_of_word),
        place,
        _numbers(path, "start_s", cells_of["start_s"], place, comma),
        _numbers(path, "duration_s", cells_of["duration_s"], place, comma)
        if "duration_s" in cells_of
        else None,
    )


def _numbers(
    path: str | Path, name: str, cells: list[str], place: npt.NDArray[np.int64], comma: bool
) -> FloatArray:
    if not comma:
        cells = [cell.replace(",", ".") for cell in cells]
    try:
        numbers = np.array(cells, dtype=np.str_).astype(np.float64)
    except ValueError:
        numbers = np.array([_number(cell) for cell in cells])
    bad = ~np.isfinite(numbers)
    if bad.any():
        at = int(np.argmax(bad))
        raise RecordingError(
            f"The labels {path} have no number of seconds in {name} of line {place[at]} "
            f"('{cells[at][:40]}')."
        )
    return numbers


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")
