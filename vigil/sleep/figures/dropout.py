"""Agreement when a region, the EMG or the camera is missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from vigil.page import style
from vigil.sleep.figures.comparison import CHOSEN_COLOUR, MEASURES
from vigil.sleep.figures.words import source_words


def dropout_figure(dropout: pd.DataFrame) -> Figure | None:
    """A row for each thing that is missing; None where there was only one source of predictors.

    Parameters
    ----------
    dropout : DataFrame
        `missing` ('nothing' is what the others are compared with), `kappa`, `rem_f1`.
    """
    measures = [m for m in MEASURES if dropout[m].notna().any()]
    if len(dropout) < 2 or not measures:
        return None
    figure = style.new_figure(0.7 + 0.27 * len(dropout), 2.0 + 3.6 * len(measures))
    axes = figure.subplots(1, len(measures), sharey=True, squeeze=False)[0]
    places = -np.arange(len(dropout))
    full = (dropout["missing"] == "nothing").to_numpy(dtype=bool)
    for axis, measure in zip(axes, measures, strict=True):
        values = dropout[measure].to_numpy(dtype=float)
        for reference in values[full & np.isfinite(values)]:
            axis.axvline(reference, color=style.INK, lw=0.8, ls="--", zorder=0)
            axis.hlines(places, reference, values, color=style.RANGE_COLOUR, lw=1.5, zorder=1)
        axis.plot(values, places, "D", ms=6.5, color=CHOSEN_COLOUR, mec="white", mew=0.6)
        for value, place in zip(values, places, strict=True):
            if np.isfinite(value):
                axis.text(
                    1.01, place, f"{value:.3f}", transform=axis.get_yaxis_transform(),
                    va="center", fontsize=7.5,
                )  # fmt: skip
        low = np.floor(np.nanmin(values) * 10 - 0.2) / 10
        axis.set_xlim(min(0.9, low if np.nanmin(values) < 0 else max(low, -0.03)), 1.004)
        axis.set_xlabel(MEASURES[measure])
        axis.grid(axis="x", color=style.GAP_COLOUR, lw=0.5)
        axis.set_axisbelow(True)
        axis.spines["left"].set_visible(False)
        axis.tick_params(axis="y", length=0)
    axes[0].set_yticks(places, [source_words(str(m)) for m in dropout["missing"]])
    axes[0].set_ylabel("Missing")
    axes[0].set_ylim(-len(dropout) + 0.4, 0.6)
    return figure
