"""The model card: what a model learnt from, how well it scored what it had not seen, its limits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from vigil.folds import Fold
from vigil.recording import SCORED
from vigil.sleep.agreement import confusion, scores_of
from vigil.sleep.comparison import RULE, THRESHOLD, pooled
from vigil.sleep.dropout import parts_of, regions_of
from vigil.sleep.folds import LabelledRecording
from vigil.sleep.predictors import CONTEXT_EPOCHS
from vigil.sleep.settings import Settings
from vigil.sleep.train import features_of

FloatArray = npt.NDArray[np.float64]

RESAMPLES = 2000
LEVEL = 0.95
FEWEST_ANIMALS = 5
"""Of fewer animals resampling says little: half-hours of the recordings are drawn instead."""
HALF_HOUR_S = 1800.0
FEWEST_EPOCHS_OF_ANIMAL = 75
"""Labelled epochs from which an animal is drawn: five minutes of those of four seconds."""

NOT_FOR = (
    "Animals, electrodes or regions unlike those it learnt from, without a check against an "
    "expert's labels of some hours.",
    "Epochs in seizures, in the suppression after them and after death.",
    "Judging single epochs: it is made for the course and the sums of states.",
)
CAUSAL_NOT_FOR = (
    "The causal scorer normalises by a whole recording: while an animal is recorded, take the "
    "means of an earlier recording of it."
)


def model_card(
    recordings: Sequence[LabelledRecording],
    folds: Sequence[Fold],
    chosen: str,
    comparison: pd.DataFrame,
    held_out: pd.DataFrame,
    left_out: dict[str, str],
    epoch_s: float,
    settings: Settings,
) -> dict[str, Any]:
    """What stands in card.json.

    Parameters
    ----------
    recordings : sequence of LabelledRecording
    folds : sequence of Fold
    chosen : str
        Name of the chosen scorer.
    comparison, held_out : DataFrame
        As of `comparison.compare` and `comparison.held_out_table`.
    left_out : dict
        Recordings with labels that were not learnt from, and why.
    epoch_s : float
    settings : Settings
    """
    labels = np.concatenate([r.labels for r in recordings])
    features = features_of(recordings)
    parts = parts_of(features)
    animals = sorted({r.animal for r in recordings})
    by_animal = bool(folds[0].animal)
    scores, how = score_intervals(held_out, by_animal, epoch_s)
    hours = {s: float((labels == s).sum() * epoch_s / 3600) for s in SCORED}
    not_for = [*NOT_FOR, *([CAUSAL_NOT_FOR] if "causal" in chosen else [])]
    if not by_animal:
        not_for.insert(
            0,
            "Other animals: it was measured on blocks of time of animals that it had learnt from, "
            "which says nothing of an animal that it has never seen.",
        )
    return {
        "chosen": chosen,
        "rule": rule_words(settings),
        "folds": "animals" if by_animal else "blocks",
        "animals": animals,
        "recordings": [r.recording for r in recordings],
        "left_out": left_out,
        "labelled_hours": sum(hours.values()),
        "hours_of_state": hours,
        "features": {
            "count": len(features),
            "regions": regions_of(parts),
            "emg": "EMG" in parts,
            "camera": "camera" in parts,
        },
        "context_epochs": list(CONTEXT_EPOCHS),
        "scores": scores,
        "interval": how,
        "threshold_kappa": float(pooled(comparison)["kappa"][THRESHOLD]),
        "not_for": not_for,
        "trained": date.today().isoformat(),
    }


def rule_words(settings: Settings) -> str:
    """How the scorer was chosen, with what the settings left to choose."""
    asked = [
        f"{key} to be {value}"
        for key, value in (("learner", settings.learner), ("smoothing", settings.smoothing))
        if value != "auto"
    ]
    return f"The settings ask for the {' and the '.join(asked)}. {RULE}" if asked else RULE


def score_intervals(
    held_out: pd.DataFrame, by_animal: bool, epoch_s: float
) -> tuple[dict[str, dict[str, float]], str]:
    """Scores on epochs that the models had not seen, each with a 95 % interval.

    Epochs are not independent: animals are drawn with replacement, or half-hours
    where there are too few animals.

    Returns
    -------
    scores : dict
        `kappa`, `accuracy`, `wake_f1`, `nrem_f1`, `rem_f1` with `value`, `low`, `high`.
    how : str
        How the intervals were made.
    """
    held_out = held_out[held_out["label"].isin(SCORED)]
    per_animal = held_out["animal"].value_counts()
    drawn = by_animal and (per_animal >= FEWEST_EPOCHS_OF_ANIMAL).sum() >= FEWEST_ANIMALS
    if drawn:
        # a few epochs of an animal are no estimate of it
        held_out = held_out[
            held_out["animal"].isin(per_animal.index[per_animal >= FEWEST_EPOCHS_OF_ANIMAL])
        ]
        unit = held_out["animal"]
        how = f"95 % of {RESAMPLES} draws of the {unit.nunique()} animals with replacement."
    else:
        span = (held_out["start_s"] // HALF_HOUR_S).astype(int).astype(str)
        unit = held_out["recording"] + "/" + span
        how = (
            f"95 % of {RESAMPLES} draws of the {unit.nunique()} half-hours with replacement: how "
            "sure the figure is for these animals, not how much animals differ."
        )
    counts = np.stack(
        [
            confusion(part["label"].to_numpy(str), part["state"].to_numpy(str)).to_numpy()
            for _, part in held_out.groupby(unit.to_numpy(), sort=True)
        ]
    ).astype(np.float64)
    rng = np.random.default_rng(1)
    draws = rng.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), size=RESAMPLES)
    sampled = np.tensordot(draws, counts, axes=1)
    values, many = scores_of(counts.sum(axis=0)[None]), scores_of(sampled)
    scores = {}
    for name, value in values.items():
        known = many[name][np.isfinite(many[name])]
        tail = 100 * _tail(len(counts)) if len(counts) > 1 else 0.0
        enough = len(known) and len(counts) > 1
        low, high = np.percentile(known, (tail, 100 - tail)) if enough else (np.nan, np.nan)
        scores[name] = {"value": float(value[0]), "low": float(low), "high": float(high)}
    return scores, how


def _tail(units: int) -> float:
    """Share of the draws outside each end: fewer than 2.5 % where units are few.

    Draws of few units vary too little; the percentiles are spread as the t distribution spreads
    the normal one (Hesterberg 2015, The American Statistician 69:371).
    """
    quantile = stats.t.ppf((1 - LEVEL) / 2, units - 1) * np.sqrt(units / (units - 1))
    return float(stats.norm.cdf(quantile))
