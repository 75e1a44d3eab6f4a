"""What publish leaves: published.tsv, the list of what stands where others read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import pandas as pd


@dataclass(frozen=True)
class Published:
    """A file and what was done with it.

    Parameters
    ----------
    path : str
        Below the recording's published folder.
    bytes : int
    hash : str
    action : str
        `copied` (new), `replaced` (changed), `kept` (the same already) or `withdrawn` (published
        earlier, no longer a result).
    """

    path: str
    bytes: int
    hash: str
    action: str


def write_published(path: Path, rows: Sequence[Published]) -> None:
    """Write published.tsv."""
    columns = [f.name for f in fields(Published)]
    pd.DataFrame([astuple(r) for r in rows], columns=columns).to_csv(path, sep="\t", index=False)


def read_published(path: Path) -> list[Published]:
    """Read published.tsv; an absent file is an empty list."""
    if not path.is_file():
        return []
    table = pd.read_csv(path, sep="\t", keep_default_na=False)
    return [
        Published(str(r["path"]), int(r["bytes"]), str(r["hash"]), str(r["action"]))
        for _, r in table.iterrows()
    ]
