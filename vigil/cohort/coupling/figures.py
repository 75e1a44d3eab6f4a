"""Figures of seizures by state, by time since a change of state, and by zeitgeber hour."""

from __future__ import annotations

from typing import cast

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.projections.polar import PolarAxes
from matplotlib.ticker import FixedLocator, MaxNLocator, NullLocator

from vigil.cohort.coupling.circular import DAY_H
from vigil.cohort.coupling.clock import BINS, Hours
from vigil.cohort.coupling.states import FEWEST, SeizureStates
from vigil.page import style
from vigil.page.words import count_words, number
from vigil.recording import SCORED, STATES

CAPTIONS = {
    "seizures_by_state": (
        "Seizures by vigilance state",
        "Left: seizures per hour in the state that came before them, with exact 95 % intervals; "
        "small dots are animals, grey bars what chance gives (onsets of each recording shifted "
        "together in time). Right: how long the state had lasted; the line are the seizures, the "
        "band holds 95 % of the shifted ones.",
    ),
    "seizures_by_hour": (
        "Seizures by zeitgeber hour",
        "Seizures per hour watched, by hours since the lights went on; grey shade: lights off; "
        "hatched: hours in which nothing was recorded. The arrow points to the mean hour, weighed "
        "by the time watched, and reaches the rim when all come at one hour; with too few to test "
        "there is none. Right: each "
        "animal's seizures, and the hours in which it was watched.",
    ),
}
CHANCE = "#8C8C8C"


def seizures_by_state(seizures: SeizureStates, coupling: pd.DataFrame) -> Figure | None:
    """Rates by state with intervals, animals and chance; times since the last change of state."""
    if not len(seizures.animal):
        return None
    figure = style.new_figure(3.3, 8.6)
    left, right = figure.subplots(1, 2, width_ratios=(1.0, 1.25))
    _rates(left, seizures, coupling)
    figure.legend(
        handles=[
            Line2D([], [], color=style.INK, marker="o", mfc="white", label="all, 95 % interval"),
            Line2D([], [], color=style.QUIET, marker="o", ms=3, ls="", label="an animal"),
            Line2D([], [], color=CHANCE, lw=3, label="by chance"),
        ],
        loc="outside lower left",
        ncols=3,
    )
    _times(right, seizures)
    return figure


def _rates(axis: Axes, seizures: SeizureStates, coupling: pd.DataFrame) -> None:
    rows = _by_name(coupling)
    top = 0.0
    for place, state in enumerate(SCORED):
        row = rows[f"rate_{state}"]
        value, low, high = (float(row[c]) for c in ("value", "low", "high"))
        if not np.isfinite(value):
            continue
        axis.plot([place - 0.3, place + 0.3], [row["chance"]] * 2, color=CHANCE, lw=3, zorder=1)
        axis.vlines(place, low, high, color=style.INK, lw=1.2, zorder=2)
        axis.plot(place, value, "o", ms=7, mfc=style.STATE_COLOURS[state], mec=style.INK, zorder=3,
                  clip_on=False)  # fmt: skip
        own = _animal_rates(seizures, state)
        # a fixed fan instead of random jitter: the same figure for the same data
        x = place + 0.24 + 0.2 * np.arange(len(own)) / max(1, len(own) - 1)
        axis.plot(x, own, "o", ms=3, mfc=style.STATE_COLOURS[state], mec="none", alpha=0.7,
                  clip_on=False)  # fmt: skip
        top = max(top, high, *own) if len(own) else max(top, high)
    names = []
    for state in SCORED:
        n, hours = int(seizures.of(state)[0].sum()), seizures.hours_in(state)
        names.append(f"{style.STATE_NAMES[state]}\nn = {n}\n{number(hours, 2)} h")
    axis.set_xticks(range(len(SCORED)), names)
    axis.set_xlim(-0.5, len(SCORED) - 0.4)
    axis.set_ylim(0, 1.08 * top if top else 1)
    axis.set_ylabel("Seizures per hour")
    p = float(rows["states"]["p"])
    tested = f"p = {number(p, 2)} by shifts" if np.isfinite(p) else "too few to test"
    axis.set_title(f"State before ({tested})")


def _by_name(coupling: pd.DataFrame) -> dict[str, pd.Series]:
    return {str(row["what"]): row for _, row in coupling.iterrows()}


def _animal_rates(seizures: SeizureStates, state: str) -> list[float]:
    at = STATES.index(state)
    own = seizures.of(state)[0]
    return [
        float((own & (seizures.animal == animal)).sum() / hours[at])
        for animal, hours in seizures.hours.items()
        if hours[at] > 0.25  # a rate of minutes says nothing
    ]


def _times(axis: Axes, seizures: SeizureStates) -> None:
    """Cumulative shares, of the seizures and of shifted ones, on a logarithmic axis."""
    since = seizures.state_for_s
    own = np.sort(since[0][np.isfinite(since[0])])
    axis.set_title("Time since the last change of state")
    axis.set_ylabel("Share of seizures (%)")
    axis.set_xlabel("Time since the change (s)")
    if len(own) < FEWEST:
        words = f"{count_words(len(own), 'seizure')}\ntoo few to draw"
        axis.text(0.5, 0.5, words, transform=axis.transAxes, ha="center", color=style.QUIET)
        axis.xaxis.set_major_locator(NullLocator())
        axis.yaxis.set_major_locator(NullLocator())
        return
    drawn = np.sort(since[1:], axis=1)  # NaN come last
    known = np.isfinite(drawn).sum(axis=1)
    least, most = max(1.0, 0.8 * own[0]), max(1.3 * own[-1], float(np.nanquantile(drawn, 0.99)))
    at = np.geomspace(least, most, 200)
    shares = np.array(
        [
            np.searchsorted(row[:k], at, side="right") / k
            for row, k in zip(drawn, known, strict=True)
            if k
        ]
    )
    low, high = np.quantile(shares, [0.025, 0.975], axis=0)
    axis.fill_between(at, 100 * low, 100 * high, color=CHANCE, alpha=0.35, lw=0, label="by chance")
    place = np.concatenate([[least], own, [most]])
    share = np.concatenate([[0.0], np.arange(1, len(own) + 1) / len(own), [1.0]])
    axis.step(place, 100 * share, where="post", color=style.SEIZURE_COLOUR, lw=1.4,
              label=f"seizures, n = {len(own)}")  # fmt: skip
    axis.set_xscale("log")
    axis.set_xlim(least, most)
    axis.set_ylim(0, 102)
    ticks = [t for t in (1, 3, 10, 30, 100, 300, 1000, 3000, 10000, 30000) if least <= t <= most]
    axis.xaxis.set_major_locator(FixedLocator(ticks))
    axis.xaxis.set_major_formatter(lambda x, _: f"{x:g}")
    axis.xaxis.set_minor_locator(NullLocator())
    axis.legend(loc="upper left")


def seizures_by_hour(hours: Hours, coupling: pd.DataFrame, light_h: float) -> Figure | None:
    """A clock of rates, and each animal's seizures by the hour."""
    if not hours.hour.shape[1]:
        return None
    animals = list(hours.watched_h)
    figure = style.new_figure(max(3.7, 1.2 + 0.24 * len(animals)), 9.0)
    grid = figure.add_gridspec(1, 2, width_ratios=(1.0, 1.25))
    clock = cast(PolarAxes, figure.add_subplot(grid[0], projection="polar"))
    _clock(clock, hours, coupling, light_h)
    _raster(figure.add_subplot(grid[1]), hours, animals, light_h)
    return figure


def _clock(axis: PolarAxes, hours: Hours, coupling: pd.DataFrame, light_h: float) -> None:
    watched = hours.all_watched_h
    counts = np.bincount(hours.hour[0].astype(int) % BINS, minlength=BINS)
    rate = np.divide(counts, watched, where=watched > 0, out=np.zeros(BINS))
    width = 2 * np.pi / BINS
    middle = (np.arange(BINS) + 0.5) * width
    top = 1.05 * max(float(rate.max()), 1e-9)
    axis.set_theta_zero_location("N")
    axis.set_theta_direction(-1)
    if light_h < DAY_H:
        dark = (DAY_H - light_h) / DAY_H * 2 * np.pi
        axis.bar(2 * np.pi - dark / 2, top, dark, color=style.GAP_COLOUR, alpha=0.75, zorder=0)
    axis.bar(middle, rate, width, color="#0072B2", edgecolor="white", lw=0.5, zorder=2)
    gone = watched <= 0
    axis.bar(middle[gone], top, width, fc="white", ec=style.QUIET, lw=0.3, hatch="////", zorder=1)
    rows = _by_name(coupling)
    p = float(rows["zeitgeber_weighted"]["p"])
    if np.isfinite(p):
        at, size = (float(rows[f"zeitgeber_weighted{k}"]["value"]) for k in ("_h", ""))
        axis.annotate(
            "", (at / DAY_H * 2 * np.pi, size * top), (0, 0), zorder=5,
            arrowprops={"arrowstyle": "-|>", "color": style.TURN_COLOURS["cw"], "lw": 2.0,
                        "shrinkA": 0, "shrinkB": 0},
        )  # fmt: skip
    axis.set_ylim(0, top)
    axis.yaxis.set_major_locator(MaxNLocator(3, prune="lower"))
    axis.yaxis.set_major_formatter(lambda x, _: f"{x:g}/h")
    axis.set_rlabel_position(100)
    axis.tick_params(axis="y", labelsize=7)
    axis.set_xticks(np.arange(0, BINS, 3) * width, [f"{h}" for h in range(0, BINS, 3)])
    axis.grid(visible=False, axis="x")
    axis.grid(axis="y", color=style.RANGE_COLOUR, lw=0.5)
    axis.spines["polar"].set_color(style.QUIET)
    tested = f"p = {number(p, 2)} by shifts" if np.isfinite(p) else "too few to test"
    n = hours.hour.shape[1]
    axis.set_title(f"Seizures per hour by zeitgeber hour\nn = {n}, {tested}", pad=12)


def _raster(axis: Axes, hours: Hours, animals: list[str], light_h: float) -> None:
    if light_h < DAY_H:
        axis.axvspan(light_h, DAY_H, color=style.GAP_COLOUR, alpha=0.75, lw=0)
    for row, animal in enumerate(animals):
        watched = np.flatnonzero(hours.watched_h[animal] > 0)
        bars = [(float(h), 1.0) for h in watched]
        axis.broken_barh(bars, (-row - 0.32, 0.64), fc=style.RECORDED_COLOUR, lw=0, zorder=1)
        at = hours.hour[0][hours.animal == animal]
        axis.vlines(at, -row - 0.32, -row + 0.32, color=style.SEIZURE_COLOUR, lw=0.9, zorder=2)
    axis.set_yticks([-i for i in range(len(animals))], animals)
    axis.set_ylim(-max(4, len(animals)) + 0.4, 0.6)
    axis.tick_params(axis="y", length=0)
    axis.set_xlim(0, DAY_H)
    axis.set_xticks(range(0, BINS + 1, 3))
    axis.set_xlabel("Zeitgeber hour (0 = lights on)")
    axis.legend(
        handles=[
            Line2D([], [], color=style.SEIZURE_COLOUR, marker="|", ls="", ms=9, label="seizure"),
            Patch(fc=style.RECORDED_COLOUR, label="watched"),
            Patch(fc=style.GAP_COLOUR, label="lights off"),
        ],
        loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=3,
    )  # fmt: skip
