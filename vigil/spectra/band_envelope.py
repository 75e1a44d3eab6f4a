"""The envelope of a band: how strong a rhythm is from moment to moment.

A linear-phase filter with a cosine and a sine in one window gives it directly, and only at every
few rows, as an envelope is slow. Those rows are counted from the first row of the segment, and
each value is a direct sum over the samples around it: it is the same to the bit wherever a block
of the recording begins.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import signal

from vigil.compiled import compiled

STOPBAND_DB = 60.0
"""Slow waves are tens of times larger than spindles, theta than ripples."""
TRANSITION = 0.5
"""Width of the filter's transitions as a share of the band's."""
VALUES_PER_HZ = 5.0
"""Values of the envelope per second and Hz of bandwidth, at least."""
TAPS = 32
"""Filters have a multiple of so many taps, which the processor takes together."""

Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Quadrature:
    """Taps of a band-pass filter, its cosine and its sine, and how often it is evaluated.

    Parameters
    ----------
    cosine, sine : ndarray, float32, (tap,)
        Their centre is tap number size / 2.
    step : int
        Rows from one value of the envelope to the next.
    """

    cosine: Float32
    sine: Float32
    step: int

    @property
    def half(self) -> int:
        """Rows that a value needs to each side."""
        return len(self.cosine) // 2


@dataclass(frozen=True)
class Envelope:
    """Envelopes of the channels in a piece of a segment.

    Parameters
    ----------
    values : ndarray, float32, (channel, value)
        Amplitude of the band in microvolts.
    first_row : int
        Row of the first value, counted from the first row of the segment.
    step : int
        Rows from one value to the next.
    """

    values: Float32
    first_row: int
    step: int


def make_quadrature(rate_hz: float, band_hz: tuple[float, float]) -> Quadrature:
    """The band-pass filter of a band: a Kaiser-windowed low pass, moved to the band's centre.

    A sinusoid in the middle of the band gives its amplitude, one at a border half of it.
    """
    width_hz = band_hz[1] - band_hz[0]
    least, beta = signal.kaiserord(STOPBAND_DB, TRANSITION * width_hz / (rate_hz / 2))
    half = -(-(least // 2 + 1) // (TAPS // 2)) * (TAPS // 2)
    low_pass = signal.firwin(2 * half - 1, width_hz / 2, window=("kaiser", beta), fs=rate_hz)
    angle = 2 * np.pi * sum(band_hz) / 2 / rate_hz * np.arange(-half + 1, half)
    cosine, sine = (
        np.concatenate([[0.0], 2 * low_pass * wave(angle)]).astype(np.float32)
        for wave in (np.cos, np.sin)
    )
    slowest_hz = VALUES_PER_HZ * width_hz
    step = 2 ** max(0, int(np.log2(rate_hz / slowest_hz)))
    return Quadrature(cosine, sine, step)


@compiled(nogil=True, fastmath=True)
def _magnitudes(x: Float32, cosine: Float32, sine: Float32, step: int, y: Float32) -> None:
    taps, stride = np.uintp(cosine.size), np.uintp(step)
    for n in range(np.uintp(0), np.uintp(y.size)):
        at = n * stride
        c = s = np.float32(0)
        for i in range(taps):
            c += x[at + i] * cosine[i]
            s += x[at + i] * sine[i]
        y[n] = np.sqrt(c * c + s * s)


def band_envelope(x: Float32, first_row: int, quadrature: Quadrature) -> Envelope:
    """Envelope of a band wherever the rows around are known.

    Parameters
    ----------
    x : ndarray, float32, (channel, row)
        Microvolts of contiguous rows inside one segment, margins included.
    first_row : int
        Number of x's first row, counted from the first row of the segment.
    quadrature : Quadrature
        Of `make_quadrature`.

    Returns
    -------
    Envelope
        Without values where the piece is shorter than the filter.
    """
    half, step = quadrature.half, quadrature.step
    first = -(-(first_row + half) // step)
    count = max(0, (first_row + x.shape[1] - half) // step - first + 1)
    values = np.empty((len(x), count), np.float32)
    begin = first * step - half - first_row
    for channel, y in zip(x, values, strict=True):
        if count:
            row = np.ascontiguousarray(channel[begin:], dtype=np.float32)
            _magnitudes(row, quadrature.cosine, quadrature.sine, step, y)
    return Envelope(values, first * step, step)
