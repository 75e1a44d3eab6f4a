"""What the cohort keeps of each recording: its minutes, and one row per seizure."""

from __future__ import annotations

import logging
from functools import partial

from vigil.cohort.death import alive_s
from vigil.cohort.early.files import write_windows
from vigil.cohort.early.windows import MOVEMENT, window_table
from vigil.cohort.files import write_seizures
from vigil.cohort.seizures import describe_seizures
from vigil.cohort.settings import Settings
from vigil.kinematics.files import read_bouts, read_kinematics
from vigil.page.times import lights_on_h
from vigil.recording import parse_time
from vigil.seizures.files import (
    read_consensus,
    read_events,
    read_evidence,
    read_length_and_start,
    read_postictal,
)
from vigil.sleep.files import read_hypnogram
from vigil.spectra.files import read_features
from vigil.stage import Job

log = logging.getLogger("vigil")


def run_each(job: Job) -> None:
    """Write windows.parquet and seizures.tsv of a recording.

    Inputs: `events`; optional `features`, `hypnogram`, `kinematics`, `bouts`, `evidence`,
    `consensus`, `postictal`. Row: `start`, `lights_on`, and `died` of the animal. Outputs:
    `windows`, `seizures`.
    """
    settings = Settings.model_validate(job.settings)
    events = read_events(job.input("events"))
    length_s, header = read_length_and_start(job.input("events"))
    start = str(job.row.get("start") or "") or (header if parse_time(header) else "")
    began, died = parse_time(start), parse_time(job.row.get("died"))
    lives_s = alive_s(began, died)
    features = job.read("features", read_features)
    hypnogram = job.read("hypnogram", read_hypnogram)
    onsets = events["onset"].to_numpy(float)
    windows = window_table(
        features,
        hypnogram,
        job.read("kinematics", partial(read_kinematics, columns=("time_s", "valid", *MOVEMENT))),
        job.read("evidence", read_evidence),
        onsets,
        onsets + events["duration"].to_numpy(float),
        settings.early,
    )
    windows["valid"] &= windows["start_s"] + windows["duration_s"] <= lives_s
    log.info("%d windows, %d of them clean", len(windows), int(windows["valid"].sum()))
    write_windows(job.output("windows"), windows, start)
    table = describe_seizures(
        events[events["onset"] <= lives_s].reset_index(drop=True),
        job.read("consensus", read_consensus),
        job.read("postictal", read_postictal),
        hypnogram,
        features,
        job.read("bouts", read_bouts),
        length_s,
        began,
        lights_on_h(job.row.get("lights_on")),
        died,
        settings,
    )
    write_seizures(job.output("seizures"), table)
