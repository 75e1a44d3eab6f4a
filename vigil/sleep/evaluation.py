"""How good the scores of epochs are that their model has not seen: tables for the model's page.

Every function takes the table held_out.parquet: `recording`, `animal`, `fold`, `start_s`,
`label` (expert), `state` (scored), `p_<state>` (calibrated) and `raw_<state>` (before
calibration). Only epochs with a label of wake, NREM or REM count.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.recording import SCORED
from vigil.sleep.agreement import agreement, codes_of, scores_of
from vigil.sleep.bouts import bouts_of

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

BINS = 10
LEVELS = np.arange(101) / 100
STAGES = {"before": "raw", "after": "p"}
"""Prefix of the columns with the probabilities before and after calibration."""


def labelled(held_out: pd.DataFrame) -> pd.DataFrame:
    """The rows whose label is wake, NREM or REM."""
    return held_out[held_out["label"].isin(SCORED)]


def probabilities(held_out: pd.DataFrame, stage: str = "after") -> FloatArray:
    """Probabilities (epoch, state) before or after calibration; NaN where there are none."""
    return held_out[[f"{STAGES[stage]}_{s}" for s in SCORED]].to_numpy(dtype=np.float64)


def coverage_curve(held_out: pd.DataFrame) -> pd.DataFrame:
    """What is gained and lost when epochs below a confidence are left unclassified.

    The state of an epoch is its most probable one and its confidence the probability of
    that. Epochs without probabilities are never classified.

    Returns
    -------
    DataFrame
        One row per `min_confidence` from 0 to 1: `coverage` (share of the labelled epochs that
        are classified), `accuracy` and `kappa` of these (NaN where none is left, or all are of
        one state), and `kept_<state>`: share of the epochs labelled so that are classified.
    """
    table = labelled(held_out)
    label, p = codes_of(table["label"]), probabilities(table)
    there = np.isfinite(p).all(axis=1)
    n, k = len(LEVELS), len(SCORED)
    level = np.searchsorted(LEVELS, p[there].max(axis=1), side="right") - 1
    place = (level * k + label[there]) * k + p[there].argmax(axis=1)
    counts = np.bincount(place, minlength=n * k * k).reshape(n, k, k)
    # those kept at a level are those at it and at all above
    kept = counts[::-1].cumsum(axis=0)[::-1].astype(float)
    total = kept.sum(axis=(1, 2))
    by_label, scores = kept.sum(axis=2), scores_of(kept)
    n_labelled = np.bincount(label, minlength=k).astype(float)
    curve = pd.DataFrame(
        {
            "min_confidence": LEVELS,
            "coverage": _share(total, np.full(n, float(len(table)))),
            "accuracy": scores["accuracy"],
            "kappa": scores["kappa"],
        }
    )
    for i, state in enumerate(SCORED):
        curve[f"kept_{state}"] = _share(by_label[:, i], np.full(n, n_labelled[i]))
    return curve


def _share(part: FloatArray, whole: FloatArray) -> FloatArray:
    """Part over whole, NaN where the whole is nothing."""
    share = np.full(part.shape, np.nan)
    np.divide(part, whole, out=share, where=whole > 0)
    return share


def delivered(held_out: pd.DataFrame) -> dict[str, float]:
    """Coverage and accuracy of the column `state`, which is what a hypnogram shows."""
    table = labelled(held_out)
    kept = table[table["state"].isin(SCORED)]
    return {
        "coverage": len(kept) / len(table) if len(table) else float("nan"),
        "accuracy": float((kept["state"] == kept["label"]).mean()),
    }


def reliability(held_out: pd.DataFrame) -> pd.DataFrame:
    """Whether a probability of 0.8 is right in 80 % of the epochs, by state.

    Returns
    -------
    DataFrame
        `calibration` (before, after), `state`, `low` and `high` (borders of the bin of
        probability), `epochs`, `mean_probability`, `observed_share` (share of these epochs that
        are labelled so). Empty bins, and states that no epoch is labelled as, have no row.
    """
    table = labelled(held_out)
    rows = []
    for stage in STAGES:
        p = probabilities(table, stage)
        for i, state in enumerate(SCORED):
            is_state = (table["label"] == state).to_numpy(dtype=bool)
            if not is_state.any():
                continue
            for b, epochs, mean, share in _bins(p[:, i], is_state):
                rows.append((stage, state, b / BINS, (b + 1) / BINS, epochs, mean, share))
    columns = ["calibration", "state", "low", "high", "epochs"]
    return pd.DataFrame(rows, columns=[*columns, "mean_probability", "observed_share"])


def _bins(p: FloatArray, right: npt.NDArray[np.bool_]) -> list[tuple[int, int, float, float]]:
    """Bins of equal width with epochs in them: number, epochs, mean probability, share right."""
    there = np.isfinite(p)
    p, right = p[there], right[there]
    which = np.minimum((p * BINS).astype(np.int64), BINS - 1)
    count = np.bincount(which, minlength=BINS)
    sum_p = np.bincount(which, weights=p, minlength=BINS)
    sum_right = np.bincount(which, weights=right.astype(float), minlength=BINS)
    return [
        (b, int(count[b]), float(sum_p[b] / count[b]), float(sum_right[b] / count[b]))
        for b in np.flatnonzero(count).tolist()
    ]


def calibration_errors(held_out: pd.DataFrame) -> dict[str, dict[str, float]]:
    """How far probabilities are from how often they are right, before and after calibration.

    Returns
    -------
    dict
        For `before` and `after`: `expected_calibration_error`, the mean distance of the
        confidence from the share of epochs that are right over ten bins of confidence, weighted
        by their epochs (Naeini et al. 2015; Guo et al. 2017); the same of the probability of
        each state, `<state>_error` (NaN where no epoch is labelled so); and `brier`, the sum
        over the states of the squared distance of probability and truth, mean over the epochs
        (Brier 1950; 0 is best, 2 worst).
    """
    table = labelled(held_out)
    label = codes_of(table["label"])
    result = {}
    for stage in STAGES:
        p = probabilities(table, stage)
        there = np.isfinite(p).all(axis=1)
        p, y = p[there], label[there]
        truth = y[:, None] == np.arange(len(SCORED))
        errors = {"expected_calibration_error": _distance(p.max(axis=1), p.argmax(axis=1) == y)}
        for i, state in enumerate(SCORED):
            known = bool(truth[:, i].any())
            errors[f"{state}_error"] = _distance(p[:, i], truth[:, i]) if known else float("nan")
        squared = ((p - truth) ** 2).sum(axis=1)
        errors["brier"] = float(squared.mean()) if len(squared) else float("nan")
        result[stage] = errors
    return result


def _distance(p: FloatArray, right: npt.NDArray[np.bool_]) -> float:
    if not len(p):
        return float("nan")
    bins = _bins(p, right)
    return sum(epochs * abs(mean - share) for _, epochs, mean, share in bins) / len(p)


def state_scores(held_out: pd.DataFrame) -> pd.DataFrame:
    """Precision, recall and F1 of each state over all epochs together.

    Returns
    -------
    DataFrame
        `state`, `epochs` (labelled so), `precision`, `recall`, `f1`; NaN for a state that no
        epoch is labelled as. Unclassified epochs count as missed.
    """
    table = labelled(held_out)
    measures = agreement(table["label"].to_numpy(dtype=str), table["state"].to_numpy(dtype=str))
    names = ("precision", "recall", "f1")
    rows = [
        (s, int((table["label"] == s).sum()), *(measures.get(f"{s}_{m}", np.nan) for m in names))
        for s in SCORED
    ]
    return pd.DataFrame(rows, columns=["state", "epochs", *names])


def fraction_bias(held_out: pd.DataFrame) -> pd.DataFrame:
    """Share of each state by the expert and by the scorer, for each recording.

    Returns
    -------
    DataFrame
        `recording`, `animal`, `state`, `labelled_share` (of the labelled epochs),
        `scored_share` (of those among them that are classified) and `bias`, scored less labelled.
    """
    rows = []
    for (recording, animal), table in _by_recording(held_out):
        kept = table[table["state"].isin(SCORED)]
        for state in SCORED:
            expert = float((table["label"] == state).mean())
            scorer = float((kept["state"] == state).mean())
            rows.append((recording, animal, state, expert, scorer, scorer - expert))
    columns = ["recording", "animal", "state", "labelled_share", "scored_share", "bias"]
    return pd.DataFrame(rows, columns=columns)


def bout_errors(held_out: pd.DataFrame) -> pd.DataFrame:
    """Bouts of each state by the expert and by the scorer, for each recording.

    Bouts go on over epochs without a label, as in `agreement`. Scores of such epochs do
    not count, so that both are counted over the same time.

    Returns
    -------
    DataFrame
        `recording`, `animal`, `state`, `labelled_bouts`, `scored_bouts`, `count_error` (scored
        over labelled, less 1; NaN without labelled ones), `labelled_mean_s`, `scored_mean_s`
        (mean length) and `duration_error_s`, scored less labelled.
    """
    rows = []
    for (recording, animal), table in _by_recording(held_out):
        starts_s = held_out.loc[held_out["recording"] == recording, "start_s"].sort_values()
        epoch_s = float(starts_s.diff().median())
        expert = _bouts(table["label"], epoch_s)
        scorer = _bouts(table["state"], epoch_s)
        for state in SCORED:
            (n, mean_s), (n_scored, scored_mean_s) = expert[state], scorer[state]
            error = n_scored / n - 1 if n else float("nan")
            lengths = (mean_s, scored_mean_s, scored_mean_s - mean_s)
            rows.append((recording, animal, state, n, n_scored, error, *lengths))
    columns = ["recording", "animal", "state", "labelled_bouts", "scored_bouts", "count_error"]
    columns += ["labelled_mean_s", "scored_mean_s", "duration_error_s"]
    return pd.DataFrame(rows, columns=columns)


def _by_recording(held_out: pd.DataFrame) -> list[tuple[tuple[str, str], pd.DataFrame]]:
    groups = labelled(held_out).sort_values("start_s").groupby(["recording", "animal"], sort=False)
    return sorted((((str(k[0]), str(k[1])), t) for k, t in groups), key=lambda group: group[0])


def _bouts(states: pd.Series, epoch_s: float) -> dict[str, tuple[int, float]]:
    """Number of bouts of each state and their mean length in seconds."""
    epochs = bouts_of(states.to_numpy(dtype=str)).groupby("state")["epochs"]
    found = epochs.agg(["size", "mean"]).reindex(list(SCORED))
    return {
        s: (int(np.nan_to_num(size)), float(mean) * epoch_s)
        for s, size, mean in found.itertuples(name=None)
    }
