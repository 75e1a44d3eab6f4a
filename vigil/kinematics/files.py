"""What kinematics leaves: kinematics.parquet, turns.tsv, bouts.tsv, clock.json."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:  # who only reads results should not wait a second for what makes them
    from vigil.kinematics.clock import FrameClock
    from vigil.kinematics.scale import Scale


def read_kinematics(path: str | Path, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """The head's motion, one row per frame; only some columns where they are named."""
    return pd.read_parquet(path, columns=None if columns is None else list(columns))


def read_bouts(path: str | Path) -> pd.DataFrame:
    """Bouts of movement and immobility, one row each."""
    return pd.read_csv(path, sep="\t")


def write_clock(
    path: Path,
    clock: FrameClock,
    swapped: int,
    outliers: int,
    scale: Scale | None = None,
    unanchored: int = 0,
) -> None:
    """Write clock.json: how the frames were placed, what was repaired, and the scale."""
    record: dict[str, Any] = {
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
        "frames_without_snout": unanchored,
    }
    if scale:
        record["scale"] = {
            "px_per_cm": scale.px_per_cm,
            "source": scale.source,
            "notes": list(scale.notes),
        }
    path.write_text(json.dumps(record, indent=1) + "\n")


def _finite(value: float) -> float | None:
    return value if value == value else None
