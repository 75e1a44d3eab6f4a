"""One picture per seizure: traces around the onset, regions in the order in which they join."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

from vigil.downsample.files import Lfp, good_channels
from vigil.page import style
from vigil.recording import FloatArray
from vigil.report.figures import panels
from vigil.report.findings import Findings
from vigil.report.settings import Settings
from vigil.seizures.files import ALL_CONTACTS, ALL_METHODS

METHOD_MARKS = ("o", "s", "^", "D", "v", "P")


@dataclass(frozen=True)
class RegionOnset:
    """A region in a seizure.

    Parameters
    ----------
    channel : str
        The contact that is drawn.
    latency_s : mapping
        Latency by method; NaN where a method found no onset.
    overall_s : float
        Latency over all methods; infinite where none found an onset.
    """

    region: str
    channel: str
    latency_s: dict[str, float]
    overall_s: float


def onset_order(
    seizure: int, onset: pd.DataFrame | None, lfp: Lfp, quality: pd.DataFrame | None
) -> list[RegionOnset]:
    """The recorded regions in the order in which the seizure reached them.

    Of each region the contact is drawn that joined first. Regions without an onset come
    last, in the order of the montage.

    Parameters
    ----------
    seizure : int
        Number of the seizure, from 1.
    onset : DataFrame or None
        What `vigil.seizures.files.read_onset` gives.
    lfp : Lfp
        The signals, for regions and channels.
    quality : DataFrame or None
        quality.tsv; regions of which all channels are bad are left out.
    """
    found = []
    for region, contacts in good_channels(lfp, quality).items():
        if region == "emg" or not contacts:
            continue
        names = [lfp.montage.channel[i] for i in contacts]
        channel, latency, overall = names[0], {}, np.inf
        if onset is not None:
            mine = onset[(onset["seizure"] == seizure) & (onset["region"] == region)]
            whole = mine[mine["channel"] == ALL_CONTACTS].set_index("method")["latency_s"]
            latency = {str(m): float(v) for m, v in whole.items() if m != ALL_METHODS}
            if ALL_METHODS in whole.index and np.isfinite(whole[ALL_METHODS]):
                overall = float(whole[ALL_METHODS])
            first = mine[mine["channel"].isin(names)].sort_values("latency_s")
            if len(first) and np.isfinite(first["latency_s"].iloc[0]):
                channel = str(first["channel"].iloc[0])
        found.append(RegionOnset(region, channel, latency, overall))
    return sorted(found, key=lambda r: r.overall_s)


def read_traces(
    lfp: Lfp, channels: list[str], start_s: float, stop_s: float
) -> tuple[FloatArray, FloatArray]:
    """Times and microvolts (sample, channel) of a stretch, NaN rows where a gap lies between."""
    columns = [lfp.montage.channel.index(c) for c in channels]
    times: list[FloatArray] = []
    values: list[FloatArray] = []
    for first, last, at_s in lfp.segments.row_ranges(start_s, stop_s):
        if times:
            times.append(np.array([at_s]))
            values.append(np.full((1, len(columns)), np.nan))
        times.append(at_s + np.arange(last - first) / lfp.rate_hz)
        values.append(lfp.read_uv(first, last, columns).astype(np.float64))
    if not times:
        return np.empty(0), np.empty((0, len(columns)))
    return np.concatenate(times), np.concatenate(values)


def scale_bar_uv(height_uv: float) -> float:
    """The largest round number (1, 2 or 5 times a power of ten) up to a height."""
    power = 10.0 ** np.floor(np.log10(max(height_uv, 1e-6)))
    return float(max(m * power for m in (1, 2, 5) if m * power <= height_uv * (1 + 1e-9)))


def seizure_figure(
    findings: Findings, settings: Settings, seizure: int, onset_s: float, duration_s: float
) -> Figure | None:
    """Traces around the onset of a seizure beside the latency of each region, by method."""
    lfp = findings.lfp
    if lfp is None:
        return None
    start_s, stop_s = onset_s - settings.before_seizure_s, onset_s + settings.after_seizure_s
    order = onset_order(seizure, findings.onset, lfp, findings.quality)
    if not order:
        return None
    time, value = read_traces(lfp, [r.channel for r in order], start_s, stop_s)
    if not len(time):
        return None
    figure = style.new_figure(1.0 + 0.55 * max(3, len(order)))
    left, right = figure.subplots(1, 2, width_ratios=[4.2, 1], sharey=True)
    value = value - np.nanmedian(value, axis=0)
    spacing = 1.6 * float(np.nanquantile(np.abs(value), 0.995)) or 1.0
    span = (start_s - onset_s, stop_s - onset_s)
    left.axvspan(0, min(duration_s, span[1]), color="#F3E3D3", lw=0, zorder=0)
    left.axvline(0, color=style.SEIZURE_COLOUR, lw=0.8)
    for place, region in enumerate(order):
        colour = style.region_colour(region.region, lfp.montage.regions)
        panels.trace(left, time - onset_s, -place + value[:, place] / spacing, span, colour)
        if np.isfinite(region.overall_s):
            left.plot(
                [region.overall_s] * 2,
                [-place - 0.42, -place + 0.42],
                color=style.INK,
                lw=1.6,
                zorder=6,
                path_effects=[withStroke(linewidth=3.2, foreground="white")],
            )
    left.set_yticks([-i for i in range(len(order))], [f"{r.region}\n{r.channel}" for r in order])
    left.tick_params(axis="y", length=0)
    left.set_ylim(-len(order) + 0.35, 0.75)
    left.set_xlim(*span)
    left.set_xlabel("Time from the onset of the seizure (s)")
    _scale_bar(left, spacing, span)
    _latencies(right, order, span)
    return figure


def _scale_bar(axis: Axes, spacing_uv: float, span: tuple[float, float]) -> None:
    height = scale_bar_uv(spacing_uv * 0.6)
    x = span[0] + 0.01 * (span[1] - span[0])
    bottom = axis.get_ylim()[0] + 0.04
    axis.plot([x, x], [bottom, bottom + height / spacing_uv], color=style.INK, lw=1.6, zorder=5)
    axis.annotate(
        f"{height:g} µV",
        (x, bottom + height / spacing_uv / 2),
        xytext=(4, 0),
        textcoords="offset points",
        ha="left",
        va="center",
        fontsize=7,
        bbox={"facecolor": "white", "alpha": 0.8, "lw": 0, "pad": 0.6},
        zorder=5,
    )


def _latencies(axis: Axes, order: list[RegionOnset], span: tuple[float, float]) -> None:
    methods = sorted({m for r in order for m in r.latency_s})
    axis.tick_params(axis="y", length=0)
    axis.set_xlabel("Latency (s)")
    axis.set_title("Onset by region")
    shown = [v for r in order for v in r.latency_s.values() if np.isfinite(v)]
    if not shown:
        axis.set_xticks([])
        axis.text(0.5, 0.5, "no onset found", transform=axis.transAxes, ha="center")
        return
    for place, region in enumerate(order):
        axis.axhline(-place, color=style.GAP_COLOUR, lw=0.6, zorder=0)
        if not np.isfinite(region.overall_s):
            axis.text(max(shown), -place, "none", ha="right", va="center", color=style.QUIET)
            continue
        axis.plot([region.overall_s] * 2, [-place - 0.3, -place + 0.3], color=style.INK, lw=1.4)
    for method, mark in zip(methods, METHOD_MARKS, strict=False):
        x = [r.latency_s.get(method, np.nan) for r in order]
        axis.plot(
            x, [-i for i in range(len(order))], mark, ms=4.5, mfc="none", mec=style.INK, mew=0.9
        )
    room = 0.08 * max(1.0, max(shown) - min(shown))
    axis.set_xlim(min(*shown, 0) - room, max(shown) + room)
    axis.legend(
        handles=[
            *(
                Line2D([], [], ls="", marker=k, mfc="none", mec=style.INK, ms=4.5, label=_words(m))
                for m, k in zip(methods, METHOD_MARKS, strict=False)
            ),
            Line2D([], [], color=style.INK, lw=1.4, label="all methods"),
        ],
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
        handlelength=1.0,
    )


def _words(method: str) -> str:
    return method.replace("_", " ")
