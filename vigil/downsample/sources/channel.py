"""One channel in files of its own: joined where it was split, its clock followed."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import numpy as np

from vigil.downsample.ncs_layout import RESET_US, Run, slack_us
from vigil.downsample.sources.runs import end_us
from vigil.downsample.sources.source import LONGEST_GAP_S, Int16, some_of
from vigil.neuralynx import RECORD_SAMPLES
from vigil.recording import RecordingError, seconds_between


class ChannelFile(Protocol):
    """A file with the samples of one channel, in gapless runs."""

    path: Path
    channel: str
    rate_hz: float
    header_rate_hz: float
    scale_uv: float
    runs: list[Run]
    start: datetime | None

    def read(self, first: int, last: int) -> Int16:
        """Samples [first, last) of the file, counted without its gaps.

        They may lie in memory that the thread's next read uses again.
        """
        ...

    def place_of(self, sample: int) -> str:
        """Where in the file a sample lies, in words."""
        ...


@dataclass(frozen=True)
class Channel:
    """One channel: its files one after the other, its samples counted through all of them.

    Parameters
    ----------
    name : str
        The acquisition's name of the channel.
    stem : str
        A name that no other channel has.
    files : tuple of ChannelFile
        In the order of acquisition.
    first_samples : tuple of int
        Number of the first sample of each file, and of all samples at the end.
    runs : tuple of tuple of Run
        Gapless stretches, a tuple per clock: the clock of the acquisition may be reset.
    pause_s : tuple of (float or None)
        For each clock the seconds from the creation of the first file to that of the file which
        it begins with, where headers tell.
    range_steps : tuple of int
        Lowest and highest step of the converter.
    notes : tuple of str
        What was odd about its files.
    """

    name: str
    stem: str
    files: tuple[ChannelFile, ...]
    first_samples: tuple[int, ...]
    runs: tuple[tuple[Run, ...], ...]
    pause_s: tuple[float | None, ...]
    range_steps: tuple[int, int]
    notes: tuple[str, ...] = ()

    @property
    def n_samples(self) -> int:
        """Samples in all runs."""
        return sum(run.n_samples for runs in self.runs for run in runs)

    def resets(self) -> list[str]:
        """Where its clock was reset, in words."""
        return [self._place_of(runs[0].first_sample) for runs in self.runs[1:]]

    def _place_of(self, sample: int) -> str:
        i = max(i for i, first in enumerate(self.first_samples[:-1]) if first <= sample)
        return self.files[i].place_of(sample - self.first_samples[i])

    def read(self, start: int, stop: int) -> Int16:
        """Samples [start, stop) of the channel, until the thread reads again."""
        borders = zip(self.files, self.first_samples[:-1], self.first_samples[1:], strict=True)
        parts = [
            (file, max(start, first) - first, min(stop, last) - first)
            for file, first, last in borders
            if max(start, first) < min(stop, last)
        ]
        if len(parts) == 1:
            file, first, last = parts[0]
            return file.read(first, last)
        # a file may use the memory of what it gave before once more
        pieces = [file.read(first, last).copy() for file, first, last in parts]
        return np.concatenate([np.empty(0, np.int16), *pieces])


def common_rate_hz(files: Sequence[ChannelFile]) -> float:
    """The rate of all files, from the one with the longest run.

    Rates that are measured from timestamps differ by their rounding, the more the shorter a file.

    Raises
    ------
    RecordingError
        When rates differ by more than that.
    """
    longest = max(files, key=lambda f: max(r.n_samples for r in f.runs))
    rate_hz = longest.rate_hz
    by_rate: defaultdict[float, list[str]] = defaultdict(list)
    for f in files:
        elapsed_us = max(r.n_samples for r in f.runs) * 1e6 / f.rate_hz
        same = abs(f.rate_hz / rate_hz - 1) <= 1e-6 + 20.0 / elapsed_us
        by_rate[rate_hz if same else float(f"{f.rate_hz:.6g}")].append(f.path.stem)
    if len(by_rate) > 1:
        sorts = sorted(by_rate.items(), key=lambda item: -len(item[1]))
        told = "; ".join(f"{rate:g} Hz: {some_of(names)}" for rate, names in sorts)
        raise RecordingError(
            f"The channels in {longest.path.parent} have different sampling rates ({told}); put "
            "channels of different rates into recordings of their own."
        )
    return rate_hz


def join(
    group: Sequence[ChannelFile], name: str, stem: str, rate_hz: float, range_steps: tuple[int, int]
) -> Channel:
    """The channel that files, in the order of acquisition, are parts of.

    A file that begins in the last record of the one before holds the same once more, which is
    read once.

    Raises
    ------
    RecordingError
        When their scales differ, or years lie between them.
    """
    head = group[0]
    notes: list[str] = []
    clocks: list[list[Run]] = []
    pause_s: list[float | None] = []
    first_samples = [0]
    for f in group:
        if f.scale_uv != head.scale_uv:
            raise RecordingError(
                f"{f.path} has {f.scale_uv:g} uV per step but {head.path}, which it goes on from, "
                f"{head.scale_uv:g}; put them into recordings of their own."
            )
        for i, run in enumerate(f.runs):
            new = run
            if clocks and i == 0:
                new, told = _after(clocks[-1][-1], run, f, rate_hz)
                notes += told
            here = dataclasses.replace(new, first_sample=first_samples[-1] + new.first_sample)
            if clocks and not _is_reset(f.runs[i - 1] if i else None, clocks[-1][-1], new, rate_hz):
                before = clocks[-1][-1]
                whole = before.first_sample + before.n_samples == here.first_sample
                if i == 0 and whole and _goes_on(before, new, rate_hz):
                    both = before.n_samples + new.n_samples
                    clocks[-1][-1] = dataclasses.replace(before, n_samples=both)
                else:
                    clocks[-1].append(here)
            else:
                clocks.append([here])
                if i or head.start is None or f.start is None:
                    pause_s.append(None)
                else:
                    pause_s.append(seconds_between(head.start, f.start))
        first_samples.append(first_samples[-1] + sum(r.n_samples for r in f.runs))
    return Channel(
        name,
        stem,
        tuple(group),
        tuple(first_samples),
        tuple(tuple(runs) for runs in clocks),
        tuple(pause_s),
        range_steps,
        tuple(notes),
    )


def _after(before: Run, run: Run, file: ChannelFile, rate_hz: float) -> tuple[Run, list[str]]:
    """The first run of a file, less what the run before it holds too, and what is to be said."""
    late_us = run.start_us - end_us(before, rate_hz)
    if late_us > LONGEST_GAP_S * 1e6:
        raise RecordingError(
            f"{file.path} begins {late_us / 86400e6:.0f} days after the end of the file before it: "
            "give it a row of its own, or copy it again if its timestamps are damaged."
        )
    twice = round(-late_us * rate_hz / 1e6)
    if late_us >= -RESET_US or twice > min(RECORD_SAMPLES, run.n_samples - 1):
        return run, []
    rest = dataclasses.replace(
        run,
        start_us=run.start_us + twice * 1e6 / rate_hz,
        first_sample=run.first_sample + twice,
        n_samples=run.n_samples - twice,
    )
    return rest, [
        f"{file.path.name} begins {twice / rate_hz:.3f} s before the end of the file before it: "
        "what both hold was read from the first."
    ]


def _is_reset(in_file: Run | None, before: Run, run: Run, rate_hz: float) -> bool:
    """Whether the clock was reset before a run; `in_file` is the run before it in its file."""
    if in_file is not None:
        return run.clock != in_file.clock
    return run.start_us < end_us(before, rate_hz) - RESET_US


def _goes_on(before: Run, run: Run, rate_hz: float) -> bool:
    return abs(run.start_us - end_us(before, rate_hz)) <= slack_us(rate_hz)
