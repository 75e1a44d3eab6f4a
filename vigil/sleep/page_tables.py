"""Tables and sentences of the model's page, as words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from vigil.page import style
from vigil.page.table import Table
from vigil.page.words import count_words, list_words, number, percent
from vigil.recording import SCORED
from vigil.sleep.evaluation import bout_errors, fraction_bias, state_scores
from vigil.sleep.figures.words import UNITS_OF_FOLDS, scorer_words, source_words

MEASURES = {
    "kappa": "Cohen's kappa",
    "accuracy": "Accuracy",
    "wake_f1": "F1 of wake",
    "nrem_f1": "F1 of NREM",
    "rem_f1": "F1 of REM",
}
BOUTS = "bouts_over_labelled"
COLOURS = [style.STATE_COLOURS[s] for s in SCORED]
NAMES = [style.STATE_NAMES[s] for s in SCORED]


def opening(card: Mapping[str, Any]) -> list[str]:
    """What the model is and how good it is, in sentences."""
    trained = datetime.fromisoformat(card["trained"])
    _, unseen = UNITS_OF_FOLDS[card["folds"]]
    kappa = card["scores"]["kappa"]
    said = [
        f"{scorer_words(card['chosen'])}, trained on {trained.day} {trained:%B %Y} from "
        f"{number(float(card['labelled_hours']))} labelled hours of "
        f"{count_words(len(card['animals']), 'animal')} in "
        f"{count_words(len(card['recordings']), 'recording')}.",
        f"On {unseen}, it agrees with the labels with a kappa of "
        f"{fixed(kappa['value'])} ({fixed(kappa['low'])} to {fixed(kappa['high'])}).",
    ]
    thresholds = card["threshold_kappa"]
    if thresholds is not None and thresholds == thresholds:  # NaN is not itself
        said.append(f"The scorer that needs no labels reaches {fixed(thresholds)} there.")
    if not card["beats_thresholds"]:
        said.append("That is more, so recordings are scored without the model.")
    return said


def fixed(value: float | None) -> str:
    """A score with three decimals, a dash where there is none."""
    return "–" if value is None or value != value else f"{value:.3f}"


def one_decimal(share: float) -> str:
    """A share near one, where a whole percentage would hide what is missing."""
    return "–" if share != share else f"{100 * share:.1f} %"


def signed_percent(share: float) -> str:
    """A difference of shares with its sign."""
    return "–" if share != share else f"{100 * share:+.1f} %".replace("-", "−")


def absent_states(card: Mapping[str, Any]) -> list[str]:
    """Names of the states that no epoch was labelled as."""
    return [style.STATE_NAMES[s] for s in SCORED if not card["hours_of_state"].get(s)]


def scores_table(card: Mapping[str, Any]) -> Table:
    """Scores of the chosen scorer with their intervals."""
    scores = card["scores"]
    rows = [
        [name, *(fixed(scores[key][part]) for part in ("value", "low", "high"))]
        for key, name in MEASURES.items()
        if key in scores
    ]
    return Table(("Measure", "Value", "From", "To"), rows)


def comparison_table(comparison: pd.DataFrame) -> Table:
    """Every scorer over all folds together."""
    pooled = comparison[comparison["left_out"] == "all"]
    rows = [
        [
            scorer_words(r["scorer"]), *(fixed(r[m]) for m in MEASURES), percent(r["coverage"]),
            f"{r[BOUTS]:.2f}",
        ]
        for _, r in pooled.iterrows()
    ]  # fmt: skip
    return Table(("Scorer", *MEASURES.values(), "Classified", "Bouts per labelled one"), rows)


def states_table(held_out: pd.DataFrame) -> Table:
    """Precision, recall and F1 of each state, and its share by expert and model."""
    bias = fraction_bias(held_out)
    rows = []
    for name, score in zip(NAMES, state_scores(held_out).to_dict("records"), strict=True):
        mine = bias[bias["state"] == score["state"]]
        known = mine.dropna(subset="bias")
        worst = known.loc[known["bias"].abs().idxmax()] if len(known) else None
        rows.append(
            [
                name, f"{score['epochs']:,}",
                *(fixed(score[m]) for m in ("precision", "recall", "f1")),
                percent(float(mine["labelled_share"].mean())),
                percent(float(mine["scored_share"].mean())),
                "–" if worst is None else f"{signed_percent(worst['bias'])} ({worst['recording']})",
            ]
        )  # fmt: skip
    header = ["State", "Labelled epochs", "Precision", "Recall", "F1", "Share, expert"]
    header += ["Share, model", "Largest bias of a recording"]
    return Table(header, rows, (0, 7), colours=COLOURS)


def bouts_table(held_out: pd.DataFrame) -> Table:
    """Bouts of each state over all recordings, by expert and model."""
    rows = []
    errors = bout_errors(held_out)
    for name, state in zip(NAMES, SCORED, strict=True):
        mine = errors[errors["state"] == state]
        row = [name]
        for who in ("labelled", "scored"):
            n = int(mine[f"{who}_bouts"].sum())
            seconds = float((mine[f"{who}_bouts"] * mine[f"{who}_mean_s"]).sum())
            row += [f"{n:,}", f"{seconds / n:.0f}" if n else "–"]
        n, n_scored = int(mine["labelled_bouts"].sum()), int(mine["scored_bouts"].sum())
        rows.append([*row, signed_percent(n_scored / n - 1) if n else "–"])
    header = [
        "State",
        "Bouts, expert",
        "Mean (s)",
        "Bouts, model",
        "Mean (s)",
        "Error of the count",
    ]
    return Table(header, rows, colours=COLOURS)


def calibration_table(errors: Mapping[str, Mapping[str, float]]) -> Table:
    """Calibration errors before and after calibration."""
    words = {"expected_calibration_error": "Expected calibration error of the confidence"}
    for state, name in zip(SCORED, NAMES, strict=True):
        words[f"{state}_error"] = f"Expected calibration error of {name}"
    words["brier"] = "Brier score (0 best, 2 worst)"
    rows = [[w, fixed(errors["before"][k]), fixed(errors["after"][k])] for k, w in words.items()]
    return Table(("Measure", "Before calibration", "After"), rows)


def dropout_table(dropout: pd.DataFrame) -> Table:
    """Scores with something missing."""
    measures = [m for m in MEASURES if m in dropout]
    rows = [
        [source_words(str(r["missing"])), *(fixed(r[m]) for m in measures)]
        for _, r in dropout.iterrows()
    ]
    return Table(("Missing", *(MEASURES[m] for m in measures)), rows)


def sources_table(card: Mapping[str, Any]) -> Table:
    """What the model learnt from."""
    hours = card["hours_of_state"]
    features = card["features"]
    sources = [*features["regions"]]
    sources += [n for k, n in (("emg", "the EMG"), ("camera", "the camera")) if features[k]]
    context = [str(n) for n in card["context_epochs"]]
    of_state = [f"{NAMES[i]} {number(float(hours.get(s) or 0.0))} h" for i, s in enumerate(SCORED)]
    rows = [
        ["Animals", f"{len(card['animals'])}: {', '.join(card['animals'])}"],
        ["Recordings", f"{len(card['recordings'])}: {', '.join(card['recordings'])}"],
        ["Labels", f"{number(float(card['labelled_hours']))} h: {', '.join(of_state)}"],
        ["Features", f"{features['count']}, of {list_words(sources)}"],
        ["Context", f"Each feature also as its mean over the {list_words(context)} epochs before "
         "and after." if context else "Each epoch alone."],
        ["Folds", UNITS_OF_FOLDS[card["folds"]][0].capitalize() + " by turns"],
    ]  # fmt: skip
    return Table(("What", "It is"), rows, (0, 1), (1,))
