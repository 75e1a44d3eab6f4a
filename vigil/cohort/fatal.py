"""Fatal seizures against others: within the animals that died of them, and between animals.

Seizures of one animal are not independent, so that n is always a number of animals: each gives
one fatal seizure, and the median of its others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from vigil.cohort import exact
from vigil.cohort.seizures import suppression_column
from vigil.page.words import count_words, list_words, number

FloatArray = npt.NDArray[np.float64]
NAN = float("nan")
WITHIN, BETWEEN = "within", "between"
COLUMNS = (
    "marker", "comparison", "fatal_median", "n_fatal", "other_median", "n_animals", "effect",
    "low", "high", "share_above", "share_low", "share_high", "p", "q", "note",
)  # fmt: skip
MARKERS = {
    "duration_s": "duration (s)",
    "suppression_s": "suppression (s)",
    "theta_after": "theta peak after (ratio to background)",
    "theta_kept": "theta peak after over before",
    "theta_power_kept": "theta power after over before",
    "moves_after_s": "time to movement (s)",
    "sleeps_after_s": "time to sleep (s)",
}
NEVER = "; not tested: 'never' after a fatal seizure is what death is"
SUPPRESSION = suppression_column("").removesuffix("_s")
VIEWS = {"moves_after_s": "movement_seen_s", "sleeps_after_s": "sleep_seen_s"}
MOST_P, FEWEST = 0.05, 6
"""p below which a difference is told as one, and the animals from which a sign could reach it."""


@dataclass(frozen=True)
class Values:
    """A marker of one animal: of its fatal seizure, NaN where it is not known, and of its others.

    `died` says whether the animal had a fatal seizure.
    """

    animal: str
    died: bool
    fatal: float
    others: FloatArray


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

    After a fatal seizure 'not seen' means 'never' for movement and sleep, if there was a view of
    the animal, and so does a suppression that lasts until the death: a dead brain is silent too.
    Without any time between the two nothing else is known of suppression. After other seizures
    something else ended the view: NaN, and for suppression the length until then.
    """
    values = seizures[marker].to_numpy(np.float64).copy()
    fatal = seizures["fatal"].to_numpy(bool)
    if marker in VIEWS:
        seen = seizures[VIEWS[marker]].to_numpy(np.float64) > 0
        values[fatal & seen & np.isnan(values)] = np.inf
    if marker.startswith(SUPPRESSION):
        view = seizures["seen_after_s"].to_numpy(np.float64)
        values[fatal & (values > 0) & (values >= view)] = np.inf
        values[fatal & (values == 0) & (view <= 0)] = np.nan
    return values


def by_animal(seizures: pd.DataFrame, marker: str) -> list[Values]:
    """A marker by animal, in the order of the table; what is NaN is left out."""
    values = marker_values(seizures, marker)
    fatal = seizures["fatal"].to_numpy(bool)
    animals = seizures["animal"].to_numpy(str)
    found = []
    for animal in dict.fromkeys(animals):
        mine = (animals == animal) & ~np.isnan(values)
        last = values[mine & fatal]
        died = bool((fatal & (animals == animal)).any())
        value = float(last[0]) if len(last) else NAN
        found.append(Values(str(animal), died, value, values[mine & ~fatal]))
    return found


def compare_fatal(seizures: pd.DataFrame, seed: int = 1) -> pd.DataFrame:
    """Fatal seizures against others, for each marker within and between animals.

    Parameters
    ----------
    seizures : DataFrame
        Of `vigil.cohort.seizures.join_seizures`.
    seed : int
        For permutations that are too many to be counted.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, two rows per marker; empty without a fatal seizure. Infinite stands for
        'never', which is not tested: a dead animal does not move.

        - `within` compares an animal's fatal seizure with its own others. `effect` is the median
          of the differences to their median, with its exact interval; `share_above` the share of
          animals in which the fatal value is the larger (interval of Clopper and Pearson, ties
          left out); p is that of the fatal seizures' ranks among their animals' own, exact.
        - `between` compares fatal seizures with the median seizure of each animal without one.
          `effect` is the shift of Hodges and Lehmann with its exact interval, `share_above` the
          share of pairs in which the fatal value is the larger, p that of a permutation test.
        - `n_fatal` and `n_animals` count the animals on the two sides. `q` is p corrected for the
          markers that were tried, by comparison (Benjamini and Hochberg 1995).
    """
    if not len(seizures) or not seizures["fatal"].any():
        return pd.DataFrame(columns=list(COLUMNS))
    rows = []
    for marker in marker_names(seizures):
        animals = by_animal(seizures, marker)
        rows.append({"marker": marker, **_within(animals)})
        rows.append({"marker": marker, **_between(animals, seed)})
    table = pd.DataFrame(rows)
    table["q"] = NAN
    for comparison in (WITHIN, BETWEEN):
        tried = (table["comparison"] == comparison) & table["p"].notna()
        if tried.any():
            p = table.loc[tried, "p"].to_numpy(np.float64)
            table.loc[tried, "q"] = stats.false_discovery_control(p, method="bh")
    return table[list(COLUMNS)]


def fatal_sentences(seizures: pd.DataFrame, compared: pd.DataFrame) -> list[str]:
    """What the comparison says, each sentence with its n."""
    n_fatal = int(seizures["fatal"].sum()) if len(seizures) else 0
    dated = seizures["death_after_s"].notna() if len(seizures) else pd.Series(dtype=bool)
    if not n_fatal:
        if dated.any():
            n = seizures.loc[dated, "animal"].nunique()
            return [f"No seizure was fatal: none came close before the death (n = {n} deaths)."]
        return ["No time of death is known, so that no seizure can be called fatal."]
    last = seizures[seizures["fatal"]]
    wait = exact.median(last["death_after_s"].to_numpy(np.float64) / 60)
    said = [
        f"{count_words(n_fatal, 'seizure was', 'seizures were')} fatal "
        f"(n = {_animals(n_fatal)}); death came {number(wait, 2)} min after the "
        f"onset{' in the median' if n_fatal > 1 else ''}."
    ]
    names = marker_names(seizures)
    for comparison in (WITHIN, BETWEEN):
        said += _sentences(names, compared[compared["comparison"] == comparison])
    return said


def _within(animals: Sequence[Values]) -> dict[str, object]:
    pairs = [a for a in animals if not np.isnan(a.fatal) and len(a.others)]
    fatal = np.array([a.fatal for a in pairs])
    other = np.array([exact.median(a.others) for a in pairs])
    difference = exact.subtract(fatal, other)
    unlike = difference[difference != 0]
    above = int((unlike > 0).sum())
    share = exact.share_interval(above, len(unlike))
    low, high = exact.median_interval(difference)
    note = f"{_count(sum(len(a.others) for a in pairs))} of the same animals"
    if len(pairs) < FEWEST:
        note += "; too few animals for an interval of the difference"
    never = bool(np.isinf(fatal).any())
    note += NEVER * never
    return {
        "comparison": WITHIN,
        "fatal_median": exact.median(fatal),
        "n_fatal": len(pairs),
        "other_median": exact.median(other),
        "n_animals": len(pairs),
        "effect": exact.median(difference),
        "low": low,
        "high": high,
        "share_above": above / len(unlike) if len(unlike) else NAN,
        "share_low": share[0],
        "share_high": share[1],
        "p": NAN if never else exact.one_of_each_p(list(fatal), [a.others for a in pairs]),
        "note": note,
    }


def _between(animals: Sequence[Values], seed: int) -> dict[str, object]:
    survivors = [a for a in animals if not a.died and len(a.others)]
    fatal = np.array([a.fatal for a in animals if not np.isnan(a.fatal)])
    other = np.array([exact.median(a.others) for a in survivors])
    shift, low, high = exact.shift_between(fatal, other)
    above = [exact.share_below(x, other) for x in fatal] if len(other) else []
    note = f"{_count(sum(len(a.others) for a in survivors))} of animals without a fatal one"
    if np.isnan(low):
        note += "; too few animals for an interval of the shift"
    never = bool(np.isinf(fatal).any())
    note += NEVER * never
    return {
        "comparison": BETWEEN,
        "fatal_median": exact.median(fatal),
        "n_fatal": len(fatal),
        "other_median": exact.median(other),
        "n_animals": len(other),
        "effect": shift,
        "low": low,
        "high": high,
        "share_above": float(np.mean(above)) if above else NAN,
        "share_low": NAN,
        "share_high": NAN,
        "p": NAN if never else exact.between_p(fatal, other, seed),
        "note": note,
    }


def _count(n: int) -> str:
    return count_words(n, "other seizure")


def _sentences(names: dict[str, str], rows: pd.DataFrame) -> list[str]:
    """A sentence for each marker that differs, and one for all that do not."""
    said, alike, never = [], [], []
    for _, row in rows.iterrows():
        name, n = names[str(row["marker"])], min(int(row["n_fatal"]), int(row["n_animals"]))
        if not n:
            continue
        values = f"{_size(row['fatal_median'])} against {_size(row['other_median'])}"
        if np.isnan(row["p"]):
            never.append(f"{name} ({values})")
        elif row["q"] < MOST_P:
            p = f"p = {number(float(row['p']), 2)}, {number(float(row['q']), 2)} corrected"
            said.append(f"{_lead(row, name)}: {values} in the median ({p}).")
        else:
            alike.append((name, n, float(row["p"])))
    if never:
        lead = _lead(rows.iloc[0], "")
        said.append(f"{lead}, medians; 'never' is what death is: {list_words(never)}.")
    if alike:
        few = min(n for _, n, _ in alike) < FEWEST
        which = list_words([f"{name} (p = {number(p, 2)})" for name, _, p in alike])
        verdict = "too few animals to tell" if few else "no difference was found"
        said.append(f"{_lead(rows.iloc[0], '')}; {verdict}: {which}.")
    if not said:
        said.append(f"{_lead(rows.iloc[0], '')}: nothing to compare.")
    return said


def _lead(row: pd.Series, name: str) -> str:
    """`Duration (s) of fatal seizures against ... (n = ...)`."""
    n_fatal, n_other = int(row["n_fatal"]), int(row["n_animals"])
    within = row["comparison"] == WITHIN
    against = "the same animals' others" if within else "animals without a fatal one"
    n = f"n = {_animals(n_fatal)}" if within else f"n = {n_fatal} and {n_other}"
    what = f"{name[0].upper()}{name[1:]}, fatal seizures" if name else "Fatal seizures"
    return f"{what} against {against} ({n})"


def _animals(n: int) -> str:
    return "1 animal" if n == 1 else f"{n} animals"


def _size(value: float) -> str:
    if np.isinf(value):
        return "never"
    return f"{value:.0f}" if abs(value) >= 100 else number(float(value), 2)
