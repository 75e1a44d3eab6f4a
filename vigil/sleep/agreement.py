"""How well scores agree with labels."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import cohen_kappa_score, confusion_matrix, precision_recall_fscore_support

from vigil.recording import SCORED
from vigil.sleep.bouts import bout_borders

FloatArray = npt.NDArray[np.float64]
States = npt.NDArray[np.str_]


def codes_of(states: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Places of states in `SCORED`; -1 for what is none of them."""
    named = np.asarray(states, dtype=str)
    codes = np.full(named.shape, -1, dtype=np.int64)
    for place, state in enumerate(SCORED):
        codes[named == state] = place
    return codes


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


def scores_of(counts: FloatArray) -> dict[str, FloatArray]:
    """Kappa, accuracy and F1 of tables of confusion.

    Parameters
    ----------
    counts : ndarray, (table, label, score)
        Labels wake, NREM, REM; scores the same and unclassified.

    Returns
    -------
    dict
        Each (table,); NaN where a state was never labelled.
    """
    total = counts.sum(axis=(1, 2))
    labelled, scored = counts.sum(axis=2), counts.sum(axis=1)
    right = np.stack([counts[:, i, i] for i in range(len(SCORED))], axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):  # nothing labelled: no score, NaN
        agreed = right.sum(axis=1) / total
        chance = (labelled * scored[:, : len(SCORED)]).sum(axis=1) / total**2
        f1 = np.where(labelled > 0, 2 * right / (labelled + scored[:, : len(SCORED)]), np.nan)
        kappa = (agreed - chance) / (1 - chance)
    return {
        "kappa": kappa,
        "accuracy": agreed,
        **{f"{state}_f1": f1[:, i] for i, state in enumerate(SCORED)},
    }
