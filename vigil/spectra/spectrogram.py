"""The spectrogram of each region, in windows that no gap touches."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from vigil.downsample.files import Lfp
from vigil.spectra.epochs import place_windows
from vigil.spectra.multitaper import make_tapers, power_density, tapered_fourier

WINDOWS_AT_ONCE = 64


def region_spectrogram(
    lfp: Lfp,
    regions: Mapping[str, list[int]],
    window_s: float,
    step_s: float,
    max_hz: float,
    nw: float,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Multitaper spectrogram, the median over the channels of each region.

    Parameters
    ----------
    lfp : Lfp
        The signals.
    regions : mapping
        Usable channels of each region.
    window_s, step_s : float
        Length of a window and distance between the starts of two.
    max_hz : float
        Highest frequency.
    nw : float
        Time-bandwidth product.

    Returns
    -------
    power : ndarray, (region, time, frequency)
        uV^2/Hz, NaN where a gap touches the window.
    time_s : ndarray, (time,)
        Centre of each window.
    frequency_hz : ndarray, (frequency,)
    """
    last_start_s = lfp.segments.duration_s - window_s
    start_s = np.arange(0.0, max(last_start_s, 0.0) + 1e-9, step_s)
    windows = place_windows(lfp.segments, start_s, window_s)
    tapers = make_tapers(windows.n_rows, lfp.rate_hz, nw)
    kept = tapers.frequency_hz <= max_hz
    power = np.full((len(regions), len(start_s), int(kept.sum())), np.nan, np.float32)
    for which, first, last in windows.blocks(WINDOWS_AT_ONCE):
        rows = lfp.read_uv(first, last)
        x = np.stack([rows[r : r + windows.n_rows].T for r in windows.first_row[which] - first])
        for i, channels in enumerate(regions.values()):
            density = [
                power_density(tapered_fourier(x[:, c], tapers), tapers)[:, kept] for c in channels
            ]
            power[i, which] = np.median(density, axis=0)
    return power, start_s + window_s / 2, tapers.frequency_hz[kept]
