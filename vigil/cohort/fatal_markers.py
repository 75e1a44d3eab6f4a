"""Markers of seizures that may tell a fatal one from others, animal by animal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.cohort.seizures import onset_seconds, suppression_column
from vigil.cohort.trend import Expected, expect

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
NAN = float("nan")
MARKERS = {
    "duration_s": "duration (s)",
    "suppression_s": "suppression (s)",
    "theta_after": "theta peak after (ratio to background)",
    "theta_kept": "theta peak after over before",
    "theta_power_kept": "theta power after over before",
    "moves_after_s": "time to movement (s)",
    "sleeps_after_s": "time to sleep (s)",
}
WHOLE = "suppression_s"
SUPPRESSION = suppression_column("").removesuffix("_s")
VIEWS = {"moves_after_s": "movement_seen_s", "sleeps_after_s": "sleep_seen_s"}
SHORT_S, SEEN_SHARE = 1.0, 0.9
"""A view that ends at most so long before the death reaches it, and the least share of the time
until then that video or sleep scores must cover."""


@dataclass(frozen=True)
class Values:
    """A marker of one animal: of its fatal seizure, NaN where it is not known, and of its others.

    `died` says whether the animal had a fatal seizure. The others stand in the order of their
    onsets; `place` and `places` count all of the animal's seizures.
    """

    animal: str
    died: bool
    fatal: float
    place: float
    others: FloatArray
    places: FloatArray

    def expected(self) -> Expected | None:
        """What its others predict of the fatal seizure; None where either is not known."""
        if np.isnan(self.fatal) or not len(self.others):
            return None
        return expect(self.fatal, self.place, self.others, self.places)


def marker_names(seizures: pd.DataFrame) -> dict[str, str]:
    """Markers that the table has, and how they are called: the usual ones, then by region."""
    known = {m: words for m, words in MARKERS.items() if m in seizures}
    for column in map(str, seizures.columns):
        if column.startswith(SUPPRESSION) and column not in known:
            region = column.removeprefix(SUPPRESSION).removesuffix("_s")
            known[column] = f"suppression of {region} (s)"
    return known


def marker_values(seizures: pd.DataFrame, marker: str) -> FloatArray:
    """A marker of each seizure; infinite where it never came before a death.

    After a fatal seizure 'not seen' means 'never' for movement and sleep if the animal was seen
    until its death, and so does a suppression that lasts until then: a dead brain is silent too.
    Where the view ended before the death, as that of a recording which stopped, or where there
    was no time between seizure and death, it is not known: NaN. After other seizures something
    else ended the view: NaN, and for suppression the length until then.
    """
    values = seizures[marker].to_numpy(np.float64).copy()
    fatal = seizures["fatal"].to_numpy(bool)
    view = seizures["seen_after_s"].to_numpy(np.float64)
    until_death = (seizures["death_after_s"] - seizures["duration_s"]).to_numpy(np.float64)
    reaches = view >= until_death - SHORT_S
    if marker in VIEWS:
        seen = seizures[VIEWS[marker]].to_numpy(np.float64)
        covered = (seen > 0) & (seen >= SEEN_SHARE * until_death - SHORT_S)
        values[fatal & reaches & covered & np.isnan(values)] = np.inf
    if marker.startswith(SUPPRESSION):
        lasts = _lasts(seizures, marker, values, view)
        values[fatal & (values == 0) & (view <= 0)] = np.nan
        values[fatal & lasts] = np.nan
        values[fatal & lasts & reaches & ~_recovered(seizures, marker)] = np.inf
    return values


def _lasts(seizures: pd.DataFrame, marker: str, values: FloatArray, view: FloatArray) -> BoolArray:
    """Where a suppression lasts as long as the view, so that its end was not seen."""
    long = values >= view
    if marker == WHOLE and "recovered" in seizures:
        long = long | (seizures["recovered"].astype(str) == "false").to_numpy(bool)
    return np.asarray(long & (values > 0))


def _recovered(seizures: pd.DataFrame, marker: str) -> BoolArray:
    """Where it is not said that the brain stayed away; regions have their length alone."""
    if marker != WHOLE or "recovered" not in seizures:
        return np.zeros(len(seizures), dtype=bool)
    return np.asarray((seizures["recovered"].astype(str) != "false").to_numpy(bool))


def by_animal(seizures: pd.DataFrame, marker: str) -> list[Values]:
    """A marker by animal, in the order of the table; what is NaN is left out.

    Where the time of one of its onsets is not known, an animal's seizures are taken in the order
    of the table.
    """
    values = marker_values(seizures, marker)
    fatal = seizures["fatal"].to_numpy(bool)
    animals = seizures["animal"].to_numpy(str)
    times = onset_seconds(seizures)
    found = []
    for animal in dict.fromkeys(animals):
        mine = np.flatnonzero(animals == animal)
        if not np.isnan(times[mine]).any():
            mine = mine[np.argsort(times[mine], kind="stable")]
        places = np.arange(len(mine), dtype=np.float64)
        known = ~np.isnan(values[mine])
        last = np.flatnonzero(known & fatal[mine])
        others = known & ~fatal[mine]
        found.append(
            Values(
                str(animal),
                bool(fatal[mine].any()),
                float(values[mine][last[0]]) if len(last) else NAN,
                float(last[0]) if len(last) else NAN,
                values[mine][others],
                places[others],
            )
        )
    return found
