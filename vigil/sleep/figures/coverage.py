"""Agreement against the share of epochs that stay classified."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from vigil.page import style
from vigil.recording import SCORED
from vigil.sleep.evaluation import coverage_curve, labelled

MARKS = (0.5, 0.7, 0.8, 0.9, 0.95, 0.99)
"""Least confidences that are marked on the curve."""
LINES = {"accuracy": ("Accuracy", "#1A1A1A"), "kappa": ("Cohen's kappa", "#00568A")}
MOST_THIN_LINES = 30
LOWEST_COVERAGE = 0.5


def coverage_figure(held_out: pd.DataFrame) -> Figure | None:
    """Agreement against coverage, and what stays of each state; None without probabilities."""
    curve = coverage_curve(held_out)
    if not curve["coverage"].iloc[0] > 0:
        return None
    figure = style.new_figure(3.3, 8.6)
    left, right = figure.subplots(1, 2)
    _agreement(left, curve, held_out)
    for state in SCORED:
        kept = curve[f"kept_{state}"]
        if kept.notna().any():
            right.plot(
                curve["min_confidence"], kept, color=style.STATE_COLOURS[state], lw=1.6,
                label=style.STATE_NAMES[state],
            )  # fmt: skip
    right.set_xlim(1 / len(SCORED), 1)
    right.set_ylim(0, 1.02)
    right.set_xlabel("Least confidence")
    right.set_ylabel("Epochs that stay classified")
    right.yaxis.set_major_formatter(PercentFormatter(1))
    right.legend(loc="lower left")
    return figure


def _agreement(axis: Axes, curve: pd.DataFrame, held_out: pd.DataFrame) -> None:
    folds = [coverage_curve(part) for _, part in labelled(held_out).groupby("fold")]
    lowest = min(max(LOWEST_COVERAGE, float(curve["coverage"].min())), 0.95)
    shown = curve[curve["coverage"] >= lowest]
    ends = []
    for measure, (name, colour) in LINES.items():
        for fold in folds if 1 < len(folds) <= MOST_THIN_LINES else ():
            part = fold[fold["coverage"] >= lowest]
            axis.plot(part["coverage"], part[measure], color=colour, lw=0.5, alpha=0.4)
            ends.append(part[measure].min())
        axis.plot(shown["coverage"], shown[measure], color=colour, lw=1.8, label=name)
        ends.append(shown[measure].min())
    marked = shown[np.isin(shown["min_confidence"].round(3), MARKS)]
    last = 2.0
    for _, row in marked.iterrows():
        # marks that would lie on each other are left out
        if last - row["coverage"] < 0.03 * (1 - lowest):
            continue
        last = row["coverage"]
        axis.plot(row["coverage"], row["kappa"], "o", ms=4, color=LINES["kappa"][1])
        axis.annotate(
            f"{row['min_confidence']:g}", (row["coverage"], row["kappa"]), (5, -4),
            textcoords="offset points", ha="left", va="top", fontsize=7, color=LINES["kappa"][1],
        )  # fmt: skip
    bottom = float(np.nanmin(ends)) if np.isfinite(ends).any() else 0.0
    axis.set_xlim(1 + 0.03 * (1 - lowest), lowest)
    axis.set_ylim(max(-0.05, bottom - 0.12 * (1 - bottom) - 0.005), 1.002)
    axis.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axis.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axis.set_xlabel("Epochs that stay classified")
    axis.set_ylabel("Agreement of these")
    axis.legend(loc="lower right")
