"""A source of raw signals: channels, rate, segments, and reading a piece of a channel."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from vigil.downsample.ncs import NcsFile, Run
from vigil.recording import RecordingError


class Source(Protocol):
    """What downsample needs to know of a recording, whatever wrote it."""

    @property
    def channels(self) -> tuple[str, ...]:
        """Names, in the order of the montage."""
        ...

    @property
    def rate_hz(self) -> float:
        """Samples per second on the recording's clock."""
        ...

    @property
    def scale_uv(self) -> tuple[float, ...]:
        """Microvolts per step, one per channel."""
        ...

    @property
    def segments(self) -> tuple[tuple[float, int], ...]:
        """Start in seconds and number of samples of each segment."""
        ...

    @property
    def start(self) -> datetime | None:
        """Wall-clock start, where the files know it."""
        ...

    @property
    def clock_zero_us(self) -> float:
        """The acquisition's own time at the recording's zero, in microseconds."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What the reader found odd, in sentences."""
        ...

    def read(self, channel: int, segment: int, first: int, last: int) -> npt.NDArray[np.int16]:
        """Samples [first, last) of one channel in one segment."""
        ...


@dataclass(frozen=True)
class NeuralynxSource:
    """The .ncs files of a folder, read side by side; only what all of them hold is used."""

    files: tuple[NcsFile, ...]
    channels: tuple[str, ...]
    rate_hz: float
    scale_uv: tuple[float, ...]
    segments: tuple[tuple[float, int], ...]
    first_samples: tuple[tuple[int, ...], ...]
    start: datetime | None
    clock_zero_us: float
    notes: tuple[str, ...]

    def read(self, channel: int, segment: int, first: int, last: int) -> npt.NDArray[np.int16]:
        """Samples [first, last) of one channel in one segment."""
        offset = self.first_samples[channel][segment]
        return self.files[channel].read(offset + first, offset + last)


def open_neuralynx(paths: Sequence[Path]) -> NeuralynxSource:
    """Open the .ncs files of a recording as one source.

    Parameters
    ----------
    paths : sequence of path
        One file per channel.

    Raises
    ------
    RecordingError
        When there is no file, when rates differ, when two files name the same channel or
        when no stretch of time is common to all.
    """
    if not paths:
        raise RecordingError(
            "The recording's folder holds no .ncs file with data; check the column 'source'."
        )
    files = tuple(sorted((NcsFile(p) for p in paths), key=lambda f: natural_order(f.path.stem)))
    names = [f.channel for f in files]
    if len(set(names)) < len(names):
        names = [f.path.stem for f in files]
    rate_hz = files[0].rate_hz
    for f in files:
        if abs(f.rate_hz / rate_hz - 1) > 1e-6:
            raise RecordingError(
                f"{f.path} was recorded at {f.rate_hz:g} Hz but {files[0].path} at {rate_hz:g} Hz; "
                "put channels of different rates into recordings of their own."
            )
    common = files[0].runs
    for f in files[1:]:
        common = intersect_runs(common, f.runs, rate_hz)
    if not common:
        raise RecordingError(
            f"The .ncs files in {files[0].path.parent} have no time in common; they come from "
            "different recordings."
        )
    notes = []
    longest = max(sum(r.n_samples for r in f.runs) for f in files)
    lost = longest - sum(r.n_samples for r in common)
    if lost:
        notes.append(
            f"Channels hold different stretches of time; {lost / rate_hz:.3f} s that not all of "
            "them have were left out."
        )
    if abs(rate_hz / files[0].header_rate_hz - 1) > 1e-6:
        notes.append(
            f"The header states {files[0].header_rate_hz:g} Hz, the timestamps show "
            f"{rate_hz:.3f} Hz, which was used."
        )
    zero_us = common[0].start_us
    starts_us = np.array([r.start_us for r in common])
    return NeuralynxSource(
        files=files,
        channels=tuple(names),
        rate_hz=rate_hz,
        scale_uv=tuple(f.scale_uv for f in files),
        segments=tuple(((r.start_us - zero_us) / 1e6, r.n_samples) for r in common),
        first_samples=tuple(samples_at(f.runs, starts_us, rate_hz) for f in files),
        start=files[0].start,
        clock_zero_us=zero_us,
        notes=tuple(notes),
    )


def natural_order(name: str) -> tuple[str | int, ...]:
    """Key that sorts CSC2 before CSC10."""
    parts = re.split(r"(\d+)", name.lower())
    return tuple(int(p) if p.isdigit() else p for p in parts)


def intersect_runs(a: Sequence[Run], b: Sequence[Run], rate_hz: float) -> list[Run]:
    """Stretches that both lists of runs cover, with the sample numbers of the first."""
    if list(a) == list(b):
        return list(a)
    step_us = 1e6 / rate_hz
    start_us, stop_us = _borders(b, step_us)
    # of b only the runs from `first` to before `last` can touch a run of a; the borders are
    # made monotone, as timestamps that wander let two runs overlap by a few samples
    first = np.searchsorted(
        np.maximum.accumulate(stop_us), [x.start_us for x in a], side="right"
    ).tolist()
    last = np.searchsorted(
        np.minimum.accumulate(start_us[::-1])[::-1], _borders(a, step_us)[1], side="left"
    ).tolist()
    common = []
    for x, i, k in zip(a, first, last, strict=True):
        for y in b[i:k]:
            lo = max(x.start_us, y.start_us)
            skip = round((lo - x.start_us) / step_us)
            stop = min(x.start_us + x.n_samples * step_us, y.start_us + y.n_samples * step_us)
            n = round((stop - lo) / step_us)
            if n > 0 and skip < x.n_samples:
                at_us = x.start_us if skip == 0 else x.start_us + skip * step_us
                common.append(Run(at_us, x.first_sample + skip, min(n, x.n_samples - skip)))
    return common


def samples_at(
    runs: Sequence[Run], time_us: npt.NDArray[np.float64], rate_hz: float
) -> tuple[int, ...]:
    """Numbers of the samples of a file that lie at times inside its runs."""
    step_us = 1e6 / rate_hz
    start_us, stop_us = _borders(runs, step_us)
    which = np.searchsorted(np.maximum.accumulate(stop_us - step_us / 2), time_us, side="right")
    which = np.minimum(which, len(runs) - 1)
    # a time may lie half a sample outside its run, where the grids of two files differ
    offset = np.rint((time_us - start_us[which]) / step_us).astype(np.int64)
    last = np.array([r.n_samples for r in runs])[which] - 1
    first = np.array([r.first_sample for r in runs])[which]
    return tuple((first + np.clip(offset, 0, last)).tolist())


def _borders(
    runs: Sequence[Run], step_us: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    start_us = np.array([r.start_us for r in runs], dtype=np.float64)
    return start_us, start_us + np.array([r.n_samples for r in runs], dtype=np.float64) * step_us
