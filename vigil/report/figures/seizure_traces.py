"""Traces around a seizure, regions in the order in which they join."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from vigil.downsample.files import Lfp, good_channels
from vigil.page import style
from vigil.recording import FloatArray
from vigil.report.figures import panels
from vigil.seizures.files import ALL_CONTACTS, ALL_METHODS


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


def draw_traces(
    axis: Axes,
    time_s: FloatArray,
    signal_uv: FloatArray,
    order: Sequence[RegionOnset],
    regions: Sequence[str],
    span_s: tuple[float, float],
) -> None:
    """A row per region, the first on top, with a bar where the seizure reaches it.

    Parameters
    ----------
    time_s : ndarray
        From the onset of the seizure.
    signal_uv : ndarray
        (sample, region), as of `order`.
    regions : sequence of str
        All regions of the recording, which fix the colours.
    """
    value = signal_uv - np.nanmedian(signal_uv, axis=0)
    spacing = 1.6 * float(np.nanquantile(np.abs(value), 0.995)) or 1.0
    for place, region in enumerate(order):
        colour = style.region_colour(region.region, regions)
        panels.trace(axis, time_s, -place + value[:, place] / spacing, span_s, colour)
        if np.isfinite(region.overall_s):
            axis.plot(
                [region.overall_s] * 2,
                [-place - 0.42, -place + 0.42],
                color=style.INK,
                lw=1.6,
                zorder=6,
                path_effects=[withStroke(linewidth=3.2, foreground="white")],
            )
    axis.set_yticks([-i for i in range(len(order))], [f"{r.region}\n{r.channel}" for r in order])
    axis.tick_params(axis="y", length=0)
    axis.set_ylim(-len(order) + 0.35, 0.75)
    _scale_bar(axis, spacing, span_s)


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
