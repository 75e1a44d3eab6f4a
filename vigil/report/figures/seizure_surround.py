"""What goes with a seizure: the spectrogram where it begins, the movement, the state before."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy.signal import spectrogram

from vigil.page import style
from vigil.recording import FloatArray, stretches
from vigil.report.figures import motion_panels, panels

WINDOW_S, HOP_S = 1.0, 0.1
LOWEST_HZ, HIGHEST_HZ = 1.0, 100.0
RANGE_DB = 20.0


def decibels_around(
    time_s: FloatArray, signal_uv: FloatArray, rate_hz: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Power over what it was before the onset, at each frequency, in windows of 1 s.

    Parameters
    ----------
    time_s, signal_uv : ndarray, (sample,)
        Time from the onset; NaN where a gap lies. No window crosses one.
    rate_hz : float

    Returns
    -------
    centre_s, frequency_hz : ndarray
    decibels : ndarray, (frequency, window)
        10 log10 of the power over its median before the onset; NaN where nothing lies before.
    """
    n = round(WINDOW_S * rate_hz)
    overlap = n - max(1, round(HOP_S * rate_hz))
    hz = np.fft.rfftfreq(n, 1 / rate_hz)
    kept = (hz >= LOWEST_HZ) & (hz <= HIGHEST_HZ)
    centres, powers = [np.empty(0)], [np.empty((int(kept.sum()), 0))]
    for first, last in zip(*stretches(np.isfinite(signal_uv)), strict=True):
        if last - first >= n:
            _, at_s, power = spectrogram(signal_uv[first:last], rate_hz, "hann", n, overlap)
            centres.append(time_s[first] + at_s)
            powers.append(power[kept])
    centre, power = np.concatenate(centres), np.concatenate(powers, axis=1)
    before = centre < -WINDOW_S / 2
    usual = np.full(len(power), np.nan)
    if before.any():
        usual = np.median(power[:, before], axis=1)
    with np.errstate(divide="ignore"):  # a silent channel has no power, which is -inf dB
        decibels = np.asarray(10 * np.log10(power / usual[:, None]), dtype=np.float64)
    return centre, hz[kept].astype(np.float64), decibels


def draw_spectrogram(axis: Axes, time_s: FloatArray, signal_uv: FloatArray, rate_hz: float) -> None:
    """Power of one contact against the time before the onset; red is more, blue is less."""
    centre, hz, decibels = decibels_around(time_s, signal_uv, rate_hz)
    axis.set_facecolor(style.GAP_COLOUR)
    for first, last in _without_gaps(centre):
        if last - first < 2:
            continue
        image = axis.pcolormesh(
            centre[first:last],
            hz,
            np.clip(decibels[:, first:last], -2 * RANGE_DB, 2 * RANGE_DB),
            cmap=style.POWER_COLOURS,
            vmin=-RANGE_DB,
            vmax=RANGE_DB,
            shading="nearest",
            rasterized=True,
        )
        if first == 0:
            panels.colour_bar(axis, image, "Power (dB)")
    axis.set_yscale("log")
    axis.set_ylim(LOWEST_HZ, min(HIGHEST_HZ, rate_hz / 2))
    axis.set_yticks([1, 4, 10, 30, 100], ["1", "4", "10", "30", "100"])
    axis.minorticks_off()
    axis.set_ylabel("Frequency\n(Hz)")


def _without_gaps(centre_s: FloatArray) -> list[tuple[int, int]]:
    breaks = np.flatnonzero(np.diff(centre_s) > 1.5 * HOP_S) + 1
    borders = [0, *(int(b) for b in breaks), len(centre_s)]
    return list(pairwise(borders))


def draw_speed(
    axis: Axes, moves: pd.DataFrame, onset_s: float, span_s: tuple[float, float]
) -> bool:
    """Speed of the head; False where it was not seen."""
    time_s = moves["time_s"].to_numpy(float) - onset_s
    here = (time_s >= span_s[0]) & (time_s <= span_s[1])
    speed = moves["speed_cm_s"].to_numpy(float)[here]
    if not np.isfinite(speed).any():
        return False
    axis.plot(time_s[here], speed, color=style.INK, lw=0.8)
    axis.set_ylim(0, max(5.0, 1.1 * float(np.nanmax(speed))))
    axis.set_ylabel("Head speed\n(cm/s)")
    return True


def draw_states(axis: Axes, hypnogram: pd.DataFrame, onset_s: float, duration_s: float) -> None:
    """States as a strip; hatched during the seizure, of which sleep scoring knows nothing."""
    moved = hypnogram.assign(start_s=hypnogram["start_s"] - onset_s)
    motion_panels.state_strip(axis, moved)
    axis.axvspan(
        0, duration_s, facecolor="white", edgecolor=style.QUIET, hatch="////", lw=0, alpha=0.7
    )
