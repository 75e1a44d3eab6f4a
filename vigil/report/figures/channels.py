"""What was measured of each channel, side by side: the odd one out shows."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from vigil.page import style
from vigil.report.channels import LIGHT_OF, VERDICT_WORDS
from vigil.report.findings import Findings
from vigil.report.settings import Settings

MEASURES = {
    "rms_uv": ("RMS\n(µV)", True),
    "noise_floor_uv2_hz": ("Noise floor\n(µV²/Hz)", True),
    "correlation": ("Correlation", False),
    "mains_share": ("Mains hum\n(share)", False),
}
MARKERS = {"ok": "o", "warn": "^", "bad": "s"}
FEWEST = 2
MOST_NAMES = 80


def channels(findings: Findings, settings: Settings) -> Figure | None:
    """A row per measure, a column per channel; colour and shape give the verdict."""
    quality = findings.quality
    if quality is None:
        return None
    used = quality[quality["kind"] != "off"].reset_index(drop=True)
    measures = [m for m in MEASURES if m in used and used[m].notna().any()]
    if len(used) < FEWEST or not measures:
        return None
    height_in = 0.7 + 0.85 * len(measures)
    figure = style.new_figure(height_in, min(style.PAGE_WIDTH_IN, 2.2 + 0.3 * len(used)))
    axes = figure.subplots(len(measures), 1, sharex=True, squeeze=False)[:, 0]
    for axis, measure in zip(axes, measures, strict=True):
        _dots(axis, used, measure)
    _regions(axes[0], used)
    for axis in axes:
        for border in _borders(used):
            axis.axvline(border, color=style.GAP_COLOUR, lw=0.7, zorder=0)
    step = -(-len(used) // MOST_NAMES)
    axes[-1].set_xticks(range(0, len(used), step), used["channel"][::step], rotation=90)
    axes[-1].set_xlim(-0.7, len(used) - 0.3)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=3)
    return figure


def _dots(axis: Axes, used: pd.DataFrame, measure: str) -> None:
    label, logarithmic = MEASURES[measure]
    value = used[measure].to_numpy(float)
    if logarithmic:
        axis.set_yscale("log")
        axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.yaxis.set_major_formatter("{x:g}")
        axis.yaxis.set_minor_locator(NullLocator())
        value = np.where(value > 0, value, np.nan)
    for verdict, marker in MARKERS.items():
        mine = (used["verdict"] == verdict).to_numpy()
        if mine.any():
            colour = style.VERDICT_COLOURS[LIGHT_OF[verdict]]
            words = VERDICT_WORDS[verdict].capitalize()
            x = np.flatnonzero(mine)
            axis.plot(x, value[mine], marker, color=colour, ms=4.5, label=words, clip_on=False)
    if not logarithmic:
        axis.set_ylim(0, 1)
    axis.set_ylabel(label)


def _regions(axis: Axes, used: pd.DataFrame) -> None:
    """Names of the regions over their channels, where regions hold several."""
    if used["region"].nunique() == len(used):
        return
    borders = [-0.5, *_borders(used), len(used) - 0.5]
    for left, right in pairwise(borders):
        name = used["region"][int(np.ceil(left))]
        axis.text((left + right) / 2, 1.04, name, transform=axis.get_xaxis_transform(),
                  ha="center", va="bottom", fontsize=7.5)  # fmt: skip


def _borders(used: pd.DataFrame) -> list[float]:
    """Places between channels of different regions."""
    region = used["region"].to_numpy()
    if used["region"].nunique() == len(used):
        return []
    return [float(k) - 0.5 for k in np.flatnonzero(region[1:] != region[:-1]) + 1]
