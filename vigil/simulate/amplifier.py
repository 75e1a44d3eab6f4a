"""From 2 kHz microvolts to 32 kHz integers: interpolation, spiking, noise, conversion."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import signal

from vigil.compiled import compiled
from vigil.simulate.brain import BRAIN_HZ, Field
from vigil.simulate.plan import RecordingPlan
from vigil.simulate.settings import PAGE_S, RATE_HZ, Rig
from vigil.simulate.streams import generator

UP = RATE_HZ // BRAIN_HZ
TAPS_PER_PHASE = 11
LEAD = 5
"""Samples at 2 kHz by which the interpolation has to see ahead."""

INPUT_RANGE_UV = 3000
STEP_UV = INPUT_RANGE_UV / 32768
NOISE_UV = 4.0
SPIKING_UV = 6.0
TONE_HZ, TONE_UV = 1257.0, 5.0
"""A switching supply: without an anti-aliasing filter it would turn up in the theta band."""


def interpolation_taps() -> npt.NDArray[np.float32]:
    """Low-pass of 161 taps, flat to 500 Hz and down by 60 dB from 1500 Hz, (tap, phase)."""
    taps = signal.firwin(2 * LEAD * UP + 1, 950, window=("kaiser", 5.6), fs=RATE_HZ) * UP
    padded = np.zeros(TAPS_PER_PHASE * UP)
    padded[: len(taps)] = taps
    return padded.reshape(TAPS_PER_PHASE, UP).astype(np.float32)


class Amplifier:
    """Turns the field at the electrodes into the samples of the files, channel by channel."""

    def __init__(self, rig: Rig, plan: RecordingPlan) -> None:
        n = rig.channels
        self._seed, self._recording = rig.seed, plan.recording
        self._taps = interpolation_taps()
        self._history = np.zeros((n, TAPS_PER_PHASE - 1), dtype=np.float32)
        b, a = signal.butter(1, (600, 3000), "bandpass", fs=RATE_HZ)
        impulse = signal.lfilter(b, a, np.eye(1, 4000)[0])
        self._biquad = np.array([b[0] / np.linalg.norm(impulse), a[1], a[2]], dtype=np.float32)
        self._biquad_state = np.zeros((n, 4), dtype=np.float32)
        wiring = generator(rig.seed, "spiking", plan.animal)
        lfp = np.array([k == "lfp" for k in rig.montage.kind])
        self._spiking_uv = (SPIKING_UV * wiring.uniform(0.5, 1.5, n) * lfp).astype(np.float32)

    def convert(self, field: Field, first_page: int, pages: int) -> npt.NDArray[np.int16]:
        """Samples of the next pages, int16 (channel, sample)."""
        count = pages * PAGE_S * RATE_HZ
        out = np.empty((len(field.signal_uv), count), dtype=np.int16)
        first = first_page * PAGE_S * RATE_HZ
        cycles = TONE_HZ / RATE_HZ * np.arange(first, first + count)
        tone = (TONE_UV * np.sin(2 * np.pi * (cycles % 1.0))).astype(np.float32)
        white = np.empty(count, dtype=np.float32)
        page = PAGE_S * RATE_HZ
        for c, row in enumerate(field.signal_uv):
            for k in range(pages):
                rng = generator(self._seed, "amplifier", self._recording, c, first_page + k + 1000)
                rng.standard_normal(page, dtype=np.float32, out=white[k * page : (k + 1) * page])
            seen = np.concatenate([self._history[c], row])
            self._history[c] = seen[-(TAPS_PER_PHASE - 1) :]
            _convert(
                seen,
                self._taps,
                white,
                tone,
                field.spiking * self._spiking_uv[c],
                self._biquad,
                self._biquad_state[c],
                out[c],
            )
        return out


@compiled()
def _convert(
    seen: npt.NDArray[np.float32],
    taps: npt.NDArray[np.float32],
    white: npt.NDArray[np.float32],
    tone: npt.NDArray[np.float32],
    spiking_uv: npt.NDArray[np.float32],
    biquad: npt.NDArray[np.float32],
    state: npt.NDArray[np.float32],
    out: npt.NDArray[np.int16],
) -> None:  # pragma: no cover - compiled
    n_taps = taps.shape[0]
    up = taps.shape[1]
    gain, a1, a2 = biquad[0], biquad[1], biquad[2]
    x1, x2, y1, y2 = state[0], state[1], state[2], state[3]
    total = np.zeros(up, dtype=np.float32)
    per_step = np.float32(1 / STEP_UV)
    noise_uv = np.float32(NOISE_UV)
    for m in range(len(seen) - n_taps + 1):
        for p in range(up):
            total[p] = 0
        for k in range(n_taps):
            x = seen[m + n_taps - 1 - k]
            for p in range(up):
                total[p] += taps[k, p] * x
        spikes_uv = spiking_uv[m]
        for p in range(up):
            x0 = white[m * up + p]
            y0 = gain * (x0 - x2) - a1 * y1 - a2 * y2
            x2, x1, y2, y1 = x1, x0, y1, y0
            total[p] += noise_uv * x0 + spikes_uv * y0 + tone[m * up + p]
        for p in range(up):
            steps = np.rint(total[p] * per_step)
            out[m * up + p] = np.int16(min(np.float32(32767), max(np.float32(-32768), steps)))
    state[0], state[1], state[2], state[3] = x1, x2, y1, y2
