"""One readable minute of movement, frame by frame."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from vigil.page import style
from vigil.page.times import TimeAxis
from vigil.report.figures import motion_panels
from vigil.report.figures.motion_panels import TRAVEL, TURNING
from vigil.report.findings import Findings
from vigil.report.settings import Settings


def busiest_window(
    moves: pd.DataFrame, turns: pd.DataFrame | None, length_s: float
) -> tuple[float, float]:
    """The stretch with most turns (most valid frames, without turns), in seconds."""
    time = moves["time_s"].to_numpy(float)
    first, last = float(time[0]), float(time[-1])
    if last - first <= length_s:
        return first, last
    starts = np.arange(first, last - length_s + 1e-9, length_s / 4)
    usable = time[moves["valid"].to_numpy(bool)]
    valid = np.searchsorted(usable, starts + length_s) - np.searchsorted(usable, starts)
    score = valid / max(1, valid.max())
    if turns is not None and len(turns):
        begins = np.sort(turns["start_s"].to_numpy(float))
        inside = np.searchsorted(begins, starts + length_s) - np.searchsorted(begins, starts)
        score = score * (1 + inside)
    best = float(starts[int(np.argmax(score))])
    return best, best + length_s


def head_detail(findings: Findings, settings: Settings) -> Figure | None:
    """Frame by frame: direction with turns marked, its derivatives, speed and its derivatives."""
    moves = findings.kinematics
    if moves is None or len(moves) < 3:
        return None
    span = busiest_window(moves, findings.turns, settings.detail_s)
    moves = moves[(moves["time_s"] >= span[0]) & (moves["time_s"] <= span[1])]
    signals = motion_panels.present((*TURNING, *TRAVEL), moves)
    bouts = _within(findings.bouts, span)
    heights = [1.2, *([0.85] * len(signals)), *([0.25] if bouts is not None else [])]
    figure = style.new_figure(0.8 + 1.1 * sum(heights))
    axes = list(
        figure.subplots(len(heights), 1, sharex=True, height_ratios=heights, squeeze=False)[:, 0]
    )
    _direction(axes[0], moves)
    for axis, signal in zip(axes[1:], signals, strict=False):
        if signal in TURNING:
            axis.axhline(0, color=style.QUIET, lw=0.5)
        motion_panels.line(axis, moves, signal, span)
    turning = [s.column for s in TURNING]
    marked = [axes[0], *(a for a, s in zip(axes[1:], signals, strict=False) if s.column in turning)]
    seen = _mark_turns(marked, findings.turns, span)
    keys = [
        Patch(color=style.TURN_COLOURS[d], alpha=0.35, label=f"turn {style.TURN_NAMES[d]}")
        for d in seen
    ]
    if bouts is not None:
        motion_panels.bout_strip(axes[-1], bouts, span)
        keys += [Patch(color=c, label=k) for k, c in motion_panels.BOUT_COLOURS.items()]
    if keys:
        figure.legend(handles=keys, loc="outside upper right", ncols=len(keys))
    for axis in axes[:-1]:
        style.quiet_axis(axis)
    TimeAxis(*span, findings.start, findings.lights_on).apply(axes[-1])
    figure.align_ylabels(axes[: len(signals) + 1])
    return figure


def _within(bouts: pd.DataFrame | None, span_s: tuple[float, float]) -> pd.DataFrame | None:
    """Bouts that reach into a stretch; None where there are none."""
    if bouts is None or not len(bouts):
        return None
    stop_s = bouts["start_s"] + bouts["duration_s"]
    return bouts[(bouts["start_s"] < span_s[1]) & (stop_s > span_s[0])]


def _direction(axis: Axes, moves: pd.DataFrame) -> None:
    degrees = np.degrees(moves["head_direction_rad"].to_numpy(float)) % 360
    # a line across the border from 359 to 1 degree would be a turn that never was
    with np.errstate(invalid="ignore"):
        jump = np.flatnonzero(np.abs(np.diff(degrees)) > 180) + 1
    time = moves["time_s"].to_numpy(float)
    axis.plot(
        np.insert(time, jump, np.nan), np.insert(degrees, jump, np.nan), color=style.INK, lw=1.0
    )
    axis.set_ylim(0, 360)
    axis.set_yticks([0, 90, 180, 270, 360])
    axis.set_ylabel("Head\ndirection\n(°)")


def _mark_turns(
    axes: list[Axes], turns: pd.DataFrame | None, span_s: tuple[float, float]
) -> list[str]:
    if turns is None:
        return []
    inside = turns[
        (turns["start_s"] < span_s[1]) & (turns["start_s"] + turns["duration_s"] > span_s[0])
    ]
    columns = ("start_s", "duration_s", "direction")
    for start_s, length_s, way in zip(*(inside[c] for c in columns), strict=True):
        for axis in axes:
            axis.axvspan(
                float(start_s),
                float(start_s + length_s),
                color=style.TURN_COLOURS[str(way)],
                alpha=0.35,
                lw=0,
            )
    return [d for d in style.TURN_COLOURS if (inside["direction"] == d).any()]
