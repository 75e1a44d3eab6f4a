"""What 'how early' reads and leaves: windows.parquet; lead_time.tsv, answers.tsv and others."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from pyarrow import parquet

from vigil.cohort.early.clock import KEYS
from vigil.cohort.early.features import chosen
from vigil.plain import plain

START = "start_time"
WORDS = ("animal", "recording", "split", "verdict", "sentence", "region", "feature", "kind",
         "told_at")  # fmt: skip
FLAGS = ("better", "lead", "tested")


def write_windows(path: str | Path, table: pd.DataFrame, start_time: str) -> None:
    """Write the windows of a recording, and its start (ISO 8601, or '') beside them."""
    table = table.copy()
    table.attrs = {START: start_time}
    table.to_parquet(path, index=False)


def read_windows(
    path: str | Path, patterns: Sequence[str] | None = None
) -> tuple[pd.DataFrame, str]:
    """Windows of a recording and its start; only features that match one of some patterns."""
    columns = None
    if patterns is not None:
        names = parquet.read_schema(path).names
        columns = [c for c in names if c in KEYS] + chosen(
            [c for c in names if c not in KEYS], patterns
        )
    table = pd.read_parquet(path, columns=columns)
    return table, str(table.attrs.get(START, ""))


def read_table(path: str | Path) -> pd.DataFrame:
    """Read a table of how early; an animal or a region may be called NA."""
    words = dict.fromkeys(WORDS, str)
    table = pd.read_csv(path, sep="\t", keep_default_na=False, na_values=[""], dtype=words)
    for column in WORDS:
        if column in table:
            table[column] = table[column].fillna("")
    for column in FLAGS:
        if column in table:
            table[column] = table[column].astype(bool)
    return table


def write_summary(path: Path, summary: Mapping[str, Any]) -> None:
    """Write early.json; what is no number is null."""
    path.write_text(json.dumps(plain(summary), indent=1) + "\n", encoding="utf-8")


def read_summary(path: str | Path) -> dict[str, Any]:
    """Read early.json: notes, features, settings, and the answer of the cohort."""
    return dict(json.loads(Path(path).read_text(encoding="utf-8")))


def notes_of(path: str | Path) -> list[str]:
    """Notes of early.json: recordings left out, hours and states not known, seizures not tested."""
    return [str(note) for note in read_summary(path).get("notes") or []]
