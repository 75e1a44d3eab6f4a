"""The words the stages share: a recording, its montage, its segments, its states.

One clock per recording: float64 seconds since the first sample of the brain
signals. Segments are the stretches between gaps; nothing is filtered,
differentiated or interpolated across their borders.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
SCORED = ("wake", "nrem", "rem")
STATES = (*SCORED, "unclassified")
KINDS = ("lfp", "emg", "ecg", "reference", "off")
QUALITIES = ("", "ok", "bad")
NOT_IN_REGION = r"[.~@+]|^(?:emg|movement|all|none)$"
"""What no region is called: features are `<region>.<feature>` and `<region>~<region>.<feature>`,
and tables have `all`, `none` and `<region>+<region>` in the place of a region."""

FloatArray = npt.NDArray[np.float64]


class RecordingError(Exception):
    """A recording cannot be analysed.

    The message is one sentence for the person who owns the recording: what is
    wrong, where, and what to do. Such an error ends the recording, not the run.
    """


@dataclass(frozen=True)
class Segments:
    """The gapless stretches of a recording and where their samples are stored.

    Stored rows are the samples of all segments end to end.

    Parameters
    ----------
    start_s, stop_s : tuple of float
        Borders of each segment on the recording's clock.
    rows : tuple of int
        Number of stored rows of each segment.
    rate_hz : float
        Rate of the stored rows.
    """

    start_s: tuple[float, ...]
    stop_s: tuple[float, ...]
    rows: tuple[int, ...]
    rate_hz: float

    def __len__(self) -> int:
        return len(self.start_s)

    @property
    def first_rows(self) -> tuple[int, ...]:
        """First stored row of each segment."""
        return tuple(int(n) for n in np.concatenate([[0], np.cumsum(self.rows)[:-1]]))

    @property
    def n_rows(self) -> int:
        """Number of stored rows in all."""
        return int(sum(self.rows))

    @property
    def duration_s(self) -> float:
        """From the clock's zero to the end of the last segment, gaps included."""
        return self.stop_s[-1] if self.stop_s else 0.0

    @property
    def valid_s(self) -> float:
        """Seconds that hold samples."""
        return float(sum(b - a for a, b in zip(self.start_s, self.stop_s, strict=True)))

    def gaps(self) -> list[tuple[float, float]]:
        """Borders of the gaps between the segments, in seconds."""
        return list(zip(self.stop_s[:-1], self.start_s[1:], strict=True))

    def time_s(self, row: npt.ArrayLike) -> FloatArray:
        """Time of stored rows on the recording's clock."""
        rows = np.asarray(row)
        first = np.asarray(self.first_rows)
        which = np.searchsorted(first, rows, side="right") - 1
        start_s = np.asarray(self.start_s, dtype=np.float64)
        return np.asarray(start_s[which] + (rows - first[which]) / self.rate_hz, dtype=np.float64)

    def row_ranges(self, start_s: float, stop_s: float) -> Iterator[tuple[int, int, float]]:
        """Stored rows inside [start_s, stop_s), one range per segment touched.

        Yields
        ------
        first, last, time_s
            Half-open range of rows, and the time of its first row.
        """
        for a, n, first in zip(self.start_s, self.rows, self.first_rows, strict=True):
            # half a microsecond of slack: 4.0 s must not become 3.9999999 s
            lo = max(0, int(np.ceil((start_s - a) * self.rate_hz - 5e-7 * self.rate_hz)))
            hi = min(n, int(np.ceil((stop_s - a) * self.rate_hz - 5e-7 * self.rate_hz)))
            if hi > lo:
                yield first + lo, first + hi, a + lo / self.rate_hz


def parse_time(text: str | None) -> datetime | None:
    """A moment from ISO 8601 text, or None where the text is empty or no date."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(str(text).strip())
    except ValueError:
        return None


def seconds_between(earlier: datetime, later: datetime) -> float:
    """Seconds from one moment to another.

    Where only one of the two has a time zone (headers of files have none), the other is taken
    to be in the same zone: both are what the clock on the wall said.
    """
    if (earlier.tzinfo is None) != (later.tzinfo is None):
        earlier, later = earlier.replace(tzinfo=None), later.replace(tzinfo=None)
    return (later - earlier).total_seconds()


def excerpt_rows(segments: Segments, count: int, length_s: float) -> list[tuple[int, int]]:
    """Rows of excerpts, evenly spread over the valid rows, each inside one segment.

    Where no segment is long enough the excerpts are as long as the longest one.
    """
    if not segments.n_rows:
        return []
    n = min(round(length_s * segments.rate_hz), max(segments.rows))
    possible = [
        (first, rows)
        for first, rows in zip(segments.first_rows, segments.rows, strict=True)
        if rows >= n
    ]
    room = np.cumsum([0, *(rows - n + 1 for _, rows in possible)])
    at = np.unique(np.linspace(0, room[-1] - 1, count).astype(np.int64))
    which = np.searchsorted(room, at, side="right") - 1
    firsts = [possible[s][0] + int(a - room[s]) for a, s in zip(at, which, strict=True)]
    # excerpts of a short recording that would share rows tell nothing twice
    apart: list[int] = []
    for first in firsts:
        if not apart or first - apart[-1] >= n:
            apart.append(first)
    return [(first, first + n) for first in apart]


def stretches(
    which: npt.NDArray[np.bool_],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """First places of the stretches in which `which` is true, and those after their ends."""
    borders = np.flatnonzero(np.diff(np.r_[False, which, False].astype(np.int8)))
    return borders[::2].astype(np.int64), borders[1::2].astype(np.int64)


def touched(
    start_s: npt.NDArray[np.float64], window_s: float, spans_s: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Which windows share time with any of some spans.

    Parameters
    ----------
    start_s : ndarray, (window,)
        Starts of the windows.
    window_s : float
        Their length.
    spans_s : ndarray, (span, 2)
        Starts and stops, in any order; they may overlap.
    """
    spans = np.asarray(spans_s, dtype=np.float64).reshape(-1, 2)
    spans = spans[np.argsort(spans[:, 0], kind="stable")]
    latest_stop = np.concatenate([[-np.inf], np.maximum.accumulate(spans[:, 1])])
    begun = np.searchsorted(spans[:, 0], start_s + window_s, side="left")
    return np.asarray(latest_stop[begun] > start_s)


def epoch_starts_s(duration_s: float, epoch_s: float) -> FloatArray:
    """Starts of the whole epochs of a recording, from the clock's zero."""
    return np.asarray(np.arange(np.floor(duration_s / epoch_s + 1e-9)) * epoch_s, dtype=np.float64)


@dataclass(frozen=True)
class Montage:
    """Which channel lies where.

    Parameters
    ----------
    channel, region, hemisphere, kind : tuple of str
        One entry per channel, in the order in which channels are stored.
    quality : tuple of str
        `ok` or `bad` where a person has the last word on a channel, else ''; empty where the
        montage says nothing of quality.
    """

    channel: tuple[str, ...]
    region: tuple[str, ...]
    hemisphere: tuple[str, ...]
    kind: tuple[str, ...]
    quality: tuple[str, ...] = ()

    @property
    def regions(self) -> tuple[str, ...]:
        """Names of the brain regions with an `lfp` channel, in order of appearance."""
        pairs = zip(self.region, self.kind, strict=True)
        return tuple(dict.fromkeys(r for r, k in pairs if k == "lfp"))

    def channels_of(self, region: str) -> list[int]:
        """Positions of the `lfp` channels of a region."""
        pairs = enumerate(zip(self.region, self.kind, strict=True))
        return [i for i, (r, k) in pairs if r == region and k == "lfp"]

    def of_kind(self, kind: str) -> list[int]:
        """Positions of the channels of a kind."""
        return [i for i, k in enumerate(self.kind) if k == kind]


def read_montage(path: str | Path | None, channels: Sequence[str]) -> Montage:
    """Read a montage table for the channels that a recording holds.

    Without a table every channel is an `lfp` channel of a region of its own name.

    Parameters
    ----------
    path : path or None
        Tab- or comma-separated table `channel, region, hemisphere, kind, quality`; the last
        three may be left out.
    channels : sequence of str
        Names of the channels in the recording's files.

    Raises
    ------
    RecordingError
        When a column or a channel is missing, a kind or quality is unknown or a channel is
        twice in the table. Channels that are not in the table are `off`.
    """
    if path is None:
        n = len(channels)
        regions = tuple(re.sub(NOT_IN_REGION, "_", c) for c in channels)
        return Montage(tuple(channels), regions, ("",) * n, ("lfp",) * n)
    table = pd.read_csv(path, sep=None, engine="python", dtype=str).fillna("")
    missing = [c for c in ("channel", "region") if c not in table]
    if missing:
        raise RecordingError(
            f"The montage {path} has no column '{missing[0]}'; it needs channel and region, "
            "and may have hemisphere, kind and quality."
        )
    says_quality = "quality" in table
    for column in ("hemisphere", "kind", "quality"):
        if column not in table:
            table[column] = ""
    table["kind"] = table["kind"].replace("", "lfp")
    if table["channel"].duplicated().any():
        twice = table.loc[table["channel"].duplicated(), "channel"].iloc[0]
        raise RecordingError(f"The montage {path} lists channel '{twice}' twice; keep one line.")
    for column, allowed in (("kind", KINDS), ("quality", QUALITIES)):
        unknown = set(table[column]) - set(allowed)
        if unknown:
            raise RecordingError(
                f"The montage {path} has the {column} '{sorted(unknown)[0]}'; allowed: "
                f"{', '.join(word or '(nothing)' for word in allowed)}."
            )
    odd = table[(table["kind"] == "lfp") & table["region"].str.contains(NOT_IN_REGION)]
    if len(odd):
        raise RecordingError(
            f"The montage {path} puts channel '{odd['channel'].iloc[0]}' into a brain region "
            f"'{odd['region'].iloc[0]}'; a muscle has emg in the column kind, and regions have "
            "names without . ~ @ + other than emg, movement, all and none."
        )
    absent = [c for c in table.loc[table["kind"] != "off", "channel"] if c not in channels]
    if absent:
        raise RecordingError(
            f"The montage {path} names channel '{absent[0]}', which is not among the recording's "
            f"channels ({', '.join(list(channels)[:8])}{', ...' if len(channels) > 8 else ''})."
        )
    by_channel = table.set_index("channel")
    rows = [
        by_channel.loc[c]
        if c in by_channel.index
        else {"region": "", "hemisphere": "", "kind": "off", "quality": ""}
        for c in channels
    ]
    return Montage(
        tuple(channels),
        tuple(str(r["region"]) for r in rows),
        tuple(str(r["hemisphere"]) for r in rows),
        tuple(str(r["kind"]) for r in rows),
        tuple(str(r["quality"]) for r in rows) if says_quality else (),
    )
