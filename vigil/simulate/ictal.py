"""The waveform of a seizure: low-voltage fast activity, then spikes and waves that slow down."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vigil.simulate.seizure import Seizure

FloatArray = npt.NDArray[np.float64]

FIRST_HZ, LAST_HZ = 12.0, 3.0
FAST_S = {True: 3.0, False: 1.5}
"""Low-voltage fast activity lasts so long where the seizure begins, and elsewhere."""
FAST_UV = 55.0
GROWS_S = 9.0
ENDS_S = 0.4
LEAK = 0.04
"""Share of a seizure's field that reaches the other regions through the tissue."""


def discharge_phase(seizure: Seizure, time_s: FloatArray) -> FloatArray:
    """Cycles of spikes and waves since the onset; their frequency falls from 12 to 3 Hz."""
    decay = np.log(FIRST_HZ / LAST_HZ)
    share = np.clip((time_s - seizure.onset_s) / seizure.duration_s, 0, 1)
    cycles: FloatArray = FIRST_HZ * seizure.duration_s / decay * (1 - np.exp(-decay * share))
    return cycles


def ragged(cycles: FloatArray, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
    """Make discharges a little early, late, high and low.

    Returns
    -------
    cycles, height : ndarray
        Cycles with jitter, and the height of the discharge at each sample, 1 on average.
    """
    # more draws than any seizure has cycles, so that they do not depend on the block
    draws = rng.uniform(-1, 1, (2, 2000))
    whole = np.arange(2000)
    return (
        cycles + 0.08 * np.interp(cycles, whole, draws[0]),
        1 + 0.2 * np.interp(cycles, whole, draws[1]),
    )


def spike_and_wave(cycles: FloatArray) -> FloatArray:
    """A sharp negative spike and a slow positive wave per cycle; the peak of the spike is -1."""
    place = cycles % 1.0
    spike = np.exp(-0.5 * ((place - 0.25) / 0.05) ** 2)
    wave = np.exp(-0.5 * ((place - 0.65) / 0.13) ** 2)
    return 0.6 * wave - spike


def envelopes(
    seizure: Seizure, region: str, time_s: FloatArray, peak_uv: float
) -> tuple[FloatArray, FloatArray]:
    """Amplitudes of the fast activity and of the spikes and waves of a region, in microvolts.

    Parameters
    ----------
    time_s : ndarray
        Times on the recording's clock.
    peak_uv : float
        Largest amplitude of the spikes.

    Returns
    -------
    fast_uv, discharge_uv : ndarray
        Zero before the seizure reaches the region and after its end.
    """
    here = seizure.onset_s + seizure.delay_s[region]
    since = time_s - here
    first = seizure.delay_s[region] == 0
    inside = (since >= 0) & (time_s < seizure.end_s)
    stops = np.clip((seizure.end_s - time_s) / ENDS_S, 0, 1)
    fast = np.clip(since / 0.15, 0, 1) * np.clip(2 - since / FAST_S[first], 0.25, 1)
    grows = np.clip((since - 0.7 * FAST_S[first]) / GROWS_S, 0, 1)
    discharge = 0.18 * (grows > 0) * np.clip(grows * 20, 0, 1) + 0.82 * grows**1.3
    return FAST_UV * fast * stops * inside, peak_uv * discharge * stops * inside


def leak(field: FloatArray) -> FloatArray:
    """Let a share of each region's field, (region, sample), reach the others."""
    if len(field) == 1:
        return field
    total = field[0].copy()
    for row in field[1:]:
        total += row
    return np.asarray((1 - LEAK) * field + LEAK * total)
