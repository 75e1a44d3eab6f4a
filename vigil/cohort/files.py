"""What cohort leaves beside its page: tables of recordings, animals and regions of onset."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

RECORDING_COLUMNS = (
    "recording", "animal", "group", "start", "status", "reason", "hours", "wake_share",
    "nrem_share", "rem_share", "unclassified_share", "seizures", "resolved_onsets",
    "channels", "bad_channels", "doubted_channels", "mean_speed_cm_s", "died",
)  # fmt: skip
ANIMAL_COLUMNS = (
    "animal", "group", "recordings", "not_analysed", "hours", "seizure_hours", "wake_share",
    "nrem_share", "rem_share", "unclassified_share", "seizures", "seizures_per_day",
    "mean_speed_cm_s", "died", "last_seizure_before_death_h",
)  # fmt: skip
IDS = ("recording", "animal", "group")
TEXTS = (
    *IDS, "onset_time", "region", "status", "state_before", "recovered", "theta_region",
)  # fmt: skip
"""Columns of a table of seizures that hold words."""
ORIGIN_COLUMNS = (
    "animal", "group", "region", "status", "confidence", "share", "low", "high", "n_seizures",
    "n_resolved",
)  # fmt: skip
ONSET_COLUMNS = ("animal", "group", "region", "status", "seizures")


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table of the cohort."""
    table.to_csv(path, sep="\t", index=False, float_format="%.6g")


def read_table(path: Path) -> pd.DataFrame:
    """Read a table of the cohort; an animal may be called NA, only an empty cell is empty."""
    words = dict.fromkeys(("recording", "animal", "group", "region", "status", "reason"), str)
    table = pd.read_csv(path, sep="\t", keep_default_na=False, na_values=[""], dtype=words)
    for column in words:
        if column in table:
            table[column] = table[column].fillna("")
    return table


def write_seizures(path: Path, table: pd.DataFrame) -> None:
    """Write a table of seizures; what is not known is an empty cell."""
    table.to_csv(path, sep="\t", index=False, float_format="%.8g")


def read_seizures(path: Path) -> pd.DataFrame:
    """Read a table of seizures; an animal may be called NA, only an empty cell is empty."""
    table = pd.read_csv(
        path, sep="\t", keep_default_na=False, na_values=[""], dtype=dict.fromkeys(TEXTS, str)
    )
    for column in TEXTS:
        if column in table:
            table[column] = table[column].fillna("")
    for column in ("last_before_death", "fatal"):
        table[column] = table[column].astype(str).str.lower() == "true"
    return table
