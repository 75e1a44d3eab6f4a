"""What sleep leaves: the hypnogram and its summary."""

from __future__ import annotations

from pathlib import Path

import pandas as pd


def read_hypnogram(path: str | Path) -> pd.DataFrame:
    """Hypnogram of a recording, one row per epoch."""
    return pd.read_parquet(path)


def read_summary(path: str | Path) -> pd.DataFrame:
    """Share and bouts of each state."""
    return pd.read_csv(path, sep="\t")
