"""The course of a seizure's waves, drawn for each of four onset patterns.

Numbers were written down before any detector was measured on them. The patterns are those that
Perucca, Dubeau and Gotman (2014) describe in people and Bragin et al. (2005), Levesque et al.
(2012) and Avoli et al. (2016) in rats with kainate or pilocarpine: low-voltage fast activity,
often after a herald spike; sharp rhythmic activity of theta; periodic spikes of high amplitude; and
a gradual build-up. Lengths and amplitudes are estimates for mice. Discharges slow down towards the
end in all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from vigil.simulate.seizure import Course

TYPICAL_UV = 800.0
"""Largest amplitude of a seizure whose gain is 1, see `physiology`."""
CLONIC, WITH_CLONIC = (0.1, 0.35), 0.5
"""Share of the length in which discharges come in bursts, and share of the seizures that end so."""
HIDDEN_UV = {"rhythmic_theta": 100.0, "slow_build_up": 140.0}
"""Amplitude with which gradual patterns begin: just above the background (30 to 60 uV, standard
deviation)."""


def draw_course(
    rng: np.random.Generator,
    pattern: str,
    duration_s: float,
    gain: float,
    reach: dict[str, float],
    at_once: bool,
) -> Course:
    """Draw the course of a seizure.

    Parameters
    ----------
    pattern : str
        One of `vigil.simulate.seizure.PATTERNS`.
    duration_s, gain : float
        Its length and the factor on its amplitude.
    reach : dict
        Amplitude of each region that it reaches, against the first one's.
    at_once : bool
        Whether all regions begin together.
    """
    joins_s = 0.2 if at_once else float(rng.uniform(1.5, 4.0))
    course = DRAWS[pattern](rng, duration_s, gain, reach, joins_s)
    clonic_s = float(rng.uniform(*CLONIC)) * duration_s * float(rng.random() < WITH_CLONIC)
    return replace(course, clonic_s=clonic_s)


def _low_voltage_fast(
    rng: np.random.Generator,
    duration_s: float,
    gain: float,
    reach: dict[str, float],
    joins_s: float,
) -> Course:
    fast_s = min(float(rng.uniform(2, 6)), 0.35 * duration_s)
    grown_s = min(fast_s + float(rng.uniform(3, 8)), 0.8 * duration_s)
    first_hz, last_hz = float(rng.uniform(7, 12)), float(rng.uniform(2.5, 4))
    return Course(
        hz=((0, first_hz), (grown_s, first_hz), (duration_s, last_hz)),
        level=((0, 0), (0.8 * fast_s, 0), (fast_s, 0.12), (grown_s, 1), (duration_s, 0.9)),
        sharpness=((0, 1),),
        joins_s=joins_s,
        reach=reach,
        fast_s=fast_s,
        fast_hz=(float(rng.uniform(65, 100)), float(rng.uniform(40, 55))),
        # stronger seizures have higher fast activity, but by less
        fast_uv=float(rng.uniform(20, 40)) * np.sqrt(gain),
        herald=float(rng.uniform(0.4, 0.9)) if rng.random() < 0.65 else 0.0,
    )


def _rhythmic_theta(
    rng: np.random.Generator,
    duration_s: float,
    gain: float,
    reach: dict[str, float],
    joins_s: float,
) -> Course:
    grows_s = min(float(rng.uniform(5, 12)), 0.6 * duration_s)
    first_hz, top_hz = float(rng.uniform(4.5, 6.5)), float(rng.uniform(6.5, 9))
    last_hz = float(rng.uniform(4, 5))
    begins = _begins("rhythmic_theta", gain)
    full = float(rng.uniform(0.55, 0.8))
    sharp = float(rng.uniform(0.1, 0.4))
    return Course(
        hz=((0, first_hz), (grows_s, top_hz), (duration_s, last_hz)),
        level=((0, begins), (0.5 * grows_s, 0.4 * full + 0.6 * begins), (grows_s, full)),
        sharpness=((0, 0), (grows_s, 0), (duration_s, sharp)),
        joins_s=joins_s,
        reach=reach,
    )


def _hypersynchronous(
    rng: np.random.Generator,
    duration_s: float,
    gain: float,
    reach: dict[str, float],
    joins_s: float,
) -> Course:
    spikes_s = min(float(rng.uniform(4, 10)), 0.5 * duration_s)
    turns_s = spikes_s + min(2.0, 0.1 * duration_s)
    slow_hz, fast_hz = float(rng.uniform(1.2, 3)), float(rng.uniform(8, 14))
    last_hz = float(rng.uniform(2.5, 4))
    dip = float(rng.uniform(0.3, 0.6))
    return Course(
        hz=((0, slow_hz), (spikes_s, slow_hz), (turns_s, fast_hz), (duration_s, last_hz)),
        level=((0, 1), (spikes_s, 1), (turns_s, dip), (min(turns_s + 6, duration_s), 1)),
        sharpness=((0, 1),),
        joins_s=joins_s,
        reach=reach,
    )


def _slow_build_up(
    rng: np.random.Generator,
    duration_s: float,
    gain: float,
    reach: dict[str, float],
    joins_s: float,
) -> Course:
    builds_s = min(float(rng.uniform(8, 15)), 0.6 * duration_s)
    first_hz, top_hz = float(rng.uniform(2, 3.5)), float(rng.uniform(7, 10))
    last_hz = float(rng.uniform(2.5, 4))
    begins = _begins("slow_build_up", gain)
    return Course(
        hz=((0, first_hz), (builds_s, top_hz), (duration_s, last_hz)),
        level=((0, begins), (0.6 * builds_s, 0.3 + 0.6 * begins), (builds_s, 1)),
        sharpness=((0, 0.4), (builds_s, 1)),
        joins_s=joins_s,
        reach=reach,
    )


def _begins(pattern: str, gain: float) -> float:
    return min(0.4, HIDDEN_UV[pattern] / (TYPICAL_UV * gain))


DRAWS: dict[str, Callable[..., Course]] = {
    "low_voltage_fast": _low_voltage_fast,
    "rhythmic_theta": _rhythmic_theta,
    "hypersynchronous": _hypersynchronous,
    "slow_build_up": _slow_build_up,
}
