"""The detector's card: what it learnt from, how well it did on what it had not seen, its limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from vigil.folds import Fold
from vigil.seizures.trained.comparison import ALWAYS_ON, RULE, THRESHOLDS, XGBOOST, Held
from vigil.seizures.trained.decode import RULE as DECODING_RULE
from vigil.seizures.trained.decode import Decoding
from vigil.seizures.trained.folds import LabelledRecording
from vigil.seizures.trained.labels import BACKGROUND, SEIZURE, UNLABELLED
from vigil.seizures.trained.matching import MEASURES
from vigil.seizures.trained.model import SeizureModel, calibrate
from vigil.seizures.trained.predictors import CONTEXT_S, columns

FloatArray = npt.NDArray[np.float64]

BINS = 10
MOST_NAMED = 10
"""Predictors that are named."""
FEW_SEIZURES = 20
FEW_ANIMALS = 5

NOT_FOR = (
    "Diagnosis or treatment of people or of animals in care.",
    "Raising an alarm while an animal is recorded: it sees the 30 s after each moment, and the "
    "evidence is measured against hours before and after.",
    "Species, electrodes, models of epilepsy or kinds of seizure unlike those it learnt from, "
    "without a check against an expert's labels of some days.",
    "Where and when exactly a seizure begins: onsets are placed by methods of their own.",
    "Counting seizures too short for the labels, or ones that the experts did not mark: what they "
    "pass over it learns to pass over.",
)


def model_card(
    recordings: Sequence[LabelledRecording],
    folds: Sequence[Fold],
    held: Sequence[Held],
    by_fold: Mapping[str, tuple[float, Decoding]],
    chosen: str,
    comparison: pd.DataFrame,
    whole: SeizureModel,
    left_out: dict[str, str],
) -> dict[str, Any]:
    """What stands in card.json.

    Parameters
    ----------
    recordings : sequence of LabelledRecording
    folds : sequence of Fold
    held : sequence of Held
        What was left out, and what was said of it.
    by_fold : mapping
        Temperature and decoding of each fold.
    chosen : str
        Name of the chosen detector.
    comparison : DataFrame
        As of `comparison.compare`.
    whole : SeizureModel
        Of all labels.
    left_out : dict
        Recordings with labels that were not learnt from, and why.
    """
    animals = sorted({r.animal for r in recordings})
    lengths = [b - a for r in recordings for a, b in r.seizures]
    by_animal = bool(folds[0].animal)
    return {
        "chosen": chosen,
        "beats_thresholds": chosen == XGBOOST,
        "rule": RULE,
        "decoding_rule": (
            "The probabilities from which a seizure begins and goes on, and its shortest length, "
            f"are for each fold those that do best on the other folds: {DECODING_RULE}."
        ),
        "folds": "animals" if by_animal else "blocks",
        "n_folds": len(folds),
        "animals": animals,
        "recordings": [r.recording for r in recordings],
        "left_out": left_out,
        "seizures": len(lengths),
        "animals_with_seizures": len({r.animal for r in recordings if r.seizures}),
        "seizure_s": {
            "shortest": min(lengths),
            "median": float(np.median(lengths)),
            "longest": max(lengths),
        },
        "background_hours": float(
            sum((r.labels == BACKGROUND).sum() * r.step_s for r in recordings) / 3600
        ),
        "predictors": {
            "count": len(columns()),
            "context_s": list(CONTEXT_S),
            "strongest": strongest(whole),
        },
        "temperature": whole.temperature,
        "decoding": asdict(whole.decoding),
        "scores": {
            detector: scores_of(comparison, detector)
            for detector in (XGBOOST, THRESHOLDS, ALWAYS_ON)
        },
        "interval": (
            "95 %, exact (Clopper and Pearson 1934 for shares, Garwood 1936 for false alarms), as "
            "if seizures and false alarms were independent; those of one animal are not, so the "
            "true uncertainty is larger."
        ),
        "reliability": reliability(held, by_fold),
        "not_for": limits(by_animal, len(lengths), len(animals)),
        "trained": date.today().isoformat(),
    }


def limits(by_animal: bool, n_seizures: int, n_animals: int) -> list[str]:
    """What the detector must not be used for."""
    told = list(NOT_FOR)
    if not by_animal:
        told.insert(
            0,
            "Other animals: it was measured on blocks of time of animals that it had learnt from, "
            "which says nothing of an animal that it has never seen.",
        )
    elif n_seizures < FEW_SEIZURES or n_animals < FEW_ANIMALS:
        told.insert(
            0,
            f"Any claim of how good it is: {n_seizures} seizures of {n_animals} animals are too "
            "few to tell more than whether it works at all.",
        )
    return told


def scores_of(comparison: pd.DataFrame, detector: str) -> dict[str, dict[str, float]]:
    """Measures over all folds; sensitivity, precision and false alarms with intervals."""
    row = comparison[(comparison["left_out"] == "all") & (comparison["detector"] == detector)].iloc[
        0
    ]
    scores = {m: {"value": float(row[m])} for m in MEASURES}
    days = float(row["hours"]) / 24
    false = round(row["fp_per_day"] * days) if days else 0
    hits = round(np.nan_to_num(row["sensitivity"]) * row["seizures"])
    for measure, n in (("sensitivity", int(row["seizures"])), ("precision", hits + false)):
        if n:
            low, high = stats.binomtest(hits, n).proportion_ci(method="exact")
            scores[measure] |= {"low": float(low), "high": float(high)}
    if days:
        low = stats.chi2.ppf(0.025, 2 * false) / 2 if false else 0.0
        high = stats.chi2.ppf(0.975, 2 * false + 2) / 2
        scores["fp_per_day"] |= {"low": float(low / days), "high": float(high / days)}
    return scores


def strongest(model: SeizureModel) -> list[str]:
    """Predictors that split best (total gain), the strongest first."""
    gain = model.booster.get_score(importance_type="total_gain")
    return sorted(gain, key=lambda name: -float(np.sum(gain[name])))[:MOST_NAMED]


def reliability(
    held: Sequence[Held], by_fold: Mapping[str, tuple[float, Decoding]]
) -> dict[str, Any]:
    """Whether a probability of 0.8 is right in 80 % of the steps, before and after calibration.

    Returns
    -------
    dict
        By `before` and `after`: `bins` (low, high, steps, mean_probability, observed_share) and
        `brier`, the mean squared error, `brier_of_share` that of telling the share of seizures.
    """
    known = [(h.labels != UNLABELLED) & np.isfinite(h.raw) for h in held]
    ictal = np.concatenate([h.labels[k] == SEIZURE for h, k in zip(held, known, strict=True)])
    p = {
        "before": np.concatenate([h.raw[k] for h, k in zip(held, known, strict=True)]),
        "after": np.concatenate(
            [calibrate(h.raw[k], by_fold[h.fold][0]) for h, k in zip(held, known, strict=True)]
        ),
    }
    share = float(ictal.mean()) if len(ictal) else float("nan")
    out: dict[str, Any] = {"share": share, "brier_of_share": share * (1 - share)}
    for stage, values in p.items():
        which = np.minimum((values * BINS).astype(np.int64), BINS - 1)
        bins = [
            {
                "low": b / BINS,
                "high": (b + 1) / BINS,
                "steps": int((which == b).sum()),
                "mean_probability": float(values[which == b].mean()),
                "observed_share": float(ictal[which == b].mean()),
            }
            for b in np.unique(which).tolist()
        ]
        brier = float(np.mean((values - ictal) ** 2)) if len(values) else float("nan")
        out[stage] = {"bins": bins, "brier": brier}
    return out
