"""Labels as annotations of an EDF+ file, and where they lie in a recording.

EDF+: Kemp and Olivan 2003, Clinical Neurophysiology 114:1755-1761. Annotations count from the
start of their own file, which need not be that of the recording.
"""

from __future__ import annotations

import logging
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from vigil.recording import RecordingError, parse_time, seconds_between
from vigil.sleep.label_files import LabelRows, read_begin
from vigil.sleep.label_words import state_of_word

FloatArray = npt.NDArray[np.float64]

log = logging.getLogger("vigil")

HEADER_BYTES = 256
NOT_KNOWN = datetime(1985, 1, 1)
"""What an EDF has for its start where that is not known or must not be told."""
CLOCK_S = 1.0
"""An EDF's header tells its start to the second: starts closer than this are the same."""


@dataclass(frozen=True)
class EdfHeader:
    """When an EDF starts (None where it does not tell) and how long its signals last."""

    start: datetime | None
    length_s: float


def read_edf_header(path: str | Path) -> EdfHeader:
    """Start and length of an EDF+ file.

    Raises
    ------
    RecordingError
        When the file is no EDF+.
    """
    raw = read_begin(path, HEADER_BYTES)
    text = raw.decode("latin-1")
    try:
        records, seconds = int(text[236:244]), float(text[244:252])
        if len(raw) < HEADER_BYTES or text[:8].strip() != "0" or not text[192:].startswith("EDF+"):
            raise ValueError
    except ValueError as error:
        raise RecordingError(
            f"The labels {path} are no EDF+ file; only that has annotations."
        ) from error
    return EdfHeader(_start(text), max(0.0, records * seconds))


def _start(header: str) -> datetime | None:
    """Start by the header: two digits of the year mean 1985 to 2084."""
    try:
        day, month, year = (int(header[i : i + 2]) for i in (168, 171, 174))
        hour, minute, second = (int(header[i : i + 2]) for i in (176, 179, 182))
        start = datetime(year + (1900 if year >= 85 else 2000), month, day, hour, minute, second)
    except ValueError:
        return None
    return None if start.date() == NOT_KNOWN.date() else start


def read_edf_rows(path: str | Path, end_s: float, epoch_s: float, started: str | None) -> LabelRows:
    """Annotations that are states, on the clock of a recording.

    Annotations without a duration that are no state are notes and are passed over where the
    states have durations. Where no state has one, each lasts until the next begins.

    Parameters
    ----------
    path : path
        File .edf.
    end_s, epoch_s : float
        End of the recording's last epoch, and the length of an epoch.
    started : str or None
        ISO 8601 start of the recording; None or '' where it is not known.

    Raises
    ------
    RecordingError
        When the file has no states, an unknown one, or cannot be placed in the recording.
    """
    header = read_edf_header(path)
    onset_s, duration_s, words = _annotations(path)
    states = [state_of_word(word) for word in words]
    scored = np.array([bool(state) for state in states], dtype=bool)
    if not scored.any():
        seen = f"such as '{words[0][:40]}'" if words else "there are none"
        raise RecordingError(f"No annotation of {path} is a state of sleep ({seen}).")
    lasting = bool((duration_s[scored] > 0).any())
    for n in np.flatnonzero(~scored):
        if words[n] and (duration_s[n] > 0 or not lasting):
            raise RecordingError(
                f"The annotation '{words[n][:40]}' at {onset_s[n]:g} s of {path} is no state; "
                "call it wake, nrem, rem or unclassified, or remove it."
            )
    length_s = max(header.length_s, float((onset_s + duration_s)[scored].max()))
    shift_s = place_edf(path, header.start, length_s, end_s, epoch_s, started)
    return LabelRows(
        np.array([state for state in states if state], dtype="<U12"),
        np.flatnonzero(scored) + 1,
        onset_s[scored] + shift_s,
        duration_s[scored] if lasting else None,
        "annotation",
    )


def _annotations(path: str | Path) -> tuple[FloatArray, FloatArray, list[str]]:
    """Onsets and durations in seconds of the file's own clock, and texts."""
    # takes a second, which labels in text are spared
    import mne

    try:
        with tempfile.TemporaryDirectory() as folder:
            # mne knows the format by the end of the name, in small letters
            link = Path(folder) / "labels.edf"
            link.symlink_to(Path(path).resolve())
            # the standard says UTF-8, but the words of states are the same in every encoding
            notes = mne.read_annotations(str(link), encoding="latin1")
    except Exception as error:  # what mne raises on a damaged file is not documented
        why = (str(error).splitlines() or [type(error).__name__])[0]
        raise RecordingError(f"The annotations of {path} cannot be read ({why}).") from error
    return (
        np.asarray(notes.onset, dtype=np.float64),
        np.asarray(notes.duration, dtype=np.float64),
        [str(word).strip() for word in notes.description],
    )


def place_edf(
    path: str | Path,
    start: datetime | None,
    length_s: float,
    end_s: float,
    epoch_s: float,
    started: str | None,
) -> float:
    """Time of an EDF's start on the recording's clock, in seconds.

    By the two starts where both are known: equal within a second (that is what the header of
    an EDF tells), or later or earlier by their difference. Where one is not known, an EDF as
    long as the recording, within an epoch, starts with it; any other has no place.
    """
    begun = parse_time(started)
    if start is not None and begun is not None:
        shift_s = seconds_between(begun, start)
        if abs(shift_s) < CLOCK_S:
            return 0.0
        if shift_s >= end_s or shift_s + length_s <= 0:
            raise RecordingError(
                f"The EDF {path} starts on {start:%Y-%m-%d at %H:%M:%S}, the recording on "
                f"{begun:%Y-%m-%d at %H:%M:%S}: they do not overlap. Set the right start in the "
                "table, or give the labels as CSV."
            )
        log.warning("the annotations of %s start %g s after the recording", path, shift_s)
        return shift_s
    if end_s - epoch_s <= length_s <= end_s + 2 * epoch_s:
        return 0.0
    which = "recording" if begun is None else "EDF"
    raise RecordingError(
        f"The start of the {which} is not known, and the EDF {path} is {length_s:g} s long where "
        f"the recording has {end_s:g} s, so its annotations have no place; "
        + (
            "write the recording's start into the table."
            if begun is None
            else "give the labels as CSV with start_s from the recording's start."
        )
    )
