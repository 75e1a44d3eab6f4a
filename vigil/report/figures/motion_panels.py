"""Panels of motion that several figures share: bands over time, bouts of movement, states."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from vigil.page import style
from vigil.recording import FloatArray
from vigil.report.envelope import quantiles
from vigil.report.figures import panels

# neutral, so that states, turns and regions keep their colours
BOUT_COLOURS = {"moving": "#525252", "immobile": "#B9D7EA"}
BAND_COLOUR = "#C4C4C4"
MOST_BINS = 1440  # a day by the minute
WIDTHS_S = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)


class Signal(NamedTuple):
    """A column of the kinematics as it is drawn.

    Parameters
    ----------
    column : str
        In kinematics.parquet.
    words : str
        Label of the axis, with the unit.
    factor : float
        From the column's unit to that of the label.
    """

    column: str
    words: str
    factor: float = 1.0


TURNING = (
    Signal("angular_velocity_rad_s", "Angular\nvelocity\n(°/s)", float(np.degrees(1))),
    Signal("angular_acceleration_rad_s2", "Angular\nacceleration\n(°/s²)", float(np.degrees(1))),
)
TRAVEL = (
    Signal("speed_cm_s", "Speed\n(cm/s)"),
    Signal("acceleration_cm_s2", "Acceleration\n(cm/s²)"),
    Signal("jerk_cm_s3", "Jerk\n(cm/s³)"),
)


def present(signals: tuple[Signal, ...], moves: pd.DataFrame) -> list[Signal]:
    """Those of some signals that the table has; tables of older versions lack a few."""
    return [s for s in signals if s.column in moves and moves[s.column].notna().any()]


def bin_width_s(span_s: float) -> float:
    """Width of the bins over a recording: a round number, a minute for a day."""
    wide = [w for w in WIDTHS_S if span_s / w <= MOST_BINS]
    return float(wide[0]) if wide else float(np.ceil(span_s / MOST_BINS / 3600) * 3600)


def bin_words(width_s: float) -> str:
    """A bin's width in words, as in `median of each minute`."""
    if width_s < 60:
        return "second" if width_s == 1 else f"{width_s:g} s"
    if width_s < 3600:
        return "minute" if width_s == 60 else f"{width_s / 60:g} min"
    return "hour" if width_s == 3600 else f"{width_s / 3600:g} h"


def bands(axis: Axes, moves: pd.DataFrame, signal: Signal, span_s: tuple[float, float]) -> None:
    """Median of a signal in each bin of time as a line, 5 to 95 % of its frames as a band.

    Where nothing was tracked both are interrupted.
    """
    width = bin_width_s(span_s[1] - span_s[0])
    edges = np.arange(span_s[0], span_s[1] + width, width)
    value = moves[signal.column].to_numpy(float) * signal.factor
    low, middle, high = quantiles(moves["time_s"], value, edges, (0.05, 0.5, 0.95))
    axis.stairs(high, edges, baseline=low, fill=True, color=BAND_COLOUR, lw=0)
    axis.plot((edges[:-1] + edges[1:]) / 2, middle, color=style.INK, lw=0.7)
    _limits(axis, low, high)
    axis.set_ylabel(signal.words)


def line(axis: Axes, moves: pd.DataFrame, signal: Signal, span_s: tuple[float, float]) -> None:
    """A signal frame by frame."""
    value = moves[signal.column].to_numpy(float) * signal.factor
    panels.trace(axis, moves["time_s"], value, span_s, max_gap_s=0.5)
    panels.robust_ylim(axis, value, from_zero=bool(np.nanmin(value, initial=0.0) >= 0))
    axis.set_ylabel(signal.words)


def _limits(axis: Axes, low: FloatArray, high: FloatArray) -> None:
    """Limits that a few wild bins do not stretch; a signed signal stands about zero."""
    low, high = low[np.isfinite(low)], high[np.isfinite(high)]
    if not len(high):
        return
    top = float(np.quantile(high, 0.995)) or 1.0
    if low.min() >= 0:
        axis.set_ylim(0, 1.1 * top)
        return
    reach = 1.1 * max(top, -float(np.quantile(low, 0.005)))
    axis.set_ylim(-reach, reach)
    axis.axhline(0, color=style.QUIET, lw=0.5, zorder=0)


def share_of(bouts: pd.DataFrame, kind: str, edges_s: npt.ArrayLike) -> FloatArray:
    """Share of each bin of time that bouts of a kind fill, 0 to 1.

    Parameters
    ----------
    bouts : DataFrame
        `start_s`, `duration_s`, `kind`; bouts do not overlap.
    kind : str
        'moving' or 'immobile'.
    edges_s : array, (bin + 1,)
        Borders of the bins.
    """
    edges = np.asarray(edges_s, dtype=np.float64)
    mine = bouts[bouts["kind"] == kind].sort_values("start_s")
    start, length = mine["start_s"].to_numpy(float), mine["duration_s"].to_numpy(float)
    if not len(start):
        return np.zeros(len(edges) - 1)
    # time in bouts until each of their borders: straight lines in between
    at = np.column_stack([start, start + length]).ravel()
    done = np.column_stack([np.cumsum(length) - length, np.cumsum(length)]).ravel()
    return np.asarray(np.diff(np.interp(edges, at, done)) / np.diff(edges), dtype=np.float64)


def bout_strip(axis: Axes, bouts: pd.DataFrame, span_s: tuple[float, float]) -> None:
    """Bouts of movement and of immobility; over hours the share of each in every bin."""
    width = bin_width_s(span_s[1] - span_s[0])
    axis.set_ylim(0, 1)
    if width <= 1:
        for kind, colour in BOUT_COLOURS.items():
            mine = bouts[bouts["kind"] == kind]
            spans = list(zip(mine["start_s"], mine["duration_s"], strict=True))
            axis.broken_barh(spans, (0, 1), color=colour, lw=0)
        axis.set_yticks([])
        axis.set_ylabel("Movement", rotation=0, ha="right", va="center")
        return
    edges = np.arange(span_s[0], span_s[1] + width, width)
    below = np.zeros(len(edges) - 1)
    for kind, colour in BOUT_COLOURS.items():
        above = below + share_of(bouts, kind, edges)
        axis.stairs(above, edges, baseline=below, fill=True, color=colour, lw=0)
        below = above
    axis.set_yticks([0, 0.5, 1], ["0", "50", "100"])
    axis.set_ylabel("Movement\n(% of time)")


def bout_keys(bouts: pd.DataFrame) -> list[Patch]:
    """Keys of the bouts, with their share of the time in bouts."""
    total = float(bouts["duration_s"].sum())
    keys = []
    for kind, colour in BOUT_COLOURS.items():
        share = float(bouts.loc[bouts["kind"] == kind, "duration_s"].sum()) / total if total else 0
        keys.append(Patch(color=colour, label=f"{kind} ({100 * share:.0f} %)"))
    return keys


def kind_at(time_s: npt.ArrayLike, bouts: pd.DataFrame) -> npt.NDArray[np.str_]:
    """Kind of bout at each time, '' between bouts."""
    time = np.asarray(time_s, dtype=np.float64)
    if not len(bouts):
        return np.full(len(time), "", dtype="U16")
    bouts = bouts.sort_values("start_s")
    start = bouts["start_s"].to_numpy(float)
    at = np.searchsorted(start, time, side="right") - 1
    inside = (at >= 0) & (time < (start + bouts["duration_s"].to_numpy(float))[at])
    return np.where(inside, bouts["kind"].to_numpy(str)[at], "")


def state_strip(axis: Axes, sleep: pd.DataFrame) -> None:
    """States of sleep as a strip."""
    bouts = panels.state_bouts(sleep)
    for state, colour in style.STATE_COLOURS.items():
        mine = bouts[bouts["state"] == state]
        spans = list(zip(mine["start_s"], mine["stop_s"] - mine["start_s"], strict=True))
        axis.broken_barh(spans, (0, 1), color=colour, lw=0)
    axis.set_ylim(0, 1)
    axis.set_yticks([])
    axis.set_ylabel("State", rotation=0, ha="right", va="center")


def state_keys() -> list[Patch]:
    """Keys of the states of sleep."""
    return [Patch(color=c, label=style.STATE_NAMES[s]) for s, c in style.STATE_COLOURS.items()]
