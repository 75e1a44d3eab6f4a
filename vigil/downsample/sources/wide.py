"""Numbers of any width as int16: a step and an offset per channel that hold all of them.

Whole numbers that span less than 65533 steps keep their own step, and nothing is lost. Others
get the smallest step that holds them. Both come from one pass over the recording, in bounded
memory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from vigil.downsample.sources.source import (
    INT16_STEPS,
    Described,
    Description,
    Int16,
    Source,
    some_of,
)

SPAN = 65532
"""Steps used at most: the ends of int16 stay free, so that no peak looks saturated."""
PASS_BYTES = 1 << 24
"""Memory of a piece during the pass."""
Read = Callable[[int, int, int, Sequence[int]], npt.NDArray[Any]]
"""Segment, first and last sample, channels -> (channel, sample), in the file's own numbers."""


@dataclass(frozen=True)
class Fit:
    """How each channel's numbers become steps: `(number - offset) / step`.

    Parameters
    ----------
    offset, step : ndarray, float64
        One per channel, in the file's own numbers.
    lossless : ndarray of bool
        Where the step is the file's own.
    unknown : ndarray of int
        Samples that are no number; they become the offset.
    """

    offset: npt.NDArray[np.float64]
    step: npt.NDArray[np.float64]
    lossless: npt.NDArray[np.bool_]
    unknown: npt.NDArray[np.int64]

    def to_steps(self, numbers: npt.NDArray[Any], channels: Sequence[int]) -> Int16:
        """The numbers of some channels as int16, (channel, sample)."""
        which = list(channels)
        if self.lossless[which].all():
            return (numbers - self.offset[which, None].astype(np.int64)).astype(np.int16)
        x = numbers.astype(np.float64)
        x -= self.offset[which, None]
        x /= self.step[which, None]
        np.rint(x, out=x)
        # what is no number lies where nothing is: at the middle of the range
        np.nan_to_num(x, copy=False, nan=0.0, posinf=0.0, neginf=0.0)
        return np.clip(x, *INT16_STEPS).astype(np.int16)

    def steps_of(self, ends: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
        """What the ends of each channel's converter become, within int16."""
        steps = (np.array(ends) - self.offset[:, None]) / self.step[:, None]
        within = np.clip(np.rint(steps), *INT16_STEPS).astype(int)
        return tuple((int(lowest), int(highest)) for lowest, highest in within)

    def notes(self, channels: Sequence[str], scale_uv: Sequence[float]) -> list[str]:
        """What became of the numbers, in sentences; `scale_uv` is that of the new steps."""
        rounded = [c for c, kept in zip(channels, self.lossless, strict=True) if not kept]
        told = []
        if rounded:
            worst = max(abs(s) for s, kept in zip(scale_uv, self.lossless, strict=True) if not kept)
            told.append(
                "Samples wider than 16 bits were rounded to steps that hold each channel's peaks, "
                f"of at most {worst:.4g} uV ({some_of(rounded)})."
            )
        if self.lossless.any():
            told.append("Samples wider than 16 bits fit into 16 without loss, less an offset.")
        holes = [f"{c}: {n}" for c, n in zip(channels, self.unknown.tolist(), strict=True) if n]
        if holes:
            told.append(f"Samples that are no number were set to mid-range ({some_of(holes)}).")
        return told


def fit_steps(
    read: Read, lengths: Sequence[int], n_channels: int, together: int, whole: bool
) -> Fit:
    """Find steps and offsets in one pass.

    Parameters
    ----------
    read : callable
        Reads numbers as they are in the file.
    lengths : sequence of int
        Samples of each segment.
    n_channels : int
        Channels in all.
    together : int
        Channels read in one call.
    whole : bool
        Whether the numbers are whole: then a step of 1 loses nothing.
    """
    lowest = np.full(n_channels, np.inf)
    highest = np.full(n_channels, -np.inf)
    unknown = np.zeros(n_channels, np.int64)
    at_once = max(1, PASS_BYTES // (8 * together))
    for channels in (
        range(c, min(c + together, n_channels)) for c in range(0, n_channels, together)
    ):
        for segment, n in enumerate(lengths):
            for start in range(0, n, at_once):
                x = read(segment, start, min(start + at_once, n), channels)
                if not whole:
                    known = np.isfinite(x.astype(np.float64))
                    unknown[channels] += x.shape[1] - known.sum(axis=1)
                    if not known.all():
                        x = np.ma.masked_array(x, ~known)
                low = np.ma.filled(x.min(axis=1).astype(np.float64), np.inf)
                high = np.ma.filled(x.max(axis=1).astype(np.float64), -np.inf)
                lowest[channels] = np.minimum(lowest[channels], low)
                highest[channels] = np.maximum(highest[channels], high)
    none = lowest > highest
    lowest[none] = highest[none] = 0.0
    # halves first: the span of the largest floats overflows
    span = highest / 2 - lowest / 2
    lossless = np.full(n_channels, whole) & (span * 2 <= SPAN)
    offset = lowest + span
    if whole:
        offset = np.floor(offset)
    step = np.where(lossless, 1.0, np.maximum(span / (SPAN / 2), np.finfo(np.float32).tiny))
    step[span == 0] = 1.0
    return Fit(offset, step, lossless, unknown)


class Numbers(Description, Protocol):
    """A recording whose numbers are still as they stand in its files."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the numbers."""
        ...

    def read_numbers(
        self, segment: int, start: int, stop: int, channels: Sequence[int]
    ) -> npt.NDArray[Any]:
        """Samples [start, stop) of some channels in one segment, (channel, sample)."""
        ...


@dataclass(frozen=True, kw_only=True)
class InSteps(Described):
    """Numbers of any width as a `Source`.

    Parameters
    ----------
    of : Numbers
        What reads them.
    fit : Fit or None
        How they become int16; None where they are 16 bits wide.
    """

    of: Numbers
    fit: Fit | None

    def read(self, segment: int, start: int, stop: int, channels: Sequence[int]) -> Int16:
        """Samples [start, stop) of some channels in one segment, (channel, sample)."""
        numbers = self.of.read_numbers(segment, start, stop, channels)
        if self.fit is not None:
            return self.fit.to_steps(numbers, channels)
        if numbers.dtype == np.uint16:
            # the middle of the converter's range is its zero
            return np.ascontiguousarray(numbers ^ np.uint16(1 << 15)).view(np.int16)
        return np.ascontiguousarray(numbers, np.int16)


def in_steps(of: Numbers) -> Source:
    """The same recording in int16 steps."""
    whole = of.dtype.kind in "iu"
    fit = None
    scale_uv, range_steps, notes = of.scale_uv, of.range_steps, of.notes
    if not whole or of.dtype.itemsize > 2:
        n_channels = len(of.channels)
        lengths = [n for _, n in of.segments]
        fit = fit_steps(of.read_numbers, lengths, n_channels, of.together, whole)
        scale_uv = tuple(s * float(step) for s, step in zip(scale_uv, fit.step, strict=True))
        range_steps = fit.steps_of(range_steps) if whole else (INT16_STEPS,) * n_channels
        notes = (*notes, *fit.notes(of.channels, scale_uv))
    return InSteps(
        channels=of.channels,
        rate_hz=of.rate_hz,
        scale_uv=scale_uv,
        range_steps=range_steps,
        segments=of.segments,
        start=of.start,
        clock_zero_us=of.clock_zero_us,
        together=of.together,
        notes=notes,
        of=of,
        fit=fit,
    )
