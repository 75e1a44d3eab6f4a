"""The vigilance state in which a moment came, from what was scored before it.

Sleep does not know seizures: epochs in a seizure and close to one are not to be trusted. A
moment is judged by the epochs that end well before it, whether it is the onset of a seizure or
a surrogate for one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.cohort.coupling.shift import AtRisk, union
from vigil.recording import SCORED, touched

UNKNOWN = "unclassified"
FloatArray = npt.NDArray[np.float64]
ROUNDING_S = 1e-6
LONGEST_S = 300.0
"""A seizure or a series of them that is longer hides what the state was."""


@dataclass(frozen=True)
class StateTrack:
    """The classified epochs outside of seizures, in the order of time.

    Parameters
    ----------
    start_s, stop_s : ndarray, (epoch,)
    state : ndarray of str, (epoch,)
    since_s : ndarray, (epoch,)
        When the bout that holds the epoch began; NaN where its beginning was not seen (the
        start of the recording, or a stretch that is too long to be bridged).
    hidden : AtRisk
        Time in and around seizures, in which no score is trusted.
    guard_s : float
        Epochs that end within this time of a moment say nothing of it.
    bridge_s : float
        How long no state may be known without losing it, the hidden time left out.
    """

    start_s: FloatArray
    stop_s: FloatArray
    state: npt.NDArray[np.str_]
    since_s: FloatArray
    hidden: AtRisk
    guard_s: float
    bridge_s: float

    @property
    def epoch_s(self) -> float:
        """Length of the epochs."""
        return float(np.median(self.stop_s - self.start_s))

    def is_bridged(self, first_s: FloatArray, last_s: FloatArray) -> npt.NDArray[np.bool_]:
        """Whether a state is not lost between the end of an epoch and a later moment.

        The time around seizures does not count, or else the later seizures of a cluster would
        have a known time since a change of state only where the state changed within the
        cluster, and would all seem to come soon after a change.
        """
        hidden = self.hidden.place(last_s) - self.hidden.place(first_s)
        # at either end an epoch is hidden that a seizure's surroundings touch in part
        unknown = last_s - first_s - np.where(hidden > 0, hidden + 2 * self.epoch_s, 0.0)
        held = unknown <= self.bridge_s + ROUNDING_S
        return np.asarray(held & (last_s - first_s <= LONGEST_S))


def state_track(
    hypnogram: pd.DataFrame, seizures_s: npt.ArrayLike, guard_s: float, bridge_s: float
) -> StateTrack:
    """The states of a recording without the epochs that a seizure touches.

    Parameters
    ----------
    hypnogram : DataFrame
        `start_s`, `duration_s`, `state`.
    seizures_s : array_like, (seizure, 2)
        Starts and stops.
    guard_s : float
        Time before and after a seizure in which the scores are not trusted.
    bridge_s : float
        Stretches without a state up to this long do not end a bout. Nor does a seizure, when the
        state is the same on both sides.
    """
    spans = np.asarray(seizures_s, dtype=np.float64).reshape(-1, 2)
    spans = spans + np.array([-guard_s, guard_s])
    table = hypnogram.sort_values("start_s", kind="stable")
    start = table["start_s"].to_numpy(dtype=np.float64)
    length = table["duration_s"].to_numpy(dtype=np.float64)
    states = table["state"].to_numpy(dtype=str)
    known = np.isin(states, SCORED)
    if len(start):
        known &= ~touched(start, float(np.median(length)), spans)
    start, stop, states = start[known], (start + length)[known], states[known]
    nan = np.full(len(start), np.nan)
    track = StateTrack(start, stop, states, nan, union(spans), guard_s, bridge_s)
    if not len(start):
        return track
    joined = track.is_bridged(stop[:-1], start[1:])
    changed = states[1:] != states[:-1]
    begins = np.concatenate([[True], changed | ~joined])
    seen = np.concatenate([[False], joined])  # what came before a bout is known
    bout = np.cumsum(begins) - 1
    return replace(track, since_s=np.where(seen, start, np.nan)[begins][bout])


def state_before(
    track: StateTrack, time_s: npt.ArrayLike
) -> tuple[npt.NDArray[np.str_], FloatArray]:
    """State in which moments came, and for how long it had held.

    Parameters
    ----------
    track : StateTrack
    time_s : array_like, (...)

    Returns
    -------
    state : ndarray of str, (...)
        `unclassified` where none is known.
    state_for_s : ndarray, (...)
        From the last change of state to the moment; NaN where no change was seen.
    """
    at = np.asarray(time_s, dtype=np.float64)
    if not len(track.stop_s):
        return np.full(at.shape, UNKNOWN, dtype="<U12"), np.full(at.shape, np.nan)
    until = at - track.guard_s + ROUNDING_S
    place = np.searchsorted(track.stop_s, until, side="right") - 1
    last = np.maximum(place, 0)
    # the epoch under way when the guard begins has not ended: it is no hole
    known = (place >= 0) & track.is_bridged(track.stop_s[last], until - track.epoch_s)
    state = np.where(known, track.state[last], UNKNOWN).astype("<U12")
    return state, np.asarray(np.where(known, at - track.since_s[last], np.nan))
