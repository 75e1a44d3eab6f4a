"""Probability against the share of epochs that are so, before and after calibration."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vigil.page import style
from vigil.recording import SCORED
from vigil.sleep.evaluation import calibration_errors, reliability

LARGEST_POINTS = 90.0
SMALLEST_POINTS = 5.0


def reliability_figure(held_out: pd.DataFrame) -> Figure | None:
    """A panel for each state that was labelled; None without probabilities."""
    table, errors = reliability(held_out), calibration_errors(held_out)
    states = [s for s in SCORED if s in set(table["state"])]
    if not states:
        return None
    figure = style.new_figure(3.3, 0.6 + 2.9 * len(states))
    axes = figure.subplots(1, len(states), sharex=True, sharey=True, squeeze=False)[0]
    most = float(np.log10(table["epochs"].max() + 1))
    for axis, state in zip(axes, states, strict=True):
        axis.plot([0, 1], [0, 1], color=style.GAP_COLOUR, lw=0.8, zorder=0)
        for stage in ("before", "after"):
            mine = table[(table["state"] == state) & (table["calibration"] == stage)]
            error = errors[stage][f"{state}_error"]
            _line(axis, mine, stage, style.STATE_COLOURS[state], most, f"{stage}: {error:.3f}")
        axis.set_title(style.STATE_NAMES[state])
        axis.set_aspect("equal")
        axis.set_xlim(-0.04, 1.04)
        axis.set_ylim(-0.04, 1.04)
        axis.set_xlabel("Probability by the model")
        axis.legend(loc="upper left", title="Calibration error", title_fontsize=7.5, markerscale=1)
    axes[0].set_ylabel("Share of epochs labelled so")
    return figure


def _line(
    axis: Axes, table: pd.DataFrame, stage: str, colour: str, most: float, label: str
) -> None:
    after = stage == "after"
    x, y = table["mean_probability"].to_numpy(), table["observed_share"].to_numpy()
    size = np.log10(table["epochs"].to_numpy(dtype=float) + 1) / most
    line = colour if after else style.QUIET
    axis.plot(x, y, color=line, lw=1.2 if after else 0.8, ls="-" if after else "--")
    axis.scatter(
        x, y, s=SMALLEST_POINTS + LARGEST_POINTS * size**3, zorder=3 if after else 2,
        facecolors=colour if after else "white", edgecolors="white" if after else style.QUIET,
        linewidths=0.7,
    )  # fmt: skip
    axis.plot(
        [], [], color=line, lw=1.2 if after else 0.8, ls="-" if after else "--", marker="o",
        ms=5, mfc=colour if after else "white", mec=line, mew=0.7, label=label,
    )  # fmt: skip
