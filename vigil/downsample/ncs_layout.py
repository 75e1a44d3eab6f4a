"""Where the samples of a .ncs file lie in time, from the headers of its records.

A stretch is a row of records, all full but the last, each beginning where the one before
ended; a run is a row of stretches without a gap between them. Reading every header means
reading the whole file, so the borders are looked for by leaps that double and halve
(galloping search; Bentley and Yao 1976); whoever reads the samples later checks every header
on the way.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigil.neuralynx import RECORD_SAMPLES

TIMESTAMP_SLACK_US = 5.0
"""Timestamps are rounded to microseconds and wander by a few (seen with an ATLAS system)."""
RESET_US = 2e3
"""A clock that goes back by more than this was reset."""
SLOWER = 0.05
"""By this share a rate may be lower than header and records state; beyond, records have gaps."""
FEW_STEPS = 3
"""Steps between full records, below which the header's rate stands."""
MOST_PROBES = 4096
"""Headers looked at one by one, after which reading them all is cheaper."""

Stamp = tuple[float, int]
"""Timestamp in microseconds and number of valid samples of a record."""


@dataclass(frozen=True)
class Run:
    """A gapless piece of one file.

    Parameters
    ----------
    start_us : float
        Timestamp of its first sample.
    first_sample : int
        Number of its first sample in the file, counted without gaps.
    n_samples : int
        Its length.
    clock : int
        How often the clock was reset before it; times compare within one clock only.
    """

    start_us: float
    first_sample: int
    n_samples: int
    clock: int = 0


@dataclass(frozen=True)
class Stretch:
    """Records [first, last) of a file that follow each other; all but the last are full."""

    first: int
    last: int
    start_us: float
    last_us: float
    n_valid: int

    @property
    def n_samples(self) -> int:
        """Samples of all its records."""
        return (self.last - self.first - 1) * RECORD_SAMPLES + self.n_valid


def slack_us(rate_hz: float) -> float:
    """How far a record may lie from where the one before it ended: less than a sample's time."""
    return max(TIMESTAMP_SLACK_US, 0.75e6 / rate_hz)


def rate_of_span(samples: int, elapsed_us: float, header_rate_hz: float) -> float:
    """Rate of a gapless span: the header's, unless the timestamps contradict it.

    They do when the difference is more than their own rounding.
    """
    if elapsed_us <= 0 or samples <= 0:
        return header_rate_hz
    measured_hz = samples * 1e6 / elapsed_us
    agrees = abs(measured_hz / header_rate_hz - 1) <= TIMESTAMP_SLACK_US / elapsed_us
    return header_rate_hz if agrees else measured_hz


def effective_rate_hz(
    timestamp_us: npt.NDArray[np.float64],
    n_valid: npt.NDArray[np.uint32],
    header_rate_hz: float,
    confirmed: bool = False,
) -> float:
    """Sampling rate on the clock of the timestamps, from the longest gapless run.

    Old systems round the header's rate or state another one than they use.

    Parameters
    ----------
    timestamp_us, n_valid : ndarray
        Of the records.
    header_rate_hz : float
        What the header states.
    confirmed : bool
        Whether the records state the same. Then records that come much too late have gaps
        between them, each of them.
    """
    full = n_valid[:-1] == RECORD_SAMPLES
    if np.count_nonzero(full) < FEW_STEPS:
        return header_rate_hz  # a single step may as well be a gap
    step_us = float(np.median(np.diff(timestamp_us)[full]))
    if step_us <= 0:
        return header_rate_hz
    rough_hz = RECORD_SAMPLES * 1e6 / step_us
    all_late = confirmed and rough_hz < header_rate_hz * (1 - SLOWER)
    if all_late or abs(rough_hz / header_rate_hz - 1) < 1e-3:
        rough_hz = header_rate_hz
    borders = np.concatenate([[0], _breaks(timestamp_us, n_valid, rough_hz), [len(timestamp_us)]])
    longest = int(np.argmax(np.diff(borders)))
    a, b = int(borders[longest]), int(borders[longest + 1]) - 1
    if b <= a:
        return rough_hz
    elapsed_us = float(timestamp_us[b] - timestamp_us[a])
    return rate_of_span(int(n_valid[a:b].sum()), elapsed_us, header_rate_hz)


def _breaks(
    timestamp_us: npt.NDArray[np.float64], n_valid: npt.NDArray[np.uint32], rate_hz: float
) -> npt.NDArray[np.int64]:
    """Records whose timestamp is not where the record before them ended."""
    # differences first: stamps since 1970 in microseconds fill most of a float64
    late_us = np.diff(timestamp_us) - n_valid[:-1] * 1e6 / rate_hz
    return np.flatnonzero(np.abs(late_us) > slack_us(rate_hz)) + 1


def scan_stretches(
    timestamp_us: npt.NDArray[np.float64], n_valid: npt.NDArray[np.uint32], rate_hz: float
) -> list[Stretch]:
    """Stretches of a file from the headers of all its records."""
    short = np.flatnonzero(n_valid[:-1] != RECORD_SAMPLES) + 1
    inside = np.union1d(_breaks(timestamp_us, n_valid, rate_hz), short)
    borders = [0, *inside.tolist(), len(timestamp_us)]
    return [
        Stretch(a, b, float(timestamp_us[a]), float(timestamp_us[b - 1]), int(n_valid[b - 1]))
        for a, b in itertools.pairwise(borders)
    ]


def search_stretches(
    stamp: Callable[[int], Stamp], n_records: int, rate_hz: float, known_us: float
) -> tuple[list[Stretch], float] | None:
    """Stretches of a file from a few of its headers.

    Parameters
    ----------
    stamp : callable
        Gives the stamp of a record.
    n_records : int
        Records of the file.
    rate_hz : float
        Rate, as known so far.
    known_us : float
        The time over which it is known, which bounds its error.

    Returns
    -------
    stretches, rate_hz
        Or None where there are so many borders that a scan is cheaper. Short records inside a
        stretch, and gaps that another one makes up for, are not seen: check when reading.
    """
    nominal_hz = rate_hz
    probes = 0

    def follows(a: int, a_us: float, b: int) -> bool:
        nonlocal probes, rate_hz, known_us
        probes += 1
        elapsed_us = stamp(b)[0] - a_us
        expected_us = (b - a) * RECORD_SAMPLES * 1e6 / rate_hz
        error = slack_us(rate_hz) / max(known_us, 1.0)
        if abs(elapsed_us - expected_us) > slack_us(rate_hz) + error * expected_us:
            return False
        if elapsed_us > known_us:
            known_us = elapsed_us
            rate_hz = rate_of_span((b - a) * RECORD_SAMPLES, elapsed_us, nominal_hz)
        return True

    stretches = []
    first = 0
    while first < n_records:
        start_us = stamp(first)[0]
        good, leap = first, 1
        beyond = n_records
        while good < n_records - 1 and beyond == n_records:
            there = min(good + leap, n_records - 1)
            if follows(first, start_us, there):
                good, leap = there, 2 * leap
            else:
                beyond = there
        while beyond - good > 1 and beyond < n_records:
            middle = (good + beyond) // 2
            good, beyond = (middle, beyond) if follows(first, start_us, middle) else (good, middle)
        if probes > MOST_PROBES:
            return None
        last_us, n_valid = stamp(good)
        stretches.append(Stretch(first, good + 1, start_us, last_us, n_valid))
        first = good + 1
    return stretches, rate_hz


def join_stretches(stretches: Sequence[Stretch], rate_hz: float) -> list[Run]:
    """Runs between the gaps.

    Where the clock goes back it was reset, and a new run begins on a new clock.
    """
    runs: list[Run] = []
    first_sample = clock = 0
    end_us = -np.inf
    for s in stretches:
        if s.start_us < end_us - RESET_US:
            clock += 1
        if runs and runs[-1].clock == clock and abs(s.start_us - end_us) <= slack_us(rate_hz):
            run = runs.pop()
            runs.append(Run(run.start_us, run.first_sample, run.n_samples + s.n_samples, clock))
        elif s.n_samples:
            runs.append(Run(s.start_us, first_sample, s.n_samples, clock))
        first_sample += s.n_samples
        end_us = s.last_us + s.n_valid * 1e6 / rate_hz
    return runs
