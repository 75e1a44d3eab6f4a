"""Spectrograms, and the power of the bands below them: rhythms over the whole recording."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.ticker import MaxNLocator

from vigil.page import style
from vigil.page.words import duration_words
from vigil.recording import FloatArray
from vigil.report.envelope import bin_edges, mean_columns, relative_db, robust_limit
from vigil.report.figures import panels
from vigil.report.findings import Findings
from vigil.report.settings import Settings
from vigil.spectra.files import Spectrogram

MAX_REGIONS = 12
BANDS = ("delta", "theta", "sigma", "low_gamma")
BAND_NAMES = {"low_gamma": "gamma"}

FINER = 4
"""Columns read for each bin of a picture, at most. With fewer a picture of a day would be
drawn from the next coarser level; with more, more is held than a picture can show."""

SMOOTHED_TO = 300
"""A band's power is smoothed over so small a part of what is shown."""


def relative_spectrogram(
    data: Spectrogram, region: str, max_frequency_hz: float, n_bins: int = panels.N_BINS
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Spectrogram of a region in dB above its median, binned in time.

    Returns
    -------
    level_db : array, (bin, frequency)
    edges_s : array, (bin + 1,)
    frequency_hz : array, (frequency,)
    """
    piece = data.read(region, most_columns=FINER * n_bins, max_hz=max_frequency_hz)
    n_columns, step_s = len(piece.time_s), piece.step_s
    first_s = piece.time_s[0] - step_s / 2
    edges = bin_edges(first_s, first_s + n_columns * step_s, max(1, min(n_bins, n_columns)))
    power = (
        piece.power if len(edges) > n_columns else mean_columns(piece.time_s, piece.power, edges)
    )
    return relative_db(power), edges, piece.frequency_hz


def draw_spectrogram(
    axis: Axes,
    level_db: FloatArray,
    edges_s: FloatArray,
    frequency_hz: FloatArray,
    limit_db: float,
) -> AxesImage:
    """Power over time and frequency, (bin, frequency) in dB above its median."""
    half = (frequency_hz[1] - frequency_hz[0]) / 2 if len(frequency_hz) > 1 else 0.5
    axis.set_facecolor(style.GAP_COLOUR)
    image = axis.imshow(
        np.ma.masked_invalid(level_db.T),
        origin="lower",
        aspect="auto",
        interpolation="nearest",
        cmap=style.POWER_COLOURS,
        vmin=-limit_db,
        vmax=limit_db,
        extent=(edges_s[0], edges_s[-1], frequency_hz[0] - half, frequency_hz[-1] + half),
        rasterized=True,
    )
    axis.set_ylim(max(0.0, frequency_hz[0] - half), frequency_hz[-1])
    return image


def spectrogram_row(axis: Axes, data: Spectrogram, region: str, settings: Settings) -> None:
    """The spectrogram of a region as one of several panels over the same time."""
    level, edges, frequency = relative_spectrogram(data, region, settings.max_frequency_hz)
    image = draw_spectrogram(axis, level, edges, frequency, robust_limit(level))
    axis.set_ylabel(f"{region}\nFrequency (Hz)")
    panels.colour_bar(axis, image, "Power (dB\nabove median)")


def spectrograms(findings: Findings, settings: Settings) -> Figure | None:
    """Spectrograms of all regions, the power of their bands and the hypnogram."""
    data, sleep = findings.spectrogram, findings.hypnogram
    if data is None or len(data.time_s) < 2:
        return None
    regions = data.regions[:MAX_REGIONS]
    bands = shown_bands(data)
    heights = dict.fromkeys((f"spectrogram of {r}" for r in regions), 1.0)
    heights |= dict.fromkeys((f"band {b}" for b in bands), 0.6)
    heights |= {"hypnogram": 0.9} if sleep is not None else {}
    figure = style.new_figure(1.1 + 1.15 * sum(heights.values()))
    column = figure.subplots(
        len(heights), 1, sharex=True, squeeze=False, height_ratios=list(heights.values())
    )[:, 0]
    axes = dict(zip(heights, column, strict=True))
    for region in regions:
        spectrogram_row(axes[f"spectrogram of {region}"], data, region, settings)
    if bands:
        _bands(figure, {b: axes[f"band {b}"] for b in bands}, findings, data)
    if sleep is not None:
        panels.hypnogram(axes["hypnogram"], sleep)
    panels.finish_rows(figure, axes, findings)
    return figure


def shown_bands(data: Spectrogram) -> dict[str, FloatArray]:
    """Weights of the frequencies in each band that the spectrogram reaches, (frequency,).

    The mains and as much around them as the tapers spread are left out.
    """
    known = data.bands.range_hz
    reached = [b for b in BANDS if b in known and known[b][1] <= data.frequency_hz[-1] + 1e-9]
    inside = {name: data.bins_of(name) for name in reached}
    return {name: k / k.sum() for name, k in inside.items() if k.any()}


def _bands(figure: Figure, axes: dict[str, Axes], findings: Findings, data: Spectrogram) -> None:
    """The power of each band over time, one line per region."""
    weights = shown_bands(data)
    shown = data.regions[: len(style.REGION_COLOURS)]
    n_smoothed, step_s = 1, 1.0
    drawn: dict[str, list[FloatArray]] = {band: [] for band in axes}
    for region in shown:
        piece = data.read(region, most_columns=FINER * panels.N_BINS)
        step_s = piece.step_s
        n_smoothed = max(1, round(len(piece.time_s) / SMOOTHED_TO))
        for band, weight in weights.items():
            level = relative_db((piece.power @ weight.astype(np.float32))[:, None])[:, 0]
            level = running_mean(level, n_smoothed)
            drawn[band].append(level)
            axes[band].plot(
                piece.time_s,
                level,
                color=style.region_colour(region, data.regions),
                lw=0.9,
                label=region,
            )
    for band, axis in axes.items():
        low, high = data.bands.range_hz[band]
        name = BAND_NAMES.get(band, band).capitalize()
        axis.set_ylabel(f"{name}\n{low:g}–{high:g} Hz\n(dB)")
        axis.axhline(0, color=style.RANGE_COLOUR, lw=0.6, zorder=1)
        axis.yaxis.set_major_locator(MaxNLocator(3))
        # a seizure leaves the panel, as it leaves the colours, and the rhythms of sleep fill it
        limit = robust_limit(np.concatenate(drawn[band]))
        axis.set_ylim(-limit, limit)
    first = next(iter(axes.values()))
    words = f"Power above its median, smoothed over {duration_words(n_smoothed * step_s)}"
    first.legend(
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=len(shown),
        title=words,
        title_fontsize=7.5,
        alignment="left",
        borderaxespad=0.1,
    )


def running_mean(values: FloatArray, n: int) -> FloatArray:
    """Mean over `n` values around each; of those that are there, NaN where the value is NaN."""
    there = np.isfinite(values)
    kernel = np.ones(n)
    total = np.convolve(np.where(there, values, 0.0), kernel, "same")
    count = np.convolve(there.astype(float), kernel, "same")
    return np.where(there, total / np.maximum(count, 1.0), np.nan)
