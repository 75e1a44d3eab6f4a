"""A day in zeitgeber hours: how much of each hour is wake, NREM and REM."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator

from vigil.page import style
from vigil.page.words import duration_words
from vigil.recording import SCORED, FloatArray
from vigil.report.findings import Findings
from vigil.report.settings import Settings

LEAST_CLASSIFIED_MIN = 120.0
LEAST_OF_HOUR_MIN = 10.0
"""An hour with less classified time says little: at the ends of a recording, or beside a gap."""
DARK_SHADE = "#ECECF1"


def hourly_shares(hours: pd.DataFrame, state: str) -> pd.DataFrame:
    """Share of a state in the classified time of each hour of each day.

    Parameters
    ----------
    hours : DataFrame
        hours.tsv of sleep, hours with enough classified time.
    state : str

    Returns
    -------
    DataFrame, (day, 24)
        NaN where a day lacks the hour.
    """
    table = hours.pivot_table(index="day", columns="zeitgeber_h", values=f"{state}_share")
    return table.reindex(columns=np.arange(24.0))


def mean_shares(hours: pd.DataFrame, state: str) -> FloatArray:
    """Share of a state in the classified time of each zeitgeber hour, over all days, (24,)."""
    total = hours.groupby("zeitgeber_h")[[f"{state}_min", "classified_min"]].sum()
    share = total[f"{state}_min"] / total["classified_min"]
    return share.reindex(np.arange(24.0)).to_numpy(float)


def zeitgeber_day(findings: Findings, settings: Settings) -> Figure | None:
    """Shares by zeitgeber hour, a panel per state; None for less than two hours or unknown time."""
    hours = findings.sleep_hours
    if hours is None or hours["zeitgeber_h"].isna().any():
        return None
    hours = hours[hours["classified_min"] >= LEAST_OF_HOUR_MIN]
    classified_min = float(hours["classified_min"].sum())
    if classified_min < LEAST_CLASSIFIED_MIN:
        return None
    figure = style.new_figure(4.6, 7.0)
    bar, *axes = figure.subplots(4, 1, sharex=True, height_ratios=[0.12, 1, 1, 1])
    light_h = min(settings.light_h, 24.0)
    bar.axvspan(0, light_h, color=style.LIGHT_COLOUR, lw=0)
    bar.axvspan(light_h, 24, color=style.DARK_COLOUR, lw=0)
    bar.set_yticks([])
    bar.spines["left"].set_visible(False)
    days = hours.groupby("zeitgeber_h").size()
    several = bool(days.median() > 1)
    title = f"{duration_words(60 * classified_min)} classified"
    if several:
        title += f", each hour on {days.min()} to {days.max()} days"
    bar.set_title(title)
    for axis, state in zip(axes, SCORED, strict=True):
        if light_h < 24:
            axis.axvspan(light_h, 24, color=DARK_SHADE, lw=0, zorder=0)
        _shares(axis, hours, state, several)
    for axis in (bar, *axes[:-1]):
        style.quiet_axis(axis)
    axes[-1].set_xlim(0, 24)
    axes[-1].xaxis.set_major_locator(MultipleLocator(2))
    axes[-1].set_xlabel("Zeitgeber time (h; 0 = lights on)")
    figure.align_ylabels(axes)
    return figure


def _shares(axis: Axes, hours: pd.DataFrame, state: str, several: bool) -> None:
    """Bars over all days, and a thin line for each of several."""
    mean = 100 * mean_shares(hours, state)
    edges = np.arange(25.0)
    axis.stairs(
        mean,
        edges,
        baseline=0,
        fill=True,
        color=style.STATE_COLOURS[state],
        alpha=0.55 if several else 0.9,
        lw=0,
    )
    top = float(np.nanmax(mean))
    if several:
        by_day = 100 * hourly_shares(hours, state).to_numpy(float)
        for day in by_day:
            axis.plot(edges[:-1] + 0.5, day, color=style.INK, lw=0.6, alpha=0.7, marker=".", ms=2)
        top = float(np.nanmax(by_day))
    for hour in np.flatnonzero(np.isnan(mean)).tolist():
        axis.axvspan(
            hour,
            hour + 1,
            facecolor="#F2F2F2",
            edgecolor=style.GAP_COLOUR,
            hatch="////",
            lw=0,
            zorder=0.5,
        )
    axis.set_ylim(0, min(100.0, 1.1 * top) if top else 1.0)
    axis.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
    axis.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{share:g}"))
    axis.set_ylabel(f"{style.STATE_NAMES[state]}\n(% of time)")
