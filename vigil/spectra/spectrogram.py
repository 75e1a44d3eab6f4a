"""The spectrogram of each channel and region, block by block, in windows that no gap touches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from vigil.downsample.files import Lfp
from vigil.in_order import in_order
from vigil.recording import Segments, stretches, touched
from vigil.spectra.epochs import Windows, place_windows
from vigil.spectra.levels import Grid
from vigil.spectra.multitaper import Tapers, make_tapers, multitaper_density

COLUMNS_AT_ONCE = 240
VALUES_AT_ONCE = 4_000_000
"""Samples of a block, in all its channels: 16 MB of float32."""

TILE_ROWS = 512
"""Rows turned at once from one sample of all channels to all samples of one channel: with 64
channels they stay in the cache of the second level."""


@dataclass(frozen=True)
class Plan:
    """What a spectrogram is made of.

    Parameters
    ----------
    windows : Windows
        One per column.
    tapers : Tapers
        Of a window.
    grid : Grid
        Times and frequencies of the columns.
    """

    windows: Windows
    tapers: Tapers
    grid: Grid


@dataclass(frozen=True)
class Columns:
    """Consecutive columns of a spectrogram in uV^2/Hz; NaN where there is no whole window.

    Parameters
    ----------
    regions : ndarray, (region, column, frequency)
        The median over the usable channels of each region.
    channels : ndarray, (channel, column, frequency)
        The channels in the order of `channels_of`.
    """

    regions: npt.NDArray[np.float32]
    channels: npt.NDArray[np.float32]


def plan_spectrogram(
    segments: Segments,
    window_s: float,
    step_s: float,
    max_hz: float,
    nw: float,
    n_tapers: int | None = None,
) -> Plan:
    """Place the windows of a spectrogram and make their tapers.

    Windows begin at time 0 and every `step_s` from there; of a recording shorter than one
    window there is one column, which is missing.

    Parameters
    ----------
    segments : Segments
        Where the rows lie.
    window_s, step_s : float
        Length of a window and distance between the starts of two.
    max_hz : float
        Highest frequency.
    nw : float
        Time-bandwidth product of the DPSS tapers (Thomson 1982): the spectrogram resolves
        2 nw / window_s Hz.
    n_tapers : int, optional
        2 nw - 1 if not given.
    """
    room_s = max(segments.duration_s - window_s, 0.0)
    n_columns = int(room_s / step_s + 1e-9) + 1
    start_s = np.asarray(np.arange(n_columns) * step_s, dtype=np.float64)
    windows = place_windows(segments, start_s, window_s)
    tapers = make_tapers(windows.n_rows, segments.rate_hz, nw, n_tapers)
    kept = int(np.searchsorted(tapers.frequency_hz, max_hz + 1e-9, side="right"))
    grid = Grid(
        time_s=start_s + window_s / 2,
        frequency_hz=tapers.frequency_hz[:kept],
        step_s=step_s,
        window_s=window_s,
        half_width_hz=nw / window_s,
    )
    return Plan(windows, tapers, grid)


def channels_of(regions: Mapping[str, list[int]]) -> list[int]:
    """Channels of all regions, region by region."""
    return [c for channels in regions.values() for c in channels]


def spectrogram_blocks(
    lfp: Lfp,
    regions: Mapping[str, list[int]],
    plan: Plan,
    bad_s: Mapping[int, npt.NDArray[np.float64]] | None = None,
    threads: int = 1,
) -> Iterator[Columns]:
    """Compute a spectrogram from its first column to its last.

    Each window is computed by itself, so that the numbers do not depend on the blocks or on
    the threads. What is held does not grow with the recording.

    Parameters
    ----------
    lfp : Lfp
        The signals.
    regions : mapping
        Usable channels of each region.
    plan : Plan
        Of `plan_spectrogram` for the segments of `lfp`.
    bad_s : mapping, optional
        Artefacts: for some channels their starts and stops in seconds, (artefact, 2). A window
        that one of them touches is missing in the channel; its region is the median over the
        others.
    threads : int
        Threads among which the channels are shared.

    Yields
    ------
    Columns
        Consecutive blocks.
    """
    order = channels_of(regions)
    members = _members(regions)
    windows = plan.windows
    usable = np.tile(windows.first_row >= 0, (len(order), 1))
    for row, channel in enumerate(order):
        if bad_s is not None and channel in bad_s:
            usable[row] &= ~touched(windows.start_s, plan.grid.window_s, bad_s[channel])
    n_columns, n_frequencies = len(plan.grid.time_s), len(plan.grid.frequency_hz)
    size = columns_at_once(plan, len(order), lfp.rate_hz)
    blocks = [slice(a, min(a + size, n_columns)) for a in range(0, n_columns, size)]
    with ThreadPoolExecutor(max(1, threads)) as pool:
        # the next block is read while this one is computed
        read = partial(_read, lfp, order, plan)
        for block, (signals, first_row) in in_order(pool, read, blocks, 1):
            shape = (len(order), len(first_row), n_frequencies)
            density = np.full(shape, np.nan, dtype=np.float32)
            fill = partial(_fill, plan=plan, first_row=first_row)
            # the map is walked through so that what fails in a thread fails here
            list(pool.map(fill, density, signals, usable[:, block]))
            medians = pool.map(present_median, (density[rows] for rows in members))
            yield Columns(np.stack(list(medians)), density)


def _read(
    lfp: Lfp, channels: list[int], plan: Plan, block: slice
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64]]:
    """Signals behind a block, (channel, row), and where in them each window begins."""
    first_row = plan.windows.first_row[block]
    whole = first_row[first_row >= 0]
    if not len(whole):
        return np.empty((len(channels), 0), dtype=np.float32), first_row
    first, last = int(whole[0]), int(whole[-1]) + plan.windows.n_rows
    return by_channel(lfp.read_uv(first, last, channels)), first_row - first


def _fill(
    density: npt.NDArray[np.float32],
    signal: npt.NDArray[np.float32],
    usable: npt.NDArray[np.bool_],
    plan: Plan,
    first_row: npt.NDArray[np.int64],
) -> None:
    """Put the density of the usable windows of one channel into (column, frequency)."""
    which = np.flatnonzero(usable)
    if len(which):
        every = np.lib.stride_tricks.sliding_window_view(signal, plan.windows.n_rows)
        x = every[first_row[which]]
        density[which] = multitaper_density(x, plan.tapers, len(plan.grid.frequency_hz))


def columns_at_once(plan: Plan, n_channels: int, rate_hz: float) -> int:
    """Columns of a block, so few that neither its samples nor its windows fill the memory."""
    step_rows = max(1, round(plan.grid.step_s * rate_hz))
    rows = VALUES_AT_ONCE // max(1, n_channels)
    by_signal = 1 + max(0, rows - plan.windows.n_rows) // step_rows
    by_window = max(1, VALUES_AT_ONCE // plan.windows.n_rows)
    return min(COLUMNS_AT_ONCE, by_signal, by_window)


def by_channel(rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The same signals with each channel's samples side by side, (channel, row)."""
    out = np.empty(rows.shape[::-1], dtype=rows.dtype)
    for a in range(0, len(rows), TILE_ROWS):
        out[:, a : a + TILE_ROWS] = rows[a : a + TILE_ROWS].T
    return out


def spans_of_flags(
    flags: npt.NDArray[np.generic], start_s: float, step_s: float, channels: Sequence[int]
) -> dict[int, npt.NDArray[np.float64]]:
    """Stretches that are flagged, as `spectrogram_blocks` takes them.

    Parameters
    ----------
    flags : ndarray, (time, channel)
        Anything but zero is a flag; row k holds for `start_s` + [k, k + 1) * `step_s`.
    start_s, step_s : float
    channels : sequence of int
        Position in the store of each of the columns of `flags`.

    Returns
    -------
    dict of ndarray, (span, 2)
        Starts and stops in seconds; channels without a flag are left out.
    """
    spans: dict[int, npt.NDArray[np.float64]] = {}
    for column, channel in enumerate(channels):
        borders = np.stack(stretches(flags[:, column] != 0), axis=1)
        if len(borders):
            span_s = start_s + borders * step_s
            spans[channel] = np.asarray(span_s, dtype=np.float64)
    return spans


def present_median(density: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Median over the channels that are there in each column.

    Parameters
    ----------
    density : ndarray, (channel, column, frequency)
        A channel's column is NaN at all frequencies or at none.

    Returns
    -------
    ndarray, (column, frequency)
        NaN where no channel is there.
    """
    if len(density) == 1:
        return np.asarray(density[0], dtype=np.float32)
    there = ~np.isnan(density[:, :, 0])
    out = np.full(density.shape[1:], np.nan, dtype=np.float32)
    everywhere = there.all(axis=0)
    if everywhere.any():
        out[everywhere] = np.median(density[:, everywhere], axis=0)
    for column in np.flatnonzero(there.any(axis=0) & ~everywhere):
        out[column] = np.median(density[there[:, column], column], axis=0)
    return out


def _members(regions: Mapping[str, list[int]]) -> list[slice]:
    """Where the channels of each region lie in the order of `channels_of`."""
    stops = np.cumsum([len(channels) for channels in regions.values()])
    return [slice(int(b) - len(c), int(b)) for b, c in zip(stops, regions.values(), strict=True)]
