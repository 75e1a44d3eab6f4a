"""Channels that have files of their own, side by side; only what all of them hold is used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vigil.downsample.sources.channel import Channel
from vigil.downsample.sources.runs import end_us, intersect_runs, samples_at
from vigil.downsample.sources.source import Described, Int16, natural_order, some_of, unique_names
from vigil.recording import RecordingError

HEADER_SLACK_S = 2.0
"""Headers tell times to the second: so far they may seem to contradict the samples."""


@dataclass(frozen=True, kw_only=True)
class SideBySide(Described):
    """All channels of a recording, where all of them hold something."""

    of_channel: tuple[Channel, ...]
    first_samples: tuple[tuple[int, ...], ...]

    def read(self, segment: int, start: int, stop: int, channels: Sequence[int]) -> Int16:
        """Samples [start, stop) of some channels in one segment, (channel, sample)."""
        if len(channels) == 1:
            return self._read(channels[0], segment, start, stop)[None]
        out = np.empty((len(channels), stop - start), np.int16)
        for row, channel in zip(out, channels, strict=True):
            row[:] = self._read(channel, segment, start, stop)
        return out

    def _read(self, channel: int, segment: int, start: int, stop: int) -> Int16:
        first = self.first_samples[channel][segment]
        return self.of_channel[channel].read(first + start, first + stop)


def side_by_side(channels: Sequence[Channel], rate_hz: float, notes: Sequence[str]) -> SideBySide:
    """One source of all channels.

    Parameters
    ----------
    channels : sequence of Channel
        At least one.
    rate_hz : float
        The rate of all, see `common_rate_hz`.
    notes : sequence of str
        What was odd so far.

    Raises
    ------
    RecordingError
        When channels disagree on resets of the clock or no stretch of time is common to all.
    """
    channels = sorted(channels, key=lambda c: natural_order(c.stem))
    head = channels[0]
    names = unique_names([c.name for c in channels], [c.stem for c in channels])
    told = [*notes, *(note for c in channels for note in c.notes)]
    segments: list[tuple[float, int]] = []
    first_samples: list[tuple[int, ...]] = [() for _ in channels]
    zero_us: float | None = None
    end = 0.0
    for clock in range(_agreed_clocks(channels)):
        shift_us = 0.0
        if clock:
            # the pause is the headers' where they tell it, else it is unknown and left out
            pause_s = head.pause_s[clock]
            begin = end if pause_s is None else head.runs[0][0].start_us + pause_s * 1e6
            at_s = (max(begin, end) - (end if zero_us is None else zero_us)) / 1e6
            told.append(_reset_note(head, clock, (begin - end) / 1e6, at_s))
            end = max(begin, end)
            shift_us = end - min(c.runs[clock][0].start_us for c in channels)
        end = shift_us + max(end_us(c.runs[clock][-1], rate_hz) for c in channels)
        common = list(head.runs[clock])
        for c in channels[1:]:
            common = intersect_runs(common, c.runs[clock], rate_hz)
        if not common:
            continue
        zero_us = common[0].start_us + shift_us if zero_us is None else zero_us
        segments += [((r.start_us + shift_us - zero_us) / 1e6, r.n_samples) for r in common]
        at_us = np.array([r.start_us for r in common])
        for i, c in enumerate(channels):
            first_samples[i] += samples_at(c.runs[clock], at_us, rate_hz)
    if zero_us is None:
        raise RecordingError(
            f"The files of the channels in {head.files[0].path.parent} have no time in common: if "
            "they come from different recordings, give each a row of its own; if one goes on from "
            "another, name them as the acquisition does (CSC1.ncs, CSC1_0001.ncs; "
            "100_CH1.continuous, 100_CH1_2.continuous)."
        )
    told += _unequal_notes(channels, names, sum(n for _, n in segments), rate_hz)
    told += _rate_notes(channels, names, rate_hz)
    return SideBySide(
        channels=names,
        rate_hz=rate_hz,
        scale_uv=tuple(c.files[0].scale_uv for c in channels),
        range_steps=tuple(c.range_steps for c in channels),
        segments=tuple(segments),
        start=next((c.files[0].start for c in channels if c.files[0].start is not None), None),
        clock_zero_us=zero_us,
        notes=tuple(told),
        of_channel=tuple(channels),
        first_samples=tuple(first_samples),
    )


def _agreed_clocks(channels: Sequence[Channel]) -> int:
    """Number of clocks, the same in all channels."""
    n = len(channels[0].runs)
    for c in channels[1:]:
        if len(c.runs) != n:
            places = max(channels[0], c, key=lambda c: len(c.runs)).resets()
            raise RecordingError(
                f"The clock was reset {_times(n - 1)} in {channels[0].files[0].path} but "
                f"{_times(len(c.runs) - 1)} in {c.files[0].path} (at {some_of(places[:2])}), so it "
                "cannot be told what belongs together; bring the missing files, copy what is "
                "damaged there again, or make a recording of each stretch."
            )
    return n


def _times(n: int) -> str:
    return "once" if n == 1 else f"{n} times"


def _reset_note(head: Channel, clock: int, pause_s: float, at_s: float) -> str:
    """What is to be said of a reset; `pause_s` is what the headers make of the pause before it."""
    if head.pause_s[clock] is None or pause_s < -HEADER_SLACK_S:
        how = "the pause before it is not known and was taken as none"
    elif pause_s <= 0:
        how = "by the headers' times of creation there was no pause before it"
    else:
        how = "the pause before it was taken from the headers' times of creation, to the second"
    return (
        f"The acquisition's clock was reset at {head.resets()[clock - 1]}: what follows lies at "
        f"{at_s:.3f} s, and {how}; events after it cannot be placed by the acquisition's clock."
    )


def _unequal_notes(
    channels: Sequence[Channel], names: Sequence[str], common: int, rate_hz: float
) -> list[str]:
    """What is to be said where channels hold different stretches of time."""
    longest = max(c.n_samples for c in channels)
    if longest == common:
        return []
    short = sorted(
        ((longest - c.n_samples, n) for c, n in zip(channels, names, strict=True)), reverse=True
    )
    lacks = [f"{n} lacks {lost / rate_hz:.3f} s" for lost, n in short if lost]
    which = some_of(lacks) if lacks else "they begin or pause at different times"
    return [
        f"Channels hold different stretches of time ({which}); {(longest - common) / rate_hz:.3f} "
        "s that not all of them have were left out."
    ]


def _rate_notes(channels: Sequence[Channel], names: Sequence[str], rate_hz: float) -> list[str]:
    """What is to be said of headers that state another rate than the timestamps show."""
    lying: defaultdict[float, list[str]] = defaultdict(list)
    for c, name in zip(channels, names, strict=True):
        stated = c.files[0].header_rate_hz
        if abs(rate_hz / stated - 1) > 1e-6:
            lying[stated].append(name)
    return [
        f"The header states {stated:g} Hz, the timestamps show {rate_hz:.3f} Hz, which was used "
        f"({some_of(which)})."
        for stated, which in lying.items()
    ]
