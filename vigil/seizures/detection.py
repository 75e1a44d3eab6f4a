"""From the evidence of several channels to events: hysteresis, duration, evolution, artefacts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigil.recording import stretches
from vigil.seizures.evidence import Evidence, row_median
from vigil.seizures.settings import Settings

PARTS = 4  # of an event, between which it has to evolve


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


def channels_needed(n_channels: int, settings: Settings) -> int:
    """How many channels must agree; no more than there are."""
    share = int(np.ceil(settings.min_channel_share * n_channels - 1e-9))
    return min(n_channels, max(settings.min_channels, share))


def speaking(evidence: Evidence, settings: Settings) -> npt.NDArray[np.bool_]:
    """Where a channel speaks for a seizure, (step, channel).

    Its line length is above `keep_z`, and with half of what power ratio or spike rate add
    (at most half of `enter_z`) it reaches `enter_z`.
    """
    other = np.fmax(evidence.power_ratio_z, evidence.spikes_z)
    added = np.clip(np.nan_to_num(other), 0.0, settings.enter_z) / 2
    z = evidence.line_length_z
    return np.asarray((z >= settings.keep_z) & (z + added >= settings.enter_z))


def find_events(evidence: Evidence, settings: Settings) -> tuple[list[Event], list[Rejected]]:
    """Seizures of a recording, and the candidates that are none.

    A core is a stretch in which enough channels speak for a seizure. It grows in both
    directions while enough of the channels that speak in it stay above `keep_z`. Steps
    with an artefact speak for nothing and end nothing shorter than `merge_s`.

    Parameters
    ----------
    evidence : Evidence
        Of the channels of the brain.
    settings : Settings
        Thresholds and durations.

    Returns
    -------
    events, rejected : list
        In the order of time, not overlapping.
    """
    loud = speaking(evidence, settings)
    clean = evidence.artefact == ""
    strong = loud & clean[:, None]
    need = channels_needed(strong.shape[1], settings)
    merge = round(settings.merge_s / settings.step_s)
    core_steps = settings.min_core_s / settings.step_s - 1e-9
    rejected = _disturbances(loud, evidence.artefact, need, core_steps)
    weak = (evidence.line_length_z >= settings.keep_z) & clean[:, None]
    cores = join(runs(strong.sum(axis=1) >= need), merge)
    grown: list[tuple[int, int]] = []
    for a, b in cores:
        if int((strong[a:b].sum(axis=1) >= need).sum()) < core_steps:
            continue
        taking_part = strong[a:b].any(axis=0)
        going_on = weak[:, taking_part].sum(axis=1) >= need
        grown.append(_grow(a, b, going_on, merge))
    events: list[Event] = []
    for a, b in join(sorted(grown), merge):
        event, reason = _judge(a, b, evidence, strong, need, settings)
        if reason:
            rejected.append(Rejected(a, b, reason))
        else:
            events.append(event)
    return events, sorted(rejected, key=lambda r: r.first)


def runs(mask: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
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


def evolution(values: npt.NDArray[np.float64]) -> float:
    """Largest over smallest of the medians of an event's quarters, 1 when nothing is known."""
    medians = [float(np.median(k)) for p in np.array_split(values, PARTS) if len(k := _known(p))]
    return max(medians) / min(medians) if len(medians) > 1 and min(medians) > 0 else 1.0


def _grow(a: int, b: int, going_on: npt.NDArray[np.bool_], bridge: int) -> tuple[int, int]:
    """Extend a core over the steps in which the seizure goes on, bridging short silences."""
    for first, last in join(runs(going_on), bridge):
        if first < b and last > a:
            a, b = min(a, first), max(b, last)
    return a, b


def _judge(
    a: int,
    b: int,
    evidence: Evidence,
    strong: npt.NDArray[np.bool_],
    need: int,
    settings: Settings,
) -> tuple[Event, str]:
    part = strong[a:b]
    channels = tuple(int(c) for c in np.flatnonzero(part.any(axis=0)))
    core = part.sum(axis=1) >= need
    margin = np.where(part, evidence.line_length_z[a:b], np.float32(np.nan))[core]
    height = float(np.median(row_median(margin))) / settings.enter_z
    event = Event(a, b, channels, height / (1.0 + height))
    if (b - a) * settings.step_s < settings.min_duration_s - 1e-9:
        return event, "too short"
    if (evidence.artefact[a:b] != "").mean() > 0.5:
        return event, "mostly artefact"
    amplitude = np.exp(row_median(evidence.line_length_ln[a:b, channels]).astype(np.float64))
    frequency = row_median(evidence.frequency_hz[a:b, channels]).astype(np.float64)
    if (
        evolution(amplitude) < settings.min_evolution
        and evolution(frequency) < settings.min_evolution
    ):
        return event, "no evolution"
    return event, ""


def _disturbances(
    loud: npt.NDArray[np.bool_], artefact: npt.NDArray[np.str_], need: int, core_steps: float
) -> list[Rejected]:
    """Artefacts that would otherwise have been the core of an event."""
    found = runs((loud.sum(axis=1) >= need) & (artefact != ""))
    return [Rejected(a, b, str(artefact[a])) for a, b in found if b - a >= core_steps]


def _known(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return values[np.isfinite(values)]
