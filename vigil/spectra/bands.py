"""Which frequencies count for what: bands, what is usable, and what the mains take away."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigil.spectra.multitaper import bins_of_band
from vigil.spectra.settings import Settings

EMG_HZ = (30.0, 500.0)
"""Where the power of a muscle counts."""
FAST_HZ = (300.0, 600.0)
"""Where distant sites of the brain share nothing but muscle (Watson et al. 2016)."""
REACH = 0.4
"""Share of the rate up to which the stored signals are flat."""


@dataclass(frozen=True)
class Bins:
    """Which frequencies of the epochs' spectra count for what, mains left out everywhere.

    Parameters
    ----------
    usable : ndarray of bool, (frequency,)
        All that the stored rate reaches and the mains do not.
    bands : mapping
        Those of each band.
    emg : ndarray of bool, (frequency,)
        Those of the EMG's RMS; none where the stored rate does not reach them.
    fast : ndarray of bool, (frequency,)
        Those of muscle tone told from the brain's channels.
    """

    usable: npt.NDArray[np.bool_]
    bands: dict[str, npt.NDArray[np.bool_]]
    emg: npt.NDArray[np.bool_]
    fast: npt.NDArray[np.bool_]

    def reach(self, *wanted: npt.NDArray[np.bool_]) -> int:
        """How many frequencies, from 0 on, hold all that some bins want."""
        return 1 + max(int(k.nonzero()[0][-1]) for k in wanted if k.any())


def choose_bins(frequency_hz: npt.NDArray[np.float64], settings: Settings, rate_hz: float) -> Bins:
    """Frequencies that the stored rate reaches and the mains do not.

    The tapers spread a line over nw / epoch_s to each side (Thomson 1982); so much more
    than `mains_width_hz` is left out. Bands of which nothing remains are left out.
    """
    reach_hz = REACH * rate_hz
    half_width_hz = settings.mains_width_hz + settings.nw / settings.epoch_s

    def within(band_hz: tuple[float, float]) -> npt.NDArray[np.bool_]:
        return bins_of_band(frequency_hz, band_hz, settings.mains_hz, half_width_hz)

    bands = {name: within(band) for name, band in settings.bands.items() if band[1] <= reach_hz}
    return Bins(
        usable=within((0.0, reach_hz)),
        bands={name: k for name, k in bands.items() if k.any()},
        emg=within((EMG_HZ[0], min(EMG_HZ[1], reach_hz))),
        fast=within((FAST_HZ[0], min(FAST_HZ[1], 0.48 * rate_hz))),
    )
