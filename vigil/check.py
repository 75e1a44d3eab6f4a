"""Check a table and a configuration before anything runs."""

from __future__ import annotations

from pathlib import Path

import yaml

from vigil.configuration import ConfigurationError, check_configuration
from vigil.nearest import nearest_file
from vigil.table import PATHS, Row, TableError, read_table


def check(table: Path, config: Path | None) -> int:
    """Print what is wrong with a table and a configuration; 0 when nothing is."""
    faults: list[str] = []
    if config is not None:
        try:
            check_configuration(yaml.safe_load(config.read_text()) or {})
        except (OSError, yaml.YAMLError, ConfigurationError) as error:
            faults.append(str(error))
    rows: dict[str, Row] = {}
    try:
        rows = read_table(table)
    except TableError as error:
        faults.append(str(error))
    for row in rows.values():
        faults += missing_files(row)
    for fault in faults:
        print(fault)
    if not faults:
        print(f"{table}: {len(rows)} recordings, nothing to fix")
    return 1 if faults else 0


def missing_files(row: Row) -> list[str]:
    """A sentence for each file that a row names and that is not there."""
    sentences = []
    for column in PATHS:
        value = getattr(row, column)
        if value and not Path(value).exists():
            near = nearest_file(Path(value))
            remedy = f"did you mean '{near}'?" if near else "bring the file or clear the cell."
            sentences.append(
                f"recording {row.recording}, column {column}: {value} is not there; {remedy}"
            )
    return sentences
