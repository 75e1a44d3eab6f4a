"""Which region and feature carry the warning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from vigil.cohort.early.case import Case
from vigil.cohort.early.clock import FloatArray
from vigil.cohort.early.features import CHANGE, LEVEL
from vigil.cohort.early.lead import MISSING, windows_before
from vigil.cohort.early.resample import HIGH, LOW, mean, ratio, resamples
from vigil.cohort.early.settings import EarlySettings
from vigil.cohort.early.surrogates import p_of_family, standardised

COLUMNS = (
    "animal", "region", "feature", "kind", "lead_min", "effect", "low", "high", "low_corrected",
    "high_corrected", "p", "tried", "seizures", "animals",
)  # fmt: skip


@dataclass(frozen=True)
class Differences:
    """How the features before an animal's seizures differ from those before its surrogates.

    Parameters
    ----------
    of_sets : ndarray, (set, lead time, predictor)
        Sum over the seizures of a set, in spreads of the predictor between seizures.
    counts : ndarray, (set, lead time)
        How many seizures of a set have the stretch.
    of_seizures : ndarray, (seizure, lead time, predictor)
        Of each real seizure, less the mean of all times at which it could as well have begun.
    """

    of_sets: FloatArray
    counts: FloatArray
    of_seizures: FloatArray


def differences(case: Case, features: Sequence[str], settings: EarlySettings) -> Differences:
    """Differences of an animal; a feature that the animal does not have is NaN."""
    x = case.stretches.x
    spread = x[case.stretches.usable].std(axis=0, dtype=float)
    spread[~np.tile(np.isin(features, case.animal.features), 2)] = np.nan
    x = (x / np.where(spread > 0, spread, np.nan)).astype(np.float32)
    of_sets, counts, of_seizures = [], [], []
    for k, lead_min in enumerate(settings.lead_min):
        rows, there = case.rows(x, k)
        of_sets.append(rows.sum(axis=1))
        counts.append(there.sum(axis=1))
        usual = np.full((case.n, x.shape[1]), np.nan)
        for j, windows in enumerate(case.possible):
            at = windows_before(case.animal, case.stretches, case.animal.time_s[windows], lead_min)
            if (at != MISSING).any():
                usual[j] = x[at[at != MISSING]].mean(axis=0)
        own = np.where(there[0][:, None], rows[0], np.nan)
        of_seizures.append(own - usual)
    return Differences(
        np.stack(of_sets, axis=1).astype(float),
        np.stack(counts, axis=1).astype(float),
        np.stack(of_seizures, axis=1).astype(float),
    )


def biomarkers(
    who: str,
    animals: Sequence[Differences],
    features: Sequence[str],
    settings: EarlySettings,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Rows of biomarkers.tsv, one per feature: where it is strongest, the clearest feature first.

    `effect` is the mean difference over the lead seizures between the stretch before a seizure
    and the times at which it could as well have begun, in spreads of the feature between seizures
    (Cohen's d of matched sets). `low` and `high` are its bootstrap interval as if nothing else
    had been tried. `p`, two-sided, and the corrected interval are corrected over all that was
    tried: features, level and change, lead times (their number is `tried`); the interval holds
    what the strongest of all surrogates' differences leaves possible.

    Parameters
    ----------
    animals : sequence of Differences
        Of one animal, or of all animals of a cohort.
    """
    animals = [a for a in animals if len(a.of_seizures)]
    if not animals:
        return pd.DataFrame(columns=list(COLUMNS))
    has = [np.asarray(np.isfinite(a.of_sets).all(axis=0))[None] for a in animals]
    sums = np.sum([np.where(h, a.of_sets, 0) for a, h in zip(animals, has, strict=True)], axis=0)
    n = np.sum([a.counts[:, :, None] * h for a, h in zip(animals, has, strict=True)], axis=0)
    shape = sums.shape[1:]
    values = ratio(sums, n).reshape(len(sums), -1)
    z = standardised(values)
    p = p_of_family(values, two_sided=True).reshape(shape)
    strongest = np.where(np.isfinite(z), np.abs(z), 0).max(axis=1)
    # the real onsets do not say how far chance reaches
    reach = np.percentile(strongest[1:], HIGH - LOW)
    margin = (reach * np.nanstd(np.where(np.isfinite(values), values, np.nan), axis=0)).reshape(
        shape
    )
    each = np.concatenate([a.of_seizures for a in animals])
    sizes = [len(a.of_seizures) for a in animals]
    whose = np.repeat(np.arange(len(sizes)), sizes)
    counts = resamples(sizes, settings.n_bootstrap, rng)
    strength = np.where(np.isfinite(z[0]), np.abs(z[0]), -np.inf).reshape(shape)
    rows = []
    for f, name in enumerate(features):
        kinds = strength[:, [f, f + len(features)]]
        lead, kind = np.unravel_index(int(np.argmax(kinds)), kinds.shape)
        j = f + int(kind) * len(features)
        if not np.isfinite(strength[lead, j]):
            continue
        own = each[:, lead, j]
        known = np.isfinite(own)
        effect = float(mean(own[None])[0])
        drawn = ratio(counts[:, known] @ own[known], counts[:, known].sum(axis=1))
        region, _, feature = name.partition(".")
        rows.append(
            {
                "animal": who, "region": region, "feature": feature,
                "kind": (LEVEL, CHANGE)[int(kind)], "lead_min": settings.lead_min[int(lead)],
                "effect": effect,
                "low": float(np.nanpercentile(drawn, LOW)),
                "high": float(np.nanpercentile(drawn, HIGH)),
                "low_corrected": effect - margin[lead, j],
                "high_corrected": effect + margin[lead, j],
                "p": p[lead, j], "tried": int(np.isfinite(strength).sum()),
                "seizures": int(known.sum()), "animals": len(np.unique(whose[known])),
                "_z": strength[lead, j],
            }
        )  # fmt: skip
    table = pd.DataFrame(rows, columns=[*COLUMNS, "_z"])
    return table.sort_values(["p", "_z"], ascending=[True, False], kind="stable")[
        list(COLUMNS)
    ].reset_index(drop=True)
