"""The lead-time curve: what a forecast is worth at each lead time, with intervals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from vigil.cohort.early.clock import FloatArray
from vigil.cohort.early.lead import Bools
from vigil.cohort.early.resample import (
    HIGH,
    LOW,
    interval,
    mean,
    percentile,
    ratio,
    resamples,
    weighted,
)
from vigil.cohort.early.settings import EarlySettings
from vigil.cohort.early.study import OTHERS, OWN, Tested
from vigil.cohort.early.surrogates import p_of_family
from vigil.cohort.early.warn import MEASURES

COHORT = "all"  # in the column animal; no animal is called so
RATIOS = {
    # name: (numerator, denominator)
    "sensitivity": ("told", "seizures"),
    "time_in_warning": ("warned_h", "interictal_h"),
    "false_alarms_per_h": ("false_alarms", "interictal_h"),
}
COLUMNS = (
    "animal", "split", "lead_min", "seizures", "animals", "auc", "auc_low", "auc_high",
    "chance_low", "chance_high", "p", "better", "auc_plain", "told",
    "sensitivity", "sensitivity_low", "sensitivity_high",
    "time_in_warning", "time_in_warning_low", "time_in_warning_high",
    "false_alarms_per_h", "false_alarms_per_h_low", "false_alarms_per_h_high",
    "brier_skill", "brier_skill_low", "brier_skill_high",
)  # fmt: skip

Ways = dict[str, list[list[Tested]]]
"""By the way to split, then by animal, then by lead time (none where it cannot be done)."""


def curve(
    who: str, ways: Ways, settings: EarlySettings, rng: np.random.Generator
) -> tuple[pd.DataFrame, FloatArray]:
    """Rows of lead_time.tsv of an animal or of the cohort, without p.

    Parameters
    ----------
    who : str
        The animal, or `COHORT`: then intervals resample animals, and seizures within them.

    Returns
    -------
    table : DataFrame
    areas : ndarray, (set, row)
        Mean matched AUC of each set of onsets, the real one first.
    """
    rows, areas = [], []
    for split in (OWN, OTHERS):
        tested = [t for t in ways[split] if t]
        if not tested:
            continue
        counts = resamples([t[0].area.shape[1] for t in tested], settings.n_bootstrap, rng)
        for k, lead_min in enumerate(settings.lead_min):
            area = np.concatenate([t[k].area for t in tested], axis=1)
            plain = np.concatenate([t[k].plain for t in tested])
            warnings = pd.concat([t[k].warnings for t in tested], ignore_index=True)
            means = mean(area)
            areas.append(means)
            known = np.isfinite(area[0])
            animals = sum(bool(np.isfinite(t[k].area[0]).any()) for t in tested)
            rows.append(
                {
                    "animal": who, "split": split, "lead_min": lead_min,
                    "seizures": int(known.sum()), "animals": animals,
                    "auc": means[0], **interval("auc", weighted(counts, area[0])),
                    "chance_low": percentile(means[1:], LOW),
                    "chance_high": percentile(means[1:], HIGH),
                    "auc_plain": mean(plain[None])[0],
                    **_of_warnings(warnings, known, counts),
                }
            )  # fmt: skip
    table = pd.DataFrame(rows).reindex(columns=list(COLUMNS))
    n_sets = settings.n_surrogates + 1
    return table, np.column_stack(areas) if areas else np.empty((n_sets, 0))


def judged(
    curves: Sequence[tuple[pd.DataFrame, FloatArray]], settings: EarlySettings
) -> list[pd.DataFrame]:
    """Curves with `p`, corrected over all lead times, both ways to split and all the curves.

    `better` says that p is at most `alpha`, that seizures are told rather than missed (AUC above
    one half), and that at least `least_seizures` of them were tested.
    """
    p = p_of_family(np.concatenate([areas for _, areas in curves], axis=1))
    found, first = [], 0
    for table, areas in curves:
        mine = p[first : first + areas.shape[1]]
        first += areas.shape[1]
        better = (mine <= settings.alpha) & (table["auc"].to_numpy(float) > 0.5)
        better &= table["seizures"].to_numpy(float) >= settings.least_seizures
        found.append(table.assign(p=mine, better=better))
    return found


def told_early(table: pd.DataFrame) -> pd.DataFrame:
    """The rows up to which a forecast still beats chance: better without a break, (lead time,).

    They begin at the shortest lead time that is better than chance in either way to split.
    """
    if not len(table):
        return table
    better = table.groupby("lead_min")["better"].any()
    first = int(np.argmax(better.to_numpy())) if better.any() else len(better)
    run = better.iloc[first:]
    leads = run.index[np.cumprod(run.to_numpy(int)).astype(bool)]
    return table[table["better"] & table["lead_min"].isin(leads)]


def _of_warnings(warnings: pd.DataFrame, known: Bools, counts: FloatArray) -> dict[str, float]:
    sums = {name: warnings[name].to_numpy(float) for name in MEASURES}
    # a seizure whose stretch was not recorded cannot have been told
    sums["seizures"] = known.astype(float)
    sums["told"] = sums["told"] * known
    found: dict[str, float] = {"told": float(sums["told"].sum())}
    for name, (above, below) in RATIOS.items():
        found[name] = float(ratio(sums[above].sum(), sums[below].sum()))
        found |= interval(name, ratio(counts @ sums[above], counts @ sums[below]))
    found["brier_skill"] = float(1 - ratio(sums["brier"].sum(), sums["brier_base"].sum()))
    skill = 1 - ratio(counts @ sums["brier"], counts @ sums["brier_base"])
    return found | interval("brier_skill", skill)
