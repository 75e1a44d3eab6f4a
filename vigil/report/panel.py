"""The data of the linked panel: what the page draws by itself, small enough to be part of it."""

from __future__ import annotations

import base64
import io
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from PIL import Image

from vigil.page import style
from vigil.page.times import dark_spans
from vigil.recording import STATES
from vigil.report.envelope import bin_edges, min_max, robust_limit
from vigil.report.figures.overview import muscle_column, shown_region
from vigil.report.figures.spectrograms import relative_spectrogram
from vigil.report.findings import Findings
from vigil.report.settings import Settings

MAX_BINS = 21_600  # one per 4 s of a day
TILE_COLUMNS = 4_096  # wider images are refused by some browsers
EMPTY = 65_535
NO_CONFIDENCE = 255


def panel_data(findings: Findings, settings: Settings) -> dict[str, Any] | None:
    """Everything that the linked panel shows, ready for JSON; None where there is nothing.

    Signals travel as minimum and maximum per bin, in 16 bit; states and confidence as one
    byte per epoch; the spectrogram as images of 256 colours.
    """
    length = findings.duration_s
    if length <= 0 or not findings.analysed:
        return None
    dark = []
    zero_h = None
    if findings.start is not None:
        start = findings.start
        zero_h = start.hour + start.minute / 60 + start.second / 3600
        if findings.lights_on is not None:
            dark = dark_spans(start, findings.lights_on, settings.light_h, length)
    return {
        "duration_s": length,
        "clock_h": zero_h,
        "lights_on_h": findings.lights_on,
        "dark": [list(s) for s in dark],
        "gaps": [list(g) for g in findings.gaps],
        "death_s": findings.death_s,
        "seizures": [list(s) for s in findings.seizures()],
        "spectrogram": _spectrogram(findings, settings),
        "hypnogram": _hypnogram(findings),
        "signals": _signals(findings, length),
        "colours": style.STATE_COLOURS,
        "names": style.STATE_NAMES,
        "levels": style.STATE_LEVELS,
    }


def _base64(values: npt.NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(values).tobytes()).decode()


def _hypnogram(findings: Findings) -> dict[str, Any] | None:
    table = findings.hypnogram
    if table is None or not len(table):
        return None
    code = table["state"].map({s: i for i, s in enumerate(STATES)}).to_numpy(np.uint8)
    sure = np.clip(table["confidence"].to_numpy(float), 0, 1)
    known = np.isfinite(sure)
    percent = np.where(known, np.round(100 * np.nan_to_num(sure)), NO_CONFIDENCE)
    return {
        "states": list(STATES),
        "start_s": _base64(table["start_s"].to_numpy("<f4")),
        "epoch_s": float(table["duration_s"].iloc[0]),
        "state": _base64(code),
        "confidence": _base64(percent.astype(np.uint8)) if known.any() else None,
    }


def _signals(findings: Findings, length_s: float) -> list[dict[str, Any]]:
    signals = []
    muscle = muscle_column(findings.features)
    if muscle is not None and findings.features is not None:
        table = findings.features
        middle = table["start_s"] + table["duration_s"] / 2
        values = table[muscle[0]].to_numpy(float)
        words = muscle[1].replace("\n", " ")
        n = max(1, round(length_s / float(table["duration_s"].median())))
        signals.append(_signal(words, middle, values, length_s, n))
    if findings.kinematics is not None and len(findings.kinematics):
        table = findings.kinematics
        values = table["speed_cm_s"].to_numpy(float)
        signals.append(_signal("Speed (cm/s)", table["time_s"], values, length_s, len(table)))
    if findings.evidence is not None and len(findings.evidence):
        table = findings.evidence
        values = table["line_length_z"].to_numpy(float)
        signals.append(_signal("Line length (z)", table["time_s"], values, length_s, len(table)))
    return signals


def _signal(
    words: str, time_s: npt.ArrayLike, values: npt.NDArray[np.float64], length_s: float, n: int
) -> dict[str, Any]:
    n = max(1, min(n, MAX_BINS))
    low, high = min_max(time_s, values, bin_edges(0.0, length_s, n))
    finite = np.isfinite(low)
    bottom = float(low[finite].min()) if finite.any() else 0.0
    step = (float(high[finite].max()) - bottom if finite.any() else 1.0) / (EMPTY - 1) or 1.0

    def packed(x: npt.NDArray[np.float64]) -> str:
        steps = np.where(np.isfinite(x), np.round((x - bottom) / step), EMPTY)
        return _base64(steps.astype("<u2"))

    return {
        "words": words,
        "bins": n,
        "bottom": bottom,
        "step": step,
        "low": packed(low),
        "high": packed(high),
    }


def _spectrogram(findings: Findings, settings: Settings) -> dict[str, Any] | None:
    region = shown_region(findings, settings)
    if not region or findings.spectrogram is None:
        return None
    level, edges, frequency = relative_spectrogram(
        findings.spectrogram, region, settings.max_frequency_hz, MAX_BINS
    )
    limit = robust_limit(level)
    shade = np.clip((level + limit) / (2 * limit), 0, 1)
    index = np.where(np.isfinite(shade), 1 + np.round(254 * np.nan_to_num(shade)), 0)
    pixels = index.astype(np.uint8).T[::-1]
    tiles = [
        {
            "image": _png(pixels[:, a : a + TILE_COLUMNS]),
            "start_s": float(edges[a]),
            "stop_s": float(edges[min(a + TILE_COLUMNS, len(edges) - 1)]),
        }
        for a in range(0, pixels.shape[1], TILE_COLUMNS)
    ]
    half = (frequency[1] - frequency[0]) / 2 if len(frequency) > 1 else 0.5
    return {
        "region": region,
        "low_hz": float(frequency[0] - half),
        "high_hz": float(frequency[-1] + half),
        "limit_db": limit,
        "columns": pixels.shape[1],
        "tiles": tiles,
    }


def _png(index: npt.NDArray[np.uint8]) -> str:
    colours = mpl.colormaps[style.POWER_COLOURS](np.linspace(0, 1, 255))[:, :3]
    gap = [int(style.GAP_COLOUR[i : i + 2], 16) for i in (1, 3, 5)]
    image = Image.fromarray(index, mode="P")
    image.putpalette([*gap, *(np.round(255 * colours).astype(int).ravel().tolist())])
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
