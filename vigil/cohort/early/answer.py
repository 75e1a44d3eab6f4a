"""The answer in one sentence, for each animal and for the cohort."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from vigil.cohort.early.curve import COHORT, told_early
from vigil.cohort.early.settings import EarlySettings
from vigil.cohort.early.study import OWN

FOUND, CHANCE, LITTLE = "found", "not better than chance", "too little to say"
COLUMNS = (
    "animal", "verdict", "lead_min", "beyond_min", "split", "told", "seizures", "time_in_warning",
    "false_alarms_per_h", "auc", "p", "sentence",
)  # fmt: skip


def answer(
    who: str, table: pd.DataFrame, lead_seizures: int, animals: int, settings: EarlySettings
) -> dict[str, Any]:
    """One row of answers.tsv.

    Parameters
    ----------
    table : DataFrame
        Rows of lead_time.tsv of the animal or of the cohort; `p` corrected for everything.
    lead_seizures, animals : int
        How many there are.
    """
    row: dict[str, Any] = dict.fromkeys(COLUMNS) | {"animal": who, "seizures": lead_seizures}
    least = settings.least_seizures
    if lead_seizures < least or not len(table) or not table["auc"].notna().any():
        return row | {"verdict": LITTLE, "sentence": _too_little(lead_seizures, animals, least)}
    early = told_early(table)
    n = int(table["seizures"].max())
    if not len(early):
        longest, shortest = table["lead_min"].max(), table["lead_min"].min()
        sentence = (
            f"Not better than chance: between {_minutes(shortest)} and {_minutes(longest)} ahead "
            f"nothing told the {n} seizures tested from other times of the same state and hour"
            f"{_of_animals(who, animals)}."
        )
        p = float(table["p"].min())
        return row | {"verdict": CHANCE, "seizures": n, "p": p, "sentence": sentence}
    beyond = float(early["lead_min"].max())
    # the longest lead time at which most seizures come under a warning, else the one with most;
    # of both ways to split the one that tells more than as much time in warning would by chance
    early = early.assign(gain=early["sensitivity"] - early["time_in_warning"])
    most = early[early["sensitivity"] >= 0.5]
    order = ["lead_min", "gain"] if len(most) else ["gain", "lead_min"]
    best = (most if len(most) else early).sort_values(order, kind="stable").iloc[-1]
    how = "models of the animal's own past" if best["split"] == OWN else "models of other animals"
    if who == COHORT and best["split"] == OWN:
        how = "models of each animal's own past"
    sentence = (
        f"Seizures could be told {_minutes(best['lead_min'])} ahead in {best['told']:.0f} of "
        f"{best['seizures']:.0f} by {how}, time in warning {100 * best['time_in_warning']:.0f} %"
        f"{_of_animals(who, int(best['animals']))}; not better than chance beyond "
        f"{_minutes(beyond)}."
    )
    if beyond >= float(table["lead_min"].max()):
        sentence = sentence.replace(
            f"not better than chance beyond {_minutes(beyond)}",
            f"longer than {_minutes(beyond)} was not tried",
        )
    return row | {
        "verdict": FOUND, "lead_min": float(best["lead_min"]), "beyond_min": beyond,
        "split": best["split"], "told": int(best["told"]), "seizures": int(best["seizures"]),
        "time_in_warning": float(best["time_in_warning"]),
        "false_alarms_per_h": float(best["false_alarms_per_h"]), "auc": float(best["auc"]),
        "p": float(best["p"]), "sentence": sentence,
    }  # fmt: skip


def _too_little(n: int, animals: int, least: int) -> str:
    if not animals:
        return "Too little to say: no recording could be used."
    have = "no lead seizure" if not n else f"{n} lead seizure{'s' * (n != 1)}"
    if n >= least:
        return (
            f"Too little to say: there is hardly any time between seizures to compare the {n} "
            "lead seizures with."
        )
    return f"Too little to say: {have} with signals before, and at least {least} are needed."


def _of_animals(who: str, animals: int) -> str:
    return f" ({animals} animal{'s' * (animals != 1)})" if who == COHORT else ""


def _minutes(value: float) -> str:
    return f"{value:g} min" if math.isfinite(value) else "–"
