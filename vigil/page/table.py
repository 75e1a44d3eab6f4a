"""A table as a page shows it, and the same as CSV to take along."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True)
class Table:
    """Header and rows as text.

    Parameters
    ----------
    words : sequence of int
        Columns (from 0) that are words and stand to the left; the others are numbers.
    wide : sequence of int
        Columns that hold sentences.
    colours : sequence of str
        A colour for the first cell of each row.
    links : sequence of str
        An address for the first cell of each row.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: Sequence[int] = (0,)
    wide: Sequence[int] = ()
    colours: Sequence[str] = field(default_factory=tuple)
    links: Sequence[str] = field(default_factory=tuple)


def csv_link(table: pd.DataFrame) -> str:
    """A table as the address of a download: the file is in the page itself."""
    text = table.to_csv(index=False, float_format="%.6g")
    return f"data:text/csv;base64,{base64.b64encode(text.encode()).decode()}"
