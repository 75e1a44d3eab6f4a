"""An expert's labels, one state per epoch."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vigil.recording import STATES, RecordingError
from vigil.sleep.label_edf import read_edf_rows
from vigil.sleep.label_files import LabelRows, read_text_rows

FloatArray = npt.NDArray[np.float64]
States = npt.NDArray[np.str_]

log = logging.getLogger("vigil")

USUAL_S = (1, 2, 2.5, 3, 4, 5, 6, 8, 10, 12, 15, 16, 20, 30, 60)
"""Lengths of epochs that people score in."""
OVERLAP_S = 0.05
"""Spans may overlap by this much: starts are written with few digits."""
ROUND_S = 1e-6
"""Times closer than this are equal, so that halves of epochs are halves."""


def read_labels(
    path: str | Path,
    start_s: FloatArray,
    epoch_s: float,
    started: str | None = None,
    unlabelled: str = "unclassified",
) -> States:
    """Labels of a recording on its epochs.

    An epoch gets the state that fills most of it, of two that fill as much the first in the
    order of `STATES`; where less than half of it is labelled it gets none.

    Parameters
    ----------
    path : path
        CSV with start_s, state and, if wanted, duration_s; AccuSleePy's CSV; a list of one
        state per line; or EDF+ annotations. A state without a duration lasts until the next
        start, the last one as long as the usual step. Rows with an empty state label nothing.
    start_s : ndarray, (epoch,)
        Starts of the recording's epochs.
    epoch_s : float
        Their length.
    started : str or None
        ISO 8601 start of the recording, which places annotations of an EDF.
    unlabelled : str
        What epochs get that are not labelled. With '' they differ from those that the expert
        calls unclassified.

    Returns
    -------
    ndarray of str, (epoch,)

    Raises
    ------
    RecordingError
        When the file cannot be understood or does not fit the recording.
    """
    end_s = float(start_s[-1]) + epoch_s if len(start_s) else 0.0
    if Path(path).suffix.lower() == ".edf":
        rows = read_edf_rows(path, end_s, epoch_s, started)
    else:
        rows = read_text_rows(path)
    if not (rows.state != "").any():
        raise RecordingError(
            f"The labels {path} hold no state; fill some in, or take the file away."
        )
    begin_s, stop_s = label_spans(path, rows, end_s, epoch_s)
    told = rows.state != ""
    begin_s, stop_s, state, place = begin_s[told], stop_s[told], rows.state[told], rows.place[told]
    _check_inside(path, begin_s, stop_s, end_s, epoch_s, rows.unit)
    order = np.argsort(begin_s, kind="stable")
    begin_s, stop_s, state, place = begin_s[order], stop_s[order], state[order], place[order]
    _check_contradictions(path, begin_s, stop_s, state, place, rows.unit)
    return lay_on_epochs(begin_s, stop_s, state, start_s, epoch_s, unlabelled)


def label_spans(
    path: str | Path, rows: LabelRows, end_s: float, epoch_s: float
) -> tuple[FloatArray, FloatArray]:
    """Start and stop of each row, in the order of the rows.

    Parameters
    ----------
    path : path
        File, named in what is refused.
    rows : LabelRows
    end_s, epoch_s : float
        End of the recording's last epoch, and the length of an epoch.
    """
    if rows.start_s is None:
        length_s = row_length_s(path, len(rows.state), end_s, epoch_s)
        begin_s = np.arange(len(rows.state), dtype=np.float64) * length_s
        return begin_s, begin_s + length_s
    if rows.duration_s is not None:
        wrong = rows.duration_s <= 0
        if wrong.any():
            raise RecordingError(
                f"The labels {path} have a duration of {rows.duration_s[wrong][0]:g} s in "
                f"{rows.unit} {rows.place[wrong][0]}; it must be above 0."
            )
        return rows.start_s, rows.start_s + rows.duration_s
    starts = np.unique(rows.start_s)
    if len(starts) < 2:
        raise RecordingError(
            f"The labels {path} have one start and no duration; add a column duration_s."
        )
    after: FloatArray = np.append(starts[1:], starts[-1] + np.median(np.diff(starts)))
    return rows.start_s, after[np.searchsorted(starts, rows.start_s)]


def row_length_s(path: str | Path, n_rows: int, end_s: float, epoch_s: float) -> float:
    """Length of the epochs of a list that does not tell it.

    It is the recording's duration over the number of rows, and must be the recording's own
    length of epochs or one of `USUAL_S`, with which the rows end within one of them of the
    recording's end. Where several of `USUAL_S` do, as in a list of a few rows, none is taken.

    Parameters
    ----------
    path : path
        File, named in what is refused.
    n_rows : int
    end_s, epoch_s : float
        End of the recording's last epoch, and the length of an epoch; the recording itself may
        go on for less than an epoch.
    """
    lengths = [
        float(length)
        for length in (epoch_s, *USUAL_S)
        if end_s - length - ROUND_S <= n_rows * length <= end_s + epoch_s + length + ROUND_S
    ]
    if lengths and lengths[0] == epoch_s:
        return lengths[0]
    if len(lengths) == 1:
        log.warning("the rows of %s are taken as epochs of %g s", path, lengths[0])
        return lengths[0]
    raise RecordingError(
        f"The labels {path} have {n_rows} rows for a recording of {end_s:g} s: one row would last "
        f"{end_s / n_rows:.4g} s, which "
        + ("could be several usual lengths" if lengths else "is no usual length of an epoch")
        + "; if they belong to this recording, give them as CSV with start_s, duration_s and state."
    )


def lay_on_epochs(
    begin_s: FloatArray,
    stop_s: FloatArray,
    state: States,
    start_s: FloatArray,
    epoch_s: float,
    unlabelled: str,
) -> States:
    """States of epochs by the spans that fill them.

    Parameters
    ----------
    begin_s, stop_s, state : ndarray, (span,)
        Spans in the order of their starts; where two overlap, the time counts for the first.
    start_s : ndarray, (epoch,)
    epoch_s : float
    unlabelled : str
        State of epochs that are labelled for less than half.
    """
    begin_s = np.maximum(begin_s, np.append(-np.inf, np.maximum.accumulate(stop_s)[:-1]))
    length_s = np.maximum(stop_s - begin_s, 0.0)
    stop_s = begin_s + length_s
    filled_s = np.zeros((len(STATES), len(start_s)))
    for row, name in enumerate(STATES):
        own = state == name
        if not own.any():
            continue
        # seconds of the state up to a time: level outside its spans, a slope inside
        edges_s = np.column_stack([begin_s[own], stop_s[own]]).ravel()
        total_s = np.cumsum(length_s[own])
        level_s = np.column_stack([total_s - length_s[own], total_s]).ravel()
        until = np.interp(start_s + epoch_s, edges_s, level_s)
        filled_s[row] = until - np.interp(start_s, edges_s, level_s)
    filled_s = np.round(filled_s / ROUND_S)
    labels: States = np.asarray(STATES)[np.argmax(filled_s, axis=0)].astype("<U12")
    labels[filled_s.sum(0) < np.round(epoch_s / 2 / ROUND_S) - 1] = unlabelled
    return labels


def _check_inside(
    path: str | Path,
    begin_s: FloatArray,
    stop_s: FloatArray,
    end_s: float,
    epoch_s: float,
    unit: str,
) -> None:
    """Labels may end one of their epochs after the recording's last epoch, and its remainder."""
    slack_s = epoch_s + max(epoch_s, min(float((stop_s - begin_s).min()), max(USUAL_S)))
    if begin_s.min() < -epoch_s or stop_s.max() > end_s + slack_s:
        raise RecordingError(
            f"The labels {path} reach from {begin_s.min():g} to {stop_s.max():g} s, the "
            f"recording only from 0 to {end_s:g} s; they belong to another recording, or "
            + (
                "the start of the EDF or of the recording is wrong."
                if unit == "annotation"
                else "their times do not count seconds from its start."
            )
        )


def _check_contradictions(
    path: str | Path,
    begin_s: FloatArray,
    stop_s: FloatArray,
    state: States,
    place: npt.NDArray[np.int64],
    unit: str,
) -> None:
    """Each span against the one before that reaches furthest, which finds any contradiction."""
    latest_s = np.maximum.accumulate(stop_s)
    which = np.maximum.accumulate(np.where(stop_s >= latest_s, np.arange(len(stop_s)), 0))[:-1]
    clash = (begin_s[1:] < latest_s[:-1] - OVERLAP_S) & (state[1:] != state[which])
    if clash.any():
        later = int(np.argmax(clash)) + 1
        first = int(which[later - 1])
        raise RecordingError(
            f"The labels {path} contradict themselves at {begin_s[later]:g} s: {unit} "
            f"{place[first]} says {state[first]}, {unit} {place[later]} says {state[later]}."
        )
