"""Figures of how early: the lead-time curve and the biomarkers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vigil.cohort.early.curve import COHORT
from vigil.cohort.early.study import OTHERS, OWN
from vigil.page import style

COLOURS = {OWN: "#0072B2", OTHERS: "#D55E00"}
NAMES = {OWN: "later seizures, by the animal's own past", OTHERS: "each animal, by the others"}
MOST_MARKERS = 16
CAPTIONS = {
    "lead_time": (
        "How early seizures could have been told",
        "By lead time, the time between a warning and the first moment at which it expects the "
        "seizure. Lines: models that were learnt from other seizures, with 95 % intervals over "
        "animals and their seizures. Grey band: what 95 % of the surrogate onsets reach (the "
        "wider one of both). Filled dots: better than chance, corrected for all that is shown.",
    ),
    "biomarkers": (
        "What carries the warning",
        "Difference between the stretch before a seizure and the times at which it could as well "
        "have begun, in spreads of the feature, where it is strongest. Thick: 95 % interval over "
        "seizures as if nothing else had been tried. Thin: corrected for all that was tried. "
        "Filled: better than chance after this correction.",
    ),
}


def drawings(
    lead_time: pd.DataFrame, biomarkers: pd.DataFrame, who: str = COHORT
) -> Mapping[str, Callable[[], Figure | None]]:
    """The figures of the cohort or of an animal, ready to be drawn."""
    if who == COHORT and len(biomarkers) and not (biomarkers["animal"] == COHORT).any():
        # a cohort of one animal is that animal
        biomarkers = biomarkers.assign(animal=COHORT)
    return {
        "lead_time": partial(lead_time_curve, lead_time[lead_time["animal"] == who]),
        "biomarkers": partial(forest, biomarkers[biomarkers["animal"] == who]),
    }


def lead_time_curve(table: pd.DataFrame) -> Figure | None:
    """AUC, sensitivity with time in warning, false alarms and Brier skill by lead time."""
    if not len(table) or not table["auc"].notna().any():
        return None
    figure = style.new_figure(5.2, 9.0)
    axes = figure.subplots(2, 2, sharex=True)
    leads = sorted(table["lead_min"].unique())
    band = table.groupby("lead_min").agg({"chance_low": "min", "chance_high": "max"})
    axes[0, 0].fill_between(
        band.index, band["chance_low"], band["chance_high"], color=style.GAP_COLOUR, lw=0,
        label="surrogate onsets",
    )  # fmt: skip
    axes[0, 0].axhline(0.5, color=style.QUIET, lw=0.6)
    for split, mine in table.groupby("split", sort=False):
        for axis, name in zip(
            axes.flat, ("auc", "sensitivity", "false_alarms_per_h", "brier_skill"), strict=True
        ):
            _curve(axis, mine, name, str(split))
        axes[0, 1].plot(
            mine["lead_min"], mine["time_in_warning"], ":", color=COLOURS[str(split)], lw=1.2
        )
    # what both kinds of line in this panel are, whatever their colour
    axes[0, 1].plot([], [], "-", color=style.INK, lw=1.4, label="seizures told")
    axes[0, 1].plot([], [], ":", color=style.INK, lw=1.2, label="time in warning")
    told, warned = axes[0, 1].lines[-2:]
    axes[0, 1].legend(handles=[told, warned], loc="upper right")
    titles = ("AUC against matched times", "Share", "False alarms per hour", "Brier skill")
    for axis, title in zip(axes.flat, titles, strict=True):
        axis.set_title(title)
        axis.set_xscale("log")
        axis.set_xticks(leads, [f"{x:g}" for x in leads])
        axis.minorticks_off()
    axes[0, 0].set_ylim(0, 1.03)
    axes[0, 1].set_ylim(0, 1.03)
    axes[1, 0].set_ylim(bottom=0)
    skill = table[["brier_skill", "brier_skill_high"]].max().max()
    axes[1, 1].set_ylim(-0.5, max(0.5, 1.1 * skill if np.isfinite(skill) else 0.5))
    axes[1, 1].axhline(0, color=style.QUIET, lw=0.6)
    for axis in axes[1]:
        axis.set_xlabel("Lead time (min)")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3)
    return figure


def _curve(axis: Axes, table: pd.DataFrame, name: str, split: str) -> None:
    colour = COLOURS[split]
    n = f"n = {table['seizures'].max():.0f}"
    axis.fill_between(
        table["lead_min"], table[f"{name}_low"], table[f"{name}_high"], color=colour, alpha=0.15,
        lw=0,
    )  # fmt: skip
    axis.plot(table["lead_min"], table[name], color=colour, lw=1.4, label=f"{NAMES[split]} ({n})")
    better = table["better"].astype(bool)
    for which, face in ((better, colour), (~better, "white")):
        axis.plot(
            table.loc[which, "lead_min"], table.loc[which, name], "o", ms=4, mfc=face, mec=colour,
            mew=0.8,
        )  # fmt: skip


def forest(table: pd.DataFrame) -> Figure | None:
    """The strongest features, one line each, by region."""
    if not len(table):
        return None
    shown = table.head(MOST_MARKERS).iloc[::-1].reset_index(drop=True)
    regions = sorted(table["region"].unique())
    figure = style.new_figure(1.1 + 0.24 * len(shown), 8.0)
    axis = figure.subplots()
    for y, (_, row) in enumerate(shown.iterrows()):
        colour = style.region_colour(row["region"], regions)
        axis.plot([row["low_corrected"], row["high_corrected"]], [y, y], color=colour, lw=0.8)
        axis.plot([row["low"], row["high"]], [y, y], color=colour, lw=3, solid_capstyle="butt")
        face = colour if row["low_corrected"] > 0 or row["high_corrected"] < 0 else "white"
        axis.plot(row["effect"], y, "o", ms=6, mfc=face, mec=colour, mew=1.2, zorder=3)
    axis.axvline(0, color=style.QUIET, lw=0.6, zorder=0)
    words = [
        f"{r['region']}  {str(r['feature']).replace('_', ' ')}, {r['kind']}, {r['lead_min']:g} min"
        for _, r in shown.iterrows()
    ]
    axis.set_yticks(range(len(shown)), words)
    axis.tick_params(axis="y", length=0)
    axis.set_ylim(-0.7, len(shown) - 0.3)
    first = shown.iloc[-1]
    axis.set_xlabel(
        f"Difference before seizures (spreads); {first['tried']:.0f} tried, "
        f"n = {table['seizures'].max():.0f} seizures"
    )
    return figure
