"""A row of recordings.tsv: what its cells mean, and which of them name files."""

from __future__ import annotations

import json
import re
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, field_validator

from vigil.recording import ID_PATTERN

NEEDED = ("recording", "animal", "source")
RESERVED = ("models", "cohort")
"""Folders beside those of the recordings, under results/ and logs/."""

PATHS = ("source", "video", "video_times", "montage", "pose", "sleep_labels", "seizure_labels")
BROUGHT = ("source", "video", "video_times")
"""Columns whose files transfer brings; these may name a remote."""
LABELS = ("sleep_labels", "seizure_labels")
"""Columns whose files come later than the recording."""
SEVERAL = ("video", "video_times")
"""Columns that may name several files, in the order in which they were filmed."""
SEPARATOR = ";"


class Row(BaseModel):
    """A recording: one closed block of acquisition of one animal."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    recording: str
    """Id of the recording: letters, digits, _ and -, at most 64; unique in the table."""

    animal: str
    """Id of the animal."""

    source: str
    """Folder with the recording's files (or one file), relative to the table or absolute, or a
    remote of your rclone configuration (remote:path)."""

    group: str = ""
    """Group of the animal, such as a genotype."""

    start: str = ""
    """Start of the recording, ISO 8601 with offset (2026-03-01T08:00:00+01:00); when empty
    the file's header is taken."""

    video: str = ""
    """Video of the recording, or several in the order in which they were filmed, separated by
    semicolons; empty when there was no camera."""

    video_times: str = ""
    """Times of the frames: .smi or .nvt files of Neuralynx, or CSV with the columns frame and
    time_s (on the recording's clock) or camera_s; one for each file of the video, in order."""

    montage: str = ""
    """Table channel, region, hemisphere, kind; empty makes each channel a region."""

    lights_on: str = ""
    """Time of day at which the lights go on, HH:MM (zeitgeber time 0)."""

    px_per_cm: float | None = Field(None, gt=0, allow_inf_nan=False)
    """Pixels per centimetre in the video."""

    pose: str = ""
    """Existing tracks of DeepLabCut or SLEAP (.h5 or .csv), instead of tracking the video."""

    sleep_labels: str = ""
    """An expert's sleep scores: CSV (start_s, state, duration_s), AccuSleePy's CSV, a list of one
    state per line, or EDF+ annotations."""

    seizure_labels: str = ""
    """An expert's seizures, SzCORE events TSV."""

    died: str = ""
    """Time of death, ISO 8601 with offset."""

    @field_validator("recording", "animal")
    @classmethod
    def _id(cls, value: str) -> str:
        if not re.match(ID_PATTERN, value):
            raise ValueError("use letters, digits, _ and - only, beginning with a letter or digit")
        return value

    @field_validator("recording")
    @classmethod
    def _free(cls, value: str) -> str:
        # some file systems take Models and models for the same folder
        if value.lower() in RESERVED:
            raise ValueError("the results have a folder of their own of this name; choose another")
        return value

    @field_validator("animal")
    @classmethod
    def _one(cls, value: str) -> str:
        if value.lower() == "all":
            raise ValueError("'all' stands for all animals together in tables; choose another")
        return value

    @field_validator("source")
    @classmethod
    def _filled(cls, value: str) -> str:
        if not value:
            raise ValueError("name the folder with the recording's files")
        return value

    @field_validator("start", "died")
    @classmethod
    def _instant(cls, value: str) -> str:
        if value:
            try:
                known = datetime.fromisoformat(value)
            except ValueError:
                known = None
            if known is None or known.tzinfo is None:
                raise ValueError("write it as 2026-03-01T08:00:00+01:00, with the offset")
        return value

    @field_validator("lights_on")
    @classmethod
    def _clock(cls, value: str) -> str:
        if value and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
            raise ValueError("write it as HH:MM, such as 07:00")
        return value


def paths_in(cell: str) -> list[str]:
    """Paths that a cell of a column of `SEVERAL` names."""
    return [part.strip() for part in cell.split(SEPARATOR) if part.strip()]


def paths_of(row: Row) -> dict[str, str]:
    """Every path of a row by its column; of several in a cell the second one by 'video 2'."""
    paths: dict[str, str] = {}
    for name in PATHS:
        cell = getattr(row, name)
        for k, path in enumerate(paths_in(cell) if name in SEVERAL else [cell] * bool(cell)):
            paths[f"{name} {k + 1}" if k else name] = path
    return paths


def column_of(name: str) -> str:
    """The column of a path, by its name in `paths_of`."""
    return name.partition(" ")[0]


def schema() -> str:
    """JSON schema of a row of recordings.tsv."""
    return json.dumps(Row.model_json_schema(), indent=1) + "\n"
