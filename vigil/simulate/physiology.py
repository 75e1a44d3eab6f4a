"""How strong each rhythm is in each region and state, and how animals differ.

Amplitudes are those of local field potentials of mice: slow waves of a tenth of a millivolt in
the cortex, theta of the same size in the hippocampus, a fifth of that elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigil.simulate.streams import generator
from vigil.simulate.traits import PLAIN, Traits

FloatArray = npt.NDArray[np.float64]
Table = dict[str, tuple[float, ...]]

MOODS = ("running", "quiet", "nrem", "rem", "ictal", "suppressed", "dead")
"""What the strength of a rhythm depends on: wake is split by movement."""

# standard deviation in microvolts, in the order of MOODS; 'ictal' holds for regions that the
# seizure has not reached
BACKGROUND: Table = {
    "hippocampus": (40, 42, 40, 38, 40, 5.0, 1.0),
    "cortex": (36, 40, 38, 34, 38, 4.5, 1.0),
    "amygdala": (34, 36, 34, 32, 35, 4.5, 1.0),
    "thalamus": (30, 32, 31, 28, 31, 4.0, 1.0),
}
DELTA: Table = {
    "hippocampus": (10, 18, 58, 9, 16, 3, 0),
    "cortex": (9, 20, 105, 9, 18, 4, 0),
    "amygdala": (8, 15, 60, 8, 14, 3, 0),
    "thalamus": (7, 14, 80, 7, 13, 3, 0),
}
THETA: Table = {
    "hippocampus": (92, 30, 12, 95, 20, 0, 0),
    "cortex": (36, 11, 8, 40, 10, 0, 0),
    "amygdala": (24, 8, 6, 26, 7, 0, 0),
    "thalamus": (17, 6, 5, 19, 5, 0, 0),
}
GAMMA: Table = {
    "hippocampus": (15, 10, 6, 14, 10, 0.8, 0),
    "cortex": (13, 10, 5, 11, 9, 0.8, 0),
    "amygdala": (11, 8, 5, 10, 8, 0.8, 0),
    "thalamus": (9, 7, 4, 8, 7, 0.8, 0),
}
SPINDLE = {"hippocampus": 16.0, "cortex": 85.0, "amygdala": 20.0, "thalamus": 95.0}
RIPPLE = {"hippocampus": 65.0}
SPIKING = (1.0, 0.9, 0.8, 1.0, 1.0, 0.15, 0.0)
MUSCLE_TONE = (22.0, 22.0, 8.0, 3.0, 60.0, 4.0, 0.0)
MUSCLE_EFFORT = (75.0, 75.0, 8.0, 22.0, 170.0, 0.0, 0.0)
"""EMG at rest and its increase with movement, by mood: muscles are slack in REM but twitch."""

OTHER_REGION = "amygdala"


@dataclass(frozen=True)
class Physiology:
    """Amplitudes of one animal.

    Parameters
    ----------
    background_uv, delta_uv, theta_uv, gamma_uv : ndarray, (region, mood)
        Standard deviations.
    spindle_uv, ripple_uv, ictal_uv : ndarray, (region,)
        Peak amplitudes.
    theta_run_hz, theta_rem_hz, spindle_hz : float
        Frequencies.
    tone_uv, effort_uv : ndarray, (mood,)
        EMG at rest, and its increase with movement.
    spiking : ndarray, (mood,)
        How much neurons fire, 1 at most.
    """

    background_uv: FloatArray
    delta_uv: FloatArray
    theta_uv: FloatArray
    gamma_uv: FloatArray
    spindle_uv: FloatArray
    ripple_uv: FloatArray
    ictal_uv: FloatArray
    theta_run_hz: float
    theta_rem_hz: float
    spindle_hz: float
    tone_uv: FloatArray
    effort_uv: FloatArray
    spiking: FloatArray


def physiology_of(
    animal: str, regions: tuple[str, ...], seed: int, traits: Traits = PLAIN
) -> Physiology:
    """Amplitudes and frequencies of an animal: those of its kind, each a little off."""
    rng = generator(seed, "physiology", animal)

    def vary(table: Table, spread: float) -> FloatArray:
        rows = np.array([table.get(r, table[OTHER_REGION]) for r in regions], dtype=float)
        draws = rng.standard_normal(len(rows) + 1)
        factor = np.exp(0.7 * spread * (draws[0] + draws[1:]))
        return np.asarray(rows * factor[:, None])

    def peaks(table: dict[str, float], otherwise: float, spread: float) -> FloatArray:
        rows = np.array([table.get(r, otherwise) for r in regions])
        return np.asarray(rows * np.exp(spread * rng.standard_normal(len(rows))))

    muscle = traits.muscle_gain * float(np.exp(0.3 * rng.standard_normal()))
    theta_hz = float(np.clip(rng.normal(7.9, 0.25), 7.3, 8.5))
    if traits.theta_hz is not None:
        theta_hz = traits.theta_hz
    effort_uv = np.array(MUSCLE_EFFORT)
    if traits.sleep_effort_uv is not None:
        effort_uv[MOODS.index("nrem")] = traits.sleep_effort_uv
    return Physiology(
        background_uv=vary(BACKGROUND, traits.spread),
        delta_uv=traits.slow_gain * vary(DELTA, traits.spread),
        theta_uv=traits.theta_gain * vary(THETA, traits.spread),
        gamma_uv=vary(GAMMA, traits.spread),
        spindle_uv=peaks(SPINDLE, SPINDLE[OTHER_REGION], traits.spread),
        ripple_uv=peaks(RIPPLE, 0.0, traits.spread),
        ictal_uv=rng.uniform(650, 1000, len(regions)),
        theta_run_hz=theta_hz,
        theta_rem_hz=theta_hz - float(rng.uniform(0.3, 0.9)),
        spindle_hz=float(rng.uniform(11.5, 13.5)),
        tone_uv=muscle * np.array(MUSCLE_TONE),
        effort_uv=muscle * effort_uv,
        spiking=np.array(SPIKING),
    )
