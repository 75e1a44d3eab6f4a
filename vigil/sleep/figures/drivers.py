"""Features that move the score of each state most, and the share of each region."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from vigil.page import style
from vigil.recording import SCORED
from vigil.sleep.explain import BETWEEN, by_feature, by_region
from vigil.sleep.figures.words import source_words

TOP = 10
MOST_IN_A_ROW = 11
SOURCE_COLOURS = {"emg": "#6B6B6B", "movement": "#1A1A1A", BETWEEN: "#BDBDBD"}
WIDE_ENOUGH = 0.07
"""Least share of a region that carries its name in the bar."""
MARKS = {1.0: "▲", -1.0: "▼"}


def drivers_figure(importance: pd.DataFrame, regions: Sequence[str]) -> Figure | None:
    """Top features per state with their direction, and regions; None where nothing contributes.

    Parameters
    ----------
    importance : DataFrame
        As of `explain.importance`.
    regions : sequence of str
        Brain regions in the order of their colours.
    """
    states = [
        s for s in SCORED if importance.loc[importance["state"] == s, "mean_abs_shap"].sum() > 0
    ]
    if not states:
        return None
    features = by_feature(importance)
    shown = {s: features[(features["state"] == s) & (features["total"] > 0)][:TOP] for s in states}
    rows = max(len(t) for t in shown.values())
    top, bottom = 0.5 + 0.2 * rows, 0.75 + 0.24 * len(states)
    figure = style.new_figure(top + bottom)
    upper, lower = figure.subfigures(2, 1, squeeze=False, height_ratios=[top, bottom])[:, 0]
    for axis, state in zip(upper.subplots(1, len(states), squeeze=False)[0], states, strict=True):
        _features(axis, shown[state], regions)
        axis.set_title(style.STATE_NAMES[state], color=style.STATE_COLOURS[state])
        axis.set_ylim(-rows + 0.4, 0.6)
    _regions(lower.subplots(), importance, states, regions)
    lower.legend(loc="outside lower center", ncols=MOST_IN_A_ROW)
    return figure


def source_of(region: str) -> str:
    """A pair of regions counts as one source with all that lies between regions."""
    return BETWEEN if "~" in region else region


def source_colour(source: str, regions: Sequence[str]) -> str:
    """Colour of a brain region, of what lies between them, of the EMG or the camera."""
    return SOURCE_COLOURS.get(source) or style.region_colour(source, regions)


def feature_words(region: str, feature: str) -> str:
    """`CA1 theta delta`; what the EMG and the camera measure begins with their name."""
    return f"{source_words(region)}: {feature.replace('_', ' ')}"


def _features(axis: Axes, table: pd.DataFrame, regions: Sequence[str]) -> None:
    places = [-float(i) for i in range(len(table))]
    colours = [source_colour(source_of(r), regions) for r in table["region"]]
    pale = [tuple(0.45 * np.array(to_rgb(c)) + 0.55) for c in colours]
    axis.barh(places, table["own"], height=0.7, color=colours, lw=0)
    axis.barh(places, table["context"], left=table["own"], height=0.7, color=pale, lw=0)
    longest = float(table["total"].max())
    for place, total, direction in zip(places, table["total"], table["direction"], strict=True):
        axis.text(
            total + 0.02 * longest, place, MARKS.get(direction, ""), va="center", fontsize=6.5
        )
    names = zip(table["region"], table["feature"], strict=True)
    axis.set_yticks(places, [feature_words(r, f) for r, f in names])
    axis.tick_params(axis="y", length=0, labelsize=7)
    axis.set_xlim(0, 1.08 * longest)
    axis.set_xlabel("Mean |SHAP value| (log odds)")


def _regions(
    axis: Axes, importance: pd.DataFrame, states: Sequence[str], regions: Sequence[str]
) -> None:
    table = by_region(importance)
    table = table.assign(source=[source_of(r) for r in table["region"]])
    shares = table.pivot_table(
        index="source", columns="state", values="share", aggfunc="sum", fill_value=0.0
    )
    order = [r for r in (*regions, *shares.index, BETWEEN, "emg", "movement") if r in shares.index]
    special = [s for s in SOURCE_COLOURS if s in order]
    order = [s for s in dict.fromkeys(order) if s not in special] + special
    left = np.zeros(len(states))
    for source in order:
        share = shares.loc[source, list(states)].to_numpy(dtype=float)
        colour = source_colour(source, regions)
        dark = float(np.dot(to_rgb(colour), (0.299, 0.587, 0.114))) < 0.55
        axis.barh(
            -np.arange(len(states)), share, left=left, height=0.8, color=colour, ec="white", lw=0.6,
            label=source_words(source),
        )  # fmt: skip
        for place, (start, width) in enumerate(zip(left, share, strict=True)):
            if width >= WIDE_ENOUGH:
                axis.text(
                    start + width / 2, -place, f"{source_words(source)}\n{100 * width:.0f} %",
                    ha="center", va="center", fontsize=6.5, color="white" if dark else style.INK,
                    linespacing=1.1, clip_on=True,
                )  # fmt: skip
        left = left + share
    axis.set_yticks(-np.arange(len(states)), [style.STATE_NAMES[s] for s in states])
    axis.tick_params(axis="y", length=0)
    axis.set_xlim(0, 1)
    axis.set_xticks([])
    axis.spines[:].set_visible(False)
    axis.set_title("Share of each source")
