"""What transfer leaves: manifest.tsv, the list of a recording's files with their hashes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from vigil.recording import RecordingError

COLUMNS = ("path", "bytes", "hash", "verified", "source", "name")


@dataclass(frozen=True)
class Brought:
    """A file of a recording that was brought.

    Parameters
    ----------
    path : path
        Where it now lies.
    bytes : int
    hash : str
        `name:hexdigest` of the file at `path`.
    verified : str
        What proved that it is the source's: `read back`, `same file`, `in place`, `<hash> of
        the remote` or `remote read twice`.
    source : str
        Where it came from, a path or `remote:path`.
    name : str
        What it is called in the recording; of a tree with its folders (`a/b.dat`).
    """

    path: Path
    bytes: int
    hash: str
    verified: str
    source: str
    name: str


def leads_out(name: str) -> bool:
    """Whether the name of a file in a recording would lie outside the recording's folder."""
    return "\0" in name or any(part in ("", ".", "..") for part in name.split("/"))


def write_manifest(path: Path, rows: Sequence[Brought], **more: Sequence[str]) -> None:
    """Write manifest.tsv: one row per file, through to the disk; further columns by name."""
    table = pd.DataFrame([vars(row) for row in rows], columns=list(COLUMNS)).assign(**more)
    with path.open("w") as f:
        table.to_csv(f, sep="\t", index=False)
        f.flush()
        os.fsync(f.fileno())


def read_rows(path: Path) -> list[Brought]:
    """The rows of a manifest, in its order; those of an older program tell no source or name.

    Raises
    ------
    RecordingError
        When it is no manifest, or lists no file.
    """
    try:
        table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise RecordingError(f"{path} cannot be read ({error}); name a manifest.tsv.") from error
    if not set(COLUMNS[:3]) <= set(table.columns) or table.empty:
        raise RecordingError(
            f"{path} is no manifest of transfer or lists no file; name a manifest.tsv."
        )
    table = table.reindex(columns=list(COLUMNS), fill_value="")
    return [
        Brought(Path(p), int(n), h, verified, source, name or Path(p).name)
        for p, n, h, verified, source, name in table.itertuples(index=False)
    ]


def read_manifest(path: Path) -> dict[Path, str]:
    """Files of a recording and their hashes, in the order of the manifest."""
    return {row.path: row.hash for row in read_rows(path)}
