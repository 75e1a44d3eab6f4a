"""All that is known about a recording, gathered from what the stages left."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from vigil.cohort.files import read_seizures
from vigil.downsample.files import Lfp, open_lfp, read_quality
from vigil.kinematics.files import read_bouts, read_kinematics
from vigil.page.times import TimeAxis, lights_on_h
from vigil.recording import parse_time, seconds_between
from vigil.seizures.files import (
    read_consensus,
    read_events,
    read_evidence,
    read_onset,
    read_postictal,
    read_rates,
    read_spread,
)
from vigil.sleep.files import (
    read_hours,
    read_hypnogram,
    read_statistics,
    read_summary,
    read_transitions,
)
from vigil.spectra.files import Spectrogram, open_spectrogram, read_features
from vigil.stage import Job, NotAnalysed

# roles that carry results of their own; without any of them nothing was analysed
CORE = ("lfp", "spectrogram", "features", "kinematics", "hypnogram", "events")


@dataclass(frozen=True)
class Findings:
    """One recording and whatever the stages found in it; None where there is nothing.

    Parameters
    ----------
    missing : mapping
        Inputs that could not be made, and why.
    absent : tuple of str
        Inputs that this recording does not have (no video, for instance).
    described : DataFrame or None
        What cohort keeps of each seizure: the state before, and what followed.
    provenances : mapping
        Stage -> content of its provenance.json.
    """

    recording: str
    animal: str = ""
    group: str = ""
    start: datetime | None = None
    lights_on: float | None = None
    died: datetime | None = None
    px_per_cm: float | None = None
    lfp: Lfp | None = None
    spectrogram: Spectrogram | None = None
    quality: pd.DataFrame | None = None
    features: pd.DataFrame | None = None
    kinematics: pd.DataFrame | None = None
    turns: pd.DataFrame | None = None
    bouts: pd.DataFrame | None = None
    clock: dict[str, Any] | None = None
    pose_quality: pd.DataFrame | None = None
    pose_verdict: dict[str, Any] | None = None
    hypnogram: pd.DataFrame | None = None
    sleep_summary: pd.DataFrame | None = None
    sleep_statistics: pd.DataFrame | None = None
    sleep_transitions: pd.DataFrame | None = None
    sleep_hours: pd.DataFrame | None = None
    events: pd.DataFrame | None = None
    onset: pd.DataFrame | None = None
    consensus: pd.DataFrame | None = None
    spread: pd.DataFrame | None = None
    postictal: pd.DataFrame | None = None
    disturbances: pd.DataFrame | None = None
    rates: pd.DataFrame | None = None
    described: pd.DataFrame | None = None
    evidence: pd.DataFrame | None = None
    manifest: pd.DataFrame | None = None
    missing: Mapping[str, NotAnalysed] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    provenances: Mapping[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def analysed(self) -> bool:
        """Whether there is anything at all to show."""
        return any(getattr(self, name) is not None for name in CORE)

    @property
    def duration_s(self) -> float:
        """Length of the recording on its own clock, from the first source that knows it."""
        if self.lfp is not None:
            return self.lfp.segments.duration_s
        for table in (self.hypnogram, self.features):
            if table is not None and len(table):
                return float(table["start_s"].iloc[-1] + table["duration_s"].iloc[-1])
        if self.kinematics is not None and len(self.kinematics):
            return float(self.kinematics["time_s"].iloc[-1])
        if self.spectrogram is not None and len(self.spectrogram.time_s):
            return float(self.spectrogram.time_s[-1])
        return 0.0

    @property
    def gaps(self) -> list[tuple[float, float]]:
        """Stretches without brain signals, in seconds."""
        return [] if self.lfp is None else self.lfp.segments.gaps()

    @property
    def death_s(self) -> float | None:
        """Time of the animal's death on the recording's clock, where it lies in the recording."""
        if self.died is None or self.start is None:
            return None
        at = seconds_between(self.start, self.died)
        return at if 0 <= at <= self.duration_s else None

    def time_axis(self) -> TimeAxis:
        """The time axis of the whole recording."""
        return TimeAxis(0.0, max(self.duration_s, 1.0), self.start, self.lights_on)

    def seizures(self) -> Iterator[tuple[int, float, float]]:
        """Number (from 1), onset and duration in seconds of each seizure."""
        if self.events is not None:
            columns = ("seizure", "onset", "duration")
            for number, onset_s, duration_s in zip(*(self.events[c] for c in columns), strict=True):
                yield int(number), float(onset_s), float(duration_s)


def gather(job: Job) -> Findings:
    """Read what the stages left of one recording.

    Parameters
    ----------
    job : Job
        Inputs by role; every one may be missing. Names that end in `provenance(s)` are the
        stages' histories.
    """
    row = job.row
    lfp = job.read("lfp", open_lfp)
    start = parse_time(row.get("start")) or (parse_time(lfp.start_time) if lfp else None)
    histories = [n for n in job.inputs if n.endswith(("provenance", "provenances"))]
    roles = [n for n in job.inputs if n not in (*histories, "manifest")]
    records = [_json(p) for n in histories for p in job.input_list(n)]
    pixels = row.get("px_per_cm")
    return Findings(
        recording=job.recording,
        animal=str(row.get("animal") or ""),
        group=str(row.get("group") or ""),
        start=start,
        lights_on=lights_on_h(row.get("lights_on")),
        died=parse_time(row.get("died")),
        px_per_cm=float(pixels) if pixels else None,
        lfp=lfp,
        spectrogram=job.read("spectrogram", open_spectrogram),
        quality=job.read("quality", read_quality),
        features=job.read("features", read_features),
        kinematics=job.read("kinematics", read_kinematics),
        turns=job.read("turns", _tsv),
        bouts=job.read("bouts", read_bouts),
        clock=job.read("clock", _json),
        pose_quality=job.read("pose_quality", _tsv),
        pose_verdict=job.read("pose_verdict", _json),
        hypnogram=job.read("hypnogram", read_hypnogram),
        sleep_summary=job.read("sleep_summary", read_summary),
        sleep_statistics=job.read("sleep_statistics", read_statistics),
        sleep_transitions=job.read("sleep_transitions", read_transitions),
        sleep_hours=job.read("sleep_hours", read_hours),
        events=job.read("events", read_events),
        onset=job.read("onset", read_onset),
        consensus=job.read("consensus", read_consensus),
        spread=job.read("spread", read_spread),
        postictal=job.read("postictal", read_postictal),
        disturbances=job.read("disturbances", _tsv),
        rates=job.read("rates", read_rates),
        described=job.read("described", read_seizures),
        evidence=job.read("evidence", read_evidence),
        manifest=job.read("manifest", _tsv),
        missing={n: m for n, m in job.missing.items() if n not in histories},
        absent=tuple(n for n in roles if not job.inputs[n] and n not in job.missing),
        provenances={p["stage"]: p for p in records},
    )


def _tsv(path: Path) -> pd.DataFrame:
    # a channel may be called NA: only an empty cell is empty
    return pd.read_csv(path, sep="\t", keep_default_na=False, na_values=[""])


def _json(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text())
    return content
