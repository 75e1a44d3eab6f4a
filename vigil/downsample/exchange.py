"""lfp.zarr for other programs: one call gives an MNE Raw or an xarray, read when asked for.

Nothing is loaded by opening: a day of 64 channels would be 27 GB in MNE's float64.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import mne
import numpy as np
import numpy.typing as npt
import xarray as xr
from xarray.backends import BackendArray
from xarray.core import indexing

from vigil.downsample.files import Lfp, open_lfp, read_quality
from vigil.recording import Segments, parse_time

MNE_TYPES = {"lfp": "seeg", "emg": "emg", "ecg": "ecg", "reference": "misc", "off": "misc"}
SKIPPED = "BAD_ACQ_SKIP"
"""MNE's word for what was not recorded: filters start anew there, epochs leave it out."""


def to_mne(path: str | Path, quality: str | Path | None = None) -> mne.io.BaseRaw:
    """Open lfp.zarr as an MNE Raw that reads samples when they are needed.

    MNE knows one even grid of samples: gaps are filled with zeros and annotated as
    `BAD_ACQ_SKIP`, and a segment begins on the nearest sample of the grid; rows that would lie
    on one that is taken are left out. Channels of the brain are of type `seeg`, values in volts;
    bad channels stand in `info["bads"]`. A start without a time zone is taken as UTC, because
    MNE has no other.

    Parameters
    ----------
    path : path
        The store.
    quality : path, optional
        quality.tsv; without it the one beside the store, where there is one.
    """
    lfp = open_lfp(path)
    beside = Path(quality) if quality else Path(path).with_name("quality.tsv")
    table = read_quality(beside) if quality or beside.is_file() else None
    bads = [] if table is None else table.loc[table["verdict"] == "bad", "channel"].to_list()
    return StoredRaw(lfp, bads)


def to_xarray(path: str | Path, start_s: float = 0.0, stop_s: float = float("inf")) -> xr.DataArray:
    """Open lfp.zarr as a DataArray (time, channel) in microvolts, read when it is indexed.

    Rows are the samples that were recorded, gaps left out; `time_s` says when each was taken.

    Parameters
    ----------
    path : path
        The store.
    start_s, stop_s : float
        Only what lies between these times of the recording's clock.
    """
    lfp = open_lfp(path)
    ranges = list(lfp.segments.row_ranges(start_s, min(stop_s, lfp.segments.duration_s)))
    first, last = (ranges[0][0], ranges[-1][1]) if ranges else (0, 0)
    montage = lfp.montage
    samples = indexing.LazilyIndexedArray(StoredMicrovolts(lfp, first, last))
    time_s = indexing.LazilyIndexedArray(StoredTimes(lfp, first, last))
    return xr.DataArray(
        xr.Variable(("time", "channel"), samples),
        coords={
            "time_s": ("time", time_s, {"units": "s"}),
            "channel": list(montage.channel),
            "region": ("channel", list(montage.region)),
            "hemisphere": ("channel", list(montage.hemisphere)),
            "kind": ("channel", list(montage.kind)),
        },
        name="lfp",
        attrs={"units": "uV", "rate_hz": lfp.rate_hz, "start_time": lfp.start_time},
    )


class StoredRaw(mne.io.BaseRaw):  # type: ignore[misc] # MNE carries no types
    """An MNE Raw over the store; made by `to_mne`."""

    def __init__(self, lfp: Lfp, bads: Sequence[str] = ()) -> None:
        kinds = [MNE_TYPES[k] for k in lfp.montage.kind]
        info = mne.create_info(list(lfp.montage.channel), lfp.rate_hz, kinds)
        info["bads"] = [c for c in lfp.montage.channel if c in set(bads)]
        placed = _on_the_grid(lfp.segments)
        last = placed[-1][0] + placed[-1][2] - 1
        # MNE lets its readers see nothing of an instance but these extras
        extras = {"lfp": lfp, "placed": placed}
        super().__init__(info, last_samps=[last], filenames=[None], raw_extras=[extras])
        self.set_meas_date(_utc(lfp.start_time))
        ends = [0, *(at + n for at, _, n in placed)]
        lost = [(end, at - end) for end, (at, _, _) in zip(ends, placed, strict=False) if at > end]
        onset_s, lost_s = (np.array(lost).reshape(-1, 2) / lfp.rate_hz).T
        # all at once: thousands of gaps one by one take seconds
        self.annotations.append(onset_s, lost_s, SKIPPED)

    def _read_segment_file(
        self,
        data: npt.NDArray[np.float64],
        idx: Any,
        fi: int,
        start: int,
        stop: int,
        cals: npt.NDArray[np.float64],
        mult: npt.NDArray[np.float64] | None,
    ) -> None:
        """Write samples [start, stop) of channels `idx` to `data`, in volts."""
        lfp, placed = (self._raw_extras[fi][name] for name in ("lfp", "placed"))
        uv = np.zeros((len(lfp.scale_uv), stop - start))
        for at, row, n in placed:
            lo, hi = max(start, at), min(stop, at + n)
            if hi > lo:
                uv[:, lo - start : hi - start] = lfp.read_uv(row + lo - at, row + hi - at).T
        volts = 1e-6 * uv[idx]
        data[:] = cals * volts if mult is None else mult @ volts


def _on_the_grid(segments: Segments) -> list[tuple[int, int, int]]:
    """Sample, row and number of rows of each segment on an even grid from the clock's zero.

    Each lies at its time; of rows that would lie on a sample that is taken the first is kept.
    """
    placed: list[tuple[int, int, int]] = []
    end = 0
    rows = zip(segments.start_s, segments.first_rows, segments.rows, strict=True)
    for start_s, row, n in rows:
        at = round(start_s * segments.rate_hz)
        taken = max(0, end - at)
        if taken < n:
            placed.append((at + taken, row + taken, n - taken))
            end = at + n
    return placed


def _utc(start_time: str) -> datetime | None:
    start = parse_time(start_time)
    if start is None:
        return None
    return start.replace(tzinfo=UTC) if start.tzinfo is None else start.astimezone(UTC)


class StoredMicrovolts(BackendArray):
    """Rows of a store as a lazy float32 array (row, channel) in microvolts."""

    def __init__(self, lfp: Lfp, first: int, last: int) -> None:
        self._lfp, self._first = lfp, first
        self.shape = (last - first, len(lfp.scale_uv))
        self.dtype = np.dtype(np.float32)

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        support = indexing.IndexingSupport.OUTER
        return indexing.explicit_indexing_adapter(key, self.shape, support, self._read)

    def _read(self, key: tuple[Any, Any]) -> npt.NDArray[np.float32]:
        rows, channels = key
        steps = self._lfp.array.oindex[_shifted(rows, self._first, self.shape[0]), channels]
        scale = self._lfp.scale_uv.astype(np.float32)[channels]
        return np.asarray(np.asarray(steps, np.float32) * scale, np.float32)


class StoredTimes(BackendArray):
    """Times of the rows of a store in seconds, computed when they are asked for."""

    def __init__(self, lfp: Lfp, first: int, last: int) -> None:
        self._segments, self._first = lfp.segments, first
        self.shape = (last - first,)
        self.dtype = np.dtype(np.float64)

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        support = indexing.IndexingSupport.OUTER
        return indexing.explicit_indexing_adapter(key, self.shape, support, self._read)

    def _read(self, key: tuple[Any]) -> npt.NDArray[np.float64]:
        rows = _shifted(key[0], self._first, self.shape[0])
        if isinstance(rows, slice):
            rows = np.arange(rows.start, rows.stop, rows.step)
        return self._segments.time_s(rows)


def _shifted(rows: Any, by: int, n: int) -> Any:
    """Rows counted from the first one of the store instead of the first one shown."""
    if isinstance(rows, slice):
        start, stop, step = rows.indices(n)
        return slice(start + by, stop + by, step)
    return rows + by
