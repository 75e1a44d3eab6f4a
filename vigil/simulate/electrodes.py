"""What electrodes of a varied rig add: noise, a bad contact, the heart in the EMG."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vigil.simulate.plan import RecordingPlan
from vigil.simulate.rhythms import Oscillator
from vigil.simulate.settings import Rig
from vigil.simulate.streams import CarriedFilter, PagedNoise, band

FloatArray = npt.NDArray[np.float64]

LOOSE_GAIN = 0.4
LOOSE_UV = 30.0
"""A bad contact damps the signal and wanders below 8 Hz."""
HEART_HZ = (8.0, 10.5)
"""480 beats a minute asleep and 630 awake."""


class Electrodes:
    """The noise of the electrodes of one recording, block by block."""

    def __init__(self, rig: Rig, plan: RecordingPlan, n_lfp: int, rate_hz: int) -> None:
        self._traits, self._n_lfp = plan.traits, n_lfp
        self._noise = PagedNoise(rig.seed, ("electrodes", plan.recording), n_lfp + 2, rate_hz)
        self._wander = CarriedFilter(band(0.3, 8, rate_hz, 1), 1, unit_variance=True)
        self._beat = Oscillator(rate_hz)

    def add(
        self,
        signal_uv: npt.NDArray[np.float32],
        awake: FloatArray,
        first_page: int,
        pages: int,
    ) -> None:
        """Add to signals (channel, sample) in place; `awake` is 0 to 1 at each sample."""
        traits, n = self._traits, self._n_lfp
        noise = self._noise.normal(first_page, pages)
        if traits.loose and n > 1:
            signal_uv[n - 1] *= LOOSE_GAIN
            signal_uv[n - 1] += (LOOSE_UV * self._wander(noise[-1:])[0]).astype(np.float32)
        signal_uv[:n] += (traits.noise_uv * noise[:n]).astype(np.float32)
        if len(signal_uv) > n:
            slow_hz, fast_hz = HEART_HZ
            beat_hz = slow_hz + (fast_hz - slow_hz) * awake
            since_s = (self._beat(beat_hz) / (2 * np.pi) % 1.0 - 0.5) / beat_hz
            muscle_uv = traits.muscle_floor_uv * noise[n] + traits.heart_uv * heart_beat(since_s)
            signal_uv[n] += muscle_uv.astype(np.float32)


def heart_beat(since_s: FloatArray) -> FloatArray:
    """A heart beat of unit peak as a neck muscle's wires see it: a mouse's QRS takes 10 ms."""
    peak = np.exp(-0.5 * (since_s / 0.002) ** 2)
    return np.asarray(peak - 0.4 * np.exp(-0.5 * ((since_s - 0.007) / 0.003) ** 2))
