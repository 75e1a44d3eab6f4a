"""Spectra by state: what makes wake, NREM and REM look like themselves."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from vigil.page import style
from vigil.recording import SCORED, FloatArray, touched
from vigil.report.findings import Findings
from vigil.report.settings import Settings
from vigil.spectra.files import Spectrogram

MIN_COLUMNS = 3
MAX_REGIONS = 12
MOST_COLUMNS = 40_000
"""Columns from which the quartiles are taken: eleven hours of every second, and of every third
second in a day, whose windows then no longer overlap."""

TICKS_HZ = (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500)
MAINS_COLOUR = "#E8E8E8"


def states_at(time_s: npt.ArrayLike, hypnogram: pd.DataFrame) -> npt.NDArray[np.str_]:
    """State at each time, '' outside of the scored epochs."""
    time = np.asarray(time_s, float)
    start = hypnogram["start_s"].to_numpy(float)
    stop = start + hypnogram["duration_s"].to_numpy(float)
    out = np.full(len(time), "", dtype="U16")
    if not len(start):
        return out
    which = np.searchsorted(start, time, side="right") - 1
    inside = (which >= 0) & (time < stop[which])
    out[inside] = hypnogram["state"].to_numpy(str)[which[inside]]
    return out


def states_of_windows(
    middle_s: FloatArray, window_s: float, hypnogram: pd.DataFrame
) -> npt.NDArray[np.str_]:
    """State in which each window begins and ends, '' where these are two."""
    # a hair inside: a window that ends with its epoch does not touch the next one
    half_s = window_s / 2 - 1e-6
    first = states_at(middle_s - half_s, hypnogram)
    last = states_at(middle_s + half_s, hypnogram)
    return np.where(first == last, first, "")


def state_spectra(findings: Findings, settings: Settings) -> Figure | None:
    """Median power by state with its quartiles, one panel per region."""
    data, sleep = findings.spectrogram, findings.hypnogram
    if data is None or sleep is None:
        return None
    every = data.sample(data.regions[0], MOST_COLUMNS)
    state = states_of_windows(every.time_s, data.window_s, sleep)
    ictal_s = np.array([(onset, onset + length) for _, onset, length in findings.seizures()])
    state[touched(every.time_s - data.window_s / 2, data.window_s, ictal_s)] = ""
    if not np.isin(state, SCORED).any():
        return None
    regions = data.regions[:MAX_REGIONS]
    columns = min(4, len(regions))
    rows = -(-len(regions) // columns)
    figure = style.new_figure(0.6 + 2.5 * rows, min(style.PAGE_WIDTH_IN, 1.0 + 2.6 * columns))
    axes = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    tops = []
    for axis, region in zip(axes.flat, regions, strict=False):
        tops.append(_spectra(axis, data, region, state))
        _mains(axis, data)
        axis.set_title(region)
    used = list(axes.flat[: len(regions)])
    # the same straight line everywhere, to compare slopes with, above all that is drawn
    ends_hz = np.array(used[0].get_xlim())
    for axis in used:
        axis.plot(
            ends_hz, 1.5 * max(tops) / ends_hz, color=style.QUIET, lw=0.8, ls=":", label="1/f"
        )
    for axis in list(axes.flat)[len(regions) :]:
        axis.remove()
    for axis in axes[:, 0]:
        axis.set_ylabel("Power (µV²/Hz)")
    for place, axis in enumerate(used):
        if place + columns >= len(regions):
            axis.set_xlabel("Frequency (Hz)")
            axis.tick_params(labelbottom=True)
    _legend(figure, used)
    return figure


def _spectra(axis: Axes, data: Spectrogram, region: str, state: npt.NDArray[np.str_]) -> float:
    """Draw the spectra of a region; gives the largest of power times frequency."""
    piece = data.sample(region, MOST_COLUMNS)
    # below, the mean that was taken away and what the tapers spread of it are seen
    kept = piece.frequency_hz >= max(data.half_width_hz, piece.frequency_hz[1])
    frequency = piece.frequency_hz[kept]
    there = np.isfinite(piece.power[:, 0])
    top = 0.0
    for name, colour in style.STATE_COLOURS.items():
        which = np.flatnonzero((state == name) & there)
        if len(which) < MIN_COLUMNS or name == "unclassified":
            continue
        low, middle, high = np.quantile(piece.power[which][:, kept], [0.25, 0.5, 0.75], axis=0)
        axis.fill_between(frequency, low, high, color=colour, alpha=0.25, lw=0)
        axis.plot(frequency, middle, color=colour, lw=1.3, label=style.STATE_NAMES[name])
        top = max(top, float((high * frequency).max()))
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.set_xlim(frequency[0], frequency[-1])
    axis.xaxis.set_major_locator(FixedLocator(list(TICKS_HZ)))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.xaxis.set_major_formatter(FuncFormatter(lambda f, _: f"{f:g}"))
    return top


def _mains(axis: Axes, data: Spectrogram) -> None:
    mains_hz, half_hz = data.bands.mains_hz, data.mains_half_width_hz
    label = f"Mains ({mains_hz:g} Hz)"
    for middle_hz in np.arange(mains_hz, data.frequency_hz[-1] + 1, mains_hz):
        axis.axvspan(
            middle_hz - half_hz,
            middle_hz + half_hz,
            color=MAINS_COLOUR,
            lw=0,
            zorder=0,
            label=label,
        )
        label = "_"


def _legend(figure: Figure, axes: list[Axes]) -> None:
    entries: dict[str, Artist] = {}
    for axis in axes:
        for handle, label in zip(*axis.get_legend_handles_labels(), strict=True):
            entries.setdefault(label, handle)
    figure.legend(
        list(entries.values()),
        list(entries),
        loc="outside upper right",
        ncols=max(1, len(entries)),
    )
