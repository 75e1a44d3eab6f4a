"""Where the animal was, along which track, and which way it looked."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator, MultipleLocator

from vigil.page import style
from vigil.report.figures import motion_panels
from vigil.report.figures.state_spectra import states_at
from vigil.report.findings import Findings
from vigil.report.settings import Settings

DIRECTION_BINS = 36
ARENA_BINS = 48
MOST_POINTS = 20_000  # of a track: more would fill the arena
LONGEST_LINE_S = 0.25  # between points that a line joins: a mouse turns within a second
LONGEST_STEP_S = 0.5  # a line is not drawn across a longer hole
MEAN_COLOUR = "#882255"
ROSE_COLOURS = {"": "#88CCEE", "moving": "#525252", "immobile": "#6FA8CF"}


def arena(findings: Findings, settings: Settings) -> Figure | None:
    """Where the animal was, as the camera saw it, and which way it looked."""
    moves = findings.kinematics
    if moves is None or not moves["valid"].any():
        return None
    good = moves[moves["valid"].astype(bool)]
    bouts = findings.bouts
    kinds = [""] if bouts is None or not len(bouts) else list(motion_panels.BOUT_COLOURS)
    figure = style.new_figure(4.6)
    grid = figure.add_gridspec(len(kinds), 3, width_ratios=[1, 1, 0.68])
    track, place = figure.add_subplot(grid[:, 0]), figure.add_subplot(grid[:, 1])
    limits = _limits(good)
    keys = _track(track, good, findings)
    _occupancy(place, good)
    for axis in (track, place):
        axis.set_xlim(*limits[0])
        axis.set_ylim(*limits[1][::-1])  # image coordinates: y runs down, as in the video
        axis.set_aspect("equal", anchor="N")
        axis.set_xlabel("x (cm)")
    track.set_ylabel("y (cm)")
    time, direction = (good[c].to_numpy(float) for c in ("time_s", "head_direction_rad"))
    kind = np.full(len(good), "") if bouts is None else motion_panels.kind_at(time, bouts)
    for row, name in enumerate(kinds):
        rose = figure.add_subplot(grid[row, 2], projection="polar")
        mine = np.isfinite(direction) & ((kind == name) if name else True)
        _rose(rose, direction[mine], name)
    keys.append(Line2D([], [], color=MEAN_COLOUR, lw=1.8, label="mean direction"))
    figure.legend(
        handles=keys, loc="outside lower right", ncols=len(keys), handlelength=1.2,
        columnspacing=1.2,
    )  # fmt: skip
    return figure


def _limits(good: pd.DataFrame) -> tuple[tuple[float, float], tuple[float, float]]:
    """Where x and y go to, with a little room."""
    out = []
    for name in ("x_cm", "y_cm"):
        low, high = float(good[name].min()), float(good[name].max())
        room = 0.03 * (high - low) or 0.5
        out.append((low - room, high + room))
    return out[0], out[1]


def _track(axis: Axes, good: pd.DataFrame, findings: Findings) -> list[Line2D]:
    """The track, coloured by state where sleep was scored, else by time.

    Where a line through the thinned track would cut its corners, its points stand alone.
    """
    pieces, time = track_pieces(good)
    axis.set_title("Track of the head")
    if not len(pieces):
        return []
    step_s = float(np.median(np.diff(time))) if len(time) > 1 else 0.0
    drawn: LineCollection | PathCollection
    if step_s > LONGEST_LINE_S:
        axis.set_title(f"Head, every {step_s:.2g} s")
        x, y = pieces[:, 0].T
        drawn = axis.scatter(x, y, s=1.5, lw=0, rasterized=True, alpha=0.5)
    else:
        drawn = LineCollection(list(pieces), linewidths=0.45, rasterized=True, alpha=0.8)
        axis.add_collection(drawn)
    if findings.hypnogram is None:
        drawn.set_array(time)
        drawn.set_cmap("viridis")
        unit, length = findings.time_axis().unit
        bar = axis.figure.colorbar(drawn, ax=axis, location="bottom", pad=0.01, fraction=0.045)
        bar.ax.xaxis.set_major_locator(MultipleLocator(2 * findings.time_axis().step_s))
        bar.ax.xaxis.set_major_formatter(lambda v, _: f"{v / length:g}")
        bar.set_label(f"Time ({unit})", fontsize=7.5)
        return []
    state = states_at(time, findings.hypnogram)
    known = {**style.STATE_COLOURS, "": style.RANGE_COLOUR}
    drawn.set_color([known[s] for s in state])
    # an animal asleep is a point of its track, and has to be seen
    for name in ("nrem", "rem"):
        mine = pieces[state == name, 0]
        axis.plot(
            *mine[:: max(1, len(mine) // 1000)].T, "o", ms=3, color=style.STATE_COLOURS[name],
            mec="white", mew=0.2,
        )  # fmt: skip
    return [
        Line2D([], [], color=c, lw=2, label=style.STATE_NAMES[s])
        for s, c in style.STATE_COLOURS.items()
        if (state == s).any()
    ]


def track_pieces(
    good: pd.DataFrame,
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Straight pieces of a track, thinned to what a picture can show.

    Parameters
    ----------
    good : DataFrame
        Valid frames, `time_s`, `x_cm`, `y_cm`.

    Returns
    -------
    pieces : ndarray, (piece, 2, 2)
        Start and end of each piece, x and y; none across a hole of the track.
    time_s : ndarray, (piece,)
        When it starts.
    """
    step = max(1, -(-len(good) // MOST_POINTS))
    time = good["time_s"].to_numpy(float)
    # holes between frames that are left out count as well
    holes = np.cumsum(np.diff(time, prepend=time[:1]) > LONGEST_STEP_S)[::step]
    point = good[["x_cm", "y_cm"]].to_numpy(float)[::step]
    joined = holes[1:] == holes[:-1]
    pieces = np.stack([point[:-1], point[1:]], axis=1)[joined]
    return pieces, time[::step][:-1][joined]


def _occupancy(axis: Axes, good: pd.DataFrame) -> None:
    frame_s = float(np.median(np.diff(good["time_s"]))) if len(good) > 1 else 1.0
    x, y = good["x_cm"].to_numpy(float), good["y_cm"].to_numpy(float)
    side_cm = max(np.ptp(x), np.ptp(y), 1.0) / ARENA_BINS
    edges = [np.arange(v.min(), v.max() + 2 * side_cm, side_cm) for v in (x, y)]
    seconds, xs, ys = np.histogram2d(x, y, bins=edges)
    image = axis.pcolormesh(
        xs, ys, np.ma.masked_equal(seconds.T * frame_s, 0), cmap="viridis", norm=LogNorm(),
        rasterized=True,
    )  # fmt: skip
    axis.set_title("Time at each place")
    bar = axis.figure.colorbar(image, ax=axis, location="bottom", pad=0.01, fraction=0.045)
    bar.ax.xaxis.set_major_formatter(lambda v, _: f"{v:g}")
    bar.set_label(f"Seconds per square of {side_cm:.2g} cm", fontsize=7.5)


def _rose(axis: Axes, direction_rad: npt.NDArray[np.float64], name: str) -> None:
    """Share of frames at each head direction, and the mean vector."""
    edges = np.linspace(0, 2 * np.pi, DIRECTION_BINS + 1)
    count, _ = np.histogram(direction_rad % (2 * np.pi), edges)
    share = 100 * count / max(1, count.sum())
    axis.bar(
        edges[:-1], share, width=np.diff(edges), align="edge", color=ROSE_COLOURS[name],
        edgecolor="white", lw=0.3,
    )  # fmt: skip
    length = 0.0
    if len(direction_rad):
        mean = np.mean(np.exp(1j * direction_rad))
        length = float(abs(mean))
        axis.plot([np.angle(mean)] * 2, [0, length * share.max()], color=MEAN_COLOUR, lw=1.8)
    words = f"Head direction{', ' * bool(name)}{name}"
    axis.set_title(
        f"{words}\n(% of frames; mean vector {length:.2f})", loc="center", fontsize=7.5, pad=7
    )
    axis.tick_params(pad=0, labelsize=6.5)
    axis.yaxis.set_major_locator(MaxNLocator(3, prune="lower"))
    axis.set_rlabel_position(70)  # type: ignore[attr-defined]
    for label in axis.get_yticklabels():
        label.set_path_effects([withStroke(linewidth=2, foreground="white")])  # over the bars
