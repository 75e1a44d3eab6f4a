"""What the threshold scorer looks at: slow waves and theta of each region, and muscle tone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.sleep.dips import find_split, smooth

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

WINDOW_S = 15.0
"""What is judged is the median over about so many seconds (Watson et al. 2016)."""
USUAL_EPOCH_S = 4.0
SILENT = 1.3
"""A region whose variance lies by so many powers of ten below its usual one is suppressed, dead
or unplugged; states differ by less than one."""
SILENT_LOG_ACTIVITY = 2.0
"""Above 10 uV rms (in log10 uV^2) a region is not silent, however loud it is at other times."""
OUTLIER = 4.0
"""Epochs whose variance is so many robust deviations off (seizures, artefacts) do not say where
the thresholds lie."""
TONES = ("emg.log_rms", "emg.from_lfp")
"""Muscle tone, the better one first."""
SPINDLE_BANDS = ("sigma", "alpha")
"""The band of spindles by the name that a table has for it."""


@dataclass(frozen=True)
class Signals:
    """Measures of each epoch, NaN where missing or silent.

    Parameters
    ----------
    slow : mapping
        By region and measure, log10 of slow-wave power: `delta`, and `slow`, the mean of delta
        and the band of spindles, both of which are strong in NREM.
    delta, theta : mapping
        By region, log10 of delta power, and of theta power over delta power.
    tones : tuple of ndarray
        Muscle tone, the better one first.
    usual : mapping
        By region, the epochs whose variance is not out of the way.
    known : ndarray of bool
        Epochs in which some region has a signal.
    """

    slow: Mapping[tuple[str, str], FloatArray]
    delta: Mapping[str, FloatArray]
    theta: Mapping[str, FloatArray]
    tones: tuple[FloatArray, ...]
    usual: Mapping[str, BoolArray]
    known: BoolArray

    @property
    def mostly_usual(self) -> BoolArray:
        """Epochs that are usual in at least half of the regions."""
        votes = [np.asarray(v) for v in self.usual.values()]
        return np.asarray(np.mean(votes, axis=0) >= 0.5) if votes else self.known


def read_signals(features: pd.DataFrame) -> Signals:
    """The measures of a table of features, whatever its regions are called."""
    epoch_s = USUAL_EPOCH_S
    if "duration_s" in features and len(features):
        epoch_s = float(features["duration_s"].iloc[0])
    # sorted, so that the order of columns does not decide between equals
    names = {str(c) for c in features}
    regions = sorted(
        c.removesuffix(".log_power_delta") for c in names if c.endswith(".log_power_delta")
    )
    slow: dict[tuple[str, str], FloatArray] = {}
    delta: dict[str, FloatArray] = {}
    theta: dict[str, FloatArray] = {}
    usual: dict[str, BoolArray] = {}
    known = np.zeros(len(features), dtype=bool)

    for region in regions:
        loudness = _loudness(features, region, names)
        power = _column(features, f"{region}.log_power_delta")
        here = np.isfinite(power)
        if f"{region}.log_activity" in names:
            here &= ~is_silent(loudness)
        known |= here
        usual[region] = here & is_usual(np.where(here, loudness, np.nan))
        delta[region] = slow[region, "delta"] = _smooth(power, here, epoch_s)
        for band in SPINDLE_BANDS:
            if f"{region}.log_power_{band}" in names:
                both = (power + _column(features, f"{region}.log_power_{band}")) / 2
                slow[region, "slow"] = _smooth(both, here, epoch_s)
                break
    for name in sorted(names):
        if name.endswith(".theta_delta"):
            region = name.removesuffix(".theta_delta")
            here = np.isfinite(delta[region]) if region in delta else known
            usual.setdefault(region, known)
            theta[region] = _smooth(_column(features, name), here, epoch_s)
    tones = [_smooth(_column(features, t), known, epoch_s) for t in TONES if t in names]
    return Signals(slow, delta, theta, tuple(tones), usual, known)


def is_silent(log_activity: FloatArray) -> BoolArray:
    """Epochs in which a region is suppressed, dead or unplugged.

    Its usual variance is the median, or the larger of two modes where they lie so far apart
    that the other one is silence: an animal may lie dead for most of a recording.

    Parameters
    ----------
    log_activity : ndarray, (epoch,)
        log10 uV^2.
    """
    finite = log_activity[np.isfinite(log_activity)]
    if not len(finite):
        return np.zeros(len(log_activity), dtype=bool)
    usual = float(np.median(finite))
    split = find_split(finite)
    if split is not None and split.high - split.low > SILENT:
        usual = split.high
    return np.asarray((log_activity < usual - SILENT) & (log_activity < SILENT_LOG_ACTIVITY))


def is_usual(loudness: FloatArray) -> BoolArray:
    """Epochs whose variance is not out of the way."""
    if not np.isfinite(loudness).any():
        return np.zeros(len(loudness), dtype=bool)
    deviation = np.abs(loudness - np.nanmedian(loudness))
    spread = 1.4826 * np.nanmedian(deviation)
    return np.asarray(np.isfinite(loudness) & (deviation <= OUTLIER * spread))


def _loudness(features: pd.DataFrame, region: str, names: set[str]) -> FloatArray:
    """log10 of the variance, or the mean log10 of what powers there are."""
    if f"{region}.log_activity" in names:
        return _column(features, f"{region}.log_activity")
    powers = sorted(c for c in names if c.startswith(f"{region}.log_power_"))
    return features[powers].mean(axis=1).to_numpy(dtype=np.float64)


def _column(features: pd.DataFrame, name: str) -> FloatArray:
    values = features[name].to_numpy(dtype=np.float64)
    return np.where(np.isfinite(values), values, np.nan)


def _smooth(values: FloatArray, here: BoolArray, epoch_s: float) -> FloatArray:
    return smooth(np.where(here, values, np.nan), epoch_s, WINDOW_S)
