"""Panels that several figures are built from; all of them draw onto an axis in seconds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure

from vigil.page import style
from vigil.page.times import dark_spans
from vigil.recording import STATES, FloatArray
from vigil.report.envelope import bin_edges, min_max, quantiles
from vigil.report.findings import Findings

N_BINS = 1600  # columns of a picture: one per pixel at the page's width
BANDS_FROM_S = 3 * 3600.0
MOST_JOINS = 400


def draw_gaps(axes: Sequence[Axes], gaps: Sequence[tuple[float, float]]) -> None:
    """Shade the stretches that hold no brain signals."""
    for axis in axes:
        for a, b in gaps:
            axis.axvspan(
                a,
                b,
                facecolor="#F2F2F2",
                edgecolor=style.GAP_COLOUR,
                hatch="////",
                lw=0,
                zorder=0.5,
            )


def draw_event_lines(axes: Sequence[Axes], findings: Findings) -> None:
    """A thin line at the onset of each seizure, and a dashed one where the animal died."""
    for axis in axes:
        if findings.death_s is not None:
            axis.axvline(findings.death_s, color=style.DEATH_COLOUR, lw=1.0, ls="--", zorder=4)
        for _, onset_s, _ in findings.seizures():
            axis.axvline(onset_s, color=style.SEIZURE_COLOUR, lw=0.6, alpha=0.8, zorder=4)


def light_bar(axis: Axes, findings: Findings, light_h: float) -> None:
    """Light and darkness of the animal room, and a mark for each seizure above it."""
    axis.set_ylim(0, 2.2)
    axis.set_yticks([])
    axis.spines["left"].set_visible(False)
    length = findings.duration_s
    if findings.start is not None and findings.lights_on is not None:
        axis.broken_barh([(0, length)], (0, 0.8), color=style.LIGHT_COLOUR, lw=0)
        dark = dark_spans(findings.start, findings.lights_on, light_h, length)
        axis.broken_barh([(a, b - a) for a, b in dark], (0, 0.8), color=style.DARK_COLOUR, lw=0)
        axis.plot([0, length, length, 0, 0], [0, 0, 0.8, 0.8, 0], color=style.INK, lw=0.5)
        _row_label(axis, "Light", 0.4)
    onsets = [onset_s for _, onset_s, _ in findings.seizures()]
    if onsets:
        axis.plot(onsets, np.full(len(onsets), 1.5), "v", color=style.SEIZURE_COLOUR, ms=5)
    if findings.death_s is not None:
        axis.plot(findings.death_s, 1.5, "X", color=style.DEATH_COLOUR, ms=6, mec="white", mew=0.5)
    words = ["Seizures"] * bool(onsets) + ["death"] * (findings.death_s is not None)
    if words:
        _row_label(axis, ", ".join(words).capitalize(), 1.5)


def _row_label(axis: Axes, text: str, height: float) -> None:
    axis.annotate(
        text,
        (0, height),
        xycoords=("axes fraction", "data"),
        xytext=(-4, 0),
        textcoords="offset points",
        ha="right",
        va="center",
        fontsize=7.5,
    )


def colour_bar(axis: Axes, image: object, words: str, extend: str = "both") -> None:
    """A narrow colour bar beside a panel, which leaves the panel its width."""
    place = axis.inset_axes((1.012, 0.0, 0.012, 1.0))
    bar = axis.figure.colorbar(image, cax=place, extend=extend)  # type: ignore[arg-type]
    bar.set_label(words, fontsize=7.5)
    bar.outline.set_linewidth(0.5)


def state_bouts(hypnogram: pd.DataFrame) -> pd.DataFrame:
    """Neighbouring epochs of one state joined: start_s, stop_s, state."""
    start = hypnogram["start_s"].to_numpy(float)
    stop = start + hypnogram["duration_s"].to_numpy(float)
    state = hypnogram["state"].to_numpy(str)
    if not len(start):
        return pd.DataFrame({"start_s": [], "stop_s": [], "state": []})
    new = np.ones(len(start), bool)
    new[1:] = (state[1:] != state[:-1]) | (np.abs(start[1:] - stop[:-1]) > 1e-6)
    first = np.flatnonzero(new)
    last = np.append(first[1:], len(start)) - 1
    return pd.DataFrame({"start_s": start[first], "stop_s": stop[last], "state": state[first]})


def hypnogram(axis: Axes, table: pd.DataFrame) -> None:
    """The states as coloured bars at their levels; thin lines join them where there is room."""
    bouts = state_bouts(table)
    level = bouts["state"].map(style.STATE_LEVELS).to_numpy(float)
    start, stop = bouts["start_s"].to_numpy(float), bouts["stop_s"].to_numpy(float)
    joins = [
        [(stop[i], level[i]), (stop[i], level[j])]
        for i, j in pairwise(range(len(bouts)))
        if abs(start[j] - stop[i]) < 1e-6
    ]
    # the lines of a day stand closer than pixels and would hide REM, which they cross
    if len(joins) <= MOST_JOINS:
        axis.add_collection(LineCollection(joins, colors=style.QUIET, linewidths=0.35, zorder=2))
    for state in STATES:
        mine = (bouts["state"] == state).to_numpy()
        y = style.STATE_LEVELS[state]
        bars = [
            [(a, y - 0.36), (a, y + 0.36), (b, y + 0.36), (b, y - 0.36)]
            for a, b in zip(start[mine], stop[mine], strict=True)
        ]
        # the edge keeps a bout of one epoch visible in a day
        axis.add_collection(
            PolyCollection(
                bars,
                facecolors=style.STATE_COLOURS[state],
                edgecolors=style.STATE_COLOURS[state],
                linewidths=0.4,
                zorder=3,
            )
        )
    names = sorted(style.STATE_LEVELS, key=style.STATE_LEVELS.__getitem__)
    if not (table["state"] == "unclassified").any():
        names = [n for n in names if n != "unclassified"]
    axis.set_yticks([style.STATE_LEVELS[n] for n in names], [style.STATE_NAMES[n] for n in names])
    axis.set_ylim(style.STATE_LEVELS[names[0]] - 0.6, 3.6)
    axis.tick_params(axis="y", length=0)


def trace(
    axis: Axes,
    time_s: npt.ArrayLike,
    values: npt.ArrayLike,
    span_s: tuple[float, float],
    colour: str = style.INK,
    max_gap_s: float = np.inf,
) -> None:
    """A signal; where it has more samples than pixels, its minimum and maximum per pixel.

    Over hours the line would fill the panel: there the range of each bin is light and the
    middle 80 % of its samples dark.

    Parameters
    ----------
    max_gap_s : float
        Where no sample lies for longer, the line is interrupted.
    """
    time, value = np.asarray(time_s, float), np.asarray(values, float)
    if span_s[1] - span_s[0] > BANDS_FROM_S and len(time) > N_BINS:
        _bands(axis, time, value, span_s, colour)
        return
    if len(time) <= 2 * N_BINS:
        breaks = np.flatnonzero(np.diff(time) > max_gap_s) + 1
        time = np.insert(time, breaks, time[breaks - 1] if len(breaks) else [])
        value = np.insert(value, breaks, np.nan)
        axis.plot(time, value, color=colour, lw=0.7, solid_joinstyle="round")
        return
    edges = bin_edges(*span_s, N_BINS)
    low, high = min_max(time, value, edges)
    middle = (edges[:-1] + edges[1:]) / 2
    axis.plot(
        np.repeat(middle, 2),
        np.column_stack([low, high]).ravel(),
        color=colour,
        lw=0.6,
        solid_joinstyle="round",
    )


def _bands(
    axis: Axes, time: FloatArray, value: FloatArray, span_s: tuple[float, float], colour: str
) -> None:
    edges = bin_edges(*span_s, N_BINS // 4)
    low, d1, d9, high = quantiles(time, value, edges, (0.0, 0.1, 0.9, 1.0))
    for a, b, shade in ((low, high, style.RANGE_COLOUR), (d1, d9, colour)):
        axis.stairs(b, edges, baseline=a, fill=True, color=shade, lw=0)
    axis.set_xlim(*span_s)


def robust_ylim(axis: Axes, values: npt.ArrayLike, from_zero: bool = False) -> None:
    """Limits that single wild values do not stretch: up to 1.3 times the 99.9 % range."""
    finite = np.asarray(values, float)
    finite = finite[np.isfinite(finite)]
    if not len(finite):
        return
    low, high = np.quantile(finite, [0.001, 0.999])
    room = 0.15 * (high - low) or 1.0
    axis.set_ylim(0 if from_zero else low - room, high + room)


def finish_rows(figure: Figure, axes: Mapping[str, Axes], findings: Findings) -> None:
    """Give panels above each other one time axis, the gaps and the events; a `bar` has none."""
    order = list(axes.values())
    below_the_bar = [axis for name, axis in axes.items() if name != "bar"]
    draw_gaps(below_the_bar, findings.gaps)
    draw_event_lines(below_the_bar, findings)
    time = findings.time_axis()
    for axis in order[:-1]:
        style.quiet_axis(axis)
    time.apply(order[-1])
    time.second(order[0])
    figure.align_ylabels(below_the_bar)
