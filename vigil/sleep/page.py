"""The sleep model's card as a page: what it learnt from, how good it is, and its limits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from vigil import __version__
from vigil.page.pictures import draw_pictures
from vigil.page.render import render_page, vendored
from vigil.page.table import csv_link
from vigil.page.words import list_words, sentence
from vigil.sleep import page_tables as tables
from vigil.sleep.evaluation import (
    bout_errors,
    calibration_errors,
    coverage_curve,
    delivered,
    fraction_bias,
    reliability,
)
from vigil.sleep.figures.comparison import comparison_figure
from vigil.sleep.figures.confusion import confusion_figure
from vigil.sleep.figures.coverage import coverage_figure
from vigil.sleep.figures.drivers import drivers_figure
from vigil.sleep.figures.dropout import dropout_figure
from vigil.sleep.figures.reliability import reliability_figure
from vigil.sleep.figures.words import UNITS_OF_FOLDS, captions


def write_model_page(
    folder_figures: Path,
    page: Path,
    card: dict[str, Any],
    comparison: pd.DataFrame,
    confusion: pd.DataFrame,
    held_out: pd.DataFrame,
    importance: pd.DataFrame,
    dropout: pd.DataFrame,
    dpi: int,
) -> None:
    """Draw the figures of the model, as PNG and PDF, and write the page that shows them.

    Parameters
    ----------
    folder_figures, page : Path
        Where the figures and the page go; the page links to `figures/` beside it.
    card : dict
        As of card.json.
    comparison, confusion, held_out, importance, dropout : DataFrame
        As of the files beside it; `confusion` has the expert's states as its index.
    dpi : int
        Resolution of the PNG.
    """
    drawn = draw_pictures(
        folder_figures,
        {
            "comparison": lambda: comparison_figure(comparison, card["chosen"]),
            "confusion": lambda: confusion_figure(confusion),
            "coverage": lambda: coverage_figure(held_out),
            "reliability": lambda: reliability_figure(held_out),
            "drivers": lambda: drivers_figure(importance, card["features"]["regions"]),
            "dropout": lambda: dropout_figure(dropout),
        },
        captions(card["folds"]),
        dpi,
    )
    text = render_page(
        "model.html.j2",
        _context(card, comparison, held_out, importance, dropout) | {"figures": drawn},
        Path(__file__).parent / "templates",
    )
    page.write_text(text, encoding="utf-8")


def _context(
    card: dict[str, Any],
    comparison: pd.DataFrame,
    held_out: pd.DataFrame,
    importance: pd.DataFrame,
    dropout: pd.DataFrame,
) -> dict[str, Any]:
    kept, one = delivered(held_out), UNITS_OF_FOLDS[card["folds"]][0]
    return {
        "title": "The sleep model",
        "css": vendored("page/templates/page.css"),
        "said": tables.opening(card),
        "not_for": [sentence(s) for s in card["not_for"]],
        "absent": list_words(tables.absent_states(card)),
        "left_out": card["left_out"],
        "rule": sentence(card["rule"]),
        "interval": sentence(card["interval"]),
        "folds": one,
        "kept": tables.one_decimal(kept["coverage"]),
        "right": tables.one_decimal(kept["accuracy"]),
        "scores": tables.scores_table(card),
        "comparison": tables.comparison_table(comparison),
        "states": tables.states_table(held_out),
        "bouts": tables.bouts_table(held_out),
        "calibration": tables.calibration_table(calibration_errors(held_out)),
        "dropout": tables.dropout_table(dropout),
        "sources": tables.sources_table(card),
        "csv": {
            "comparison": csv_link(comparison),
            "shares": csv_link(fraction_bias(held_out)),
            "bouts": csv_link(bout_errors(held_out)),
            "coverage": csv_link(coverage_curve(held_out)),
            "reliability": csv_link(reliability(held_out)),
            "importance": csv_link(importance),
            "dropout": csv_link(dropout),
        },
        "program_version": __version__,
    }
