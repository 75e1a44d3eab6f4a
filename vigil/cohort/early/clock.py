"""The recordings of an animal on one clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.recording import SCORED, STATES, RecordingError, seconds_between

DAY_S = 86400.0
APART_S = 1000 * DAY_S  # recordings without a start: nothing of one is near another
KEYS = ("start_s", "duration_s", "valid", "phase", "state")
"""Columns of windows.parquet that are not features."""

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Recorded:
    """One recording: its windows and its seizures.

    Parameters
    ----------
    windows : DataFrame
        As in windows.parquet.
    onsets_s, stops_s : ndarray, (seizure,)
        On the recording's clock.
    """

    name: str
    animal: str
    start: datetime | None
    windows: pd.DataFrame
    onsets_s: FloatArray
    stops_s: FloatArray


@dataclass(frozen=True)
class Animal:
    """Windows and seizures of all recordings of an animal, in the order of time.

    Parameters
    ----------
    time_s : ndarray, (window,)
        Ends of the windows, in seconds since the midnight before the first recording.
    clock_h : ndarray, (window,)
        Hour of the day on the wall, NaN where the start of the recording is not known.
    span : ndarray, (window,)
        Windows of different spans lie on clocks of which nothing is known to each other.
    state : ndarray, (window,)
        Position in `STATES`.
    valid : ndarray, (window,)
    numbers : ndarray, (window, feature)
    onsets_s, stops_s : ndarray, (seizure,)
    recording, number : tuple
        Recording of each seizure, and its number in there, from 1.
    notes : tuple of str
        What has to be said of the clock and of sleep.
    recordings, dateless, unscored : int
        How many there are, how many of them have no start, and how many no sleep.
    """

    name: str
    window_s: float
    features: tuple[str, ...]
    time_s: FloatArray
    clock_h: FloatArray
    span: npt.NDArray[np.int64]
    state: npt.NDArray[np.int64]
    valid: npt.NDArray[np.bool_]
    numbers: npt.NDArray[np.float32]
    onsets_s: FloatArray
    stops_s: FloatArray
    recording: tuple[str, ...]
    number: tuple[int, ...]
    notes: tuple[str, ...] = ()
    recordings: int = 0
    dateless: int = 0
    unscored: int = 0


def join(recordings: Sequence[Recorded]) -> Animal:
    """Lay the recordings of an animal on one clock.

    Recordings whose start is not known stand alone: nothing before one of them counts as its
    past, they have no hour of the day, and they come after the others in the order of the table.
    Of windows that two recordings share the later recording's are left out. A start without a time
    zone is taken to be in the zone of the first one that has a zone.
    """
    dated, midnight = _in_order([r for r in recordings if r.start is not None])
    alone = [r for r in recordings if r.start is None]
    parts, onsets, stops, whose = [], [], [], []
    features = list(dict.fromkeys(c for r in recordings for c in r.windows if c not in KEYS))
    last_s, window_s = -np.inf, 0.0
    for span, r in enumerate([*dated, *alone]):
        if r.start is not None:
            base_s = seconds_between(midnight, r.start)
            hour = r.start.hour + r.start.minute / 60 + r.start.second / 3600
        else:
            base_s = (np.ceil(max(last_s, 0.0) / DAY_S) * DAY_S) + APART_S
            hour = np.nan
        table = r.windows
        length = float(table["duration_s"].iloc[0]) if len(table) else window_s
        if window_s and length != window_s:
            raise RecordingError(
                f"The windows of recording {r.name} last {length:g} s and those before it "
                f"{window_s:g} s; make them anew with one window_s."
            )
        window_s = length
        start = table["start_s"].to_numpy(float)
        keep = base_s + start > last_s - window_s / 2
        state = pd.Categorical(table["state"], categories=list(STATES)).codes.astype(np.int64)
        parts.append(
            (
                (base_s + start + window_s)[keep],
                ((hour + (start + window_s) / 3600) % 24)[keep],
                np.full(keep.sum(), 0 if r.start is not None else span + 1),
                np.where(state < 0, len(STATES) - 1, state)[keep],
                table["valid"].to_numpy(bool)[keep],
                table.reindex(columns=features).to_numpy(np.float32)[keep],
            )
        )
        if keep.any():
            last_s = parts[-1][0][-1]
        onsets.append(base_s + r.onsets_s)
        stops.append(base_s + r.stops_s)
        whose += [(r.name, k + 1) for k in range(len(r.onsets_s))]
    columns = [np.concatenate(part) for part in zip(*parts, strict=True)]
    onset = np.concatenate(onsets)
    order = np.argsort(onset, kind="stable")
    notes = []
    unscored = sum(_unscored(r) for r in recordings)
    if alone:
        notes.append(
            f"the start of {len(alone)} of {len(recordings)} recordings is not known: they stand "
            "alone and are not matched for the time of day"
        )
    if unscored:
        notes.append(
            f"sleep of {unscored} of {len(recordings)} recordings was not scored: they are not "
            "matched for the state"
        )
    return Animal(
        recordings[0].animal, window_s, tuple(str(f) for f in features),
        columns[0], columns[1], columns[2], columns[3], columns[4], columns[5],
        onset[order], np.concatenate(stops)[order],
        tuple(whose[k][0] for k in order), tuple(whose[k][1] for k in order), tuple(notes),
        len(recordings), len(alone), unscored,
    )  # fmt: skip


def _in_order(dated: Sequence[Recorded]) -> tuple[list[Recorded], datetime]:
    """Recordings in the order of time, and the midnight before the first.

    Clocks on walls go back and forth, so what counts is the time that passed.
    """
    starts = [r.start for r in dated if r.start is not None]
    aware = [start for start in starts if start.tzinfo is not None]
    if not starts:
        return [], datetime(2000, 1, 1)
    reference = min(aware or starts)
    order = sorted(range(len(starts)), key=lambda k: (seconds_between(reference, starts[k]), k))
    first = starts[order[0]]
    # else what has no zone would be taken to be in that of whichever it is told against
    first = first if first.tzinfo is not None else first.replace(tzinfo=reference.tzinfo)
    return [dated[k] for k in order], first.replace(hour=0, minute=0, second=0, microsecond=0)


def _unscored(recording: Recorded) -> bool:
    return not recording.windows["state"].isin(SCORED).any()
