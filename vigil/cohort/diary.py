"""The seizure diary of an animal: each day a row over 24 hours, each seizure a mark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from vigil.cohort.gather import Recording
from vigil.page import style
from vigil.page.times import DAY_H, lights_on_h, zeitgeber_h
from vigil.recording import parse_time
from vigil.seizures.files import RESOLVED

MOST_DAYS = 150
"""More rows make a picture that no page holds; the last days are shown."""


def diary_figure(
    recordings: Sequence[Recording], seizures: pd.DataFrame, light_h: float = 12.0
) -> Figure | None:
    """Recorded time and seizures of one animal, a row per day.

    Days begin when the lights go on, where the table says when, else at midnight. Only days with
    a recording, and that of the death, have a row. Recordings without a start cannot be placed
    and are left out.

    Parameters
    ----------
    recordings : sequence of Recording
        Of this animal.
    seizures : DataFrame
        Of this animal, as of seizures.tsv of the cohort.
    light_h : float
        Hours of light in a day.
    """
    dated = [r for r in recordings if r.start is not None and np.isfinite(r.hours)]
    if not dated:
        return None
    lights_on = next(
        (h for r in dated if (h := lights_on_h(r.row.get("lights_on"))) is not None), None
    )
    zero = _first_midnight(dated, lights_on or 0.0)
    died = next((r.died for r in recordings if r.died is not None), None)
    pieces = [(r, p) for r in dated for p in _by_day(_hours(zero, r.start), r.hours)]
    seen = {day for _, (day, _, _) in pieces}
    if died is not None:
        seen.add(int(_hours(zero, died) // DAY_H))
    row_of = {day: row for row, day in enumerate(sorted(seen)[-MOST_DAYS:])}
    figure = style.new_figure(1.2 + 0.24 * max(3, len(row_of)))
    axis = figure.subplots()
    if lights_on is not None:
        axis.axvspan(light_h, DAY_H, color=style.DARK_COLOUR, alpha=0.12, lw=0, zorder=0)
    for r, (day, a, b) in pieces:
        if day in row_of:
            sought = r.events is not None
            axis.broken_barh(
                [(a, b - a)],
                (-row_of[day] - 0.36, 0.72),
                facecolor=style.RECORDED_COLOUR if sought else "none",
                edgecolor="none" if sought else style.QUIET,
                hatch=None if sought else "////",
                lw=0.5,
            )
    regions = sorted(set(seizures.loc[seizures["status"] == RESOLVED, "region"]))
    _mark_seizures(axis, zero, seizures, regions, row_of)
    if died is not None and (at := _hours(zero, died)) // DAY_H in row_of:
        x, y = at % DAY_H, -row_of[int(at // DAY_H)]
        axis.plot(x, y, "X", color=style.DEATH_COLOUR, ms=9, mec="white", zorder=5)
    axis.set_yticks(
        [-row for row in row_of.values()],
        [f"{zero + timedelta(days=day):%d %b %Y}" for day in row_of],
    )
    axis.set_ylim(-max(len(row_of), 3) + 0.4, 0.6)
    axis.set_xlim(0, DAY_H)
    axis.set_xticks(range(0, 25, 3))
    axis.tick_params(axis="y", length=0)
    axis.set_xlabel("Hour of the day" if lights_on is None else "Zeitgeber time (h; 0 = lights on)")
    figure.legend(handles=_keys(regions, seizures, died), loc="outside upper right", ncols=6)
    return figure


def _mark_seizures(
    axis: Axes,
    zero: datetime,
    seizures: pd.DataFrame,
    regions: Sequence[str],
    row_of: Mapping[int, int],
) -> None:
    for _, s in seizures.iterrows():
        moment = parse_time(s["onset_time"])
        if moment is None:
            continue
        at = _hours(zero, moment)
        if at // DAY_H not in row_of:
            continue
        told = s["status"] == RESOLVED
        axis.plot(
            at % DAY_H,
            -row_of[int(at // DAY_H)],
            "|",
            ms=13,
            mew=2.2,
            color=style.region_colour(s["region"], regions) if told else style.QUIET,
            zorder=4,
        )


def _keys(
    regions: Sequence[str], seizures: pd.DataFrame, died: datetime | None
) -> list[Patch | Line2D]:
    keys: list[Patch | Line2D] = [Patch(color=style.RECORDED_COLOUR, label="recorded")]

    def mark(colour: str, words: str) -> Line2D:
        return Line2D([], [], color=colour, marker="|", ls="", ms=10, mew=2.2, label=words)

    for region in regions:
        keys.append(mark(style.region_colour(region, regions), f"starts in {region}"))
    if (seizures["status"] != RESOLVED).any():
        keys.append(mark(style.QUIET, "start not told"))
    if died is not None:
        keys.append(style.death_key())
    return keys


def _first_midnight(recordings: Sequence[Recording], day_begins_h: float) -> datetime:
    """Begin of the day in which the first recording starts."""
    first = min(_on_the_wall(r.start) for r in recordings if r.start is not None)
    return first - timedelta(hours=zeitgeber_h(first, day_begins_h, 0.0))


def _on_the_wall(moment: datetime) -> datetime:
    """What the clock of the animal room said, as zeitgeber hours count it."""
    return moment.replace(tzinfo=None)


def _hours(zero: datetime, moment: datetime | None) -> float:
    return np.nan if moment is None else (_on_the_wall(moment) - zero) / timedelta(hours=1)


def _by_day(begin_h: float, length_h: float) -> list[tuple[int, float, float]]:
    """Day, first and last hour in it, of a stretch that may span midnights."""
    pieces, end_h = [], begin_h + length_h
    for day in range(int(begin_h // DAY_H), int(np.ceil(end_h / DAY_H - 1e-9))):
        a, b = max(begin_h, day * DAY_H), min(end_h, (day + 1) * DAY_H)
        if b > a:
            pieces.append((day, a - day * DAY_H, b - day * DAY_H))
    return pieces
