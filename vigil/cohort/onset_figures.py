"""Where seizures start: counts by animal, and a map of animals and regions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from vigil.page import style
from vigil.seizures.files import RESOLVED


def onset_regions(onsets: pd.DataFrame, regions: Sequence[str]) -> Figure | None:
    """Seizures of each animal by region of onset; those that could not be told stay visible."""
    if not len(onsets):
        return None
    animals = list(dict.fromkeys(onsets["animal"]))
    first = set(onsets.loc[onsets["status"] == RESOLVED, "region"])
    figure = style.new_figure(0.9 + 0.36 * max(3, len(animals)), 8.0)
    axis = figure.subplots()
    kinds: list[tuple[str, str | None, str]] = [
        (RESOLVED, r, style.region_colour(r, regions)) for r in regions if r in first
    ]
    kinds += [("unresolved", None, style.GAP_COLOUR), ("none", None, "#FFFFFF")]
    names = {"unresolved": "not sure", "none": "no onset found"}
    left = np.zeros(len(animals))
    for status, region, colour in kinds:
        mine = onsets[onsets["status"] == status]
        if region is not None:
            mine = mine[mine["region"] == region]
        count = (
            mine.groupby("animal")["seizures"].sum().reindex(animals, fill_value=0).to_numpy(float)
        )
        if not count.any():
            continue
        axis.barh(
            [-i for i in range(len(animals))], count, left=left, height=0.62, color=colour,
            edgecolor=style.INK, lw=0.5, label=region or names[status],
        )  # fmt: skip
        left = left + count
    axis.set_yticks([-i for i in range(len(animals))], animals)
    axis.set_ylim(-max(3, len(animals)) + 0.4, 0.6)
    axis.tick_params(axis="y", length=0)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.set_xlabel("Seizures")
    figure.legend(loc="outside right upper", title="First region", alignment="left")
    return figure


def onset_map(onsets: pd.DataFrame, origins: pd.DataFrame, regions: Sequence[str]) -> Figure | None:
    """Animals against regions: how many seizures begin where, and where an animal's begin.

    Parameters
    ----------
    onsets : DataFrame
        Of `vigil.cohort.pool.onsets_table`.
    origins : DataFrame
        Of `vigil.cohort.questions.origins_table`.
    regions : sequence of str
        All regions with electrodes, in the order of the montages.
    """
    clear = onsets[onsets["status"] == RESOLVED]
    if not len(clear):
        return None
    animals = list(dict.fromkeys(onsets["animal"]))
    figure = style.new_figure(1.3 + 0.42 * len(animals), 2.4 + 0.95 * len(regions))
    axis = figure.subplots()
    most = float(clear["seizures"].max())
    for _, row in clear.iterrows():
        x, y = list(regions).index(row["region"]), -animals.index(row["animal"])
        colour = style.region_colour(row["region"], regions)
        size = 700 * row["seizures"] / most
        axis.scatter(x, y, s=size, color=colour, alpha=0.85, lw=0, zorder=2)
        axis.annotate(f"{row['seizures']}", (x, y), ha="center", va="center", zorder=4)
    for _, row in origins[origins["status"] == RESOLVED].iterrows():
        if row["region"] in regions:
            x, y = list(regions).index(row["region"]), -animals.index(row["animal"])
            axis.scatter(x, y, s=900, facecolor="none", edgecolor=style.INK, lw=1.4, zorder=3)
            axis.annotate(
                f"{100 * row['confidence']:.0f} %",
                (x, y),
                xytext=(17, 0),
                textcoords="offset points",
                va="center",
                fontsize=7,
                color=style.QUIET,
            )
    axis.set_xticks(range(len(regions)), regions)
    axis.set_yticks([-i for i in range(len(animals))], animals)
    axis.set_xlim(-0.6, len(regions) - 0.3)
    axis.set_ylim(-len(animals) + 0.35, 0.65)
    axis.tick_params(length=0)
    axis.grid(color=style.GAP_COLOUR, lw=0.5, zorder=0)
    axis.set_axisbelow(True)
    axis.set_title("Seizures by region of onset")
    return figure
