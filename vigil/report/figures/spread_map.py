"""Map of a seizure's spread over the montage: regions by hemisphere, in the order they join."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize, to_hex
from matplotlib.patches import FancyBboxPatch

from vigil.page import style
from vigil.recording import Montage

LATE_TO_EARLY = "cividis_r"
NOT_REACHED = "#F2F2F2"
WIDE, HIGH = 0.84, 0.66
SIDES = {"L": "left", "R": "right", "": ""}


def spread_map(
    axis: Axes,
    spread: pd.DataFrame,
    montage: Montage,
    contacts: pd.DataFrame | None = None,
    longest_s: float | None = None,
) -> ScalarMappable | None:
    """Draw the regions of the montage as boxes, coloured by delay and numbered by order.

    The layout is that of a table, since the montage has no positions: one row per region in
    the order of the montage, one column per hemisphere. Dots in a box are its contacts.

    Parameters
    ----------
    axis : Axes
        An empty axis.
    spread : DataFrame
        Rows of spread.tsv of one seizure: region, order, delay_s.
    montage : Montage
        Where the channels lie.
    contacts : DataFrame, optional
        channel, delay_s of each contact; without it contacts have their region's colour.
    longest_s : float, optional
        Delay at the end of the colours, to compare seizures; the longest of this one if not
        given.

    Returns
    -------
    ScalarMappable or None
        For a colour bar; None where the seizure reaches no region.
    """
    table = spread.set_index("region").reindex(list(montage.regions))
    delays = table["delay_s"].astype(float)
    known = delays[np.isfinite(delays)]
    top_s = longest_s if longest_s is not None else float(known.max()) if len(known) else 1.0
    colours = ScalarMappable(Normalize(0.0, max(top_s, 1e-3)), colormaps[LATE_TO_EARLY])
    of_contact: dict[str, float] = {}
    if contacts is not None:
        of_contact = dict(zip(contacts["channel"], contacts["delay_s"], strict=True))
    present = {montage.hemisphere[c] for c in montage.of_kind("lfp")}
    sides = sorted(present, key=lambda s: ("L", "", "R").index(s) if s in SIDES else 3)
    for row, region in enumerate(montage.regions):
        for column, side in enumerate(sides):
            mine = [c for c in montage.channels_of(region) if montage.hemisphere[c] == side]
            if mine:
                values = [of_contact.get(montage.channel[c], delays[region]) for c in mine]
                _box(axis, (column, row), colours, float(delays[region]), values)
        reached = bool(np.isfinite(delays[region]))
        axis.text(-0.95, row, region, ha="right", va="center")
        if reached:
            number = f"{table['order'][region]:.0f}"
            axis.text(-0.7, row, number, ha="center", va="center", weight="bold", size=10)
        label = f"{delays[region]:.1f} s" if reached else "not reached"
        axis.text(len(sides) - 0.42, row, label, ha="left", va="center", color=style.QUIET)
    for column, side in enumerate(sides):
        axis.text(column, -0.6, SIDES.get(side, side), ha="center", color=style.QUIET)
    axis.set_xlim(-2.3, len(sides) + 0.25)
    axis.set_ylim(len(montage.regions) - 0.4, -0.9)
    axis.set_axis_off()
    return colours if len(known) else None


def _box(
    axis: Axes,
    place: tuple[int, int],
    colours: ScalarMappable,
    delay_s: float,
    contacts_s: list[float],
) -> None:
    """One region in one hemisphere, and its contacts as dots."""
    x, y = place

    def colour(value_s: float) -> str:
        if not np.isfinite(value_s):
            return NOT_REACHED
        return to_hex(colours.to_rgba(np.array([value_s]))[0])

    box = FancyBboxPatch(
        (x - WIDE / 2, y - HIGH / 2),
        WIDE,
        HIGH,
        boxstyle="round,pad=0,rounding_size=0.08",
        facecolor=colour(delay_s),
        edgecolor=style.QUIET,
        linewidth=0.6,
    )
    axis.add_patch(box)
    columns = int(np.ceil(len(contacts_s) / (1 if len(contacts_s) <= 6 else 2)))
    at = np.arange(len(contacts_s))
    across = (at % columns - (min(columns, len(at)) - 1) / 2) * min(0.12, 0.8 * WIDE / columns)
    rows = int(at[-1] // columns) + 1
    down = (at // columns - (rows - 1) / 2) * 0.24
    axis.scatter(
        x + across,
        y + down,
        s=22,
        c=[colour(v) for v in contacts_s],
        edgecolors="white",
        linewidths=0.9,
    )
