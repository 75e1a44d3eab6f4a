"""Clockwise and counter-clockwise turns of the head: each of them, their rate, what they add to."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from vigil.page import style
from vigil.report.figures import panels
from vigil.report.findings import Findings
from vigil.report.settings import Settings

SIGNS = {"ccw": 1, "cw": -1}
ANGLE_STEP_DEG = 15.0
MOST_DEG = 360.0


def turns(findings: Findings, settings: Settings) -> Figure | None:
    """Turns as events, as a rate, as a sum, and how large they are."""
    table = findings.turns
    if table is None or not len(table) or findings.kinematics is None:
        return None
    time = findings.time_axis()
    span = (time.start_s, time.stop_s)
    figure = style.new_figure(4.6)
    grid = figure.add_gridspec(3, 2, width_ratios=[3.6, 1], height_ratios=[1.2, 1, 1])
    events = figure.add_subplot(grid[0, 0])
    rate = figure.add_subplot(grid[1, 0], sharex=events)
    total = figure.add_subplot(grid[2, 0], sharex=events)
    sizes = figure.add_subplot(grid[:, 1])
    over_time = [events, rate, total]
    _events(events, table)
    turn_rate(rate, table, span)
    _net(total, table, span)
    _sizes(sizes, table)
    panels.draw_gaps(over_time, findings.gaps)
    panels.draw_event_lines(over_time, findings)
    for axis in over_time[:-1]:
        style.quiet_axis(axis)
    time.apply(total)
    time.second(events)
    figure.align_ylabels(over_time)
    keys = [
        Patch(color=c, label=f"{style.TURN_NAMES[d]} ({(table['direction'] == d).sum()})")
        for d, c in style.TURN_COLOURS.items()
    ]
    figure.legend(handles=keys, loc="outside lower right", ncols=2, handlelength=0.9)
    return figure


def _events(axis: Axes, table: pd.DataFrame) -> None:
    """Each turn as a line as long as its angle, up for counter-clockwise."""
    start = table["start_s"].to_numpy(float)
    angle = np.degrees(table["angle_rad"].to_numpy(float))
    width = 0.9 if len(table) < 500 else 0.35
    for way, colour in style.TURN_COLOURS.items():
        mine = (table["direction"] == way).to_numpy()
        lines = [[(t, 0.0), (t, a)] for t, a in zip(start[mine], angle[mine], strict=True)]
        axis.add_collection(LineCollection(lines, colors=colour, linewidths=width, rasterized=True))
    reach = 1.1 * max(90.0, float(np.quantile(np.abs(angle), 0.998)))
    axis.set_ylim(-reach, reach)
    axis.axhline(0, color=style.INK, lw=0.5)
    axis.yaxis.set_major_formatter(lambda v, _: f"{abs(v):g}")
    axis.set_ylabel("Angle of\neach turn (°)")


def turn_rate(axis: Axes, table: pd.DataFrame, span_s: tuple[float, float]) -> None:
    """Turns per minute, counter-clockwise upwards and clockwise downwards."""
    axis.set_ylabel("Turns\nper minute")
    axis.axhline(0, color=style.INK, lw=0.5)
    width_s = max(60.0, (span_s[1] - span_s[0]) / 96)
    edges = np.arange(span_s[0], span_s[1] + width_s, width_s)
    # the last bin is cut where the recording ends; one of no length would be divided by
    length_s = np.maximum(np.minimum(edges[1:], span_s[1]) - edges[:-1], 1e-9)
    for name, sign in SIGNS.items():
        count, _ = np.histogram(table.loc[table["direction"] == name, "start_s"], edges)
        axis.bar(
            edges[:-1],
            sign * count / length_s * 60,
            width=length_s,
            align="edge",
            color=style.TURN_COLOURS[name],
            lw=0,
        )
    axis.yaxis.set_major_formatter(lambda v, _: f"{abs(v):g}")


def _net(axis: Axes, table: pd.DataFrame, span_s: tuple[float, float]) -> None:
    """What the turns add up to, in full rotations: an animal that circles climbs or falls."""
    ordered = table.sort_values("start_s")
    rotations = np.cumsum(ordered["angle_rad"].to_numpy(float)) / (2 * np.pi)
    at = ordered["start_s"].to_numpy(float)
    axis.step(
        [span_s[0], *at, span_s[1]],
        [0.0, *rotations, rotations[-1]],
        where="post",
        color=style.INK,
        lw=0.9,
    )
    axis.axhline(0, color=style.QUIET, lw=0.5, zorder=0)
    axis.set_ylabel("Net rotations\n(ccw minus cw)")


def _sizes(axis: Axes, table: pd.DataFrame) -> None:
    """How many turns have which angle, either way."""
    angle = np.abs(np.degrees(table["angle_rad"].to_numpy(float)))
    reach = min(MOST_DEG, 90 * np.ceil((angle.max() + 1) / 90))
    edges = np.arange(0.0, reach + 1, ANGLE_STEP_DEG)
    top = 0.0
    for way, sign in SIGNS.items():
        mine = (table["direction"] == way).to_numpy()
        # larger ones stand in the last bin
        count, _ = np.histogram(np.minimum(angle[mine], edges[-1] - 1e-9), edges)
        top = max(top, float(count.max()))
        axis.barh(
            edges[:-1], sign * count, height=np.diff(edges), align="edge",
            color=style.TURN_COLOURS[way], lw=0,
        )  # fmt: skip
    axis.axvline(0, color=style.INK, lw=0.5)
    axis.set_xlim(-1.08 * top, 1.08 * top)
    axis.set_ylim(0, reach)
    ticks = np.arange(0, reach + 1, 45 if reach <= 180 else 90)
    beyond = bool(angle.max() > reach)
    axis.set_yticks(ticks, [f"{t:g}{'+' if beyond and t == reach else ''}" for t in ticks])
    axis.xaxis.set_major_formatter(lambda v, _: f"{abs(v):g}")
    axis.set_xlabel("Turns\n← clockwise   counter-clockwise →")
    axis.set_ylabel("Angle (°)")
