"""Downsample a source segment by segment into the store, and tally its channels on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import numpy as np

from vigil.downsample.decimate import Decimator, hold_ends
from vigil.downsample.files import shard_rows
from vigil.downsample.kernel import Int16, count_outside, round_to_int16, transpose, window_extremes
from vigil.downsample.sources.source import Source
from vigil.downsample.tally import WINDOW_S, RawTally
from vigil.in_order import in_order
from vigil.recording import Segments

PIECE_SAMPLES = 1 << 21
"""Raw samples, of all channels that are read together, that a thread works on at a time."""
AHEAD = 4
"""Pieces per thread that wait for it."""
LEAST_SAMPLES = 1 << 15
"""Raw samples per channel below which too much would be read twice, for the filter's sake."""


class Store(Protocol):
    """An array of rows that blocks are written to, such as the one of `create_lfp`."""

    def __setitem__(self, rows: Any, block: Any) -> None: ...


@dataclass(frozen=True)
class Seen:
    """What a piece of one channel shows of the windows that begin in it."""

    low: Int16
    high: Int16
    saturated: int
    samples: int


@dataclass(frozen=True)
class Part:
    """Rows [first, last) of a segment, and the first of them in the block that is filled."""

    segment: int
    first: int
    last: int
    at: int


@dataclass(frozen=True)
class Piece:
    """What a thread works on at a time: some channels, and parts of one or more segments."""

    channels: tuple[int, ...]
    parts: tuple[Part, ...]


def reduced_segments(source: Source, decimator: Decimator) -> Segments:
    """Where the rows of the downsampled signals will lie."""
    return Segments(
        tuple(start_s for start_s, _ in source.segments),
        tuple(start_s + n / source.rate_hz for start_s, n in source.segments),
        tuple(decimator.n_rows(n) for _, n in source.segments),
        source.rate_hz * decimator.up / decimator.down,
    )


def reduce_piece(
    source: Source, decimator: Decimator, out: Int16, piece: Piece
) -> list[list[Seen]]:
    """Fill out[channel, row] with a piece, and look at its raw samples.

    Returns
    -------
    list of list of Seen
        For each part, what each channel shows.
    """
    return [_reduce_part(source, decimator, out, piece.channels, p) for p in piece.parts]


def _reduce_part(
    source: Source, decimator: Decimator, out: Int16, channels: Sequence[int], part: Part
) -> list[Seen]:
    """Reduce a part.

    Nothing outside the segment is read; the filter sees the segment's first and last value
    there, so that an offset of the amplifier is no step.
    """
    n_in = source.segments[part.segment][1]
    lo, hi = decimator.sample_range(part.first, part.last)
    window = window_samples(source.rate_hz)
    # windows, and the rest of a segment after its last one, belong to the part they begin in
    begin = min(_up(decimator.first_sample(part.first), window), n_in)
    end = min(_up(decimator.first_sample(part.last), window), n_in)
    if part.last == decimator.n_rows(n_in):
        end = n_in
    whole = min(end, n_in // window * window)
    a, b = max(min(lo, begin), 0), min(max(hi, end), n_in)
    raw = source.read(part.segment, a, b, channels)
    inside = slice(max(lo, a) - a, min(hi, b) - a)
    seen = []
    for x, channel in zip(raw, channels, strict=True):
        own = x[inside]
        if lo < 0 or hi > n_in:
            own = hold_ends(own, max(0, -lo), max(0, hi - n_in))
        at = slice(part.at, part.at + part.last - part.first)
        round_to_int16(decimator.apply(own, part.first, part.last), out[channel, at])
        seen.append(
            look_at(x[begin - a : end - a], whole - begin, window, source.range_steps[channel])
        )
    return seen


def look_at(x: Int16, whole: int, window: int, range_steps: tuple[int, int]) -> Seen:
    """Extremes of the windows in the first `whole` samples, and what is at the range's ends."""
    n = max(0, whole) // window
    low, high = np.empty(n, np.int16), np.empty(n, np.int16)
    window_extremes(x[: n * window], low, high, window)
    rest = x[n * window :]
    # samples are counted only where an extreme says that there are some
    reached = np.flatnonzero((low <= range_steps[0]) | (high >= range_steps[1]))
    saturated = sum(
        count_outside(x[w * window : (w + 1) * window], *range_steps) for w in reached
    ) + (count_outside(rest, *range_steps) if rest.size else 0)
    return Seen(low, high, saturated, x.size)


def window_samples(rate_hz: float) -> int:
    """Samples of a window."""
    return max(1, round(rate_hz * WINDOW_S))


def reduce_recording(
    source: Source,
    decimator: Decimator,
    store: Store,
    threads: int = 1,
    block_rows: int | None = None,
    piece_samples: int = PIECE_SAMPLES,
    progress: Callable[[float], None] = lambda _: None,
) -> list[RawTally]:
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
        Pieces worked on at the same time.
    block_rows : int
        Rows in memory; a shard of the store, which is fastest, where it is not given.
    piece_samples : int
        Raw samples that a thread works on at a time.
    progress : callable
        Told the share that is done.

    Returns
    -------
    list of RawTally
        What was seen of each channel's raw samples.
    """
    segments = reduced_segments(source, decimator)
    n_channels = len(source.channels)
    block_rows = block_rows or shard_rows(n_channels)
    tallies = [RawTally() for _ in range(n_channels)]
    groups = [
        tuple(range(c, min(c + source.together, n_channels)))
        for c in range(0, n_channels, source.together)
    ]
    samples = max(LEAST_SAMPLES, piece_samples // source.together)
    piece_rows = max(1, samples * decimator.up // decimator.down)
    piece_rows = -(-block_rows // -(-block_rows // piece_rows))
    # two blocks of columns: one is written while the other is filled
    held = min(block_rows, segments.n_rows)
    columns = [np.empty((n_channels, held), np.int16) for _ in range(2)]
    rows = np.empty((held, n_channels), np.int16)
    written: Future[None] | None = None

    def write(block: int, end: int, filled: Int16) -> None:
        transpose(filled, rows[: end - block])
        store[block:end] = rows[: end - block]
        progress(end / segments.n_rows)

    with ThreadPoolExecutor(max_workers=threads) as pool:
        for number, block in enumerate(range(0, segments.n_rows, block_rows)):
            end = min(block + block_rows, segments.n_rows)
            out = columns[number % 2]
            pieces = _pieces(segments, block, end, piece_rows, groups)
            for piece, seen in in_order(
                pool, partial(reduce_piece, source, decimator, out), pieces, AHEAD * threads
            ):
                for part in seen:
                    for channel, s in zip(piece.channels, part, strict=True):
                        tallies[channel].add(s.low, s.high, s.saturated, s.samples)
            if written:
                written.result()
            written = pool.submit(write, block, end, out)
        if written:
            written.result()
    return tallies


def _pieces(
    segments: Segments, block: int, end: int, piece_rows: int, groups: Sequence[tuple[int, ...]]
) -> Iterator[Piece]:
    """Pieces of the rows [block, end); those of one channel one after the other.

    Long segments are cut; short ones that follow each other share a piece.
    """
    first_rows = np.asarray(segments.first_rows)
    which = range(
        int(np.searchsorted(first_rows, block, side="right")) - 1,
        int(np.searchsorted(first_rows, end)),
    )
    parts: list[list[Part]] = [[]]
    rows = 0
    for s in which:
        start, n = int(first_rows[s]), segments.rows[s]
        for a in range(max(block, start) - start, min(end, start + n) - start, piece_rows):
            b = min(a + piece_rows, min(end, start + n) - start)
            if rows + b - a > piece_rows and parts[-1]:
                parts.append([])
                rows = 0
            parts[-1].append(Part(s, a, b, a + start - block))
            rows += b - a
    for channels in groups:
        for several in parts:
            yield Piece(channels, tuple(several))


def _up(value: int, step: int) -> int:
    """The multiple of a step that is not below a value."""
    return -(-value // step) * step
