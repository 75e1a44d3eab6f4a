"""From the evidence of several channels to events: hysteresis, duration, evolution, artefacts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigil.recording import stretches
from vigil.seizures.artefacts import Disturbed, find_disturbed, name_of
from vigil.seizures.baseline import BoolArray, FloatArray32, row_median
from vigil.seizures.criteria import (
    CONTINUOUS_EDGES,
    HIDDEN_SHARE,
    INTERRUPTED,
    NO_RISE,
    TOO_SHORT,
    WEAK,
    ends_in_suppression,
    evolution_of,
    local_rise,
    why_none,
    why_unlike,
)
from vigil.seizures.evidence import Evidence
from vigil.seizures.measures import NO_DATA
from vigil.seizures.refine import place_end, place_onset, stack
from vigil.seizures.settings import Settings

NAMED_S = 3.0
"""What speaks for a seizure for less time in all is not even named among those that are none."""
EDGE = 2
"""Steps by which a disturbance reaches into what is averaged."""
MUSCLES_Z = 1.0
"""Robust z of the muscle band from which spikes and fast activity may be those of muscles."""
PAUSE_S = 2.0
"""Shorter pauses do not end a seizure; the bursts of its clonic end are about a second apart."""


@dataclass(frozen=True)
class Event:
    """A seizure, in steps [first, last), with the positions of the channels that took part."""

    first: int
    last: int
    channels: tuple[int, ...]
    confidence: float


@dataclass(frozen=True)
class Rejected:
    """A candidate that is no seizure, in steps [first, last), and why."""

    first: int
    last: int
    reason: str


def channels_needed(disturbed: BoolArray, settings: Settings) -> npt.NDArray[np.int64]:
    """How many channels must agree in each step: a share of those that are not disturbed.

    No more than there are, and always one, so that a step without any channel has no event.
    """
    n = (~disturbed).sum(axis=1)
    share = np.ceil(settings.min_channel_share * n - 1e-9).astype(np.int64)
    needed = np.minimum(n, np.maximum(settings.min_channels, share))
    return np.asarray(np.maximum(needed, 1), np.int64)


def speaking(evidence: Evidence, settings: Settings) -> BoolArray:
    """Where a channel speaks for a seizure, (step, channel).

    Its line length or its amplitude of 4-12 Hz (rhythmic theta, which the line length hardly
    sees) is above `keep_z`, and with half of what the other of the two, the power ratio or the
    spike rate add (at most half of `enter_z`) it reaches `enter_z`. The last two add nothing
    where muscles are loud, which are broadband and spiky.
    """
    z = loudness(evidence)
    other = np.fmin(evidence.line_length_z, evidence.low_z)
    muscles = (evidence.fast_rise >= MUSCLES_Z)[:, None]
    sharp = np.fmax(evidence.power_ratio_z, evidence.spikes_z)
    other = np.fmax(other, np.where(muscles, np.float32(0), sharp))
    added = np.clip(np.nan_to_num(other), 0.0, settings.enter_z) / 2
    return np.asarray((z >= settings.keep_z) & (z + added >= settings.enter_z))


def loudness(evidence: Evidence) -> FloatArray32:
    """Robust z of the line length or of 4-12 Hz, whichever is larger, (step, channel)."""
    return np.asarray(np.fmax(evidence.line_length_z, evidence.low_z))


def find_events(evidence: Evidence, settings: Settings) -> tuple[list[Event], list[Rejected]]:
    """Seizures of a recording, and the candidates that are none.

    A core is a stretch in which enough channels speak for a seizure. It grows in both
    directions while enough of the channels that speak in it stay above `keep_z`, and from
    there to where they leave and return to their level of the minute before. It has to be long,
    continuous and evolving, and to stand out from the minute before, see
    `vigil.seizures.criteria`. Steps with an artefact speak for nothing and end nothing: what goes
    on behind a disturbance is one with what was before. A channel that is
    saturated or unplugged neither speaks nor counts among those of which a share must agree.

    Parameters
    ----------
    evidence : Evidence
        Of the channels of the brain.
    settings : Settings
        Thresholds and durations.

    Returns
    -------
    events, rejected : list
        In the order of time; events do not overlap.
    """
    disturbed = find_disturbed(evidence, settings)
    loud = speaking(evidence, settings)
    strong = loud & ~disturbed.channels & ~disturbed.steps[:, None]
    need = channels_needed(disturbed.channels, settings)
    merge = round(settings.merge_s / settings.step_s)
    bridge = round(PAUSE_S / settings.step_s)
    agree = strong.sum(axis=1) >= need
    weak = (loudness(evidence) >= settings.keep_z) & ~disturbed.channels
    weak &= ~disturbed.steps[:, None]
    both = stack(evidence, disturbed.channels)
    enough = weak.sum(axis=1) >= need
    # a gap hides nothing: time that was not recorded may be long
    hides = disturbed.steps & (evidence.fault != NO_DATA).any(axis=1)
    events: list[Event] = []
    rejected: list[Rejected] = []
    for a, b, taking_part in _candidates(agree, strong, weak, need, hides, merge, bridge):
        goes_on = weak[a:b][:, taking_part].sum(axis=1) >= np.minimum(need[a:b], taking_part.sum())
        core_s = float(agree[a:b].sum()) * settings.step_s
        in_part = bool(hides[max(0, a - EDGE) : b + EDGE].any())
        reason = why_none(core_s, goes_on, disturbed.steps[a:b], in_part, settings)
        if reason:
            if core_s >= NAMED_S:
                if disturbed.steps[a:b].mean() > 0.5:
                    reason = name_of(evidence, disturbed, a, b)
                rejected.append(Rejected(a, b, reason))
            continue
        first = place_onset(a, both, taking_part, settings)
        last = place_end(first, b, both, taking_part, settings)
        if _share_seen(first, last, enough, disturbed) < CONTINUOUS_EDGES:
            first, last = a, b  # what lies beyond comes with pauses
        event, reason = _judge(first, last, in_part, evidence, strong, need, settings)
        if reason:
            rejected.append(Rejected(first, last, reason))
        else:
            events.append(event)
    events, none = _still(
        _apart(events, merge), enough, strong, both, evidence, disturbed, need, settings
    )
    rejected += none
    core_steps = NAMED_S / settings.step_s - 1e-9
    rejected += _disturbances(evidence, loud, strong, disturbed, need, core_steps, events)
    return events, sorted(rejected, key=lambda r: r.first)


def _candidates(
    agree: BoolArray,
    strong: BoolArray,
    weak: BoolArray,
    need: npt.NDArray[np.int64],
    hides: BoolArray,
    merge: int,
    bridge: int,
) -> list[tuple[int, int, BoolArray]]:
    """Stretches in which channels speak and go on, and the channels; joined over disturbances."""
    found: list[tuple[int, int, BoolArray]] = []
    for a, b in join(runs(agree), merge):
        taking_part = np.asarray(strong[a:b].any(axis=0))
        going_on = weak[:, taking_part].sum(axis=1) >= np.minimum(need, taking_part.sum())
        first, last = _grow(a, b, going_on, bridge)
        while found:
            before, until, others = found[-1]
            hidden = hides[until:first]
            covered = bool(hidden.any()) and (~hidden).sum() <= EDGE
            if first - until >= merge and not covered:
                break
            found.pop()
            first, last, taking_part = min(before, first), max(until, last), others | taking_part
        found.append((first, last, taking_part))
    return found


def _apart(events: list[Event], closer_than: int) -> list[Event]:
    """Events, in order, of which those that meet once their edges are placed are one."""
    out: list[Event] = []
    for e in sorted(events, key=lambda e: e.first):
        if out and e.first - out[-1].last < closer_than:
            last = out.pop()
            channels = tuple(sorted({*last.channels, *e.channels}))
            sure = max(last.confidence, e.confidence)
            e = Event(last.first, max(last.last, e.last), channels, sure)
        out.append(e)
    return out


def _still(
    events: list[Event],
    enough: BoolArray,
    strong: BoolArray,
    both: FloatArray32,
    evidence: Evidence,
    disturbed: Disturbed,
    need: npt.NDArray[np.int64],
    settings: Settings,
) -> tuple[list[Event], list[Rejected]]:
    """Events that go on, stand out and evolve with their edges and all that was joined."""
    kept, rejected = [], []
    for e in events:
        at = slice(e.first, e.last)
        core_s = float((strong[at].sum(axis=1) >= need[at]).sum()) * settings.step_s
        rise = local_rise(e.first, e.last, both, need, settings)
        evolves = evolution_of(evidence, strong, e.first, e.last, settings)
        reason = why_unlike(core_s, rise, evolves, settings)
        if reason in (NO_RISE, WEAK) and ends_in_suppression(evidence, e.last, settings):
            reason = ""
        if _share_seen(e.first, e.last, enough, disturbed) < CONTINUOUS_EDGES:
            reason = INTERRUPTED
        if reason:
            rejected.append(Rejected(e.first, e.last, reason))
        else:
            kept.append(e)
    return kept, rejected


def _share_seen(first: int, last: int, enough: BoolArray, disturbed: Disturbed) -> float:
    """Share of the undisturbed steps of [first, last) in which enough channels go on."""
    return float(enough[first:last][~disturbed.steps[first:last]].mean())


def runs(mask: BoolArray) -> list[tuple[int, int]]:
    """Half-open ranges in which a mask holds."""
    return [(int(a), int(b)) for a, b in zip(*stretches(mask), strict=True)]


def join(ranges: list[tuple[int, int]], closer_than: int) -> list[tuple[int, int]]:
    """Merge ranges, in order, that overlap or are fewer than `closer_than` steps apart."""
    out: list[tuple[int, int]] = []
    for a, b in ranges:
        if out and (a <= out[-1][1] or a - out[-1][1] < closer_than):
            out[-1] = (out[-1][0], max(out[-1][1], b))
        else:
            out.append((a, b))
    return out


def _grow(a: int, b: int, going_on: BoolArray, bridge: int) -> tuple[int, int]:
    """Extend a core over the steps in which the seizure goes on, bridging short silences."""
    for first, last in join(runs(going_on), bridge):
        if first < b and last > a:
            a, b = min(a, first), max(b, last)
    return a, b


def _judge(
    a: int,
    b: int,
    in_part: bool,
    evidence: Evidence,
    strong: BoolArray,
    need: npt.NDArray[np.int64],
    settings: Settings,
) -> tuple[Event, str]:
    part = strong[a:b]
    channels = tuple(int(c) for c in np.flatnonzero(part.any(axis=0)))
    core = part.sum(axis=1) >= need[a:b]
    margin = np.where(part, loudness(evidence)[a:b], np.float32(np.nan))[core]
    height = float(np.median(row_median(margin))) / settings.enter_z
    event = Event(a, b, channels, height / (1.0 + height))
    least_s = settings.min_duration_s * (HIDDEN_SHARE if in_part else 1.0)
    return event, "" if (b - a) * settings.step_s >= least_s - 1e-9 else TOO_SHORT


def _disturbances(
    evidence: Evidence,
    loud: BoolArray,
    strong: BoolArray,
    disturbed: Disturbed,
    need: npt.NDArray[np.int64],
    core_steps: float,
    events: list[Event],
) -> list[Rejected]:
    """Disturbances that would otherwise have been the core of an event."""
    whole = np.full(len(loud), min(loud.shape[1], int(need.max(initial=1))))
    masked = (loud.sum(axis=1) >= whole) & (strong.sum(axis=1) < need)
    out = []
    for a, b in join(runs(masked), round(core_steps) + 1):
        inside = any(e.first < b and a < e.last for e in events)
        if masked[a:b].sum() >= core_steps and not inside:
            out.append(Rejected(a, b, name_of(evidence, disturbed, a, b)))
    return out
