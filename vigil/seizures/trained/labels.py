"""An expert's seizures of a recording: a SzCORE table of events, read strictly."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.recording import RecordingError

Interval = tuple[float, float]
Labels = npt.NDArray[np.int8]

SEIZURE, BACKGROUND, UNLABELLED = 1, 0, -1
NEEDED = ("onset", "duration", "eventType")
NO_LABEL = ("impd", "n/a")
"""Types of time that is neither seizure nor background."""
SLACK_S = 1.0
"""Times are written with few digits: events may reach beyond the recording by this much."""
DURATION_SLACK_S = 5.0
DURATION_SLACK_SHARE = 0.001
"""How far `recordingDuration` may be off: other programs leave gaps out or round."""


@dataclass(frozen=True)
class SeizureLabels:
    """What an expert says of a recording.

    Parameters
    ----------
    seizures : tuple of (start_s, stop_s)
        In the order of time, apart from one another.
    background : tuple of (start_s, stop_s), or None
        Time without a seizure where the table names it; None where it is all the rest.
    unlabelled : tuple of (start_s, stop_s)
        Time of which nothing is known.
    """

    seizures: tuple[Interval, ...]
    background: tuple[Interval, ...] | None = None
    unlabelled: tuple[Interval, ...] = ()

    def on_steps(self, n_steps: int, step_s: float) -> Labels:
        """Labels of the steps, (step,): 1 seizure, 0 background, -1 not labelled.

        A step has the label that holds at its middle.
        """
        first = UNLABELLED if self.background is not None else BACKGROUND
        labels = np.full(n_steps, first, dtype=np.int8)
        for events, label in (
            (self.background or (), BACKGROUND),
            (self.unlabelled, UNLABELLED),
            (self.seizures, SEIZURE),
        ):
            for a, b in events:
                lo, hi = (max(0, int(np.ceil(t / step_s - 0.5 - 1e-9))) for t in (a, b))
                labels[lo:hi] = label
        return labels


def read_seizure_labels(path: str | Path, duration_s: float) -> SeizureLabels:
    """Read the seizures of a recording from a SzCORE table (Dan et al. 2024).

    Types that begin with `sz` are seizures, `bckg` is time without one. A table without `bckg`
    speaks for the whole recording. One that names background speaks only for the time it names,
    `impd` (a check of the impedance) for none.

    Parameters
    ----------
    path : path
        TSV with onset and duration in seconds since the start of the recording, and eventType.
    duration_s : float
        Length of the recording, gaps included.

    Raises
    ------
    RecordingError
        When the table cannot be understood or does not fit the recording.
    """
    table = _read(path)
    start_s, length_s = (_numbers(path, table, column) for column in ("onset", "duration"))
    kind = np.array([str(k).strip() for k in table["eventType"]])
    for row, name in enumerate(kind.tolist()):
        if not (name.startswith("sz") or name == "bckg" or name in NO_LABEL):
            raise RecordingError(
                f"The seizure labels {path} have the eventType {name!r} in row {row + 1}, which is "
                "none of SzCORE's; use sz (or sz_...), bckg or impd."
            )
    _check_inside(path, table, start_s, length_s, duration_s)
    stop_s = np.minimum(start_s + length_s, duration_s)
    is_seizure = np.array([k.startswith("sz") for k in kind], dtype=bool)
    spans = [(float(a), float(b)) for a, b in zip(start_s, stop_s, strict=True)]
    seizures = _in_order(path, spans, np.flatnonzero(is_seizure))
    named = [spans[i] for i in np.flatnonzero(kind == "bckg")]
    for a, b in named:
        for c, d in seizures:
            if min(b, d) - max(a, c) > SLACK_S:
                raise RecordingError(
                    f"The seizure labels {path} contradict themselves: the seizure at {c:g} s lies "
                    f"in background from {a:g} to {b:g} s; take one of them away."
                )
    unlabelled = tuple(spans[i] for i in np.flatnonzero(np.isin(kind, NO_LABEL)))
    return SeizureLabels(seizures, tuple(named) if named else None, unlabelled)


def _read(path: str | Path) -> pd.DataFrame:
    try:
        with warnings.catch_warnings():
            # editors leave a tab at the end of rows: what stands beyond the last column is of
            # none, and must not move the others by one, as it would without `index_col`
            warnings.simplefilter("ignore", pd.errors.ParserWarning)
            table = pd.read_csv(
                path, sep="\t", dtype=str, keep_default_na=False, encoding="utf-8-sig",
                index_col=False,
            )  # fmt: skip
    except (OSError, ValueError) as error:
        raise RecordingError(
            f"The seizure labels {path} cannot be read as a table of tab-separated values "
            f"({str(error).splitlines()[0].rstrip('.')}); see SzCORE's format of events."
        ) from error
    lacking = [c for c in NEEDED if c not in table]
    if lacking:
        raise RecordingError(
            f"The seizure labels {path} lack the column {lacking[0]}; SzCORE's events are "
            "tab-separated, with onset, duration and eventType."
        )
    if not len(table):
        raise RecordingError(
            f"The seizure labels {path} hold no row; a recording without a seizure has one row of "
            "eventType bckg over its whole length."
        )
    return table


def _numbers(path: str | Path, table: pd.DataFrame, column: str) -> npt.NDArray[np.float64]:
    values = pd.to_numeric(table[column], errors="coerce").to_numpy(np.float64)
    wrong = np.flatnonzero(~np.isfinite(values) | (values < 0))
    if column == "duration":
        wrong = np.flatnonzero(~(np.isfinite(values) & (values > 0)))
    if len(wrong):
        needed = "a number above 0" if column == "duration" else "a number, not below 0"
        raise RecordingError(
            f"The seizure labels {path} have {table[column].iloc[wrong[0]]!r} as {column} in row "
            f"{wrong[0] + 1}; it must be {needed}, in seconds."
        )
    return values


def _check_inside(
    path: str | Path,
    table: pd.DataFrame,
    start_s: npt.NDArray[np.float64],
    length_s: npt.NDArray[np.float64],
    duration_s: float,
) -> None:
    outside = np.flatnonzero(start_s >= duration_s)
    if len(outside):
        raise RecordingError(
            f"The seizure labels {path} have an event that begins at {start_s[outside[0]]:g} s in "
            f"row {outside[0] + 1}, the recording ends at {duration_s:g} s; take the event away."
        )
    late = np.flatnonzero(start_s + length_s > duration_s + SLACK_S)
    if len(late):
        raise RecordingError(
            f"The seizure labels {path} have an event until {(start_s + length_s)[late[0]]:g}"
            f" s in row {late[0] + 1}, the recording ends at {duration_s:g} s; they belong to "
            "another recording, or do not count seconds from its start."
        )
    if "recordingDuration" in table:
        told = pd.to_numeric(table["recordingDuration"], errors="coerce").dropna().to_numpy()
        slack_s = DURATION_SLACK_S + DURATION_SLACK_SHARE * duration_s
        off = told[np.abs(told - duration_s) > slack_s]
        if len(off):
            raise RecordingError(
                f"The seizure labels {path} are of a recording of {off[0]:g} s, this one has "
                f"{duration_s:g} s; they belong to another recording."
            )


def _in_order(
    path: str | Path, spans: list[Interval], rows: npt.NDArray[np.int64]
) -> tuple[Interval, ...]:
    """Seizures in the order of time; ones that touch are one, ones that overlap are refused."""
    out: list[tuple[Interval, int]] = []
    for row in sorted((int(r) for r in rows), key=lambda r: spans[r]):
        a, b = spans[row]
        if out and a < out[-1][0][1] - SLACK_S:
            raise RecordingError(
                f"The seizure labels {path} have two seizures at {a:g} s (rows {out[-1][1] + 1} "
                f"and {row + 1}) that overlap; make one of them."
            )
        if out and a <= out[-1][0][1]:
            out[-1] = ((out[-1][0][0], max(b, out[-1][0][1])), row)
        else:
            out.append(((a, b), row))
    return tuple(span for span, _ in out)
