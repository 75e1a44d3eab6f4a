"""From measures to evidence: how unlike its baseline each channel is, and what is artefact."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigil.recording import FloatArray
from vigil.seizures.baseline import baseline, in_spreads, robust_z, smooth
from vigil.seizures.measures import FLAT, MAINS, NO_DATA, OK, SATURATED, Measures
from vigil.seizures.settings import Settings

ARTEFACTS = {NO_DATA: "no data", SATURATED: "saturated", FLAT: "flat", MAINS: "mains"}
MOVEMENT = "movement"
SILENCE_UV_S = 1e-3  # stands for a line length of zero, which has no logarithm


def line_length_uv_s(signal_uv: npt.ArrayLike, rate_hz: float) -> FloatArray:
    """Line length of signals (row, ...): mean absolute change per second (Esteller et al. 2001).

    A sinusoid of amplitude A and frequency f has 4 A f.
    """
    x = np.asarray(signal_uv, dtype=np.float64)
    return np.asarray(np.abs(np.diff(x, axis=0)).mean(axis=0) * rate_hz)


@dataclass(frozen=True)
class Evidence:
    """What speaks for a seizure, (step, channel), and artefacts, (step,).

    Parameters
    ----------
    line_length_z, power_ratio_z, spikes_z : ndarray
        Robust z of the channels of the brain.
    line_length_ln, frequency_hz : ndarray
        Log line length over its baseline, and mean frequency, for the evolution.
    artefact : ndarray of str
        Name of what disturbs most of the channels, or ''.
    spread_ln : ndarray
        Usual spread of log line length of each channel, all states together.
    suppressed : ndarray of bool
        Median line length is below the share of its baseline that the settings name. Flat
        steps and ones that are all mains count as well: of a silent brain nothing else is left.
    """

    line_length_z: npt.NDArray[np.float32]
    power_ratio_z: npt.NDArray[np.float32]
    spikes_z: npt.NDArray[np.float32]
    line_length_ln: npt.NDArray[np.float32]
    frequency_hz: npt.NDArray[np.float32]
    artefact: npt.NDArray[np.str_]
    spread_ln: npt.NDArray[np.float32]
    suppressed: npt.NDArray[np.bool_]


def weigh(measures: Measures, emg: Measures | None, has_fast: bool, settings: Settings) -> Evidence:
    """Turn the measures of the brain's channels, and of the EMG's, into evidence."""
    n = settings.smooth_steps
    window = round(settings.baseline_window_s / settings.step_s)
    good = measures.fault == OK
    with np.errstate(divide="ignore"):  # a silent step has log 0; it is not `good`
        length = np.log(smooth(_where(measures.line_length_uv_s, good), n))
        ratio = np.log(smooth(_where(measures.power_ratio, good), n))
    spikes = smooth(_where(measures.spikes_per_s, good), n)
    usable = np.isfinite(length)
    # suppression and death must not become the baseline that the rest is measured against
    high = np.array([_percentile(length[usable[:, c], c], 75) for c in range(length.shape[1])])
    usable &= length > high + np.log(settings.suppression_share)
    usable &= ~_loud_steps(length, usable, window, settings)[:, None]
    centre, spread = baseline(length, usable, window)
    above = length - centre
    usual = np.nan_to_num(row_median(spread.T))  # 0 for a channel without a baseline
    moving = movement_steps(measures, emg, has_fast, settings)
    heard = good | np.isin(measures.fault, (FLAT, MAINS))  # the mains are notched out
    level = smooth(_where(measures.line_length_uv_s, heard), n)
    quietness = np.log(np.maximum(level, np.float32(SILENCE_UV_S))) - centre
    return Evidence(
        line_length_z=in_spreads(above, spread, settings.baseline_spread_ln),
        power_ratio_z=robust_z(ratio, usable, window, settings.baseline_spread_ln),
        spikes_z=robust_z(spikes, usable, window, settings.spike_spread_per_s),
        line_length_ln=above,
        frequency_hz=smooth(_where(measures.frequency_hz, good), n),
        artefact=name_artefacts(measures.fault, moving),
        spread_ln=np.maximum(usual, np.float32(settings.baseline_spread_ln)),
        suppressed=row_median(quietness) < np.log(settings.suppression_share),
    )


def movement_steps(
    measures: Measures, emg: Measures | None, has_fast: bool, settings: Settings
) -> npt.NDArray[np.bool_]:
    """Steps in which a broadband disturbance is common to all channels, the EMG included.

    Three signs together: nearly all power below 70 Hz is the same on all channels; in the
    muscle band, where the brain's own signals are local (Watson et al. 2016), power rises
    on the median channel and is common as well; and it rises in the EMG, where there is one.
    A single channel has nothing in common with others, so then only the EMG can tell.
    """
    window = round(settings.baseline_window_s / settings.step_s)
    n_channels = measures.fault.shape[1]
    if not has_fast or (n_channels < 2 and emg is None):
        return np.zeros(len(measures.fault), dtype=bool)
    rise = _fast_rise(measures, window, settings)
    moving = row_median(rise) >= settings.keep_z
    if n_channels > 1:
        moving &= measures.common_band >= settings.common_share
        moving &= measures.common_fast >= settings.common_share
    if emg is not None:
        moving &= row_median(_fast_rise(emg, window, settings)) >= settings.keep_z
    # the evidence is averaged over neighbouring steps, so these are touched as well
    spread = np.ones(2 * (settings.smooth_steps // 2) + 1, dtype=int)
    return np.asarray(np.convolve(moving, spread, "same") > 0)


def name_artefacts(
    fault: npt.NDArray[np.uint8], moving: npt.NDArray[np.bool_]
) -> npt.NDArray[np.str_]:
    """Name of the disturbance of each step: `movement`, or the fault of most channels, or ''."""
    names = np.full(len(fault), "", dtype="U9")
    for code, name in ARTEFACTS.items():
        names[(fault == code).mean(axis=1) > 0.5] = name
    names[moving] = MOVEMENT
    return names


def row_median(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Median over the channels of each step without the NaN; NaN where all are."""
    ordered = np.sort(values, axis=1)  # NaN come last
    n = np.isfinite(values).sum(axis=1)
    at = np.arange(len(values))
    lower = ordered[at, np.maximum((n - 1) // 2, 0)]
    upper = ordered[at, np.minimum(n // 2, values.shape[1] - 1)]
    return np.where(n > 0, (lower + upper) / np.float32(2), np.float32(np.nan))


def _loud_steps(
    length_ln: npt.NDArray[np.float32],
    usable: npt.NDArray[np.bool_],
    window_steps: int,
    settings: Settings,
) -> npt.NDArray[np.bool_]:
    """Steps in which most channels are far above: seizures must not widen their own yardstick.

    Measured in the MAD alone, which half of the recording would have to move; a state that
    is loud in one region is not loud on most channels.
    """
    centre, mad = baseline(length_ln, usable, window_steps, upper=False)
    z = in_spreads(length_ln - centre, mad, settings.baseline_spread_ln)
    return np.asarray(row_median(z) >= settings.enter_z)


def _fast_rise(
    measures: Measures, window_steps: int, settings: Settings
) -> npt.NDArray[np.float32]:
    good = measures.fault == OK
    with np.errstate(divide="ignore"):
        fast = np.log(_where(measures.fast_uv, good))
    return robust_z(fast, np.isfinite(fast), window_steps, settings.baseline_spread_ln)


def _where(values: npt.NDArray[np.float32], good: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    return np.where(good, values, np.float32(np.nan))


def _percentile(values: npt.NDArray[np.float32], percent: float) -> float:
    return float(np.percentile(values, percent)) if len(values) else np.inf
