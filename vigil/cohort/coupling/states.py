"""Seizures by vigilance state and by the time since it changed.

Seizures cluster, and states and hours follow each other: neither is a sample of independent
moments. What chance does is told by shifting all onsets of a recording together along the time
that was watched; counts have exact Poisson intervals beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.cohort import exact
from vigil.cohort.coupling.shift import shifted, tail_p
from vigil.cohort.coupling.watch import Watch
from vigil.cohort.settings import Settings
from vigil.cohort.state_before import UNKNOWN, state_before
from vigil.recording import SCORED, STATES

FloatArray = npt.NDArray[np.float64]
COLUMNS = ("what", "value", "low", "high", "chance", "p", "n", "note")
NAN = float("nan")
FEWEST = 5
"""Seizures or animals from which something is tested."""


@dataclass(frozen=True)
class SeizureStates:
    """States before seizures and before their surrogates, and the time spent in each state.

    Parameters
    ----------
    animal : ndarray of str, (seizure,)
    state : ndarray, int8, (1 + draw, seizure)
        Place in `recording.STATES`; the seizures themselves first.
    state_for_s : ndarray, (1 + draw, seizure)
        Time since the last change of state, NaN where none was seen.
    hours : dict of ndarray, (4,)
        By animal, hours at risk in each of `recording.STATES`.
    """

    animal: npt.NDArray[np.str_]
    state: npt.NDArray[np.int8]
    state_for_s: FloatArray
    hours: dict[str, FloatArray]

    def of(self, state: str) -> npt.NDArray[np.bool_]:
        """Which seizures and surrogates came from a state, (1 + draw, seizure)."""
        return np.asarray(self.state == STATES.index(state))

    def hours_in(self, state: str) -> float:
        """Hours at risk in a state, all animals together."""
        return float(sum(h[STATES.index(state)] for h in self.hours.values()))


def seizure_states(watches: Sequence[Watch], settings: Settings, seed: int = 1) -> SeizureStates:
    """States before the seizures of all recordings, before surrogates, and of the time watched.

    Recordings without a seizure count for the time; ones without sleep scores do not count.
    """
    rng = np.random.default_rng(seed)
    draws = settings.coupling_surrogates
    animals: list[str] = []
    states, times = [np.empty((1 + draws, 0), np.int8)], [np.empty((1 + draws, 0))]
    hours: dict[str, FloatArray] = {}
    for w in watches:
        if w.track is None:
            continue
        grid, step = w.grid_s()
        codes = _codes(state_before(w.track, grid)[0])
        time_h = np.bincount(codes, minlength=len(STATES)) * step / 3600
        hours[w.animal] = hours.get(w.animal, np.zeros(len(STATES))) + time_h
        moments = np.vstack([w.onset_s, shifted(w.risk, w.onset_s, draws, rng)])
        state, since = state_before(w.track, moments)
        animals += [w.animal] * len(w.onset_s)
        states.append(_codes(state))
        times.append(since)
    return SeizureStates(np.array(animals, dtype=str), np.hstack(states), np.hstack(times), hours)


def couple_states(seizures: SeizureStates, soon_s: float) -> pd.DataFrame:
    """Seizures by the state before them and by the time since the last change of state.

    Parameters
    ----------
    seizures : SeizureStates
    soon_s : float
        A seizure is soon after a change when it comes within this time.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`; `chance` is what shifted onsets give in the mean, in the unit of
        `value`. p is NaN below five.

        - `states`: how far the numbers of all states are from chance (sum of squared differences
          over what is expected); one-sided p by shifts, n is seizures.
        - `rate_<state>`: seizures per hour that began from the state, with Garwood's interval; p
          compares their number with shifts, n is all seizures.
        - `ratio_<state>`: number of seizures over what shifts give, median over the animals with
          its exact interval. Each animal counts once, in p as well; n is animals.
        - `state_for_s`: median time since the last change of state; `soon_after_change`: share of
          seizures that come within `soon_s` of one; with exact intervals, p by shifts, n is
          seizures.
    """
    rows = [_all_states(seizures), *(_rate(seizures, state) for state in STATES)]
    rows += [_ratio(seizures, state) for state in SCORED]
    rows += _since_change(seizures, soon_s)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _codes(states: npt.NDArray[np.str_]) -> npt.NDArray[np.int8]:
    codes = np.full(states.shape, STATES.index(UNKNOWN), dtype=np.int8)
    for i, state in enumerate(SCORED):
        codes[states == state] = i
    return codes


def _all_states(placed: SeizureStates) -> dict[str, object]:
    counts = np.array([placed.of(state).sum(axis=1) for state in SCORED], dtype=np.float64)
    expected = counts[:, 1:].mean(axis=1)
    here = expected > 0
    distance = ((counts[here] - expected[here, None]) ** 2 / expected[here, None]).sum(axis=0)
    n = int(counts[:, 0].sum())
    tested = n >= FEWEST and bool(here.any())
    note = "distance of the numbers of all states from chance" + "; too few to test" * (not tested)
    p = tail_p(distance[0], distance[1:], two_sided=False) if tested else NAN
    chance = _mean(distance[1:])
    return _row("states", float(distance[0]) if n else NAN, NAN, NAN, chance, p, n, note)


def _rate(placed: SeizureStates, state: str) -> dict[str, object]:
    counts = placed.of(state).sum(axis=1)
    k, hours = int(counts[0]), placed.hours_in(state)
    n = len(placed.animal)
    low, high = exact.rate_interval(k, hours)
    note = f"{k} of {n} seizures in {hours:.3g} h"
    tested = n >= FEWEST and state != UNKNOWN and hours > 0
    if state == UNKNOWN:
        note += "; the state before them is not known"
    elif n < FEWEST:
        note += "; too few to test"
    p = tail_p(k, counts[1:]) if tested else NAN
    rates = counts / hours if hours else np.full(len(counts), NAN)
    return _row(f"rate_{state}", float(rates[0]), low, high, _mean(rates[1:]), p, n, note)


def _ratio(placed: SeizureStates, state: str) -> dict[str, object]:
    """Observed over expected number, each animal once."""
    ratios, excess = [], []
    for animal in dict.fromkeys(placed.animal):
        mine = placed.animal == animal
        known = (~placed.of(UNKNOWN)[:, mine]).sum(axis=1)
        hits = placed.of(state)[:, mine].sum(axis=1)
        if not known[0] or not hits[1:].any():
            continue
        ratios.append(hits[0] / hits[1:].mean())
        # shares of the seizures with a known state: an animal of many weighs as one of few
        excess.append(np.divide(hits, known, where=known > 0, out=np.full(len(hits), np.nan)))
    n = len(ratios)
    low, high = exact.median_interval(ratios)
    note = "over what shifted onsets give, in the median of the animals"
    p = NAN
    if n < FEWEST:
        note += "; too few animals to test"
    else:
        drawn = np.array(excess)
        lost = np.isnan(drawn)
        share = np.where(lost, 0.0, drawn).sum(axis=0) / np.maximum((~lost).sum(axis=0), 1)
        p = tail_p(share[0], share[1:])
    return _row(f"ratio_{state}", exact.median(ratios), low, high, 1.0, p, n, note)


def _since_change(placed: SeizureStates, soon_s: float) -> list[dict[str, object]]:
    since = placed.state_for_s
    own = since[0][np.isfinite(since[0])]
    n = len(own)
    drawn = since[1:]
    known = np.isfinite(drawn)
    usual = _medians(drawn)
    soon = np.where(known, drawn <= soon_s, False).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    soon[~known.any(axis=1)] = np.nan
    tested = n >= FEWEST
    few = "" if tested else "; too few to test"
    middle = exact.median(own)
    hits = int((own <= soon_s).sum())
    share = hits / n if n else NAN
    return [
        _row(
            "state_for_s", middle, *exact.median_interval(own), _mean(usual),
            tail_p(middle, usual) if tested else NAN, n,
            f"s since the last change of state, in the median{few}",
        ),
        _row(
            "soon_after_change", share, *exact.share_interval(hits, n), _mean(soon),
            tail_p(share, soon) if tested else NAN, n,
            f"share within {soon_s:g} s of a change of state{few}",
        ),
    ]  # fmt: skip


def _medians(values: FloatArray) -> FloatArray:
    """Median of each row without the NaN; NaN where there is nothing else."""
    out = np.full(len(values), np.nan)
    some = np.isfinite(values).any(axis=1)
    if some.any():
        out[some] = np.nanmedian(values[some], axis=1)
    return out


def _mean(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else NAN


def _row(
    what: str, value: float, low: float, high: float, chance: float, p: float, n: int, note: str
) -> dict[str, object]:
    return dict(zip(COLUMNS, (what, value, low, high, chance, p, n, note), strict=True))
