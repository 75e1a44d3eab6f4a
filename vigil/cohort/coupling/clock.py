"""Seizures by zeitgeber hour (0 = lights on): mean hour, concentration, light against dark.

The test of Rayleigh takes for granted that each hour was watched equally long and that seizures
are independent. Neither holds for recordings of a few hours or seizures in clusters, so that the
same is told again with each hour's seizures weighed by the time watched, tested by shifts of the
onsets, and with each animal counted once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.cohort import exact
from vigil.cohort.coupling.circular import hour_of, mean_vector, rayleigh_p
from vigil.cohort.coupling.shift import shifted, tail_p
from vigil.cohort.coupling.states import COLUMNS, FEWEST, NAN
from vigil.cohort.coupling.watch import Watch
from vigil.cohort.settings import Settings

FloatArray = npt.NDArray[np.float64]
BINS = 24


@dataclass(frozen=True)
class Hours:
    """Zeitgeber hours of seizures and of their surrogates, and how long each hour was watched.

    Parameters
    ----------
    animal : ndarray of str, (seizure,)
    hour : ndarray, (1 + draw, seizure)
        The seizures themselves first.
    watched_h : dict of ndarray, (24,)
        By animal, hours watched in each hour of the day.
    watched_light_h, watched_dark_h : float
        Hours watched in the light and in the dark.
    """

    animal: npt.NDArray[np.str_]
    hour: FloatArray
    watched_h: dict[str, FloatArray]
    watched_light_h: float
    watched_dark_h: float

    @property
    def all_watched_h(self) -> FloatArray:
        """Hours watched in each hour of the day, all animals together."""
        return np.asarray(np.sum([*self.watched_h.values(), np.zeros(BINS)], axis=0))


def seizure_hours(watches: Sequence[Watch], settings: Settings, seed: int = 1) -> Hours:
    """Hours of seizures, of surrogates, and of the time that was watched.

    Recordings whose zeitgeber hour is not known do not count.
    """
    rng = np.random.default_rng(seed)
    draws = settings.coupling_surrogates
    animals, hours = [], [np.empty((1 + draws, 0))]
    watched: dict[str, FloatArray] = {}
    light = dark = 0.0
    for w in watches:
        if not np.isfinite(w.zeitgeber_h):
            continue
        grid, step = w.grid_s()
        at = w.hour(grid)
        counts = np.bincount(at.astype(int) % BINS, minlength=BINS).astype(np.float64)
        watched[w.animal] = watched.get(w.animal, np.zeros(BINS)) + counts * step / 3600
        light += float((at < settings.light_h).sum()) * step / 3600
        dark += float((at >= settings.light_h).sum()) * step / 3600
        moments = np.vstack([w.onset_s, shifted(w.risk, w.onset_s, draws, rng)])
        hours.append(w.hour(moments))
        animals += [w.animal] * len(w.onset_s)
    return Hours(np.array(animals, dtype=str), np.hstack(hours), watched, light, dark)


def couple_clock(hours: Hours, light_h: float) -> pd.DataFrame:
    """Seizures by zeitgeber hour.

    Parameters
    ----------
    hours : Hours
    light_h : float
        Hours of light in a day.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`. `zeitgeber_mean_h` and `zeitgeber_resultant`: mean hour and mean
        resultant length, p by Rayleigh; n is seizures. `zeitgeber_weighted_h`,
        `zeitgeber_weighted`: the same with each seizure weighed by one over the time watched in
        its hour, p by shifted onsets. `zeitgeber_animals_h`, `zeitgeber_animals`: of the animals'
        own weighted mean hours, each once, p by shifts; n is animals. `dark_over_light`: ratio
        of the rates with its exact interval (conditional on the sum: Clopper and Pearson), p by
        shifts. p is NaN below five.
    """
    n = hours.hour.shape[1]
    plain = mean_vector(hours.hour[0])
    size = float(np.abs(plain)) if n else NAN
    at = float(hour_of(plain)) if n else NAN
    p = rayleigh_p(size, n) if n >= FEWEST else NAN
    few = "" if n >= FEWEST else "; too few to test"
    simple = f"as if each hour was watched equally and seizures were independent{few}"
    weighted = _weighted(hours.hour, hours.all_watched_h)
    sizes = np.abs(weighted)
    fair_p = tail_p(sizes[0], sizes[1:], two_sided=False) if n >= FEWEST else NAN
    fair = f"weighed by the time watched in each hour{few}"
    directions, n_animals = _by_animal(hours)
    among = np.abs(directions)
    many = n_animals >= FEWEST
    once_p = tail_p(among[0], among[1:], two_sided=False) if many else NAN
    once = "each animal once" + ("" if many else "; too few animals to test")
    fair_h, once_h = float(hour_of(weighted[0])), float(hour_of(directions[0]))
    none = (NAN, NAN, NAN)
    rows = [
        ("zeitgeber_mean_h", at, *none, p, n, f"mean hour, {simple}"),
        ("zeitgeber_resultant", size, *none, p, n, f"0 spread to 1 at one hour, {simple}"),
        ("zeitgeber_weighted_h", fair_h, *none, fair_p, n, fair),
        ("zeitgeber_weighted", float(sizes[0]), NAN, NAN, _mean(sizes), fair_p, n, fair),
        ("zeitgeber_animals_h", once_h, *none, once_p, n_animals, once),
        ("zeitgeber_animals", float(among[0]), NAN, NAN, _mean(among), once_p, n_animals, once),
        _dark_over_light(hours, light_h),
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _weighted(hour: FloatArray, watched_h: FloatArray) -> npt.NDArray[np.complex128]:
    """Mean vectors of rows of hours, weighed by one over the time watched; NaN without any."""
    inverse = np.divide(1.0, watched_h, where=watched_h > 0, out=np.zeros(BINS))
    if not hour.shape[1]:
        return np.full(len(hour), np.nan + 0j)
    return np.asarray(mean_vector(hour, inverse[hour.astype(int) % BINS]), dtype=np.complex128)


def _by_animal(hours: Hours) -> tuple[npt.NDArray[np.complex128], int]:
    """Mean of the animals' directions in each row, and the number of animals."""
    own = []
    for animal in dict.fromkeys(hours.animal):
        mine = _weighted(hours.hour[:, hours.animal == animal], hours.watched_h[str(animal)])
        own.append(mine / np.abs(mine))
    if not own:
        return np.full(len(hours.hour), np.nan + 0j), 0
    return np.asarray(np.mean(own, axis=0), dtype=np.complex128), len(own)


def _dark_over_light(hours: Hours, light_h: float) -> tuple[object, ...]:
    dark = (hours.hour >= light_h).sum(axis=1)
    n, in_dark = hours.hour.shape[1], int(dark[0])
    both = hours.watched_light_h > 0 and hours.watched_dark_h > 0
    note = (
        f"{in_dark} seizures in {hours.watched_dark_h:.3g} h of dark, {n - in_dark} in "
        f"{hours.watched_light_h:.3g} h of light; the interval takes them as independent"
    )
    if not both or not n:
        return ("dark_over_light", *(NAN,) * 5, n, f"{note}; nothing to compare")
    time = hours.watched_light_h / hours.watched_dark_h
    low, high = exact.share_interval(in_dark, n)
    with np.errstate(divide="ignore"):  # none in the light is an infinite ratio
        odds = np.divide([in_dark, n * low, n * high], [n - in_dark, n - n * low, n - n * high])
    p = tail_p(in_dark, dark[1:]) if n >= FEWEST else NAN
    few = "" if n >= FEWEST else "; too few to test"
    expected = float(dark[1:].mean())
    chance = expected / (n - expected) * time if expected < n else np.inf
    return ("dark_over_light", *(float(o * time) for o in odds), chance, p, n, note + few)


def _mean(sizes: FloatArray) -> float:
    """Mean over the surrogates, which follow the observation; NaN without any."""
    known = sizes[1:][np.isfinite(sizes[1:])]
    return float(known.mean()) if len(known) else NAN
