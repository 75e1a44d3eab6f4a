"""States that are less clear than their names: gradual borders, and spells within them.

A varied rig has them. The names of states, which the truth holds, stay as they are:

- drowsy: wake at rest with a share of NREM;
- half_rem: NREM with a share of REM, the intermediate sleep of Gottesmann (1996);
- alert: wake at rest with the theta of running;
- rest: wake without movement;
- grooming: wake with strokes over the head, in place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigil.simulate.bouts import ICTAL, NREM, REM, WAKE, Bouts
from vigil.simulate.traits import Traits

FloatArray = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int8]

RESTING, GROOMING = 6, 7
"""What the animal does where its state does not tell."""
EDGE_S = 1.0
SETTLES_S, MOST_SETTLING = (4.0, 20.0), 0.3
"""Before it falls asleep, the animal lies still for so long, at most that share of the bout."""
RAMPS_S = {(WAKE, NREM): (4.0, 12.0), (NREM, REM): (4.0, 12.0)}
SUDDEN_S = (0.5, 2.0)
"""Longest and shortest change from state to state: falling asleep and into REM take one to
three epochs, waking up and the end of REM no time."""

# kind: state, shortest and longest, least and largest share
KINDS: dict[str, tuple[int, tuple[float, float], tuple[float, float]]] = {
    "drowsy": (WAKE, (4.0, 16.0), (0.25, 0.5)),
    "half_rem": (NREM, (4.0, 12.0), (0.25, 0.5)),
    "alert": (WAKE, (4.0, 20.0), (0.4, 0.8)),
    "rest": (WAKE, (10.0, 60.0), (0.0, 0.0)),
    "grooming": (WAKE, (6.0, 40.0), (0.0, 0.0)),
}
STILL = ("drowsy", "alert", "rest")


@dataclass(frozen=True)
class Spells:
    """Spells of one kind in their order, none over another: start, stop and share of each."""

    start_s: FloatArray
    stop_s: FloatArray
    share: FloatArray

    def inside(self, time_s: FloatArray) -> npt.NDArray[np.bool_]:
        """Whether a spell goes on at some times."""
        which, inside = self._which(time_s)
        return inside & (which >= 0)

    def weight(self, time_s: FloatArray) -> FloatArray:
        """Share of the other state at some times; comes and goes within a second."""
        if not len(self.start_s):
            return np.zeros(len(time_s))
        which, inside = self._which(time_s)
        near_s = np.minimum(time_s - self.start_s[which], self.stop_s[which] - time_s)
        return np.asarray(inside * self.share[which] * np.clip(near_s / EDGE_S, 0, 1))

    def _which(self, time_s: FloatArray) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
        which = np.searchsorted(self.start_s, time_s, side="right") - 1
        if not len(self.start_s):
            return which, np.zeros(len(time_s), dtype=bool)
        return which, (which >= 0) & (time_s < self.stop_s[which])


@dataclass(frozen=True)
class Nuance:
    """What is unclear about the states of a recording.

    Parameters
    ----------
    bouts : Bouts
    width_s : ndarray, (bout,)
        How long the change into each bout takes; half of it lies before its start.
    settles_s : ndarray, (bout,)
        Wake from here on to its end is without movement.
    spells : dict of Spells
        By kind.
    """

    bouts: Bouts
    width_s: FloatArray
    settles_s: FloatArray
    spells: dict[str, Spells]

    def weights(self, time_s: FloatArray, states: int) -> FloatArray:
        """How much of each state there is at some times, (state, time); sums to one."""
        bouts = self.bouts
        which = np.maximum(np.searchsorted(bouts.start_s, time_s, side="right") - 1, 0)
        after = np.minimum(which + 1, len(bouts.code) - 1)
        before = np.maximum(which - 1, 0)
        into = 0.5 + (time_s - bouts.start_s[which]) / self.width_s[which]
        into = np.where(which > 0, np.clip(into, 0, 1), 1.0)
        out = 0.5 + (time_s - bouts.start_s[after]) / self.width_s[after]
        out = np.where(after > which, np.clip(out, 0, 1), 0.0)
        weights = np.zeros((states, len(time_s)))
        step = np.arange(len(time_s))
        # a change is over before the next begins, so that at most one of them is under way
        weights[bouts.code[before], step] += 1 - into
        weights[bouts.code[after], step] += out
        weights[bouts.code[which], step] += into - out
        for kind, target in (("drowsy", NREM), ("half_rem", REM)):
            share = self.spells[kind].weight(time_s) * weights[KINDS[kind][0]]
            weights[KINDS[kind][0]] -= share
            weights[target] += share
        return weights

    def acts(self, time_s: FloatArray, code: Codes) -> Codes:
        """What the animal does: its state, or RESTING or GROOMING where it is awake."""
        awake = code == WAKE
        groom = self.spells["grooming"].inside(time_s)
        still = np.any([self.spells[k].inside(time_s) for k in STILL], axis=0)
        which = np.maximum(np.searchsorted(self.bouts.start_s, time_s, side="right") - 1, 0)
        still |= time_s >= self.settles_s[which]
        acts = np.where(awake & groom, GROOMING, code)
        return np.asarray(np.where(awake & still, RESTING, acts), dtype=np.int8)


def draw_nuance(rng: np.random.Generator, bouts: Bouts, traits: Traits) -> Nuance:
    """Draw how gradual each border is, and the spells of each kind."""
    stops_s = np.append(bouts.start_s[1:], bouts.stop_s)
    lengths_s = stops_s - bouts.start_s
    width_s = np.full(len(bouts.code), 0.1)
    settles_s = np.full(len(bouts.code), np.inf)
    for k in range(1, len(bouts.code)):
        pair = (int(bouts.code[k - 1]), int(bouts.code[k]))
        if max(pair) < ICTAL:
            drawn_s = float(rng.uniform(*RAMPS_S.get(pair, SUDDEN_S)))
            width_s[k] = min(drawn_s, 0.9 * lengths_s[k - 1], 0.9 * lengths_s[k])
        if pair == (WAKE, NREM):
            rest_s = min(float(rng.uniform(*SETTLES_S)), MOST_SETTLING * lengths_s[k - 1])
            settles_s[k - 1] = bouts.start_s[k] - rest_s
    rates = {kind: float(getattr(traits, kind)) for kind in KINDS}
    spells = {kind: _draw_spells(rng, bouts, stops_s, kind, rates[kind]) for kind in KINDS}
    return Nuance(bouts, width_s, settles_s, spells)


def _draw_spells(
    rng: np.random.Generator, bouts: Bouts, stops_s: FloatArray, kind: str, per_hour: float
) -> Spells:
    """Spells at chance times within bouts of their state, none over another."""
    state, lasts_s, share = KINDS[kind]
    found: list[tuple[float, float, float]] = []
    for a, b in zip(bouts.start_s[bouts.code == state], stops_s[bouts.code == state], strict=True):
        now_s = float(a)
        while per_hour > 0:
            now_s += float(rng.exponential(3600 / per_hour))
            stop_s = now_s + float(rng.uniform(*lasts_s))
            if stop_s > b:
                break
            found.append((now_s, stop_s, float(rng.uniform(*share))))
            now_s = stop_s
    start, stop, weight = np.array(found, dtype=float).reshape(-1, 3).T
    return Spells(start, stop, weight)


MISSED_BORDERS = 0.1


def expert_states(rng: np.random.Generator, states: list[str]) -> list[str]:
    """What an expert writes: a tenth of the borders lie one epoch early or late.

    Parameters
    ----------
    states : list of str
        The state that fills most of each epoch.
    """
    written = list(states)
    for k in range(1, len(states)):
        pair = (states[k - 1], states[k])
        u = rng.random(2)
        if pair[0] == pair[1] or "unclassified" in pair or u[0] >= MISSED_BORDERS:
            continue
        if u[1] < 0.5:
            written[k] = pair[0]
        else:
            written[k - 1] = pair[1]
    return written
