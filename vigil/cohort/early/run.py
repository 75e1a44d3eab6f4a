"""How early at its edge: windows and seizures of all recordings in, the answer out."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from vigil.cohort.early import figures
from vigil.cohort.early.clock import Recorded
from vigil.cohort.early.early import Early, how_early
from vigil.cohort.early.files import read_windows, write_summary
from vigil.cohort.early.settings import EarlySettings
from vigil.cohort.files import write_table
from vigil.cohort.settings import Settings
from vigil.page.pictures import draw_pictures
from vigil.recording import parse_time
from vigil.stage import Job

log = logging.getLogger("vigil")


def run_early(job: Job) -> None:
    """Write how early the seizures of the cohort could have been seen.

    Inputs, optional lists: `windows`, `seizures` (of each recording). Row: `recordings`.
    Outputs: `lead_time`, `answers`, `biomarkers`, `warnings`, `early`, and `figures` (a folder)
    where the rule names it.
    """
    settings = Settings.model_validate(job.settings)
    recordings, notes = read_recordings(job, settings.early)
    found = how_early(recordings, settings.early)
    for name in ("lead_time", "answers", "biomarkers", "warnings"):
        write_table(job.output(name), getattr(found, name))
    write_summary(job.output("early"), summary(found, notes, settings.early))
    if "figures" in job.outputs:
        drawn = figures.drawings(found.lead_time, found.biomarkers)
        draw_pictures(job.output("figures"), drawn, figures.CAPTIONS, settings.dpi)


def read_recordings(job: Job, settings: EarlySettings) -> tuple[list[Recorded], list[str]]:
    """Recordings whose windows and seizures are there, and a note on the others."""
    windows, seizures = job.input_by_recording("windows"), job.input_by_recording("seizures")
    found, left_out = [], []
    rows: list[Mapping[str, Any]] = job.row["recordings"]
    for row in rows:
        name = str(row["recording"])
        if name not in windows or name not in seizures:
            left_out.append(name)
            continue
        table, header = read_windows(windows[name], settings.features)
        if not len(table):
            left_out.append(name)
            continue
        start = parse_time(str(row.get("start") or "")) or parse_time(header)
        onsets, stops = _seizures(seizures[name])
        found.append(Recorded(name, str(row["animal"]), start, table, onsets, stops))
    notes = []
    if left_out:
        notes.append(f"Recordings without windows or seizures are left out: {', '.join(left_out)}.")
    return found, notes


def summary(found: Early, notes: list[str], settings: EarlySettings) -> dict[str, Any]:
    """What early.json holds."""
    return {
        "answer": found.answers["sentence"].iloc[0],
        "verdict": found.answers["verdict"].iloc[0],
        "notes": [*notes, *found.notes],
        "features": list(found.features),
        "settings": settings.model_dump(mode="json"),
    }


def _seizures(path: Path) -> tuple[np.ndarray, np.ndarray]:
    table = pd.read_csv(path, sep="\t", usecols=["onset_s", "duration_s"])
    onsets = table["onset_s"].to_numpy(float)
    order = np.argsort(onsets, kind="stable")
    return onsets[order], (onsets + table["duration_s"].to_numpy(float))[order]
