"""What each channel does in each step: line length, power ratio, spikes, and signs of artefacts.

The signals stream through once. Filters and counters carry their state from block to
block and start afresh in every segment, so the result does not depend on the blocks and
nothing crosses a gap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.signal

from vigil.compiled import compiled
from vigil.recording import FloatArray
from vigil.seizures.filters import Filters

Array = npt.NDArray[Any]

OK, NO_DATA, SATURATED, FLAT, MAINS = range(5)
SUMS = 10  # of each step: samples, |dhigh|, x2, dx2, low2, high2, fast2, before the notch2, spikes,
# saturated samples


@dataclass
class Memory:
    """State of the filters and counters of some channels inside one segment."""

    filters: FloatArray  # (channel, section, 2)
    last: FloatArray  # (channel, 5): see the end of `_pass_channel`
    started: bool = False


def start_segment(n_channels: int, filters: Filters) -> Memory:
    """Memory before the first sample of a segment."""
    return Memory(np.zeros((n_channels, len(filters.sections), 2)), np.zeros((n_channels, 5)))


@compiled(nogil=True)
def _pass_channel(
    x: Array, step: Array, sos: Array, z: Array, last: Array, spike_slope: float,
    n_short: int, n_long: int, limit: float, sums: Array, band: Array, fast: Array,
) -> None:  # fmt: skip
    """Run one channel of a block through the filters; add to `sums` (step, 10), `band`, `fast`."""
    z0a, z0b, z1a, z1b = z[0, 0], z[0, 1], z[1, 0], z[1, 1]
    z2a, z2b, z3a, z3b = z[2, 0], z[2, 1], z[3, 0], z[3, 1]
    z4a, z4b, z5a, z5b = z[4, 0], z[4, 1], z[5, 0], z[5, 1]
    z6a, z6b, z7a, z7b = z[6, 0], z[6, 1], z[7, 0], z[7, 1]
    z8a, z8b, z9a, z9b = z[8, 0], z[8, 1], z[9, 0], z[9, 1]
    b, steepest, previous = sos, last[2], last[0]
    since, before, high_before = last[1], last[3], last[4]
    for i in range(x.size):
        raw = float(x[i])
        y = b[0, 0] * raw + z0a
        z0a = b[0, 1] * raw - b[0, 3] * y + z0b
        z0b = b[0, 2] * raw - b[0, 4] * y
        v = b[1, 0] * y + z1a
        z1a = b[1, 1] * y - b[1, 3] * v + z1b
        z1b = b[1, 2] * y - b[1, 4] * v
        w = b[2, 0] * v + z2a
        z2a = b[2, 1] * v - b[2, 3] * w + z2b
        z2b = b[2, 2] * v - b[2, 4] * w
        u = b[3, 0] * w + z3a
        z3a = b[3, 1] * w - b[3, 3] * u + z3b
        z3b = b[3, 2] * w - b[3, 4] * u
        above = b[4, 0] * u + z4a
        z4a = b[4, 1] * u - b[4, 3] * above + z4b
        z4b = b[4, 2] * u - b[4, 4] * above
        low = b[5, 0] * above + z5a
        z5a = b[5, 1] * above - b[5, 3] * low + z5b
        z5b = b[5, 2] * above - b[5, 4] * low
        h = b[6, 0] * u + z6a
        z6a = b[6, 1] * u - b[6, 3] * h + z6b
        z6b = b[6, 2] * u - b[6, 4] * h
        high = b[7, 0] * h + z7a
        z7a = b[7, 1] * h - b[7, 3] * high + z7b
        z7b = b[7, 2] * h - b[7, 4] * high
        f = b[8, 0] * raw + z8a
        z8a = b[8, 1] * raw - b[8, 3] * f + z8b
        z8b = b[8, 2] * raw - b[8, 4] * f
        g = b[9, 0] * f + z9a
        z9a = b[9, 1] * f - b[9, 3] * g + z9b
        z9b = b[9, 2] * f - b[9, 4] * g
        d = u - previous
        slope = abs(high - high_before)
        s = sums[step[i]]
        # without what is slower than theta, so that the slow wave does not widen the spike
        if (above >= 0.0) != (before >= 0.0):
            is_steep = since <= n_long and steepest >= spike_slope
            if is_steep and since >= n_short:
                s[8] += 1.0
            # the half-wave that follows a steep one is its after-swing
            since = float(n_long) if is_steep else 0.0
            steepest = 0.0
        since += 1.0
        steepest = max(steepest, slope)
        previous, before, high_before = u, above, high
        s[0] += 1.0
        s[1] += slope
        s[2] += u * u
        s[3] += d * d
        s[4] += low * low
        s[5] += high * high
        s[6] += g * g
        s[7] += w * w
        if abs(raw) >= limit:
            s[9] += 1.0
        band[i] += u
        fast[i] += g
    z[0, 0], z[0, 1], z[1, 0], z[1, 1] = z0a, z0b, z1a, z1b
    z[2, 0], z[2, 1], z[3, 0], z[3, 1] = z2a, z2b, z3a, z3b
    z[4, 0], z[4, 1], z[5, 0], z[5, 1] = z4a, z4b, z5a, z5b
    z[6, 0], z[6, 1], z[7, 0], z[7, 1] = z6a, z6b, z7a, z7b
    z[8, 0], z[8, 1], z[9, 0], z[9, 1] = z8a, z8b, z9a, z9b
    last[0], last[1], last[2], last[3], last[4] = previous, since, steepest, before, high_before


@dataclass(frozen=True)
class StepSums:
    """Sums over the samples of each step.

    Parameters
    ----------
    sums : ndarray
        (step, channel, 10), see `SUMS`.
    together : ndarray
        (step, 2): sum of squares of the mean over the channels, in the band and fast.
    """

    sums: FloatArray
    together: FloatArray


def pass_block(
    signal_uv: npt.NDArray[np.float32],
    step: npt.NDArray[np.int64],
    n_steps: int,
    filters: Filters,
    memory: Memory,
    slope_uv: FloatArray,
    limit_uv: FloatArray,
    n_together: int,
) -> StepSums:
    """Measure a block of samples that follow those that `memory` has seen.

    Parameters
    ----------
    signal_uv : ndarray
        (row, channel).
    step : ndarray
        Step of each row, counted from the block's first, increasing.
    n_steps : int
        Steps of the block.
    slope_uv, limit_uv : ndarray
        Slope of a spike in microvolts per sample, and the converter's limit, per channel.
    n_together : int
        Number of leading channels whose mean is taken (those of the brain).
    """
    n_channels = signal_uv.shape[1]
    rows = np.ascontiguousarray(signal_uv.T)
    if not memory.started and len(step):
        # the first sample's offset counts as having always been there: its answer is the
        # high-pass section's steady state, for the fast band zero
        for section in (0, 8):
            b, a = filters.sections[section, :3], np.r_[1.0, filters.sections[section, 3:]]
            memory.filters[:, section] = np.outer(rows[:, 0], scipy.signal.lfilter_zi(b, a))
        memory.started = True
    sums = np.zeros((n_channels, n_steps, SUMS))
    mean = np.zeros((2, len(step)))
    aside = np.zeros((2, len(step)))
    short, long = filters.n_spike
    for c in range(n_channels):
        band, fast = mean if c < n_together else aside
        _pass_channel(
            rows[c], step, filters.sections, memory.filters[c], memory.last[c], slope_uv[c],
            short, long, limit_uv[c], sums[c], band, fast,
        )  # fmt: skip
    together = np.zeros((n_steps, 2))
    for i, m in enumerate(mean):
        together[:, i] = np.bincount(step, (m / max(1, n_together)) ** 2, n_steps)
    return StepSums(np.moveaxis(sums, 0, 1), together)


@dataclass(frozen=True)
class Measures:
    """Evidence of every channel in every step; NaN where a step is not whole.

    Parameters
    ----------
    line_length_uv_s : ndarray
        float32, (step, channel). Of 12-70 Hz: theta and delta, which come and go with the
        states and double the line length of the whole band in the hippocampus, are left
        out, while the sharp edges of discharges and fast activity are not.
    power_ratio, spikes_per_s, frequency_hz, fast_uv : ndarray
        float32, (step, channel): power of 12-70 over 4-12 Hz; spikes; mean frequency of
        1-70 Hz; RMS in the muscle band.
    fault : ndarray
        uint8, (step, channel): OK, NO_DATA, SATURATED, FLAT or MAINS.
    common_band, common_fast : ndarray
        float32, (step,): share of the power that the channels have in common.
    """

    line_length_uv_s: npt.NDArray[np.float32]
    power_ratio: npt.NDArray[np.float32]
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
            line_length_uv_s=self.line_length_uv_s[:, channels],
            power_ratio=self.power_ratio[:, channels],
            spikes_per_s=self.spikes_per_s[:, channels],
            frequency_hz=self.frequency_hz[:, channels],
            fast_uv=self.fast_uv[:, channels],
            fault=self.fault[:, channels],
            common_band=self.common_band,
            common_fast=self.common_fast,
        )

    def fill(
        self,
        first: int,
        block: StepSums,
        filters: Filters,
        step_s: float,
        n_together: int,
        saturated_share: float,
        flat_uv: float,
        mains_share: float,
    ) -> None:
        """Put the whole steps of a block, from step `first` on, in their places."""
        whole = np.flatnonzero(block.sums[:, 0, 0] >= np.floor(step_s * filters.rate_hz * 0.999))
        s = np.moveaxis(block.sums[whole], 2, 0)
        at = first + whole
        tiny = 1e-12  # a flat channel has no frequency and no ratio; it is marked below
        n = s[0]
        self.line_length_uv_s[at] = s[1] / n * filters.rate_hz
        self.power_ratio[at] = (s[5] + tiny) / (s[4] + tiny)
        self.spikes_per_s[at] = s[8] / n * filters.rate_hz
        self.frequency_hz[at] = np.sqrt((s[3] + tiny) / (s[2] + tiny)) * filters.rate_hz / 2 / np.pi
        self.fast_uv[at] = np.sqrt(s[6] / n)
        fault = np.zeros(n.shape, np.uint8)
        fault[s[2] < (1.0 - mains_share) * s[7]] = MAINS
        fault[s[7] < flat_uv**2 * n] = FLAT
        fault[s[9] >= saturated_share * n] = SATURATED
        self.fault[at] = fault
        for place, k, i in ((self.common_band, 2, 0), (self.common_fast, 6, 1)):
            mean_power = s[k][:, :n_together].mean(axis=1)
            place[at] = block.together[whole, i] / (mean_power + tiny)
