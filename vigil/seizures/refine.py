"""Where an event begins and ends: when the channels that take part leave their own baseline.

The thresholds that find a seizure are high, and many seizures begin below them: as slow
growth, or as fast activity of low voltage. So once an event is found, its edges are sought at
each channel's own level of the minute before.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from vigil.seizures.baseline import BoolArray, FloatArray32
from vigil.seizures.evidence import Evidence
from vigil.seizures.settings import Settings

BEFORE_S, GAP_S = 70.0, 10.0
"""The level of a channel is taken from this long before the event to this long before it."""
FEWEST_S = 10.0
FARTHEST_S = 20.0
"""An edge is moved by this much at most. Where no quiet is found so near, the minute before was not
like the moment, as when a state has changed, and the edge stays."""
LEAST_SPREAD = 0.3
"""Smallest local spread, in z units: evidence that is averaged over steps hardly moves."""
LEAVES = 2.0
"""Local spreads above its level from which a channel has left it."""
FEWEST_CHANNELS = 2
QUIET_S = 1.5
"""A channel is back where it stays below for this long; discharges come at 1 Hz and faster."""
LAST_S = 8.0
"""The level that ends is taken from so long before the end."""


@dataclass(frozen=True)
class Levels:
    """Level and spread of each measure and channel before an event, (measure, channel)."""

    middle: FloatArray32
    spread: FloatArray32


def place_onset(
    first: int, evidence: FloatArray32, taking_part: BoolArray, settings: Settings
) -> int:
    """First step of an event: back from `first` while a channel that takes part is raised.

    What the channels that take no part have risen by is common to the brain, a change of state
    or a movement, and is subtracted where there are enough of them to tell; not where the
    seizure has all contacts.

    Parameters
    ----------
    first : int
        First step of the event as the thresholds have it.
    evidence : ndarray
        (measure, step, channel), robust z; NaN where a channel is not believed.
    taking_part : ndarray of bool
        (channel,).
    """
    levels = levels_before(evidence, first, settings)
    if levels is None or not taking_part.any():
        return first
    start = max(0, first - _steps(FARTHEST_S, settings))
    above = evidence[:, start:first] - levels.middle[:, None]
    if (~taking_part).sum() >= FEWEST_CHANNELS:
        above = above - np.maximum(_low_quarter(above[:, :, ~taking_part]), 0)[:, :, None]
    raised = (above / levels.spread[:, None])[:, :, taking_part] >= LEAVES
    return first - _reach(np.asarray(raised.any(axis=(0, 2)))[::-1], settings)


def place_end(
    first: int, last: int, evidence: FloatArray32, taking_part: BoolArray, settings: Settings
) -> int:
    """Step after an event: on from `last` while a channel is nearer to the event than to before.

    What a channel falls to after a seizure need not be what it was before; the end is where
    it has come down half of the way in the logarithm.
    """
    levels = levels_before(evidence, first, settings)
    if levels is None or not taking_part.any():
        return last
    ends = median_of(evidence[:, max(first, last - _steps(LAST_S, settings)) : last], axis=1)
    height = ends - levels.middle
    counts = (height >= settings.keep_z / 2) & taking_part
    half = np.where(counts, levels.middle + height / 2, np.float32(np.inf))
    after = evidence[:, last : last + _steps(FARTHEST_S, settings)] > half[:, None]
    return last + _reach(np.asarray(after.any(axis=(0, 2))), settings)


def levels_before(evidence: FloatArray32, first: int, settings: Settings) -> Levels | None:
    """Median and robust spread over the minute before an event; None where it is too short."""
    a, b = (max(0, first - _steps(s, settings)) for s in (BEFORE_S, GAP_S))
    if b - a < _steps(FEWEST_S, settings):
        return None
    before = evidence[:, a:b]
    middle = median_of(before, axis=1)
    spread = 1.4826 * median_of(np.abs(before - middle[:, None]), axis=1)
    return Levels(middle, np.maximum(spread, np.float32(LEAST_SPREAD)))


def stack(evidence: Evidence, disturbed: BoolArray) -> FloatArray32:
    """Line length and amplitude of 4-12 Hz, (measure, step, channel), NaN where disturbed."""
    both = np.stack([evidence.line_length_z, evidence.low_z])
    return np.where(disturbed, np.float32(np.nan), both)


def _reach(raised: BoolArray, settings: Settings) -> int:
    """Steps up to the last raised one before the first lasting quiet; 0 where there is none."""
    quiet = _steps(QUIET_S, settings)
    last = 0
    for k in np.flatnonzero(raised):
        if k - last >= quiet:
            return last
        last = int(k) + 1
    searched = len(raised) >= _steps(FARTHEST_S, settings)
    return 0 if searched and len(raised) - last < quiet else last


def _low_quarter(values: FloatArray32) -> FloatArray32:
    """First quartile over the channels (..., channel) that are known; 0 where none is."""
    ordered = np.sort(values, axis=-1)  # NaN come last
    n = np.isfinite(values).sum(axis=-1)
    at = np.maximum(n - 1, 0) // 4
    found = np.take_along_axis(ordered, at[..., None], axis=-1)[..., 0]
    return np.where(n > 0, found, np.float32(0))


def median_of(values: FloatArray32, axis: int) -> FloatArray32:
    """Median without the NaN; NaN where all are."""
    with warnings.catch_warnings():
        # a channel that is disturbed all the while has no level; it then says nothing
        warnings.filterwarnings("ignore", "All-NaN slice", RuntimeWarning)
        return np.asarray(np.nanmedian(values, axis=axis), np.float32)


def _steps(seconds: float, settings: Settings) -> int:
    return max(1, round(seconds / settings.step_s))
