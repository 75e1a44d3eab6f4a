"""Dates, zeitgeber time and the time axis of a figure.

Zeitgeber time 0 is when the lights go on. The lamps of an animal room follow a fixed
clock, so the offset of the recording's start is kept for its whole length.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MultipleLocator

DAY_H = 24.0
_STEPS_S = (
    1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800,
    3600, 7200, 10800, 14400, 21600, 43200, 86400,
)  # fmt: skip


def lights_on_h(text: str | None) -> float | None:
    """Hour of the day at which the lights go on, from `HH:MM`; None where it is not given."""
    if not text:
        return None
    hour, _, minute = str(text).partition(":")
    try:
        return int(hour) + int(minute or 0) / 60
    except ValueError:
        return None


def zeitgeber_h(start: datetime, lights_on: float, time_s: float) -> float:
    """Hours since the lights went on, 0 to 24, at a time of the recording."""
    clock_h = start.hour + start.minute / 60 + (start.second + start.microsecond * 1e-6) / 3600
    return (clock_h + time_s / 3600 - lights_on) % DAY_H


def dark_spans(
    start: datetime, lights_on: float, light_h: float, duration_s: float
) -> list[tuple[float, float]]:
    """Stretches of darkness on the recording's clock, in seconds."""
    if light_h >= DAY_H:
        return []
    at_start = zeitgeber_h(start, lights_on, 0.0)
    spans = []
    # the dark phase of the day before may reach into the recording
    dark_from = (light_h - at_start) * 3600 - DAY_H * 3600
    while dark_from < duration_s:
        a, b = max(0.0, dark_from), min(duration_s, dark_from + (DAY_H - light_h) * 3600)
        if b > a:
            spans.append((a, b))
        dark_from += DAY_H * 3600
    return spans


def date_words(moment: datetime | None) -> str:
    """A date with its time zone, as a person writes it; '' when it is not known."""
    if moment is None:
        return ""
    text = f"{moment.day} {moment:%B %Y}, {moment:%H:%M:%S}"
    if moment.tzinfo is None:
        return f"{text} (time zone not given)"
    zone = moment.strftime("%z")
    return f"{text} UTC{zone[:3]}:{zone[3:5]}"


def clock_words(start: datetime | None, time_s: float) -> str:
    """Time of day at a time of the recording, or '' when the start is not known."""
    if start is None:
        return ""
    return f"{start + timedelta(seconds=time_s):%H:%M:%S}"


@dataclass(frozen=True)
class TimeAxis:
    """A time axis in the unit that suits its length.

    Parameters
    ----------
    start_s, stop_s : float
        What the axis spans, on the recording's clock.
    start : datetime or None
        Date of the clock's zero.
    lights_on : float or None
        Hour of the day at which the lights go on.
    """

    start_s: float
    stop_s: float
    start: datetime | None = None
    lights_on: float | None = None

    @property
    def unit(self) -> tuple[str, float]:
        """Name of the unit and its length in seconds."""
        span = self.stop_s - self.start_s
        if span <= 180:
            return "s", 1.0
        return ("min", 60.0) if span <= 3 * 3600 else ("h", 3600.0)

    @property
    def step_s(self) -> float:
        """Distance of the labelled ticks: a round number, 6 to 13 of them."""
        span = self.stop_s - self.start_s
        fine = [s for s in _STEPS_S if span / s <= 12]
        return float(fine[0]) if fine else 86400.0 * math.ceil(span / 86400 / 12)

    def apply(self, axis: Axes, label: bool = True) -> None:
        """Set limits, ticks and label; data stay in seconds."""
        name, length = self.unit
        axis.set_xlim(self.start_s, self.stop_s)
        axis.xaxis.set_major_locator(MultipleLocator(self.step_s))
        axis.xaxis.set_major_formatter(FuncFormatter(lambda s, _: f"{s / length:g}"))
        if label:
            axis.set_xlabel(f"Time since the start of the recording ({name})")

    def second(self, axis: Axes) -> None:
        """Add the time of day (or zeitgeber time) above a panel, where it is known."""
        if self.start is None:
            return
        top = axis.secondary_xaxis("top")
        start, lights_on = self.start, self.lights_on
        if lights_on is not None:
            zero = zeitgeber_h(start, lights_on, 0.0) * 3600
            fine = self.step_s < 3600
            label = f"Zeitgeber time ({'h:min' if fine else 'h'}; 0 = lights on)"
        else:
            zero = start.hour * 3600 + start.minute * 60 + start.second
            zone = start.strftime("%z")
            label = "Time of day" + (f" (UTC{zone[:3]}:{zone[3:5]})" if zone else "")
        step = self.step_s
        first = math.ceil((self.start_s + zero) / step) * step - zero
        ticks = [first + i * step for i in range(int((self.stop_s - first) / step + 1e-9) + 1)]

        def words(time_s: float) -> str:
            if lights_on is not None:
                minutes = round(zeitgeber_h(start, lights_on, time_s) * 60, 1) % (DAY_H * 60)
                if step >= 3600:
                    return f"{minutes / 60:g}"
                return f"{int(minutes // 60)}:{minutes % 60:04.1f}".removesuffix(".0")
            moment = start + timedelta(seconds=time_s)
            return f"{moment:%H:%M:%S}" if step < 60 else f"{moment:%H:%M}"

        top.set_xticks(ticks, [words(t) for t in ticks])
        top.set_xlabel(label)
        top.spines["top"].set_visible(False)
        top.tick_params(length=2, pad=1)
