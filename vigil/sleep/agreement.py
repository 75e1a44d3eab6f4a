"""How well scores agree with labels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import cohen_kappa_score, confusion_matrix, precision_recall_fscore_support

from vigil.sleep.rules import bout_borders

SCORED = ("wake", "nrem", "rem")

States = npt.NDArray[np.str_]


def confusion(labels: States, scores: States) -> pd.DataFrame:
    """Confusion table: rows are labels, columns are scores; unlabelled epochs are left out."""
    known = np.isin(labels, SCORED)
    names = [*SCORED, "unclassified"]
    counts = confusion_matrix(labels[known], scores[known], labels=names)
    return pd.DataFrame(counts, index=names, columns=names).loc[list(SCORED)]


def agreement(labels: States, scores: States) -> dict[str, float]:
    """Cohen's kappa and per-state scores over the labelled epochs.

    Unclassified scores count as disagreement; their share is told as coverage.

    Returns
    -------
    dict
        `kappa`, `accuracy`, `coverage`, `bouts_over_labelled` (how many bouts the scores have
        for each of the labels), and precision, recall and F1 of each state, NaN for
        a state without labels.
    """
    known = np.isin(labels, SCORED)
    y, p = labels[known], scores[known]
    if not len(y):
        return {"epochs": 0.0, "kappa": float("nan")}
    precision, recall, f1, support = precision_recall_fscore_support(
        y, p, labels=list(SCORED), zero_division=0.0
    )
    result = {
        "epochs": float(len(y)),
        "kappa": float(cohen_kappa_score(y, p)) if len(set(y) | set(p)) > 1 else float("nan"),
        "accuracy": float((y == p).mean()),
        "coverage": float((p != "unclassified").mean()),
        "bouts_over_labelled": len(bout_borders(p)) / len(bout_borders(y)),
    }
    for i, state in enumerate(SCORED):
        here = support[i] > 0
        result[f"{state}_precision"] = float(precision[i]) if here else float("nan")
        result[f"{state}_recall"] = float(recall[i]) if here else float("nan")
        result[f"{state}_f1"] = float(f1[i]) if here else float("nan")
    return result
