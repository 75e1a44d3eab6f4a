"""Sleep without labels: thresholds at the dips of bimodal distributions.

In the manner of SleepScoreMaster of buzcode (Watson et al. 2016): slow-wave power
separates NREM from the rest, muscle tone and movement separate wakefulness, and the
theta ratio separates REM from quiet wakefulness. Thresholds lie where the recording's own
distribution dips; a Schmitt trigger keeps states from flickering at the threshold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import ndimage, signal

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

GRID = 200
LEAST_PEAK = 0.05
"""A second peak lower than this share of the first is a tail, not a mode."""


@dataclass(frozen=True)
class Split:
    """A distribution with two modes.

    Parameters
    ----------
    low, dip, high : float
        The modes and the least density between them.
    depth : float
        How far the dip lies below the lower of the two modes, 0 to 1.
    """

    low: float
    dip: float
    high: float
    depth: float


def find_split(values: FloatArray) -> Split | None:
    """Two modes of a distribution and the dip between them, or None where there is one.

    The histogram is smoothed by a Gaussian whose width shrinks until two modes show
    (Silverman 1981), at most to a third of the normal reference rule.
    """
    finite = values[np.isfinite(values)]
    if len(finite) < 20:
        return None
    low, high = np.percentile(finite, [0.5, 99.5])
    spread = min(finite.std(), (np.percentile(finite, 75) - np.percentile(finite, 25)) / 1.349)
    if not high > low or not spread > 0:
        return None
    margin = 0.1 * (high - low)
    edges = np.linspace(low - margin, high + margin, GRID + 1)
    histogram = np.histogram(finite, edges)[0].astype(float)
    centres = (edges[:-1] + edges[1:]) / 2
    reference = 1.06 * spread * len(finite) ** -0.2 / (edges[1] - edges[0])
    for width in reference * np.array([1.5, 1.2, 1.0, 0.8, 0.65, 0.5, 0.4, 0.33]):
        density = ndimage.gaussian_filter1d(histogram, width, mode="constant")
        peaks = signal.find_peaks(density, height=LEAST_PEAK * density.max())[0]
        if len(peaks) < 2:
            continue
        a, b = sorted(peaks[np.argsort(density[peaks])[-2:]])
        dip = a + int(np.argmin(density[a : b + 1]))
        depth = 1 - density[dip] / min(density[a], density[b])
        if depth > 0.1:
            return Split(centres[a], centres[dip], centres[b], float(depth))
    return None


def schmitt_trigger(values: FloatArray, split: Split) -> BoolArray:
    """Above the dip, with hysteresis: a state changes half way from the dip to a mode."""
    up, down = (split.dip + split.high) / 2, (split.dip + split.low) / 2
    state = bool(values[np.isfinite(values)][0] > split.dip) if np.isfinite(values).any() else False
    out = np.zeros(len(values), dtype=bool)
    for i, v in enumerate(values):
        if v > up:
            state = True
        elif v < down:
            state = False
        out[i] = state
    return out


def score_by_thresholds(
    features: pd.DataFrame, movement: pd.DataFrame | None, movement_cm_s: float
) -> npt.NDArray[np.str_]:
    """State of each epoch.

    Parameters
    ----------
    features : DataFrame
        As of features.parquet.
    movement : DataFrame or None
        As of `movement_of_epochs`.
    movement_cm_s : float
        Mean speed from which the animal is awake.

    Returns
    -------
    ndarray of str, (epoch,)
        wake, nrem, rem, or unclassified where the signals are missing.
    """
    known = features.filter(like=".log_power_delta").notna().any(axis=1).to_numpy(dtype=bool)
    n = len(features)
    moving = np.zeros(n, dtype=bool)
    if movement is not None:
        moving |= (movement["movement.speed"] > movement_cm_s).to_numpy(dtype=bool)
    tone = _tone(features)
    tone_split = find_split(tone)
    if tone_split is not None:
        moving |= schmitt_trigger(tone, tone_split)
    slow, slow_split = _most_bimodal(features.filter(like=".log_power_delta"))
    nrem = np.zeros(n, dtype=bool)
    if slow_split is not None:
        nrem = schmitt_trigger(slow, slow_split) & ~moving
    quiet = known & ~nrem & ~moving
    # theta among the epochs that are neither NREM nor moving tells REM from quiet wakefulness
    theta, theta_split = _most_bimodal(features.filter(like=".theta_delta"), quiet)
    rem = np.zeros(n, dtype=bool)
    if theta_split is not None:
        rem = quiet & schmitt_trigger(theta, theta_split)
    states = np.full(n, "wake", dtype="<U12")
    states[nrem] = "nrem"
    states[rem] = "rem"
    states[~known] = "unclassified"
    if tone_split is None and slow_split is None and not moving.any():
        states[:] = "unclassified"
    return states


def _tone(features: pd.DataFrame) -> FloatArray:
    """Muscle tone: the EMG where there is one, else what the brain's channels share."""
    for name in ("emg.log_rms", "emg.from_lfp"):
        if name in features and features[name].notna().any():
            return _smooth(features[name].to_numpy(dtype=np.float64))
    return np.full(len(features), np.nan)


def _most_bimodal(
    columns: pd.DataFrame, which: BoolArray | None = None
) -> tuple[FloatArray, Split | None]:
    """The region whose values dip deepest between two modes, and its split."""
    best: tuple[FloatArray, Split | None] = (np.full(len(columns), np.nan), None)
    for name in columns:
        values = _smooth(columns[name].to_numpy(dtype=np.float64))
        split = find_split(values if which is None else values[which])
        if split is not None and (best[1] is None or split.depth > best[1].depth):
            best = (values, split)
    return best


def _smooth(values: FloatArray) -> FloatArray:
    """Median over three epochs, missing ones left out."""
    return (
        pd.Series(values).rolling(3, center=True, min_periods=1).median().to_numpy(dtype=np.float64)
    )
