"""Kappa and F1 of REM of every scorer on the same folds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vigil.page import style
from vigil.sleep.figures.words import scorer_words

MEASURES = {"kappa": "Cohen's kappa", "rem_f1": "F1 of REM"}
CHOSEN_TINT = "#DCEAF4"
CHOSEN_COLOUR = "#00568A"
FAMILY_GAP = 0.35
POINT: dict[str, Any] = {"ls": "", "marker": "o", "ms": 4, "mfc": "white", "mew": 0.8}
DIAMOND: dict[str, Any] = {"ls": "", "marker": "D", "ms": 6}
SHOWN_BELOW = 0.3
"""What is worse than the chosen scorer by more than this stands at the edge, as an arrow."""


def comparison_figure(comparison: pd.DataFrame, chosen: str) -> Figure:
    """A row for every scorer: a dot per animal or block left out, a diamond for all together.

    Parameters
    ----------
    comparison : DataFrame
        `left_out` ('all': pooled), `scorer`, `kappa`, `rem_f1`.
    chosen : str
        The scorer that is marked.
    """
    scorers = list(dict.fromkeys(comparison["scorer"]))
    places = scorer_places(scorers)
    measures = [m for m in MEASURES if comparison[m].notna().any()]
    figure = style.new_figure(0.8 + 0.27 * (1 - min(places.values())), 2.4 + 3.6 * len(measures))
    axes = figure.subplots(1, len(measures), sharey=True, squeeze=False)[0]
    for axis, measure in zip(axes, measures, strict=True):
        _panel(axis, comparison, measure, places, chosen)
        axis.set_xlabel(MEASURES[measure])
    axes[0].set_yticks([places[s] for s in scorers], [scorer_words(s) for s in scorers])
    for label, scorer in zip(axes[0].get_yticklabels(), scorers, strict=True):
        label.set_fontweight("bold" if scorer == chosen else "normal")
    axes[0].set_ylim(min(places.values()) - 0.6, 0.6)
    return figure


def scorer_places(scorers: list[str]) -> dict[str, float]:
    """Height of each row from the top, 0 and down, with a gap between families of learners."""
    places: dict[str, float] = {}
    at, family = 0.0, ""
    for scorer in scorers:
        mine = scorer.partition(" + ")[0]
        at -= 0.0 if not places else 1.0 if mine == family else 1.0 + FAMILY_GAP
        places[scorer], family = at, mine
    return places


def lowest_shown(comparison: pd.DataFrame, measure: str, chosen: str) -> float:
    """Where the axis begins: a tenth below the worst, but not far below the chosen scorer."""
    reference = comparison.loc[comparison["scorer"] == chosen, measure].min()
    near = comparison.loc[comparison[measure] >= reference - SHOWN_BELOW, measure].min()
    lowest = comparison[measure].min() if np.isnan(near) else near
    return float(min(0.9, np.floor(lowest * 10 - 0.2) / 10))


def _panel(
    axis: Axes, comparison: pd.DataFrame, measure: str, places: dict[str, float], chosen: str
) -> None:
    low = lowest_shown(comparison, measure, chosen)
    for scorer, y in places.items():
        mine = comparison[comparison["scorer"] == scorer]
        parts = mine.loc[mine["left_out"] != "all", measure].dropna()
        colour = CHOSEN_COLOUR if scorer == chosen else style.QUIET
        pooled = mine.loc[mine["left_out"] == "all", measure].dropna()
        for values, style_of in ((parts, POINT), (pooled, DIAMOND)):
            inside = values[values >= low]
            axis.plot(inside, np.full(len(inside), y), color=colour, mec=colour, **style_of)
        if (parts < low).any() or (pooled < low).any():
            edge = axis.get_yaxis_transform()
            axis.plot(0.01, y, "<", ms=5, color=colour, transform=edge, clip_on=False)
        for value in pooled:
            axis.text(
                1.01, y, f"{value:.3f}", transform=axis.get_yaxis_transform(), va="center",
                fontsize=7.5, color=colour, fontweight="bold" if scorer == chosen else "normal",
            )  # fmt: skip
        if scorer == chosen:
            axis.axhspan(y - 0.45, y + 0.45, color=CHOSEN_TINT, lw=0, zorder=0)
    axis.set_xlim(low, 1.004)
    axis.grid(axis="x", color=style.GAP_COLOUR, lw=0.5)
    axis.set_axisbelow(True)
    axis.tick_params(axis="y", length=0)
    axis.spines["left"].set_visible(False)
