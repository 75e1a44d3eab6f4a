"""Figure of fatal seizures against others: each marker, animal by animal."""

from __future__ import annotations

import textwrap

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from vigil.cohort.fatal import BETWEEN, WITHIN
from vigil.cohort.fatal_markers import Values, by_animal, marker_names
from vigil.page import style
from vigil.page.words import number

FloatArray = npt.NDArray[np.float64]
CAPTIONS = {
    "fatal_seizures": (
        "Fatal seizures and others",
        "Each column is an animal: crosses are fatal seizures, small dots its others, in the order "
        "in which they came. Dashes are what a fatal seizure is compared with: what the trend of "
        "the animal's others predicts (its last three where there are fewer than five), and right "
        "of the line the last seizure, not the usual one, of animals without a fatal one. Crosses "
        "above the broken line mean never, which is what death is and is not tested. p within: "
        "rank of the fatal seizure among its animal's own once their trend is taken away; between: "
        "fatal seizures against last ones; not corrected for the number of markers (fatal.tsv has "
        "that too).",
    ),
}
COLUMNS = 4
OTHER_COLOUR = "#0072B2"


def fatal_seizures(seizures: pd.DataFrame, compared: pd.DataFrame) -> Figure | None:
    """One panel per marker; None without a fatal seizure or any marker that is known."""
    if not len(compared):
        return None
    names = marker_names(seizures)
    values = {m: by_animal(seizures, m) for m in names}
    known = [m for m, found in values.items() if any(not np.isnan(a.fatal) for a in found)]
    if not known:
        return None
    columns = min(COLUMNS, len(known))
    rows = -(-len(known) // columns)
    figure = style.new_figure(0.4 + 2.3 * rows, max(4.0, 2.5 * columns))
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis, marker in zip(axes, known, strict=False):
        ours = compared[compared["marker"] == marker]
        mine = {str(row["comparison"]): row for _, row in ours.iterrows()}
        _panel(axis, values[marker], names[marker], mine)
    for axis in axes[len(known) :]:
        axis.set_axis_off()
    figure.legend(
        handles=[
            Line2D([], [], color=style.DEATH_COLOUR, marker="X", ls="", ms=7, mec="white",
                   label="fatal seizure"),
            Line2D([], [], color=OTHER_COLOUR, marker="o", ls="", ms=4, alpha=0.6,
                   label="another seizure"),
            Line2D([], [], color=style.INK, lw=1.4, label="what it is compared with"),
        ],
        loc="outside upper right", ncols=3,
    )  # fmt: skip
    return figure


def _panel(axis: Axes, animals: list[Values], name: str, compared: dict[str, pd.Series]) -> None:
    died = [a for a in animals if a.died]
    others = [a for a in animals if not a.died and len(a.others)]
    shown = [*died, *others]
    finite = np.concatenate([[a.fatal] for a in died] + [a.others for a in shown])
    finite = finite[np.isfinite(finite)]
    top = float(finite.max()) if len(finite) else 1.0
    low = min(0.0, float(finite.min())) if len(finite) else 0.0
    never = top + 0.18 * (top - low)
    for x, animal in enumerate(shown):
        wide = max(1.0, animal.places.max(initial=0), np.nan_to_num(animal.place))
        known = np.isfinite(animal.others)
        across = x - 0.28 + 0.56 * animal.places / wide
        axis.plot(across[known], animal.others[known], "o", ms=3, mfc=OTHER_COLOUR, mec="none",
                  alpha=0.6)  # fmt: skip
        compared_with = _compared_with(animal)
        if compared_with is not None:
            axis.plot([x - 0.4, x + 0.4], [compared_with] * 2, color=style.INK, lw=1.4)
        if not np.isnan(animal.fatal):
            at = never if np.isinf(animal.fatal) else animal.fatal
            axis.plot(x + 0.28, at, "X", ms=7, color=style.DEATH_COLOUR, mec="white", mew=0.6,
                      zorder=4, clip_on=False)  # fmt: skip
    if any(np.isinf(a.fatal) for a in died):
        axis.axhline((top + never) / 2, color=style.QUIET, lw=0.7, ls=(0, (4, 3)))
        axis.annotate("never", (1.0, never), xycoords=("axes fraction", "data"), ha="right",
                      va="center", color=style.QUIET, fontsize=7)  # fmt: skip
        axis.set_ylim(top=never + 0.08 * (top - low))
    if name.endswith("(s)"):
        axis.set_ylim(bottom=0)
    if died and others:
        axis.axvline(len(died) - 0.5, color=style.INK, lw=0.7)
    axis.set_xticks(range(len(shown)), [a.animal for a in shown], rotation=90)
    axis.tick_params(axis="x", length=0, labelsize=6.5 if len(shown) <= 16 else 5)
    axis.set_xlim(-0.6, len(shown) - 0.4)
    axis.set_title(_title(compared), fontsize=7.5, fontweight="normal")
    axis.set_ylabel(textwrap.fill(f"{name[0].upper()}{name[1:]}", 24))


def _compared_with(animal: Values) -> float | None:
    """What the animal's fatal seizure is compared with, or what it gives to the comparison."""
    if animal.died:
        expected = animal.expected()
        return None if expected is None else expected.value
    return float(animal.others[-1]) if len(animal.others) else None


def _title(compared: dict[str, pd.Series]) -> str:
    lines = []
    for comparison in (WITHIN, BETWEEN):
        row = compared[comparison]
        n_fatal, n_other = int(row["n_fatal"]), int(row["n_animals"])
        n = f"n = {n_fatal}" if comparison == WITHIN else f"n = {n_fatal} and {n_other}"
        p = f"p = {number(float(row['p']), 2)}"
        if np.isnan(row["p"]):
            p = "not tested" if min(n_fatal, n_other) else "nothing to compare"
        lines.append(f"{comparison}: {p} ({n})")
    return "\n".join(lines)
