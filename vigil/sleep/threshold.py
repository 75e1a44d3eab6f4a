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
from sklearn.mixture import GaussianMixture

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

LEAST_SEPARATION = 2.5
"""Distance of two modes in standard deviations; below 2 a sum of two normals has one mode."""
LEAST_SHARE = 0.03
"""A mode with a smaller share of the epochs is a handful of outliers."""
LEAST_EVIDENCE = 6.0
"""By how much two modes must beat one in BIC: strong evidence (Kass and Raftery 1995)."""
OUTLIER = 4.0
"""Epochs whose variance is so many robust deviations off (seizures, suppression, artefacts)
do not say where the thresholds lie."""


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

    One and two normal distributions of equal width are fitted; two are believed when their
    BIC is clearly better and they lie apart.
    """
    finite = values[np.isfinite(values)][:, None]
    if len(finite) < 20 or np.ptp(finite) < 1e-9:
        return None
    one = GaussianMixture(1).fit(finite)
    two = GaussianMixture(2, covariance_type="tied", n_init=3, random_state=0).fit(finite)
    low, high = np.sort(two.means_.ravel())
    width = float(np.sqrt(two.covariances_.ravel()[0]))
    if (
        two.bic(finite) > one.bic(finite) - LEAST_EVIDENCE
        or high - low < LEAST_SEPARATION * width
        or two.weights_.min() < LEAST_SHARE
    ):
        return None
    grid = np.linspace(low, high, 201)
    density = np.exp(two.score_samples(grid[:, None]))
    dip = int(np.argmin(density))
    depth = 1 - density[dip] / min(density[0], density[-1])
    return Split(float(low), float(grid[dip]), float(high), float(depth))


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
    usual = known & _usual(features)
    n = len(features)
    moving = np.zeros(n, dtype=bool)
    if movement is not None:
        moving |= (movement["movement.speed"] > movement_cm_s).to_numpy(dtype=bool)
    tone = _tone(features)
    tone_split = find_split(tone[usual])
    if tone_split is not None:
        moving |= schmitt_trigger(tone, tone_split)
    slow, slow_split = _most_bimodal(features.filter(like=".log_power_delta"), usual)
    nrem = np.zeros(n, dtype=bool)
    if slow_split is not None:
        nrem = schmitt_trigger(slow, slow_split) & ~moving
    quiet = known & ~nrem & ~moving
    # theta among the epochs that are neither NREM nor moving tells REM from quiet wakefulness
    ratio = features.filter(like=".theta_delta")
    theta, theta_split = _most_bimodal(ratio, quiet & usual)
    if theta_split is None:
        # without quiet wakefulness REM stands out from wakefulness with movement
        theta, theta_split = _most_bimodal(ratio, ~nrem & usual)
    rem = np.zeros(n, dtype=bool)
    if theta_split is not None:
        rem = quiet & schmitt_trigger(theta, theta_split)
    states = np.full(n, "wake", dtype="<U12")
    states[nrem] = "nrem"
    states[rem] = "rem"
    states[~known] = "unclassified"
    if slow_split is None:
        # without slow waves to go by, sleep cannot be told from quiet wakefulness
        states[~moving] = "unclassified"
    return states


def _usual(features: pd.DataFrame) -> BoolArray:
    """Epochs whose variance is not out of the way in any region."""
    activity = features.filter(like=".log_activity")
    deviation = activity - activity.median()
    spread = 1.4826 * deviation.abs().median()
    return ~(deviation.abs() > OUTLIER * spread).any(axis=1).to_numpy(dtype=bool)


def _tone(features: pd.DataFrame) -> FloatArray:
    """Muscle tone: the EMG where there is one, else what the brain's channels share."""
    for name in ("emg.log_rms", "emg.from_lfp"):
        if name in features and features[name].notna().any():
            return _smooth(features[name].to_numpy(dtype=np.float64))
    return np.full(len(features), np.nan)


def _most_bimodal(columns: pd.DataFrame, which: BoolArray) -> tuple[FloatArray, Split | None]:
    """The region whose values dip deepest between two modes, and its split."""
    best: tuple[FloatArray, Split | None] = (np.full(len(columns), np.nan), None)
    for name in columns:
        values = _smooth(columns[name].to_numpy(dtype=np.float64))
        split = find_split(values[which])
        if split is not None and (best[1] is None or split.depth > best[1].depth):
            best = (values, split)
    return best


def _smooth(values: FloatArray) -> FloatArray:
    """Median over three epochs, missing ones left out."""
    return (
        pd.Series(values).rolling(3, center=True, min_periods=1).median().to_numpy(dtype=np.float64)
    )
