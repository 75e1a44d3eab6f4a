"""Downsample a source segment by segment into the store, and judge its channels on the way."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from vigil.downsample.decimate import Decimator
from vigil.downsample.files import SHARD_ROWS
from vigil.downsample.quality import ChannelTally
from vigil.downsample.source import Source
from vigil.recording import Segments

INT16 = np.iinfo(np.int16)


class Store(Protocol):
    """An array of rows that blocks are written to, such as the one of `create_lfp`."""

    def __setitem__(self, rows: Any, block: Any) -> None: ...


def reduced_segments(source: Source, decimator: Decimator) -> Segments:
    """Where the rows of the downsampled signals will lie."""
    rate_hz = source.rate_hz * decimator.up / decimator.down
    return Segments(
        tuple(start_s for start_s, _ in source.segments),
        tuple(start_s + n / source.rate_hz for start_s, n in source.segments),
        tuple(decimator.n_out(n) for _, n in source.segments),
        rate_hz,
    )


def reduce_channel(
    source: Source, decimator: Decimator, channel: int, segment: int, first: int, last: int
) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.int16]]:
    """Rows [first, last) of one channel in one segment.

    Nothing outside the segment is read; the filter sees the segment's first and last value
    there, so that an offset of the amplifier is no step.

    Returns
    -------
    reduced, raw : ndarray, int16
        The downsampled steps, and the raw samples between the same borders.
    """
    n_in = source.segments[segment][1]
    lo, hi = decimator.input_range(first, last)
    a, b = max(lo, 0), min(hi, n_in)
    raw = source.read(channel, segment, a, b)
    x = np.empty(hi - lo, np.float32)
    x[: a - lo], x[a - lo : b - lo], x[b - lo :] = raw[0], raw, raw[-1]
    y = decimator.apply(x, lo, first, last)
    own = slice(
        max(0, -(-first * decimator.down // decimator.up) - a),
        min(n_in, -(-last * decimator.down // decimator.up)) - a,
    )
    return np.clip(np.rint(y), INT16.min, INT16.max).astype(np.int16), raw[own]


def reduce_recording(
    source: Source,
    decimator: Decimator,
    store: Store,
    threads: int = 1,
    block_rows: int = SHARD_ROWS,
    progress: Callable[[float], None] = lambda _: None,
) -> list[ChannelTally]:
    """Fill the store with the whole recording, in memory that does not grow with its length.

    Parameters
    ----------
    source : Source
        The raw signals.
    decimator : Decimator
        The resampling.
    store : array
        Receives int16 rows (row, channel); as many as `reduced_segments` says.
    threads : int
        Channels worked on at the same time.
    block_rows : int
        Rows in memory; whole shards of the store are fastest.
    progress : callable
        Told the share that is done.

    Returns
    -------
    list of ChannelTally
        What was seen of each channel's raw samples.
    """
    segments = reduced_segments(source, decimator)
    n_channels = len(source.channels)
    tallies = [ChannelTally(source.rate_hz) for _ in range(n_channels)]
    borders = np.concatenate([[0], np.cumsum(segments.rows)])
    with ThreadPoolExecutor(max_workers=threads) as pool:
        for block in range(0, segments.n_rows, block_rows):
            end = min(block + block_rows, segments.n_rows)
            out = np.empty((end - block, n_channels), np.int16)

            def fill(
                channel: int,
                out: npt.NDArray[np.int16] = out,
                block: int = block,
                end: int = end,
            ) -> None:
                for s in range(len(segments)):
                    lo, hi = max(block, int(borders[s])), min(end, int(borders[s + 1]))
                    if hi <= lo:
                        continue
                    first, last = lo - int(borders[s]), hi - int(borders[s])
                    y, raw = reduce_channel(source, decimator, channel, s, first, last)
                    out[lo - block : hi - block, channel] = y
                    tallies[channel].add(raw)

            list(pool.map(fill, range(n_channels)))
            store[block:end] = out
            progress(end / segments.n_rows)
    return tallies
