"""The bands of ripples and fast ripples: their filters, and how strong the background is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.signal

from vigil.compiled import compiled
from vigil.recording import FloatArray

Float32 = npt.NDArray[np.float32]

RIPPLE, FAST_RIPPLE = "ripple", "fast_ripple"
BANDS_HZ = {RIPPLE: (80.0, 250.0), FAST_RIPPLE: (250.0, 500.0)}
"""Ripples and fast ripples (Bragin et al. 1999; Zijlmans et al. 2012)."""
REACH = 0.4
"""Share of the stored rate up to which signals are kept whole (downsample's `passband`)."""
LEAST_WIDTH = 0.5
"""Share of a band that the stored rate must hold."""
STOPBAND_DB = 60.0
TRANSITION = 0.5
"""Width of the filter's transitions as a share of the band's; wider ones ring less."""
TAPS = 16
"""Filters have a multiple of so many taps, which the processor takes together."""
ENOUGH = 2500
"""Values from which the background is known to 3 %."""
MEDIAN_OF_NORMAL = 0.6745


@dataclass(frozen=True)
class Band:
    """A band of oscillations at one rate.

    Parameters
    ----------
    name : str
        `ripple` or `fast_ripple`.
    band_hz : tuple of float
        Borders, as far as the rate allows.
    taps : ndarray, float32
        Linear-phase band-pass without gain at zero frequency.
    rate_hz : float
        Rate of the signals.
    """

    name: str
    band_hz: tuple[float, float]
    taps: Float32
    rate_hz: float

    @property
    def half(self) -> int:
        """Rows that a filtered value needs to each side."""
        return len(self.taps) // 2


def make_band(name: str, rate_hz: float) -> Band | None:
    """The band of `ripple` or `fast_ripple`; None where the rate holds less than half of it."""
    low, high = BANDS_HZ[name]
    top = min(high, REACH * rate_hz)
    if top - low < LEAST_WIDTH * (high - low):
        return None
    width = top - low
    n, beta = scipy.signal.kaiserord(STOPBAND_DB, TRANSITION * width / (rate_hz / 2))
    size = -(-n // TAPS) * TAPS - 1  # odd, and with a zero a multiple of TAPS
    taps = scipy.signal.firwin(
        size, (low, top), window=("kaiser", beta), pass_zero=False, fs=rate_hz
    )
    window = np.kaiser(size, beta)
    taps -= window * taps.sum() / window.sum()  # an offset of millivolts leaves nothing
    return Band(name, (low, top), np.r_[0.0, taps].astype(np.float32), rate_hz)


@compiled(nogil=True, fastmath=True)
def _filter(x: Float32, taps: Float32, y: Float32) -> None:
    """Fill y with the sums of taps and x around each row that has a whole filter."""
    size = np.uintp(taps.size)
    for n in range(np.uintp(0), np.uintp(y.size)):
        total = np.float32(0)
        for i in range(size):
            total += x[n + i] * taps[i]
        y[n] = total


def band_pass(x_uv: Float32, band: Band) -> Float32:
    """Signals (channel, row) in the band.

    Returns
    -------
    ndarray, float32, (channel, row - 2 half)
        Value 0 belongs to row `half`. Empty where the piece is shorter than the filter.
    """
    n = max(0, x_uv.shape[1] - 2 * band.half)
    y = np.empty((len(x_uv), n), np.float32)
    for row, out in zip(x_uv, y, strict=True):
        if n:
            _filter(np.ascontiguousarray(row - row[0], np.float32), band.taps, out)
    return y


def background_sd(y: Float32, valid: npt.NDArray[np.bool_]) -> FloatArray:
    """Robust standard deviation (channel,) of band-passed signals over the valid rows.

    Some thousand values tell it. 0 for a channel that is dead, or of which no row is valid.

    Parameters
    ----------
    y : ndarray, (channel, row)
    valid : ndarray of bool, (row,) or (channel, row)
        The same rows for all channels, or its own for each.
    """
    if valid.ndim == 2:
        if (valid == valid[:1]).all():
            valid = valid[0]
        else:
            pairs = zip(y, valid, strict=True)
            return np.concatenate([background_sd(row[None], mine) for row, mine in pairs])
    step = max(1, y.shape[1] // ENOUGH)
    thin = np.abs(y[:, ::step][:, valid[::step]])
    if not thin.shape[1]:
        return np.zeros(len(y))
    return np.asarray(np.median(thin, axis=1) / MEDIAN_OF_NORMAL, np.float64)
