"""Figures of the detector's page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from vigil.page import style
from vigil.seizures.trained.comparison import ALWAYS_ON, THRESHOLDS, XGBOOST

NAMES = {THRESHOLDS: "Thresholds", XGBOOST: "Trained", ALWAYS_ON: "Always on"}
COLOURS = {THRESHOLDS: style.QUIET, XGBOOST: "#0072B2", ALWAYS_ON: "#CC79A7"}
PANELS = {
    "sensitivity": ("Sensitivity", (-0.05, 1.05)),
    "fp_per_day": ("False alarms per day", None),
    "overlap": ("Median overlap", (-0.05, 1.05)),
    "onset_error_s": ("Median onset error (s)", None),
}
LINEAR = 1.0
"""Up to here a scale is linear, so that it can hold zero; above it is logarithmic."""


def comparison_figure(comparison: pd.DataFrame) -> Figure:
    """Measures of every detector: a dot per fold, a bar for all folds together."""
    figure = style.new_figure(2.9)
    axes = figure.subplots(1, len(PANELS))
    rng = np.random.default_rng(0)
    for axis, (measure, (title, limits)) in zip(axes, PANELS.items(), strict=True):
        for place, (detector, name) in enumerate(NAMES.items()):
            mine = comparison[comparison["detector"] == detector]
            folds = mine[mine["left_out"] != "all"][measure].to_numpy(dtype=float)
            folds = folds[np.isfinite(folds)]
            beside = place + rng.uniform(-0.18, 0.18, len(folds))
            axis.scatter(
                beside, folds, s=16, color=COLOURS[detector], alpha=0.7, lw=0, clip_on=False
            )
            pooled = mine[mine["left_out"] == "all"][measure].to_numpy(dtype=float)
            axis.plot(
                [place - 0.32, place + 0.32],
                [pooled[0]] * 2,
                color=style.INK,
                lw=1.8,
                solid_capstyle="butt",
                label=name,
            )
        axis.set_xticks(range(len(NAMES)), list(NAMES.values()))
        axis.set_xlim(-0.6, len(NAMES) - 0.4)
        axis.set_title(title)
        if limits is None:
            # always on is hours early, the others are off by seconds
            axis.set_yscale("symlog", linthresh=LINEAR)
            axis.yaxis.set_major_formatter("{x:g}")
            axis.set_ylim(bottom=-0.1)
        else:
            axis.set_ylim(*limits)
    return figure


def reliability_figure(reliability: Mapping[str, Any]) -> Figure | None:
    """Probability against the share of steps that are in seizures; None without any."""
    if not reliability["after"]["bins"]:
        return None
    figure = style.new_figure(3.4, 3.6)
    axis = figure.subplots()
    axis.plot([0, 1], [0, 1], color=style.GAP_COLOUR, lw=0.8, zorder=0)
    looks = {"before": (style.QUIET, "--", "white"), "after": (COLOURS[XGBOOST], "-", None)}
    for stage, (colour, line, face) in looks.items():
        bins = reliability[stage]["bins"]
        x = [b["mean_probability"] for b in bins]
        y = [b["observed_share"] for b in bins]
        axis.plot(
            x, y, color=colour, ls=line, lw=1.1, marker="o", ms=4.5, mfc=face or colour, mew=0.8,
            label=f"{stage} calibration", clip_on=False,
        )  # fmt: skip
    for b in reliability["after"]["bins"]:
        below = b["observed_share"] > 0.05
        axis.annotate(
            f"{b['steps']:,}", (b["mean_probability"], b["observed_share"]),
            xytext=(5, -8 if below else 4),
            textcoords="offset points", fontsize=6, color=style.QUIET,
        )  # fmt: skip
    axis.set_aspect("equal")
    axis.set_xlim(-0.03, 1.03)
    axis.set_ylim(-0.03, 1.03)
    axis.set_xlabel("Probability by the model")
    axis.set_ylabel("Share of steps in labelled seizures")
    axis.legend(loc="upper left")
    return figure
