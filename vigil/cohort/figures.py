"""Figures of the cohort: sleep by animal and group, and when seizures were.

Every dot is an animal. No test statistics: the page shows what there is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from vigil.cohort.gather import Recording
from vigil.page import style
from vigil.recording import STATES, seconds_between

NO_GROUP = "no group"


def group_names(animals: pd.DataFrame) -> list[str]:
    """Groups in the order of the table; animals without one are `no group`."""
    return list(dict.fromkeys(g or NO_GROUP for g in animals["group"]))


def sleep_shares(animals: pd.DataFrame) -> Figure | None:
    """Share of each state: one dot per animal, by group, with the group's median from 3 animals."""
    scored = animals[animals["wake_share"].notna()]
    if not len(scored):
        return None
    groups = group_names(scored)
    width = min(style.PAGE_WIDTH_IN, 2.6 + 1.3 * max(2, len(groups)) + 2)
    figure = style.new_figure(3.0, width)
    axes = figure.subplots(1, len(STATES), sharey=False)
    for axis, state in zip(axes, STATES, strict=True):
        for place, group in enumerate(groups):
            mine = scored[scored["group"].replace("", NO_GROUP) == group]
            y = 100 * mine[f"{state}_share"].to_numpy(float)
            # a fixed fan instead of random jitter: the same figure for the same data
            x = place + 0.5 * (np.arange(len(y)) - (len(y) - 1) / 2) / max(4, len(y))
            axis.plot(x, y, "o", ms=5, mfc=style.STATE_COLOURS[state], mec=style.INK, mew=0.6)
            if len(y) >= 3:
                axis.plot([place - 0.3, place + 0.3], [np.median(y)] * 2, color=style.INK, lw=1.5)
        counts = [(scored["group"].replace("", NO_GROUP) == g).sum() for g in groups]
        axis.set_xticks(
            range(len(groups)), [f"{g}\nn = {n}" for g, n in zip(groups, counts, strict=True)]
        )
        axis.set_xlim(-0.6, len(groups) - 0.4)
        axis.set_ylim(0, max(5.0, 1.15 * float(np.nanmax(100 * scored[f"{state}_share"]))))
        axis.set_title(style.STATE_NAMES[state])
    axes[0].set_ylabel("Share of time (%)")
    return figure


def seizure_diary(recordings: Sequence[Recording]) -> Figure | None:
    """When each animal was recorded, its seizures, and its death where the table gives it."""
    animals = list(dict.fromkeys(r.animal for r in recordings))
    places = _place_in_days(recordings)
    if not places:
        return None
    figure = style.new_figure(1.0 + 0.34 * len(animals))
    axis = figure.subplots()
    for r in recordings:
        if r.name not in places:
            continue
        row, start, length = animals.index(r.animal), places[r.name], r.hours / 24
        sought = r.events is not None
        axis.broken_barh(
            [(start, length)],
            (-row - 0.3, 0.6),
            facecolor=style.RECORDED_COLOUR if sought else "none",
            edgecolor="#0072B2" if sought else style.QUIET,
            lw=0.6,
            hatch=None if sought else "////",
        )
        if r.events is not None and len(r.events):
            at = start + r.events["onset"].to_numpy(float) / 86400
            axis.vlines(at, -row - 0.3, -row + 0.3, color=style.SEIZURE_COLOUR, lw=1.0, zorder=3)
    dated = _first_start(recordings)
    for animal in animals:
        died = next((r.died for r in recordings if r.animal == animal and r.died), None)
        if died is not None and dated is not None:
            x = seconds_between(dated, died) / 86400
            axis.plot(
                x,
                -animals.index(animal),
                "X",
                color=style.DEATH_COLOUR,
                ms=8,
                mec="white",
                zorder=4,
            )
    axis.set_yticks(
        [-i for i in range(len(animals))], [_animal_words(a, recordings) for a in animals]
    )
    axis.set_ylim(-len(animals) + 0.4, 0.6)
    axis.tick_params(axis="y", length=0)
    axis.margins(x=0.02)
    _time_label(
        axis, dated, max(places[r.name] + r.hours / 24 for r in recordings if r.name in places)
    )
    figure.legend(
        handles=[
            Patch(fc=style.RECORDED_COLOUR, ec="#0072B2", lw=0.6, label="recorded"),
            Patch(fc="none", ec=style.QUIET, lw=0.6, hatch="////", label="seizures not sought"),
            Line2D([], [], color=style.SEIZURE_COLOUR, marker="|", ls="", ms=9, label="seizure"),
            style.death_key(),
        ],
        loc="outside upper right",
        ncols=4,
    )
    return figure


def _animal_words(animal: str, recordings: Sequence[Recording]) -> str:
    group = next((r.group for r in recordings if r.animal == animal and r.group), "")
    return f"{animal} ({group})" if group else animal


def _first_start(recordings: Sequence[Recording]) -> datetime | None:
    """First start of all, when every recording has one of the same kind; else None."""
    starts = [r.start for r in recordings if np.isfinite(r.hours)]
    known = [s for s in starts if s is not None]
    if not known or len(known) < len(starts) or len({s.tzinfo is None for s in known}) > 1:
        return None
    return min(known)


def _place_in_days(recordings: Sequence[Recording]) -> dict[str, float]:
    """Where each recording begins, in days: by its date, else one after the other per animal."""
    measured = [r for r in recordings if np.isfinite(r.hours)]
    first = _first_start(recordings)
    if first is not None:
        return {
            r.name: (r.start - first) / timedelta(days=1) for r in measured if r.start is not None
        }
    ends: dict[str, float] = {}
    places = {}
    for r in measured:
        places[r.name] = ends.get(r.animal, 0.0)
        ends[r.animal] = places[r.name] + r.hours / 24
    return places


def _time_label(axis: Axes, first: datetime | None, days: float) -> None:
    since = (
        f"since {first:%Y-%m-%d %H:%M}"
        if first is not None
        else "of recording, end to end (no dates)"
    )
    unit, factor = ("days", 1.0) if days > 3 else ("hours", 24.0) if days > 0.2 else ("min", 1440.0)
    axis.xaxis.set_major_formatter(lambda x, _: f"{x * factor:g}")
    step = _round_step(days * factor / 8)
    axis.set_xticks(np.arange(0, days * factor + 1e-9, step) / factor)
    axis.set_xlabel(f"{unit.capitalize()} {since}")


def _round_step(step: float) -> float:
    power = 10.0 ** np.floor(np.log10(max(step, 1e-9)))
    return float(next(m * power for m in (1, 2, 5, 10) if m * power >= step * (1 - 1e-9)))
