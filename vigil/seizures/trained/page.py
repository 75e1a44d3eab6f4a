"""The detector's card as a page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from vigil import __version__
from vigil.page.pictures import draw_pictures
from vigil.page.render import render_page, vendored
from vigil.page.table import Table, csv_link
from vigil.page.words import count_words, number, sentence
from vigil.seizures.trained.comparison import ALWAYS_ON, THRESHOLDS, XGBOOST
from vigil.seizures.trained.figures import NAMES, comparison_figure, reliability_figure

HEADERS = {
    "sensitivity": "Sensitivity",
    "precision": "Precision",
    "f1": "F1",
    "fp_per_day": "False alarms per day",
    "onset_error_s": "Median onset error (s)",
    "overlap": "Median overlap",
}
UNITS = {
    "animals": ("animal", "animals that the models had not seen"),
    "blocks": ("block", "blocks of time that the models had not seen"),
}


def write_model_page(
    folder_figures: Path, page: Path, card: dict[str, Any], comparison: pd.DataFrame, dpi: int
) -> None:
    """Draw the figures of the detector, as PNG and PDF, and write the page that shows them.

    Parameters
    ----------
    folder_figures, page : Path
        Where the figures and the page go; the page links to `figures/` beside it.
    card : dict
        As of `card.model_card`.
    comparison : DataFrame
        As of `comparison.compare`.
    dpi : int
        Resolution of the PNG.
    """
    one = UNITS[card["folds"]][0]
    words = {
        "comparison": (
            "Three detectors on the same recordings",
            f"A dot is one {one} that was left out, the bar all of them together. Always on is "
            "one event over the whole recording: what it reaches, a score is not worth.",
        ),
        "reliability": (
            "Reliability",
            "Steps in bins of the probability of their unseeing model; numbers are steps. On the "
            "line, 80 of 100 steps with a probability of 0.8 lie in labelled seizures.",
        ),
    }
    drawn = draw_pictures(
        folder_figures,
        {
            "comparison": lambda: comparison_figure(comparison),
            "reliability": lambda: reliability_figure(card["reliability"]),
        },
        words,
        dpi,
    )
    context = {
        "title": "The seizure detector",
        "css": vendored("page/templates/page.css"),
        "said": opening(card),
        "not_for": [sentence(s) for s in card["not_for"]],
        "left_out": card["left_out"],
        "rule": card["rule"],
        "decoding_rule": card["decoding_rule"],
        "interval": card["interval"],
        "scores": scores_table(card),
        "folds": folds_table(comparison),
        "brier": brier_words(card),
        "sources": sources_table(card),
        "csv": csv_link(comparison),
        "program_version": __version__,
        "figures": drawn,
    }
    text = render_page("detector.html.j2", context, Path(__file__).parent / "templates")
    page.write_text(text, encoding="utf-8")


def opening(card: Mapping[str, Any]) -> list[str]:
    """What the detector is and how good it is, in sentences."""
    trained = datetime.fromisoformat(card["trained"])
    _, unseen = UNITS[card["folds"]]
    mine, theirs = card["scores"][XGBOOST], card["scores"][THRESHOLDS]
    said = [
        f"Boosted trees, trained on {trained.day} {trained:%B %Y} from "
        f"{count_words(card['seizures'], 'labelled seizure')} and "
        f"{number(float(card['background_hours']))} h of background of "
        f"{count_words(len(card['animals']), 'animal')}.",
        f"On {unseen} it finds {_interval(mine['sensitivity'], 100, ' %', 0)} of the seizures, "
        f"with {_interval(mine['fp_per_day'], 1, '', 1)} false alarms a day.",
        "The detector without labels finds "
        f"{_interval(theirs['sensitivity'], 100, ' %', 0)} there, with "
        f"{_interval(theirs['fp_per_day'], 1, '', 1)} a day.",
    ]
    if card["beats_thresholds"]:
        said.append("The trained detector is used for all recordings.")
    else:
        said.append("The labels bring nothing, so the detector without labels stays in use.")
    return said


def scores_table(card: Mapping[str, Any]) -> Table:
    """Every detector over all folds together."""
    rows = []
    for detector in (XGBOOST, THRESHOLDS, ALWAYS_ON):
        scores = card["scores"][detector]
        cells = [_interval(scores[m], 1, "", 1 if m in ("fp_per_day", "onset_error_s") else 3)
                 for m in HEADERS]  # fmt: skip
        rows.append([NAMES[detector], *cells])
    return Table(("Detector", *HEADERS.values()), rows)


def folds_table(comparison: pd.DataFrame) -> Table:
    """The trained detector and the thresholds on each fold."""
    rows = []
    for _, r in comparison.iterrows():
        if r["left_out"] != "all" and r["detector"] != ALWAYS_ON:
            cells = [_fixed(r[m], 1 if m in ("fp_per_day", "onset_error_s") else 3)
                     for m in HEADERS]  # fmt: skip
            rows.append(
                [
                    str(r["left_out"]), NAMES[r["detector"]], f"{int(r['seizures'])}",
                    number(float(r["hours"])), *cells,
                ]
            )  # fmt: skip
    return Table(("Left out", "Detector", "Seizures", "Hours", *HEADERS.values()), rows, (0, 1))


def brier_words(card: Mapping[str, Any]) -> str:
    """How far off the probabilities are, in a sentence."""
    r = card["reliability"]
    return (
        f"The mean squared error of the probability (Brier) is {_small(r['before']['brier'])} "
        f"before calibration and {_small(r['after']['brier'])} after; to tell only how rare "
        f"seizures are has {_small(r['brier_of_share'])}."
    )


def sources_table(card: Mapping[str, Any]) -> Table:
    """What the detector learnt from, and how it reads its probabilities."""
    length, how = card["seizure_s"], card["decoding"]
    context = ", ".join(f"{s:g}" for s in card["predictors"]["context_s"])
    rows = [
        ["Animals", f"{len(card['animals'])}, {card['animals_with_seizures']} with seizures: "
         f"{', '.join(card['animals'])}"],
        ["Recordings", f"{len(card['recordings'])}: {', '.join(card['recordings'])}"],
        ["Seizures", f"{card['seizures']}, of {length['shortest']:.0f} to "
         f"{length['longest']:.0f} s (median {length['median']:.0f} s)"],
        ["Background", f"{number(float(card['background_hours']))} h"],
        ["Predictors", f"{card['predictors']['count']}: quantiles of the evidence over the "
         f"channels and what the channels share, of each step and of the {context} s before and "
         "after"],
        ["The strongest", ", ".join(card["predictors"]["strongest"])],
        ["Folds", f"{card['n_folds']}: one {UNITS[card['folds']][0]} left out at a time"],
        ["A seizure", f"begins at a probability of {how['enter']:.2f}, goes on above "
         f"{how['keep']:.2f}, lasts at least {how['min_duration_s']:g} s"],
    ]  # fmt: skip
    return Table(("What", "It is"), rows, (0, 1), (1,))


def _fixed(value: float | None, digits: int) -> str:
    return "–" if value is None or value != value else f"{value:.{digits}f}"


def _small(value: float | None) -> str:
    return "–" if value is None or value != value else f"{value:.2g}"


def _interval(score: Mapping[str, float], times: float, unit: str, digits: int) -> str:
    value = score["value"]
    if value is None or value != value:
        return "–"
    text = f"{times * value:.{digits}f}{unit}"
    if "low" in score:
        text += f" ({times * score['low']:.{digits}f} to {times * score['high']:.{digits}f})"
    return text
