"""What transfer leaves: manifest.tsv, the list of a recording's files with their hashes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

COLUMNS = ("path", "bytes", "hash")


def write_manifest(path: Path, rows: list[tuple[Path, int, str]]) -> None:
    """Write manifest.tsv: one row per file, where it now lies, its size and its hash."""
    table = pd.DataFrame([(str(p), n, h) for p, n, h in rows], columns=list(COLUMNS))
    table.to_csv(path, sep="\t", index=False)


def read_manifest(path: Path) -> dict[Path, str]:
    """Files of a recording and their hashes, in the order of the manifest."""
    table = pd.read_csv(path, sep="\t", dtype=str)
    return {Path(p): h for p, h in zip(table["path"], table["hash"], strict=True)}
