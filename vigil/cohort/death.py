"""What counts ends with the animal's death: what is found later is no seizure of its life."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
import pandas as pd

from vigil.cohort.gather import Recording
from vigil.recording import seconds_between


def alive_s(start: datetime | None, died: datetime | None) -> float:
    """How long the animal lives on the recording's clock; infinite where it is not known."""
    if start is None or died is None:
        return np.inf
    return max(0.0, seconds_between(start, died))


def deaths(recordings: Sequence[Recording]) -> dict[str, datetime]:
    """When animals died, from whichever of their rows says so."""
    found: dict[str, datetime] = {}
    for r in recordings:
        if r.died is not None:
            found.setdefault(r.animal, r.died)
    return found


def cut_at_death(recordings: Sequence[Recording]) -> list[Recording]:
    """The recordings without what is found after their animal's death."""
    died = deaths(recordings)
    return [_cut(r, alive_s(r.start, died.get(r.animal))) for r in recordings]


def _cut(recording: Recording, lives_s: float) -> Recording:
    if not np.isfinite(lives_s):
        return recording
    events = recording.events
    kept = None
    if events is not None:
        events = events[events["onset"] <= lives_s].reset_index(drop=True)
        kept = set(events["seizure"])
    return replace(
        recording,
        events=events,
        consensus=_rows(recording.consensus, kept),
        postictal=_rows(recording.postictal, kept),
        segments_s=tuple((a, min(b, lives_s)) for a, b in recording.segments_s if a < lives_s),
    )


def _rows(table: pd.DataFrame | None, seizures: set[int] | None) -> pd.DataFrame | None:
    if table is None or seizures is None:
        return table
    return table[table["seizure"].isin(seizures)].reset_index(drop=True)
