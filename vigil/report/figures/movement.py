"""Movement: speed, head direction with its turns, acceleration and jerk; where the animal was."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from vigil.page import style
from vigil.page.times import TimeAxis
from vigil.report.envelope import bin_edges
from vigil.report.figures import panels
from vigil.report.findings import Findings
from vigil.report.settings import Settings

DIRECTION_BINS = 36
ARENA_BINS = 48


def derivative_panels(axes: list[Axes], moves: pd.DataFrame, span_s: tuple[float, float]) -> None:
    """Speed, acceleration and jerk on three axes."""
    for axis, column, words in zip(
        axes,
        ("speed_cm_s", "acceleration_cm_s2", "jerk_cm_s3"),
        ("Speed\n(cm/s)", "Acceleration\n(cm/s²)", "Jerk\n(cm/s³)"),
        strict=True,
    ):
        panels.trace(axis, moves["time_s"], moves[column], span_s, max_gap_s=0.5)
        panels.robust_ylim(axis, moves[column], from_zero=bool(moves[column].min() >= 0))
        axis.set_ylabel(words)


def movement(findings: Findings, settings: Settings) -> Figure | None:
    """Movement over the whole recording, as envelopes; head direction as shares per column."""
    moves = findings.kinematics
    if moves is None or len(moves) < 3:
        return None
    sleep = findings.hypnogram
    heights = [0.9, 0.7, 0.75, 0.75, 0.75] + ([0.25] if sleep is not None else [])
    figure = style.new_figure(0.8 + 1.15 * sum(heights))
    axes = list(figure.subplots(len(heights), 1, sharex=True, height_ratios=heights))
    time = findings.time_axis()
    span = (time.start_s, time.stop_s)
    _direction_shares(axes[0], moves, span)
    _turn_rate(axes[1], findings.turns, span)
    derivative_panels(axes[2:5], moves, span)
    panels.draw_gaps(axes[:5], findings.gaps)
    panels.draw_event_lines(axes[:5], findings)
    keys = [
        Patch(color=c, label=f"turn {style.TURN_NAMES[d]}") for d, c in style.TURN_COLOURS.items()
    ]
    if sleep is not None:
        _state_strip(axes[5], sleep)
        keys += [Patch(color=c, label=style.STATE_NAMES[s]) for s, c in style.STATE_COLOURS.items()]
    figure.legend(handles=keys, loc="outside lower right", ncols=len(keys), handlelength=0.9)
    for axis in axes[:-1]:
        style.quiet_axis(axis)
    time.apply(axes[-1])
    time.second(axes[0])
    figure.align_ylabels(axes[:5])
    return figure


def _direction_shares(axis: Axes, moves: pd.DataFrame, span_s: tuple[float, float]) -> None:
    """Share of time at each head direction, column by column: legible for minutes and days."""
    good = moves["head_direction_rad"].notna()
    degrees = np.degrees(moves.loc[good, "head_direction_rad"].to_numpy(float)) % 360
    columns = min(400, max(40, len(moves) // 60))
    shares, x, y = np.histogram2d(
        moves.loc[good, "time_s"].to_numpy(float),
        degrees,
        bins=[bin_edges(*span_s, columns), np.linspace(0, 360, DIRECTION_BINS + 1)],
    )
    total = shares.sum(axis=1, keepdims=True)
    shares = np.divide(shares, total, out=np.full_like(shares, np.nan), where=total > 0)
    axis.set_facecolor(style.GAP_COLOUR)
    image = axis.pcolormesh(
        x, y, np.ma.masked_invalid(100 * shares.T), cmap="Greys", vmin=0, vmax=25, rasterized=True
    )
    panels.colour_bar(axis, image, "Time (%)", extend="max")
    axis.set_yticks([0, 90, 180, 270, 360])
    axis.set_ylabel("Head direction\n(°)")


def _turn_rate(axis: Axes, turns: pd.DataFrame | None, span_s: tuple[float, float]) -> None:
    """Turns per minute, counter-clockwise upwards and clockwise downwards."""
    axis.set_ylabel("Turns\nper minute")
    axis.axhline(0, color=style.INK, lw=0.5)
    if turns is None or not len(turns):
        axis.text(0.01, 0.8, "no turns", transform=axis.transAxes, color=style.QUIET)
        return
    width_s = max(60.0, (span_s[1] - span_s[0]) / 96)
    edges = np.arange(span_s[0], span_s[1] + width_s, width_s)
    length_s = np.minimum(edges[1:], span_s[1]) - edges[:-1]
    for name, sign in (("ccw", 1), ("cw", -1)):
        count, _ = np.histogram(turns.loc[turns["direction"] == name, "start_s"], edges)
        axis.bar(
            edges[:-1],
            sign * count / length_s * 60,
            width=length_s,
            align="edge",
            color=style.TURN_COLOURS[name],
            lw=0,
        )
    axis.yaxis.set_major_formatter(lambda v, _: f"{abs(v):g}")


def _state_strip(axis: Axes, sleep: pd.DataFrame) -> None:
    bouts = panels.state_bouts(sleep)
    for state, colour in style.STATE_COLOURS.items():
        mine = bouts[bouts["state"] == state]
        spans = list(zip(mine["start_s"], mine["stop_s"] - mine["start_s"], strict=True))
        axis.broken_barh(spans, (0, 1), color=colour, lw=0)
    axis.set_ylim(0, 1)
    axis.set_yticks([])
    axis.set_ylabel("State", rotation=0, ha="right", va="center")


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
    """Frame by frame: head direction with turns marked, its velocity, speed, acceleration, jerk."""
    moves = findings.kinematics
    if moves is None or len(moves) < 3:
        return None
    span = busiest_window(moves, findings.turns, settings.detail_s)
    moves = moves[(moves["time_s"] >= span[0]) & (moves["time_s"] <= span[1])]
    figure = style.new_figure(6.4)
    axes = list(figure.subplots(5, 1, sharex=True, height_ratios=[1.3, 0.9, 0.9, 0.9, 0.9]))
    degrees = np.degrees(moves["head_direction_rad"].to_numpy(float)) % 360
    # a line across the border from 359 to 1 degree would be a turn that never was
    with np.errstate(invalid="ignore"):
        jump = np.flatnonzero(np.abs(np.diff(degrees)) > 180) + 1
    time = moves["time_s"].to_numpy(float)
    axes[0].plot(
        np.insert(time, jump, np.nan), np.insert(degrees, jump, np.nan), color=style.INK, lw=1.0
    )
    axes[0].set_ylim(0, 360)
    axes[0].set_yticks([0, 90, 180, 270, 360])
    axes[0].set_ylabel("Head direction\n(°)")
    axes[1].axhline(0, color=style.QUIET, lw=0.5)
    panels.trace(axes[1], time, np.degrees(moves["angular_velocity_rad_s"]), span, max_gap_s=0.5)
    axes[1].set_ylabel("Turning\n(°/s)")
    derivative_panels(axes[2:], moves, span)
    seen = _mark_turns(axes[:2], findings.turns, span)
    for axis in axes[:-1]:
        style.quiet_axis(axis)
    TimeAxis(*span, findings.start, findings.lights_on).apply(axes[-1])
    if seen:
        figure.legend(
            handles=[
                Patch(color=style.TURN_COLOURS[d], alpha=0.35, label=f"Turn {style.TURN_NAMES[d]}")
                for d in seen
            ],
            loc="outside upper right",
            ncols=2,
        )
    figure.align_ylabels(axes)
    return figure


def _mark_turns(
    axes: list[Axes], turns: pd.DataFrame | None, span_s: tuple[float, float]
) -> list[str]:
    if turns is None:
        return []
    inside = turns[
        (turns["start_s"] < span_s[1]) & (turns["start_s"] + turns["duration_s"] > span_s[0])
    ]
    for turn in inside.itertuples():
        for axis in axes:
            axis.axvspan(
                turn.start_s,  # type: ignore[arg-type]
                turn.start_s + turn.duration_s,  # type: ignore[operator,arg-type]
                color=style.TURN_COLOURS[str(turn.direction)],
                alpha=0.35,
                lw=0,
            )
    return [d for d in style.TURN_COLOURS if (inside["direction"] == d).any()]


def arena(findings: Findings, settings: Settings) -> Figure | None:
    """Where the animal was, as the camera saw it, and which way it looked."""
    moves = findings.kinematics
    if moves is None or not moves["valid"].any():
        return None
    good = moves[moves["valid"].astype(bool)]
    frame_s = float(np.median(np.diff(moves["time_s"]))) if len(moves) > 1 else 1.0
    figure = style.new_figure(3.7, 8.6)
    place, where = figure.subplots(1, 2, width_ratios=[1.15, 1])
    x, y = good["x_cm"].to_numpy(float), good["y_cm"].to_numpy(float)
    seconds, xs, ys = np.histogram2d(x, y, bins=ARENA_BINS)
    image = place.pcolormesh(
        xs, ys, np.ma.masked_equal(seconds.T * frame_s, 0), cmap="viridis", norm=LogNorm(),
        rasterized=True,
    )  # fmt: skip
    place.set_aspect("equal", anchor="W")
    place.invert_yaxis()  # image coordinates: y runs down, as in the video
    place.set_xlabel("x (cm)")
    place.set_ylabel("y (cm)")
    place.set_title("Time at each place")
    bin_cm = ((xs[1] - xs[0]) * (ys[1] - ys[0])) ** 0.5
    bar = figure.colorbar(image, ax=place, pad=0.02, fraction=0.045)
    bar.set_label(f"Seconds per bin of {bin_cm:.2g} cm", fontsize=7.5)
    where.remove()
    rose = figure.add_subplot(1, 2, 2, projection="polar")
    _rose(rose, good["head_direction_rad"].dropna().to_numpy(float))
    return figure


def _rose(axis: Axes, direction_rad: np.ndarray) -> None:
    edges = np.linspace(0, 2 * np.pi, DIRECTION_BINS + 1)
    count, _ = np.histogram(direction_rad % (2 * np.pi), edges)
    share = 100 * count / max(1, count.sum())
    axis.bar(
        edges[:-1], share, width=np.diff(edges), align="edge",
        color="#88CCEE", edgecolor=style.INK, lw=0.4,
    )  # fmt: skip
    if len(direction_rad):
        mean = np.mean(np.exp(1j * direction_rad))
        axis.plot([np.angle(mean)] * 2, [0, np.abs(mean) * share.max()], color="#882255", lw=2)
        axis.legend(
            handles=[
                Line2D([], [], color="#882255", lw=2, label=f"mean vector, length {abs(mean):.2f}")
            ],
            loc="lower center",
            bbox_to_anchor=(0.5, -0.24),
        )
    axis.set_title("Head direction (% of frames)")
    axis.tick_params(pad=1)
    axis.set_rlabel_position(100)  # type: ignore[attr-defined]
