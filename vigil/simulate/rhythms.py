"""Rhythms of the brain at 2 kHz: theta with a wandering frequency, spindles, ripples."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vigil.simulate.settings import PAGE_S
from vigil.simulate.streams import generator

FloatArray = npt.NDArray[np.float64]


class Oscillator:
    """The phase of a rhythm whose frequency changes."""

    def __init__(self, rate_hz: float, phase_rad: float = 0.0) -> None:
        self._rate_hz = rate_hz
        self._phase_rad = phase_rad

    def __call__(self, frequency_hz: FloatArray) -> FloatArray:
        """Phase at each sample of the next block, in radians."""
        steps = np.empty(len(frequency_hz) + 1)
        steps[0] = self._phase_rad
        steps[1:] = 2 * np.pi / self._rate_hz * frequency_hz
        phase = np.cumsum(steps)
        self._phase_rad = phase[-1]
        return phase[1:]


def theta_wave(phase_rad: FloatArray) -> FloatArray:
    """Asymmetric theta wave of unit variance (Buzsaki et al. 1985 describe the sawtooth)."""
    wave: FloatArray = (np.sin(phase_rad) + 0.13 * np.sin(2 * phase_rad - 0.7)) / 0.7131
    return wave


def slow_wave(x: FloatArray) -> FloatArray:
    """Deeper troughs than crests, as cortical slow waves have; keeps unit variance."""
    skewed: FloatArray = (x - 0.22 * (x * x - 1)) / np.sqrt(1 + 2 * 0.22**2)
    return skewed


def spindles(key: tuple[int, str], time_s: FloatArray, first_page: int, hz: float) -> FloatArray:
    """Spindles of unit peak: waxing and waning bursts of 0.6 to 1.6 s, one in five seconds.

    Parameters
    ----------
    key : (seed, recording)
        Whose spindles.
    time_s : ndarray
        Times of the block that starts with `first_page`.
    hz : float
        The animal's spindle frequency; each spindle has its own, and slows a little.
    """
    out = np.zeros(len(time_s))
    for page in range(first_page - 2, int(time_s[-1] // PAGE_S) + 1):
        u = generator(key[0], "spindles", key[1], page + 1000).random(5)
        if u[0] > 0.2:
            continue
        starts_s, lasts_s = page + u[1], 0.6 + u[2]
        a, b = np.searchsorted(time_s, (starts_s, starts_s + lasts_s))
        t = time_s[a:b] - starts_s
        cycles = (hz + 1.2 * (u[3] - 0.5)) * t - 0.4 * t**2 + u[4]
        out[a:b] += np.sin(np.pi * t / lasts_s) ** 2 * np.sin(2 * np.pi * cycles)
    return out


def ripples(key: tuple[int, str], time_s: FloatArray, first_page: int) -> FloatArray:
    """Ripples of 150 Hz on a sharp wave, of about unit peak, up to two each second."""
    out = np.zeros(len(time_s))
    for page in range(first_page - 1, int(time_s[-1] // PAGE_S) + 1):
        for u in generator(key[0], "ripples", key[1], page + 1000).random((2, 4)):
            if u[0] > 0.4:
                continue
            middle_s, width_s = page + u[1], 0.014 + 0.01 * u[2]
            a, b = np.searchsorted(time_s, (middle_s - 0.12, middle_s + 0.12))
            t = time_s[a:b] - middle_s
            ripple = np.exp(-0.5 * (t / width_s) ** 2) * np.sin(2 * np.pi * (140 + 25 * u[3]) * t)
            out[a:b] += ripple - 1.3 * np.exp(-0.5 * (t / 0.022) ** 2)
    return out
