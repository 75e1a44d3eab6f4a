"""When each region joins a seizure, by each method and by all together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from vigil.page import style
from vigil.report.figures.seizure_traces import RegionOnset

METHOD_MARKS = ("o", "s", "^", "D", "v", "P")


def draw_latencies(axis: Axes, order: Sequence[RegionOnset]) -> None:
    """A row per region, the first on top: a symbol per method, a bar for all together."""
    methods = sorted({m for r in order for m in r.latency_s})
    axis.tick_params(axis="y", length=0)
    axis.set_xlabel("Latency (s)")
    axis.set_title("Onset by region")
    shown = [v for r in order for v in r.latency_s.values() if np.isfinite(v)]
    if not shown:
        axis.set_xticks([])
        axis.text(0.5, 0.5, "no onset found", transform=axis.transAxes, ha="center")
        return
    for place, region in enumerate(order):
        axis.axhline(-place, color=style.GAP_COLOUR, lw=0.6, zorder=0)
        if not np.isfinite(region.overall_s):
            axis.text(max(shown), -place, "none", ha="right", va="center", color=style.QUIET)
            continue
        axis.plot([region.overall_s] * 2, [-place - 0.3, -place + 0.3], color=style.INK, lw=1.4)
    for method, mark in zip(methods, METHOD_MARKS, strict=False):
        x = [r.latency_s.get(method, np.nan) for r in order]
        axis.plot(
            x, [-i for i in range(len(order))], mark, ms=4.5, mfc="none", mec=style.INK, mew=0.9
        )
    room = 0.08 * max(1.0, max(shown) - min(shown))
    axis.set_xlim(min(*shown, 0) - room, max(shown) + room)
    axis.legend(
        handles=[
            *(
                Line2D([], [], ls="", marker=k, mfc="none", mec=style.INK, ms=4.5, label=_words(m))
                for m, k in zip(methods, METHOD_MARKS, strict=False)
            ),
            Line2D([], [], color=style.INK, lw=1.4, label="all methods"),
        ],
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
        handlelength=1.0,
    )


def _words(method: str) -> str:
    return method.replace("_", " ")
