"""What makes a stretch of loud channels a seizure: length, continuity, a change, and evolution."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vigil.seizures.baseline import BoolArray, FloatArray32
from vigil.seizures.evidence import Evidence
from vigil.seizures.measures import OK
from vigil.seizures.refine import FEWEST_S, median_of
from vigil.seizures.settings import Settings

PARTS = 4  # of an event, between which it has to evolve
TOO_SHORT, INTERRUPTED, NO_RISE = "too short", "interrupted", "no change"
NO_EVOLUTION, WEAK = "no evolution", "weak"
RISE_Z = 3.0
"""What a seizure rises by against the minute before, line length and 4-12 Hz together, in z units.
A state that is loud has been so before."""
SILENCE_S, SILENT_SHARE = 20.0, 0.5
"""After a seizure that ends in suppression, this share of so long is suppressed: no loud state ends
in that way, so it needs no change against what was before."""
LEAST_WEIGHT, MOST_EVOLUTION = 75.0, 4.0
"""Seconds in which channels speak, times the rise in z, times the evolution (up to four): what
barely lasts, rises little and hardly evolves is none, though each by itself would do."""
BEFORE_S, SHORTLY_S = 50.0, 5.0
"""What was before is taken from this long before an event to this long before it."""
HIDDEN_SHARE = 0.8
"""Share of the usual times that must be seen of a seizure of which a disturbance hides a part."""
CONTINUOUS, CONTINUOUS_EDGES = 0.7, 0.6
"""Share of a seizure in which channels stay above `keep_z`, before its edges are placed, and with
them and with what is joined: discharges follow one another, while sleep spindles and spikes come
with pauses."""
LOUD_SHARE = 0.8
"""Share of the shortest seizure that has to be above `keep_z`: a run of spikes and waves must not
become a seizure by what lies before and after it."""


def why_none(
    core_s: float, goes_on: BoolArray, hidden: BoolArray, in_part: bool, settings: Settings
) -> str:
    """Why a stretch is no seizure: too short, or too often interrupted; '' where it may be one.

    Where a disturbance hides a part of it, the parts before and after are judged, which
    together have to be a little shorter only (`HIDDEN_SHARE`).

    Parameters
    ----------
    core_s : float
        Time in which enough channels speak for a seizure, s.
    goes_on, hidden : ndarray of bool
        (step,): enough channels are above `keep_z`; a disturbance hides them.
    in_part : bool
        Whether a disturbance lies in the stretch or beside it.
    """
    share = HIDDEN_SHARE if in_part else 1.0
    seen = goes_on & ~hidden
    long_s = float(seen.sum()) * settings.step_s
    if core_s < share * settings.min_core_s - 1e-9:
        return TOO_SHORT
    if long_s < share * LOUD_SHARE * settings.min_duration_s - 1e-9:
        return TOO_SHORT
    if seen.sum() < CONTINUOUS * (~hidden).sum():
        return INTERRUPTED
    return ""


def local_rise(
    first: int,
    last: int,
    evidence: FloatArray32,
    need: npt.NDArray[np.int64],
    settings: Settings,
) -> float:
    """Rise of line length and 4-12 Hz together against the minute before, in z units.

    Of the channel that rises least among as many as must agree, in the median step; infinite
    where too little has been before to tell.
    """
    start, stop = (max(0, first - round(t / settings.step_s)) for t in (BEFORE_S, SHORTLY_S))
    if stop - start < round(FEWEST_S / settings.step_s):
        return np.inf
    both = evidence.sum(axis=0)
    rise = median_of(both[first:last], axis=0) - median_of(both[start:stop], axis=0)
    known = np.sort(rise[np.isfinite(rise)])
    least = int(need[first:last].min())
    return float(known[-least]) if len(known) >= least else np.inf


def why_unlike(core_s: float, rise: float, evolves: float, settings: Settings) -> str:
    """Why an event is unlike a seizure: no change, no evolution, or little of all; or ''.

    Parameters
    ----------
    core_s : float
        Time in which enough channels speak for a seizure, s.
    rise, evolves : float
        See `local_rise`, which is infinite where it is not known, and `evolution_of`.
    """
    if rise < RISE_Z:
        return NO_RISE
    if evolves < settings.min_evolution:
        return NO_EVOLUTION
    weight = core_s * rise * min(evolves, MOST_EVOLUTION)
    return "" if weight >= LEAST_WEIGHT else WEAK


def ends_in_suppression(evidence: Evidence, last: int, settings: Settings) -> bool:
    """Whether most of the time from step `last` on is suppressed on the channels that are sound."""
    after = slice(last, last + round(SILENCE_S / settings.step_s))
    sound = evidence.fault[after] == OK
    quiet = median_of(np.where(sound, evidence.quiet_ln[after], np.float32(np.nan)), axis=1)
    enough = len(quiet) >= SILENT_SHARE * SILENCE_S / settings.step_s
    silent = quiet < np.log(settings.suppression_share)  # NaN is not quiet
    return bool(enough and silent.mean() >= SILENT_SHARE)


def evolution_of(
    evidence: Evidence, strong: BoolArray, first: int, last: int, settings: Settings
) -> float:
    """Evolution of line length, frequency or 4-12 Hz, whichever is largest; median of channels.

    Of the channels that speak at least half as long as the one that speaks longest: others
    join late, and would hide what these do.
    """
    spoken = strong[first:last].sum(axis=0)
    # in units of the smallest spread a z is no more than the logarithm
    theta = np.exp(settings.baseline_spread_ln * evidence.low_z[first:last].astype(np.float64))
    length = np.exp(evidence.line_length_ln[first:last].astype(np.float64))
    frequency = evidence.frequency_hz[first:last].astype(np.float64)
    each = [
        max(evolution(x[:, c]) for x in (length, frequency, theta))
        for c in np.flatnonzero(2 * spoken >= max(1, spoken.max()))
    ]
    return float(np.median(each)) if each else 1.0


def evolution(values: npt.NDArray[np.float64]) -> float:
    """Largest over smallest of the medians of an event's quarters, 1 when nothing is known."""
    medians = [float(np.median(k)) for p in np.array_split(values, PARTS) if len(k := _known(p))]
    return max(medians) / min(medians) if len(medians) > 1 and min(medians) > 0 else 1.0


def _known(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return values[np.isfinite(values)]
