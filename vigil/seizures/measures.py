"""What each channel does in each step: line length, power ratio, spikes, and signs of artefacts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigil.seizures.filters import Filters
from vigil.seizures.kernel import (
    BAND2,
    CHANGE2,
    FAST2,
    HIGH2,
    HUM2,
    LIMITED,
    LOW2,
    SLOPE,
    SPIKES,
    N,
    StepSums,
)
from vigil.seizures.settings import Settings

OK, NO_DATA, SATURATED, FLAT, MAINS = range(5)
OPEN_UV, OPEN_HZ = 2.0, 30.0
"""An open input is white: it has less than this in 4-12 Hz, and a higher mean frequency than this.
A brain's slow activity is louder, and where it is silent its spectrum still falls."""
WHOLE = 0.999  # share of its samples from which a step is whole


@dataclass(frozen=True)
class Measures:
    """Evidence of every channel in every step; NaN where a step is not whole.

    Parameters
    ----------
    line_length_uv_s : ndarray
        float32, (step, channel). Of 12-70 Hz: theta and delta, which come and go with the
        states and double the line length of the whole band in the hippocampus, are left
        out, while the sharp edges of discharges and fast activity are not.
    power_ratio, low_uv, spikes_per_s, frequency_hz, fast_uv : ndarray
        float32, (step, channel): power of 12-70 over 4-12 Hz; RMS of 4-12 Hz; spikes; mean
        frequency of 1-70 Hz; RMS in the muscle band.
    fault : ndarray
        uint8, (step, channel): OK, NO_DATA, SATURATED, FLAT or MAINS.
    common_band, common_fast : ndarray
        float32, (step,): share of the power that the channels have in common; NaN
        without a muscle band.
    """

    line_length_uv_s: npt.NDArray[np.float32]
    power_ratio: npt.NDArray[np.float32]
    low_uv: npt.NDArray[np.float32]
    spikes_per_s: npt.NDArray[np.float32]
    frequency_hz: npt.NDArray[np.float32]
    fast_uv: npt.NDArray[np.float32]
    fault: npt.NDArray[np.uint8]
    common_band: npt.NDArray[np.float32]
    common_fast: npt.NDArray[np.float32]

    @classmethod
    def empty(cls, n_steps: int, n_channels: int) -> Measures:
        """Room for the steps of a recording, all without data."""

        def unknown(*shape: int) -> npt.NDArray[np.float32]:
            return np.full(shape, np.nan, np.float32)

        return cls(
            line_length_uv_s=unknown(n_steps, n_channels),
            power_ratio=unknown(n_steps, n_channels),
            low_uv=unknown(n_steps, n_channels),
            spikes_per_s=unknown(n_steps, n_channels),
            frequency_hz=unknown(n_steps, n_channels),
            fast_uv=unknown(n_steps, n_channels),
            fault=np.full((n_steps, n_channels), NO_DATA, np.uint8),
            common_band=unknown(n_steps),
            common_fast=unknown(n_steps),
        )

    def of(self, channels: slice) -> Measures:
        """The measures of some of the channels; what all have in common stays."""
        return Measures(
            **{name: x[:, channels] if x.ndim > 1 else x for name, x in vars(self).items()}
        )

    def at(self, steps: slice) -> Measures:
        """The measures of some of the steps."""
        return Measures(**{name: values[steps] for name, values in vars(self).items()})

    def put(self, first: int, part: Measures) -> None:
        """Put the measures of consecutive steps in their place, those without data apart."""
        known = np.flatnonzero((part.fault != NO_DATA).any(axis=1))
        for name, values in vars(part).items():
            getattr(self, name)[first + known] = values[known]


def measures_of(block: StepSums, filters: Filters, n_together: int, settings: Settings) -> Measures:
    """Measures of the steps of some sums; those that are not whole have no data.

    Parameters
    ----------
    n_together : int
        Number of leading channels whose mean was taken (those of the brain).
    settings : Settings
        `step_s`, and `saturated_share`, `flat_uv` and `mains_share` that name faults.
    """
    out = Measures.empty(len(block.sums), block.sums.shape[2])
    samples = block.sums[:, N, 0]
    at = np.flatnonzero(samples >= np.floor(settings.step_s * filters.rate_hz * WHOLE))
    s = np.moveaxis(block.sums[at], 1, 0)
    n, rate = s[N], filters.rate_hz
    tiny = 1e-12  # a flat channel has no frequency and no ratio; it is marked below
    out.line_length_uv_s[at] = s[SLOPE] / n * rate
    out.power_ratio[at] = (s[HIGH2] + tiny) / (s[LOW2] + tiny)
    out.low_uv[at] = np.sqrt(s[LOW2] / n)
    out.spikes_per_s[at] = s[SPIKES] / n * rate
    out.frequency_hz[at] = np.sqrt((s[CHANGE2] + tiny) / (s[BAND2] + tiny)) * rate / 2 / np.pi
    out.fast_uv[at] = np.sqrt(s[FAST2] / n)
    fault = np.full(n.shape, OK, np.uint8)
    fault[s[BAND2] < (1.0 - settings.mains_share) * s[HUM2]] = MAINS
    fault[s[HUM2] < settings.flat_uv**2 * n] = FLAT
    fault[(out.low_uv[at] < OPEN_UV) & (out.frequency_hz[at] > OPEN_HZ)] = FLAT  # an open input
    fault[s[LIMITED] >= settings.saturated_share * n] = SATURATED
    out.fault[at] = fault
    for place, k, i in ((out.common_band, BAND2, 0), (out.common_fast, FAST2, 1)):
        mean_power = s[k][:, :n_together].mean(axis=1)
        place[at] = block.together[at, i] / (mean_power + tiny)
    if not filters.has_fast:
        out.common_fast[:] = np.nan  # of nothing there is no share
    return out
