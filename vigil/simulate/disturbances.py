"""What looks like a seizure and is none: chewing, cable, mains, saturation, a plug that is out.

Rates and sizes were written down before any detector was measured on them. Chewing and grooming of
rodents go at 4 to 8 Hz; the other numbers are estimates from recordings of freely moving mice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigil.simulate.bouts import WAKE, Bouts
from vigil.simulate.seizure import Seizure
from vigil.simulate.settings import Rig
from vigil.simulate.streams import generator

FloatArray = npt.NDArray[np.float64]

# kind: per hour, shortest and longest in seconds, whether only some channels may have it
KINDS: dict[str, tuple[float, tuple[float, float], bool]] = {
    "chewing": (3.0, (10.0, 60.0), False),
    "cable": (1.2, (5.0, 40.0), False),
    "mains": (0.5, (10.0, 120.0), True),
    "saturation": (0.5, (5.0, 40.0), True),
    "unplugged": (0.4, (10.0, 300.0), True),
}
DURING_SEIZURE = 0.02
"""Share of disturbances that lie over a part of a seizure, on purpose: about a tenth of the
seizures have one. Only of these kinds."""
MAY_COVER = ("chewing", "cable", "mains")
APART_S = 5.0
ALL_CHANNELS = 0.5


@dataclass(frozen=True)
class Disturbance:
    """A disturbance: its kind, when, and the positions of the channels that have it."""

    kind: str
    start_s: float
    stop_s: float
    channels: tuple[int, ...]


def draw_disturbances(
    rig: Rig,
    animal: str,
    recording: str,
    duration_s: float,
    n_channels: int,
    bouts: Bouts,
    seizures: tuple[Seizure, ...],
) -> tuple[Disturbance, ...]:
    """Draw the disturbances of a recording, in their order, none over another."""
    rng = generator(rig.seed, "disturbances", recording)
    habit = generator(rig.seed, "habits", animal)
    taken = [(s.onset_s, s.end_s) for s in seizures]
    found: list[Disturbance] = []
    for kind, (per_hour, lasts_s, partial) in KINDS.items():
        mean = per_hour * float(np.exp(habit.uniform(-0.7, 0.7))) * duration_s / 3600
        for _ in range(int(rng.poisson(mean))):
            longest_s = min(lasts_s[1], 0.1 * duration_s)
            length_s = float(np.exp(rng.uniform(*np.log((min(lasts_s[0], longest_s), longest_s)))))
            over = rng.random() < DURING_SEIZURE and kind in MAY_COVER and len(seizures) > 0
            channels = tuple(range(n_channels))
            if partial and rng.random() > ALL_CHANNELS and n_channels > 1:
                some = rng.permutation(n_channels)[: int(rng.integers(1, n_channels))]
                channels = tuple(int(c) for c in np.sort(some))
            for _ in range(20):
                if over:
                    s = seizures[int(rng.integers(len(seizures)))]
                    # the first seconds stay as they are, so that the onset can be told
                    start_s = s.onset_s + float(rng.uniform(0.3, 0.8)) * s.duration_s
                    blocked = [(d.start_s, d.stop_s) for d in found]
                else:
                    start_s = float(rng.uniform(0, duration_s - length_s))
                    blocked = taken + [(d.start_s, d.stop_s) for d in found]
                stop_s = start_s + length_s
                free = all(stop_s + APART_S < a or start_s - APART_S > b for a, b in blocked)
                awake = kind != "chewing" or over or bouts.at(start_s) == WAKE
                if free and awake and stop_s < duration_s:
                    place = Disturbance(kind, round(start_s, 3), round(stop_s, 3), channels)
                    found.append(place)
                    break
    return tuple(sorted(found, key=lambda d: d.start_s))
