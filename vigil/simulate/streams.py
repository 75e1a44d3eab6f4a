"""Random numbers and filters that do not care how time is cut into blocks."""

from __future__ import annotations

import zlib
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import signal

from vigil.simulate.settings import PAGE_S

FloatArray = npt.NDArray[np.float64]


def generator(seed: int, *key: str | int) -> np.random.Generator:
    """Random generator of one thing of the rig, the same in every run.

    Parameters
    ----------
    seed : int
        The rig's seed.
    *key : str or int
        What the numbers are for, such as a recording, a channel and a second.
    """
    entropy = [seed] + [zlib.crc32(k.encode()) if isinstance(k, str) else k for k in key]
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(entropy)))


class PagedNoise:
    """White noise of unit variance, drawn page by page so that blocks may be of any length.

    Parameters
    ----------
    seed : int
        The rig's seed.
    key : tuple
        What the noise is for.
    rows : int
        Number of independent rows.
    rate_hz : int
        Samples per second.
    """

    # pages before the recording's first second, where filters settle, have negative numbers
    EARLIEST_PAGE = -1000

    def __init__(self, seed: int, key: tuple[str | int, ...], rows: int, rate_hz: int) -> None:
        self._seed, self._key = seed, key
        self._shape = (rows, rate_hz * PAGE_S)

    def normal(self, first_page: int, pages: int) -> FloatArray:
        """Normal noise of some pages, (rows, samples)."""
        return self._draw(first_page, pages, "normal")

    def uniform(self, first_page: int, pages: int) -> FloatArray:
        """Uniform noise in [0, 1) of some pages, (rows, samples)."""
        return self._draw(first_page, pages, "uniform")

    def _draw(self, first_page: int, pages: int, what: Literal["normal", "uniform"]) -> FloatArray:
        parts = []
        for page in range(first_page, first_page + pages):
            rng = generator(self._seed, *self._key, page - self.EARLIEST_PAGE)
            draw = rng.standard_normal if what == "normal" else rng.random
            parts.append(draw(self._shape))
        return np.concatenate(parts, axis=1)


class CarriedFilter:
    """A recursive filter that goes on where the last block ended.

    Parameters
    ----------
    sos : ndarray
        Second-order sections.
    rows : int
        Number of signals.
    unit_variance : bool
        Scale so that white noise of unit variance comes out with unit variance.
    """

    def __init__(self, sos: FloatArray, rows: int = 1, unit_variance: bool = False) -> None:
        sos = np.array(sos, dtype=float)
        if unit_variance:
            sos[0, :3] /= _noise_gain(sos)
        self._sos = sos
        self._state = np.zeros((len(sos), rows, 2))

    def __call__(self, x: FloatArray) -> FloatArray:
        """Filter the next block, (rows, samples)."""
        y, self._state = signal.sosfilt(self._sos, x, axis=-1, zi=self._state)
        return np.asarray(y)


def _noise_gain(sos: FloatArray) -> float:
    """Standard deviation of filtered white noise: the norm of the impulse response."""
    slowest = max(float(np.abs(np.roots(section[3:])).max()) for section in sos)
    length = min(4_000_000, int(np.ceil(12 / -np.log(min(slowest, 1 - 1e-6)))) + 64)
    impulse = np.zeros(length)
    impulse[0] = 1.0
    return float(np.linalg.norm(signal.sosfilt(sos, impulse)))


def band(low_hz: float, high_hz: float, rate_hz: float, order: int = 2) -> FloatArray:
    """Butterworth band-pass as second-order sections."""
    return np.asarray(signal.butter(order, (low_hz, high_hz), "bandpass", fs=rate_hz, output="sos"))


def low_pass(high_hz: float, rate_hz: float, order: int = 1) -> FloatArray:
    """Butterworth low-pass as second-order sections."""
    return np.asarray(signal.butter(order, high_hz, "lowpass", fs=rate_hz, output="sos"))


def power_law(exponent: float, low_hz: float, high_hz: float, rate_hz: float) -> FloatArray:
    """Filter that turns white noise into noise whose power falls as frequency ** -exponent.

    Poles stand two per octave between the limits and a zero follows each pole at the distance
    that gives the exponent (the classical staircase for fractional slopes).
    """
    step = np.sqrt(2.0)
    poles_hz = low_hz * step ** np.arange(int(np.ceil(np.log(high_hz / low_hz) / np.log(step))))
    zeros_hz = poles_hz * step ** (exponent / 2)
    zeros, poles = (np.exp(-2 * np.pi * f / rate_hz) for f in (zeros_hz, poles_hz))
    return np.asarray(signal.zpk2sos(zeros, poles, 1.0))


def upsample_linear(x: FloatArray, factor: int) -> FloatArray:
    """Straight lines between samples, (rows, n + 1) to (rows, n * factor)."""
    share = np.arange(factor) / factor
    y = x[:, :-1, None] * (1 - share) + x[:, 1:, None] * share
    return y.reshape(x.shape[0], -1)
