"""Movement over the whole recording: head direction, turning, speed and its derivatives, bouts."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from vigil.page import style
from vigil.report.envelope import bin_edges
from vigil.report.figures import motion_panels, panels
from vigil.report.figures.motion_panels import TRAVEL, TURNING
from vigil.report.findings import Findings
from vigil.report.settings import Settings

DIRECTION_BINS = 36


def movement(findings: Findings, settings: Settings) -> Figure | None:
    """Movement over the whole recording, as medians and bands; direction as shares per column."""
    moves = findings.kinematics
    if moves is None or len(moves) < 3:
        return None
    sleep, bouts = findings.hypnogram, findings.bouts
    signals = motion_panels.present((*TURNING, *TRAVEL), moves)
    rows = ["direction", *(s.column for s in signals)]
    heights = [0.9, *([0.8] * len(signals))]
    if bouts is not None and len(bouts):
        rows.append("bouts")
        heights.append(0.42)
    if sleep is not None:
        rows.append("state")
        heights.append(0.25)
    figure = style.new_figure(0.9 + 1.1 * sum(heights))
    axes = dict(
        zip(
            rows,
            figure.subplots(len(rows), 1, sharex=True, height_ratios=heights, squeeze=False)[:, 0],
            strict=True,
        )
    )
    time = findings.time_axis()
    span = (time.start_s, time.stop_s)
    _direction_shares(axes["direction"], moves, span)
    for signal in signals:
        motion_panels.bands(axes[signal.column], moves, signal, span)
    above = [axes[r] for r in rows if r not in ("bouts", "state")]
    panels.draw_gaps(above, findings.gaps)
    panels.draw_event_lines(above, findings)
    each = motion_panels.bin_words(motion_panels.bin_width_s(span[1] - span[0]))
    keys: list[Patch | Line2D] = [
        Line2D([], [], color=style.INK, lw=0.9, label=f"median of each {each}"),
        Patch(color=motion_panels.BAND_COLOUR, label="5 to 95 % of its frames"),
    ]
    if bouts is not None and "bouts" in axes:
        motion_panels.bout_strip(axes["bouts"], bouts, span)
        keys += motion_panels.bout_keys(bouts)
    if sleep is not None:
        motion_panels.state_strip(axes["state"], sleep)
        keys += motion_panels.state_keys()
    figure.legend(
        handles=keys, loc="outside lower right", ncols=len(keys), handlelength=0.9,
        columnspacing=1.2,
    )  # fmt: skip
    for name in rows[:-1]:
        style.quiet_axis(axes[name])
    time.apply(axes[rows[-1]])
    time.second(axes["direction"])
    figure.align_ylabels(above)
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
    axis.set_ylabel("Head\ndirection\n(°)")
