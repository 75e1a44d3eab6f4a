"""Fatal seizures against others: within the animals that died of them, and between animals.

Seizures of one animal are not independent, so that n is always a number of animals: each gives
one fatal seizure and what its others let one expect, or its last seizure. A fatal seizure is
always the last, so that whatever changes over an animal's seizures would set it apart: the trend
of the others is taken away first, and between animals last seizures are compared with last ones.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from vigil.cohort import exact
from vigil.cohort.aftermath import MIN_THETA_S
from vigil.cohort.fatal_markers import Values, by_animal, marker_names
from vigil.cohort.trend import FEWEST_FOR_TREND, LAST
from vigil.page.words import count_words, list_words, number

NAN = float("nan")
WITHIN, BETWEEN = "within", "between"
COLUMNS = (
    "marker", "comparison", "fatal_median", "n_fatal", "other_median", "n_animals", "effect",
    "low", "high", "share_above", "share_low", "share_high", "p", "q", "note",
)  # fmt: skip
NEVER = "; not tested: 'never' after a fatal seizure is what death is"
TRENDLESS = f"a trend is not told from it in animals with fewer than {FEWEST_FOR_TREND} others"
MOST_P, FEWEST = 0.05, 6
"""p below which a difference is told as one, and the animals from which a sign could reach it."""


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
        'never', which is not tested: a dead animal does not move. Nor is theta, where less than
        8 s of its window lie before the death.

        - `within` compares an animal's fatal seizure with what the trend of its own others
          predicts at its place (`vigil.cohort.trend`), or, below five others, with its last three:
          there a trend cannot be told, and these animals are no part of p. `other_median` is what
          was predicted,
          `effect` the median of the differences to it, with its exact interval; `share_above`
          the share of animals in which the fatal value is the larger (interval of Clopper and
          Pearson, ties left out); p is that of the ranks of the fatal seizures' distances from
          the line among their animals' own. A trend that is no line is not taken away.
        - `between` compares fatal seizures with the last seizure, not the usual one, of each
          animal without a fatal one. `effect` is the shift of Hodges and Lehmann with its exact
          interval, `share_above` the share of pairs in which the fatal value is the larger, p
          that of a permutation test.
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
        for row in rows[-2:]:
            row["note"] = f"{row['note']}{_cut_by_death(seizures, marker)}"
    table = pd.DataFrame(rows)
    table["q"] = NAN
    for comparison in (WITHIN, BETWEEN):
        tried = (table["comparison"] == comparison) & table["p"].notna()
        if tried.any():
            p = table.loc[tried, "p"].to_numpy(np.float64)
            table.loc[tried, "q"] = stats.false_discovery_control(p, method="bh")
    return table[list(COLUMNS)]


def fatal_sentences(
    seizures: pd.DataFrame, compared: pd.DataFrame, deaths: int | None = None
) -> list[str]:
    """What the comparison says, each sentence with its n.

    `deaths` counts the animals whose death the table of recordings gives, with seizures or not.
    """
    n_fatal = int(seizures["fatal"].sum()) if len(seizures) else 0
    if not n_fatal:
        return [_none_fatal(seizures, deaths)]
    last = seizures[seizures["fatal"]]
    wait = exact.median(last["death_after_s"].to_numpy(np.float64) / 60)
    of_all = f" of {deaths} that died" if deaths is not None and deaths > n_fatal else ""
    said = [
        f"{count_words(n_fatal, 'seizure was', 'seizures were')} fatal "
        f"(n = {_animals(n_fatal)}{of_all}); death came {number(wait, 2)} min after the "
        f"onset{' in the median' if n_fatal > 1 else ''}."
    ]
    names = marker_names(seizures)
    for comparison in (WITHIN, BETWEEN):
        said += _sentences(names, compared[compared["comparison"] == comparison])
    return said


def _none_fatal(seizures: pd.DataFrame, deaths: int | None) -> str:
    """Why no seizure is called fatal."""
    before = seizures["death_after_s"] >= 0 if len(seizures) else pd.Series(dtype=bool)
    close = seizures.loc[before, "animal"].nunique() if before.any() else 0
    deaths = close if deaths is None else max(deaths, close)
    if not deaths:
        return "No time of death is known, so that no seizure can be called fatal."
    if not close:
        return (
            "No seizure can be called fatal: none was recorded before a death "
            f"(n = {_animals(deaths)} that died)."
        )
    return (
        "No seizure was fatal: none came close before the death "
        f"(n = {_animals(deaths)} that died, {close} with a seizure before it)."
    )


def _within(animals: Sequence[Values]) -> dict[str, object]:
    pairs = [(a, e) for a in animals if (e := a.expected()) is not None]
    fatal = np.array([a.fatal for a, _ in pairs])
    other = np.array([e.value for _, e in pairs])
    difference = exact.subtract(fatal, other)
    unlike = difference[difference != 0]
    above = int((unlike > 0).sum())
    share = exact.share_interval(above, len(unlike))
    low, high = exact.median_interval(difference)
    note = f"{_count(sum(len(a.others) for a, _ in pairs))} of the same animals, by their trend"
    trendless = sum(not e.trend for _, e in pairs)
    if trendless:
        note += f"; {TRENDLESS} ({trendless}): against their last {LAST}, and no part of p"
    if len(pairs) < FEWEST:
        note += "; too few animals for an interval of the difference"
    never = bool(np.isinf(fatal).any())
    note += NEVER * never
    # a trend that cannot be told makes the last one of a few stand out by itself
    told = [e for _, e in pairs if e.trend]
    ranked = exact.one_of_each_p([e.own for e in told], [e.others for e in told])
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
        "p": NAN if never else ranked,
        "note": note,
    }


def _between(animals: Sequence[Values], seed: int) -> dict[str, object]:
    fatal = np.array([a.fatal for a in animals if not np.isnan(a.fatal)])
    other = np.array([a.others[-1] for a in animals if not a.died and len(a.others)])
    shift, low, high = exact.shift_between(fatal, other)
    above = [exact.share_below(x, other) for x in fatal] if len(other) else []
    note = f"against the last seizure of {_animals(len(other))} without a fatal one"
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


def _cut_by_death(seizures: pd.DataFrame, marker: str) -> str:
    """How many fatal seizures have no theta since the death came too soon for it."""
    if not marker.startswith("theta") or "theta_seen_s" not in seizures:
        return ""
    seen = seizures["theta_seen_s"].to_numpy(np.float64)
    short = seizures["fatal"].to_numpy(bool) & (seen < MIN_THETA_S)
    short &= (seizures["death_after_s"] - seizures["duration_s"]).to_numpy() < MIN_THETA_S
    if not short.any():
        return ""
    return (
        f"; {count_words(int(short.sum()), 'fatal seizure')} not tested: death came less than "
        f"{MIN_THETA_S:.0f} s after the end, and lost theta is what death is"
    )


def _count(n: int) -> str:
    return count_words(n, "other seizure")


def _sentences(names: dict[str, str], rows: pd.DataFrame) -> list[str]:
    """A sentence for each marker that differs, and one for all that do not."""
    said, alike, never, untold = [], [], [], []
    for place, (_, row) in enumerate(rows.iterrows()):
        name, n = names[str(row["marker"])], min(int(row["n_fatal"]), int(row["n_animals"]))
        if not n:
            continue
        values = f"{_size(row['fatal_median'])} against {_size(row['other_median'])}"
        if NEVER in str(row["note"]):
            never.append((f"{name} ({values})", place))
        elif np.isnan(row["p"]):
            untold.append((name, place))
        elif row["q"] < MOST_P:
            p = f"p = {number(float(row['p']), 2)}, {number(float(row['q']), 2)} corrected"
            said.append(f"{_lead(rows.iloc[[place]], name)}: {values} in the median ({p}).")
        else:
            alike.append((f"{name} (p = {number(float(row['p']), 2)})", place, n))
    if never:
        lead = _lead(rows.iloc[[place for _, place in never]])
        what = list_words([words for words, _ in never])
        said.append(f"{lead}, medians; 'never' is what death is: {what}.")
    if untold:
        lead = _lead(rows.iloc[[place for _, place in untold]])
        what = list_words([name for name, _ in untold])
        said.append(f"{lead}; not tested, {TRENDLESS}: {what}.")
    if alike:
        lead = _lead(rows.iloc[[place for _, place, _ in alike]])
        few = min(n for *_, n in alike) < FEWEST
        verdict = "too few animals to tell" if few else "no difference was found"
        said.append(f"{lead}; {verdict}: {list_words([words for words, *_ in alike])}.")
    if not said:
        said.append(f"{_lead(rows)}: nothing to compare.")
    return said


def _lead(rows: pd.DataFrame, name: str = "") -> str:
    """`Duration (s) of fatal seizures against ... (n = ...)`, of one marker or of several."""
    if (rows["comparison"] == WITHIN).all():
        against, n = "what the same animals' others predict", f"{_range(rows['n_fatal'])} animals"
        n = n.removesuffix("s") if n == "1 animals" else n
    else:
        against = "the last of animals without a fatal one"
        n = f"{_range(rows['n_fatal'])} and {_range(rows['n_animals'])}"
    what = f"{name[0].upper()}{name[1:]}, fatal seizures" if name else "Fatal seizures"
    return f"{what} against {against} (n = {n})"


def _range(counts: pd.Series) -> str:
    low, high = int(counts.min()), int(counts.max())
    return f"{low}" if low == high else f"{low} to {high}"


def _animals(n: int) -> str:
    return "1 animal" if n == 1 else f"{n} animals"


def _size(value: float) -> str:
    if np.isinf(value):
        return "never"
    return f"{value:.0f}" if abs(value) >= 100 else number(float(value), 2)
