"""The recordings of a cohort and what each of them left, as plain tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from vigil.cohort.files import read_seizures
from vigil.downsample.files import open_lfp, read_quality
from vigil.kinematics.files import read_kinematics
from vigil.recording import parse_time
from vigil.report.files import read_missing
from vigil.seizures.files import (
    read_consensus,
    read_events,
    read_length_and_start,
    read_postictal,
)
from vigil.sleep.files import read_summary
from vigil.stage import Job, NotAnalysed

INPUTS = (
    "reports", "lfp", "quality", "sleep_summaries", "hypnograms", "events", "consensus",
    "postictal", "kinematics", "seizures",
)  # fmt: skip


@dataclass(frozen=True)
class Recording:
    """One row of the table and what was found in it.

    Parameters
    ----------
    row : mapping
        The columns of recordings.tsv.
    missing : mapping
        What could not be made, and why.
    seizures : DataFrame or None
        One row per seizure, as of `vigil.cohort.each`.
    hypnogram : Path or None
        Read only while it is needed: months of epochs need not be held.
    segments_s : tuple
        Start and stop of each stretch that was recorded.
    regions : tuple of str
        Regions of the brain with electrodes.
    length_s, header_start
        Length of the recording in seconds and its start, as the seizures' table has them; NaN
        and '' where they are not known.
    """

    row: Mapping[str, Any]
    missing: Mapping[str, NotAnalysed] = field(default_factory=dict)
    quality: pd.DataFrame | None = None
    sleep: pd.DataFrame | None = None
    events: pd.DataFrame | None = None
    consensus: pd.DataFrame | None = None
    postictal: pd.DataFrame | None = None
    seizures: pd.DataFrame | None = None
    hypnogram: Path | None = None
    segments_s: tuple[tuple[float, float], ...] = ()
    regions: tuple[str, ...] = ()
    mean_speed_cm_s: float = np.nan
    moved_s: float = 0.0
    length_s: float = np.nan
    header_start: str = ""

    @property
    def name(self) -> str:
        """Id of the recording."""
        return str(self.row["recording"])

    @property
    def animal(self) -> str:
        """Id of the animal."""
        return str(self.row.get("animal") or "")

    @property
    def group(self) -> str:
        """Group of the animal, '' where the table has none."""
        return str(self.row.get("group") or "")

    @property
    def start(self) -> datetime | None:
        """Start of the recording, from the table of recordings, else from the file's header."""
        return parse_time(self.row.get("start")) or parse_time(self.header_start)

    @property
    def died(self) -> datetime | None:
        """Time of the animal's death, where the table has it."""
        return parse_time(self.row.get("died"))

    @property
    def status(self) -> str:
        """`analysed`, `partly` or `not analysed`."""
        nothing = self.sleep is None and self.events is None and not self.moved_s
        if nothing:
            return "not analysed"
        return "partly" if self.missing else "analysed"

    @property
    def reason(self) -> str:
        """Why something is missing: each reason once."""
        return " ".join(dict.fromkeys(m.reason for m in self.missing.values()))

    @property
    def sought_hours(self) -> float:
        """Hours in which seizures were sought: without gaps, and until the animal's death."""
        if self.events is None:
            return 0.0
        if self.segments_s:
            return sum(stop - start for start, stop in self.segments_s) / 3600
        return self.hours

    @property
    def hours(self) -> float:
        """Length in hours: of the recording, else what was scored, else what the video shows."""
        if np.isfinite(self.length_s):
            return self.length_s / 3600
        if self.sleep is not None:
            return float(self.sleep["minutes"].sum()) / 60
        return self.moved_s / 3600 if self.moved_s else np.nan


def gather(job: Job) -> list[Recording]:
    """What is known of each recording, in the order of the table.

    Parameters
    ----------
    job : Job
        Row: `recordings`, a list of rows of the table. Inputs: lists of files.
    """
    found = {name: job.input_by_recording(name) for name in INPUTS}
    rows: Sequence[Mapping[str, Any]] = job.row["recordings"]
    return [
        _recording(row, {n: paths.get(str(row["recording"])) for n, paths in found.items()})
        for row in rows
    ]


def _recording(row: Mapping[str, Any], paths: Mapping[str, Path | None]) -> Recording:
    report, sleep, events = paths["reports"], paths["sleep_summaries"], paths["events"]
    quality, lfp, seizures = paths["quality"], paths["lfp"], paths["seizures"]
    consensus, postictal, moves = paths["consensus"], paths["postictal"], paths["kinematics"]
    length_s, header_start = (np.nan, "") if events is None else read_length_and_start(events)
    speed, moved_s = (np.nan, 0.0) if moves is None else _movement(moves)
    return Recording(
        row=row,
        missing={} if report is None else read_missing(report),
        quality=None if quality is None else read_quality(quality),
        sleep=None if sleep is None else read_summary(sleep),
        events=None if events is None else read_events(events),
        consensus=None if consensus is None else read_consensus(consensus),
        postictal=None if postictal is None else read_postictal(postictal),
        seizures=None if seizures is None else read_seizures(seizures),
        hypnogram=paths["hypnograms"],
        **({} if lfp is None else _recorded(lfp)),
        mean_speed_cm_s=speed,
        moved_s=moved_s,
        length_s=length_s,
        header_start=header_start,
    )


def _recorded(path: Path) -> dict[str, Any]:
    lfp = open_lfp(path)
    brain = lfp.montage.of_kind("lfp")
    return {
        "segments_s": tuple(zip(lfp.segments.start_s, lfp.segments.stop_s, strict=True)),
        "regions": tuple(dict.fromkeys(lfp.montage.region[c] for c in brain)),
    }


def _movement(path: Path) -> tuple[float, float]:
    """Mean speed of the valid frames in cm/s, and how long the video lasts in seconds."""
    table = read_kinematics(path, ("time_s", "valid", "speed_cm_s"))
    if not len(table):
        return np.nan, 0.0
    speed = table.loc[table["valid"].astype(bool), "speed_cm_s"]
    length = float(table["time_s"].iloc[-1] - table["time_s"].iloc[0])
    return (float(speed.mean()) if len(speed) else np.nan), length
