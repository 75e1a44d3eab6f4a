"""Files that each hold all channels for a while, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from vigil.downsample.sources.source import Described
from vigil.downsample.sources.wide import Numbers
from vigil.recording import RecordingError, seconds_between

START_SLACK_S = 2.0
"""Starts are told to the second: a file may seem to begin this early, and still goes on."""


@dataclass(frozen=True, kw_only=True)
class Chain(Described):
    """Several sources as one.

    Parameters
    ----------
    links : tuple of Numbers
        In the order of acquisition.
    of_segment : tuple of (int, int)
        For each segment its link and its number there.
    """

    links: tuple[Numbers, ...]
    of_segment: tuple[tuple[int, int], ...]

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the files' numbers."""
        return self.links[0].dtype

    def read_numbers(
        self, segment: int, start: int, stop: int, channels: Sequence[int]
    ) -> npt.NDArray[Any]:
        """Samples [start, stop) of some channels in one segment, (channel, sample)."""
        link, own = self.of_segment[segment]
        return self.links[link].read_numbers(own, start, stop, channels)


def chain(paths: Sequence[Path], links: Sequence[Numbers]) -> Numbers:
    """Join sources in time: by their start where they know it, else end to end.

    Parameters
    ----------
    paths : sequence of path
        The file of each.
    links : sequence of Numbers
        At least one, in the order of their names.

    Raises
    ------
    RecordingError
        When they hold other channels, rates or scales, or overlap.
    """
    if len(links) == 1:
        return links[0]
    order = sorted(range(len(links)), key=lambda i: (_begin_s(links, i), i))
    paths, links = [paths[i] for i in order], [links[i] for i in order]
    head = links[0]
    notes: list[str] = []
    segments: list[tuple[float, int]] = []
    of_segment: list[tuple[int, int]] = []
    end_s = 0.0
    for i, (path, link) in enumerate(zip(paths, links, strict=True)):
        if link.channels != head.channels or abs(link.rate_hz / head.rate_hz - 1) > 1e-6:
            raise RecordingError(
                f"{path} holds other channels or another rate than {paths[0]}; put them into "
                "recordings of their own."
            )
        same_scale = np.allclose(link.scale_uv, head.scale_uv, rtol=1e-9, atol=0)
        if not same_scale or link.dtype != head.dtype:
            raise RecordingError(
                f"{path} has another scale than {paths[0]}; put them into recordings of their own."
            )
        begin_s = end_s
        if link.start is not None and head.start is not None:
            told_s = seconds_between(head.start, link.start)
            if told_s < end_s - START_SLACK_S:
                raise RecordingError(
                    f"{path} begins {end_s - told_s:.0f} s before the end of the file before it; "
                    "they are not one recording: give each a row of its own."
                )
            # starts are rounded to seconds; what follows at once is not torn apart
            begin_s = told_s if told_s > end_s + START_SLACK_S else end_s
        elif i:
            notes.append(
                f"When {path.name} begins is not known: it was laid directly after the file before."
            )
        notes += [n for n in link.notes if n not in notes]
        for own, (start_s, n) in enumerate(link.segments):
            segments.append((begin_s + start_s, n))
            of_segment.append((i, own))
        end_s = segments[-1][0] + segments[-1][1] / head.rate_hz
    return Chain(
        channels=head.channels,
        rate_hz=head.rate_hz,
        scale_uv=head.scale_uv,
        range_steps=head.range_steps,
        segments=tuple(segments),
        start=head.start,
        clock_zero_us=head.clock_zero_us,
        together=head.together,
        notes=tuple(notes),
        links=tuple(links),
        of_segment=tuple(of_segment),
    )


def _begin_s(links: Sequence[Numbers], i: int) -> float:
    """Seconds from the start of the first of all, 0 where some do not know theirs."""
    first, own = links[0].start, links[i].start
    if first is None or own is None or any(link.start is None for link in links):
        return 0.0
    return seconds_between(first, own)
