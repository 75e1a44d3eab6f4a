"""What sleep leaves: the hypnogram, and its statistics."""

from __future__ import annotations

from pathlib import Path

import pandas as pd


def read_hypnogram(path: str | Path) -> pd.DataFrame:
    """Hypnogram of a recording, one row per epoch."""
    return pd.read_parquet(path)


def read_summary(path: str | Path) -> pd.DataFrame:
    """Time and bouts of each state."""
    return pd.read_csv(path, sep="\t")


def read_statistics(path: str | Path) -> pd.DataFrame:
    """Numbers of the whole recording: measure, value, unit, source, unclassified_min."""
    return pd.read_csv(
        path, sep="\t", keep_default_na=False, na_values={"value": "", "unclassified_min": ""}
    )


def read_transitions(path: str | Path) -> pd.DataFrame:
    """How often each state follows each state, by epochs and by bouts."""
    return pd.read_csv(path, sep="\t")


def read_hours(path: str | Path) -> pd.DataFrame:
    """Time and bouts of each state in each hour."""
    return pd.read_csv(path, sep="\t")
