"""Check a table and a configuration before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from vigil.configuration import ConfigurationError, check_configuration
from vigil.recording import RecordingError
from vigil.row import Row, column_of, paths_of
from vigil.sources import shared_files
from vigil.table import TableError, read_table
from vigil.transfer.absent import is_there, nearest_to
from vigil.transfer.rclone import RemoteFault


def check(table: Path, config: Path | None) -> int:
    """Print what is wrong with a table and a configuration; 0 when nothing is."""
    faults: list[str] = []
    settings: dict[str, Any] = {}
    if config is not None:
        try:
            settings = check_configuration(yaml.safe_load(config.read_text()) or {})
        except (OSError, yaml.YAMLError, ConfigurationError) as error:
            faults.append(str(error))
    rows: dict[str, Row] = {}
    try:
        rows = read_table(table)
    except TableError as error:
        faults.append(str(error))
    for row in rows.values():
        faults += missing_files(row)
    if settings.get("transfer", {}).get("delete_source"):
        read = [str(path) for path in (table, config) if path]
        faults += [f"{sentence}." for sentence in shared_files(rows, read)]
    for fault in faults:
        print(fault)
    if not faults:
        print(f"{table}: {len(rows)} recordings, nothing to fix")
    return 1 if faults else 0


def missing_files(row: Row) -> list[str]:
    """A sentence for each file that a row names and that is not there; remotes are asked."""
    sentences = []
    for name, value in paths_of(row).items():
        try:
            if is_there(value):
                continue
            near = nearest_to(value)
            remedy = f"did you mean '{near}'?" if near else "bring the file or clear the cell."
            lack = f"{value} is not there; {remedy}"
        except RecordingError as error:
            lack = str(error)
        except RemoteFault as fault:
            lack = f"{value} cannot be looked at ({fault}); see that `rclone lsf {value}` answers."
        sentences.append(f"recording {row.recording}, column {column_of(name)}: {lack}")
    return sentences
