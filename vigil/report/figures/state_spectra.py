"""Spectra by state: what makes wake, NREM and REM look like themselves."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.figure import Figure

from vigil.page import style
from vigil.report.findings import Findings
from vigil.report.settings import Settings

MIN_COLUMNS = 3
MAX_REGIONS = 12


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


def state_spectra(findings: Findings, settings: Settings) -> Figure | None:
    """Median power by state with its quartiles, one panel per region."""
    data, sleep = findings.spectrogram, findings.hypnogram
    if data is None or sleep is None:
        return None
    state = states_at(data.time_s, sleep)
    if not np.isin(state, ("wake", "nrem", "rem")).any():
        return None
    regions = data.regions[:MAX_REGIONS]
    columns = min(4, len(regions))
    rows = -(-len(regions) // columns)
    figure = style.new_figure(0.5 + 2.3 * rows, min(style.PAGE_WIDTH_IN, 1.0 + 2.6 * columns))
    axes = figure.subplots(rows, columns, sharex=True, squeeze=False)
    for axis, region in zip(axes.flat, regions, strict=False):
        power = data.power(region, settings.max_frequency_hz).astype(float)
        frequency = data.frequency_hz[: power.shape[1]]
        above = frequency >= 0.5
        for name, colour in style.STATE_COLOURS.items():
            mine = power[(state == name) & np.isfinite(power).all(axis=1)]
            if len(mine) < MIN_COLUMNS or name == "unclassified":
                continue
            low, middle, high = np.quantile(mine[:, above], [0.25, 0.5, 0.75], axis=0)
            axis.fill_between(frequency[above], low, high, color=colour, alpha=0.25, lw=0)
            label = style.STATE_NAMES[name]
            axis.plot(frequency[above], middle, color=colour, lw=1.3, label=label)
        axis.set_yscale("log")
        axis.set_title(region)
    for axis in list(axes.flat)[len(regions) :]:
        axis.remove()
    for axis in axes[:, 0]:
        axis.set_ylabel("Power (µV²/Hz)")
    for axis in axes.flat[: len(regions)]:
        axis.set_xlabel("Frequency (Hz)")
    handles, labels = next(
        (a.get_legend_handles_labels() for a in axes.flat if a.get_legend_handles_labels()[0]),
        ([], []),
    )
    if handles:
        figure.legend(handles, labels, loc="outside upper right", ncols=3)
    return figure
