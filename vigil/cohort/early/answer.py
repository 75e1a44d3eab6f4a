"""The answer in one sentence, for each animal and for the cohort."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from vigil.cohort.early.clock import Animal
from vigil.cohort.early.curve import COHORT, told_early
from vigil.cohort.early.settings import EarlySettings
from vigil.cohort.early.study import OWN

FOUND, CHANCE, LITTLE = "found", "not better than chance", "too little to say"
COLUMNS = (
    "animal", "verdict", "lead_min", "beyond_min", "split", "told", "seizures", "time_in_warning",
    "false_alarms_per_h", "auc", "p", "sentence",
)  # fmt: skip
MATCHED = "other times of the same state and hour"


def compared_with(animals: Sequence[Animal]) -> str:
    """What seizures were compared with, in words: what is not known cannot be matched."""
    recordings = sum(a.recordings for a in animals)
    ways = {
        "state": sum(a.unscored for a in animals),
        "hour": sum(a.dateless for a in animals),
    }
    whole = [name for name, lacking in ways.items() if not lacking]
    partly = [name for name, lacking in ways.items() if 0 < lacking < recordings]
    never = [name for name, lacking in ways.items() if lacking and lacking == recordings]
    text = "other times"
    if whole or partly:
        text += f" of the same {' and '.join([*whole, *partly])}"
    reasons = [f"the {name} is known of some recordings only" for name in partly]
    reasons += [
        {"state": "sleep was not scored", "hour": "the hour is not known"}[n] for n in never
    ]
    return f"{text} ({' and '.join(reasons)})" if reasons else text


def answer(
    who: str,
    table: pd.DataFrame,
    lead_seizures: int,
    animals: int,
    settings: EarlySettings,
    compared: str = MATCHED,
) -> dict[str, Any]:
    """One row of answers.tsv.

    Parameters
    ----------
    table : DataFrame
        Rows of lead_time.tsv of the animal or of the cohort; `p` corrected for everything.
    lead_seizures, animals : int
        How many there are, tested or not.
    compared : str
        By `compared_with`.
    """
    row: dict[str, Any] = dict.fromkeys(COLUMNS) | {"animal": who, "seizures": lead_seizures}
    least = settings.least_seizures
    done = table[table["p"].notna()]
    n = int(done["seizures"].max()) if len(done) else 0
    if lead_seizures < least or n < least:
        return row | {"verdict": LITTLE, "sentence": _too_little(lead_seizures, n, animals, least)}
    done = done[done["seizures"] >= least]
    early = told_early(table)
    if not len(early):
        longest, shortest = done["lead_min"].max(), done["lead_min"].min()
        sentence = (
            f"Not better than chance: between {_minutes(shortest)} and {_minutes(longest)} ahead "
            f"nothing told the {n} seizures tested from {compared}"
            f"{_of_animals(who, int(done['animals'].max()))}."
        )
        p = float(done["p"].min())
        return row | {"verdict": CHANCE, "seizures": n, "p": p, "sentence": sentence}
    beyond = float(early["lead_min"].max())
    best = _best(early)
    how = "models of the animal's own past" if best["split"] == OWN else "models of other animals"
    if who == COHORT and best["split"] == OWN:
        how = "models of each animal's own past"
    told, in_warning = f"{best['told']:.0f} of {best['seizures']:.0f}", best["time_in_warning"]
    group = _of_animals(who, int(best["animals"]))
    if best["sensitivity"] > in_warning:
        sentence = (
            f"Seizures could be told {_minutes(best['lead_min'])} ahead in {told} by {how}, time "
            f"in warning {100 * in_warning:.0f} %{group}; {_how_far(table, beyond)}."
        )
    else:
        sentence = (
            f"Matched AUC is above chance ({best['auc']:.2f} at {_minutes(best['lead_min'])} by "
            f"{how}), but alarms are no better than their time in warning: {told} told, time in "
            f"warning {100 * in_warning:.0f} %{group}; {_how_far(table, beyond)}."
        )
    return row | {
        "verdict": FOUND, "lead_min": float(best["lead_min"]), "beyond_min": beyond,
        "split": best["split"], "told": int(best["told"]), "seizures": int(best["seizures"]),
        "time_in_warning": float(best["time_in_warning"]),
        "false_alarms_per_h": float(best["false_alarms_per_h"]), "auc": float(best["auc"]),
        "p": float(best["p"]), "sentence": sentence,
    }  # fmt: skip


def warning_sentence(answers: pd.DataFrame, biomarkers: pd.DataFrame) -> str:
    """What to say above the table of markers where the cohort's verdict is not 'found'.

    Parameters
    ----------
    answers, biomarkers : DataFrame
        As of answers.tsv and biomarkers.tsv.

    Returns
    -------
    str
        Empty where seizures could be told, or where there are no markers.
    """
    verdict = answers.loc[answers["animal"] == COHORT, "verdict"]
    shown = biomarkers[biomarkers["animal"] == COHORT]
    shown = shown if len(shown) else biomarkers
    if not len(shown) or not len(verdict) or verdict.iloc[0] == FOUND:
        return ""
    begin = "Forecasts were not better than chance"
    if verdict.iloc[0] == LITTLE:
        begin = "Whether seizures can be told early cannot be said"
    passed = int((shown["p"] <= 0.05).sum())
    return (
        f"{begin}: the markers below are only the strongest of all {int(shown['tried'].max())} "
        f"that were tried (feature, level or change, lead time), and {passed or 'none'} of the "
        f"{len(shown)} features {'has' if passed in (0, 1) else 'have'} a corrected p of at most "
        "0.05."
    )


def _best(early: pd.DataFrame) -> pd.Series:
    """The longest lead time at which most seizures come under a warning, else that with most.

    Of both ways to split the one that tells more than as much time in warning would by chance.
    """
    early = early.assign(gain=early["sensitivity"] - early["time_in_warning"])
    gains = early[early["gain"] > 0]
    early = gains if len(gains) else early
    most = gains[gains["sensitivity"] >= 0.5]
    order = ["lead_min", "gain"] if len(most) else ["gain", "lead_min"]
    return (most if len(most) else early).sort_values(order, kind="stable").iloc[-1]


def _how_far(table: pd.DataFrame, beyond: float) -> str:
    """Up to which lead time chance is beaten, and whether it is again after a break."""
    if beyond >= float(table["lead_min"].max()):
        return f"longer than {_minutes(beyond)} was not tried"
    better = table.loc[table["better"].astype(bool) & (table["lead_min"] > beyond), "lead_min"]
    again = [f"{lead:g}" for lead in sorted(set(better))]
    if not again:
        return f"not better than chance beyond {_minutes(beyond)}"
    listed = " and ".join([", ".join(again[:-1]), again[-1]] if again[1:] else again)
    return (
        f"better than chance up to {_minutes(beyond)} without a break (again better at {listed} "
        "min)"
    )


def _too_little(n: int, tested: int, animals: int, least: int) -> str:
    if not animals:
        return "Too little to say: no recording could be used."
    if n < least:
        have = "no lead seizure" if not n else f"{n} lead seizure{'s' * (n != 1)}"
        return f"Too little to say: {have} with signals before, and at least {least} are needed."
    if not tested:
        return (
            f"Too little to say: none of the {n} lead seizures could be tested, as there is hardly "
            "any time between seizures to compare them with."
        )
    return (
        f"Too little to say: {tested} of the {n} lead seizures could be tested (the earlier ones "
        f"are only learnt from), and at least {least} are needed."
    )


def _of_animals(who: str, animals: int) -> str:
    return f" ({animals} animal{'s' * (animals != 1)})" if who == COHORT else ""


def _minutes(value: float) -> str:
    return f"{value:g} min" if math.isfinite(value) else "–"
