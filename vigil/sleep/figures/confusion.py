"""The confusion of expert and model, as shares of the expert's states."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.figure import Figure

from vigil.page import style

COLOURS = "Blues"
DARK_SHARE = 0.55
"""Cells darker than this carry white text."""


def confusion_figure(confusion: pd.DataFrame) -> Figure:
    """Shares of each row with the epochs below.

    Parameters
    ----------
    confusion : DataFrame
        As of `agreement.confusion`: rows are labels, columns scores, cells epochs. A column
        `unclassified` that is empty is left out.
    """
    columns = [c for c in confusion if c != "unclassified" or confusion[c].any()]
    counts = confusion[columns].to_numpy(dtype=float)
    whole = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, whole, out=np.full(counts.shape, np.nan), where=whole > 0)
    figure = style.new_figure(0.7 + 0.75 * len(counts), 2.2 + 1.15 * len(columns) - 1.0)
    axis = figure.subplots()
    colours = colormaps[COLOURS].with_extremes(bad="#F2F2F2")
    axis.imshow(shares, cmap=colours, vmin=0, vmax=1, aspect="auto")
    for i, j in np.ndindex(*counts.shape):
        there = np.isfinite(shares[i, j])
        text = f"{100 * shares[i, j]:.1f} %\n{counts[i, j]:,.0f}" if there else "no labels"
        colour = "white" if there and shares[i, j] > DARK_SHARE else style.INK
        axis.text(j, i, text, ha="center", va="center", color=colour, linespacing=1.4)
    names = [style.STATE_NAMES[str(c)] for c in columns]
    axis.set_xticks(range(len(columns)), names)
    axis.set_yticks(range(len(counts)), [style.STATE_NAMES[str(s)] for s in confusion.index])
    axis.tick_params(length=0)
    axis.set_xlabel("The model")
    axis.set_ylabel("The expert")
    axis.spines[:].set_visible(False)
    return figure
