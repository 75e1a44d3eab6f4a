"""What the cohort keeps of each recording: its minutes, and one row per seizure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from vigil.cohort.death import alive_s
from vigil.cohort.early.files import write_windows
from vigil.cohort.early.run import make_windows, start_of
from vigil.cohort.files import write_seizures
from vigil.cohort.seizures import describe_seizures
from vigil.cohort.settings import Settings
from vigil.kinematics.files import read_bouts
from vigil.page.times import lights_on_h
from vigil.recording import parse_time
from vigil.seizures.files import (
    read_consensus,
    read_events,
    read_length_and_start,
    read_postictal,
)
from vigil.sleep.files import read_hypnogram
from vigil.spectra.files import read_features
from vigil.stage import Job


def run_each(job: Job) -> None:
    """Write windows.parquet and seizures.tsv of a recording.

    Inputs: `events`; optional `features`, `hypnogram`, `kinematics`, `bouts`, `evidence`,
    `consensus`, `postictal`. Row: `start`, `lights_on`, and `died` of the animal. Outputs:
    `windows`, `seizures`.
    """
    settings = Settings.model_validate(job.settings)
    start = start_of(job)
    died = parse_time(job.row.get("died"))
    lives_s = alive_s(parse_time(start), died)
    windows = make_windows(job, settings.early)
    windows["valid"] &= windows["start_s"] + windows["duration_s"] <= lives_s
    write_windows(job.output("windows"), windows, start)
    events = read_events(job.input("events"))
    table = describe_seizures(
        events[events["onset"] <= lives_s].reset_index(drop=True),
        _read(job, "consensus", read_consensus),
        _read(job, "postictal", read_postictal),
        _read(job, "hypnogram", read_hypnogram),
        _read(job, "features", read_features),
        _read(job, "bouts", read_bouts),
        read_length_and_start(job.input("events"))[0],
        parse_time(start),
        lights_on_h(job.row.get("lights_on")),
        died,
        settings,
    )
    write_seizures(job.output("seizures"), table)


def _read(job: Job, name: str, reader: Callable[[Path], pd.DataFrame]) -> pd.DataFrame | None:
    path = job.optional_input(name)
    return None if path is None else reader(path)
