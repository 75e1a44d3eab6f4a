"""What kinematics leaves: kinematics.parquet, turns.tsv, clock.json."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from vigil.kinematics.clock import FrameClock


def read_kinematics(path: str | Path) -> pd.DataFrame:
    """The head's motion, one row per frame."""
    return pd.read_parquet(path)


def write_clock(path: Path, clock: FrameClock, swapped: int, outliers: int) -> None:
    """Write clock.json: how the frames were placed, and what was repaired on the way."""
    record = {
        "offset_s": _finite(clock.offset_s),
        "drift_ppm": _finite(clock.drift_ppm),
        "residual_ms": _finite(clock.residual_ms),
        "dropped_frames": clock.dropped_frames,
        "frames": len(clock.time_s),
        "source": clock.source,
        "ambiguous_frames": clock.ambiguous_frames,
        "notes": list(clock.notes),
        "swapped_ears": swapped,
        "outliers": outliers,
    }
    path.write_text(json.dumps(record, indent=1) + "\n")


def _finite(value: float) -> float | None:
    return value if value == value else None
