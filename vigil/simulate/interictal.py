"""Spikes between seizures, and short runs of them that are no seizures.

Numbers were written down before any detector was measured on them. Spikes are 20 to 70 ms wide and
are followed by a slow wave (Kane et al. 2017 define them in people). Runs of 5 to 8 Hz that last 2
to 6 s are found in healthy rodents as well (Letts et al. 2014 review spike-wave discharges of
mice); all end below 10 s.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigil.simulate.seizure import Seizure
from vigil.simulate.settings import Rig
from vigil.simulate.streams import generator

FloatArray = npt.NDArray[np.float64]

SPIKES_PER_H = {True: (6.0, 240.0), False: (0.5, 6.0)}
"""Single spikes of mutants and of wildtypes: least and most."""
RUNS_PER_H = {True: (0.5, 8.0), False: (0.3, 3.0)}
RUN_S, RUN_HZ = (2.0, 6.0), (5.0, 8.0)
SPIKE_UV, RUN_UV = (150.0, 700.0), (120.0, 500.0)
IN_FOCUS = 0.7
AFTER_S = 20.0
"""Without spikes after a seizure and its suppression."""


@dataclass(frozen=True)
class Interictal:
    """Spikes between the seizures of a recording, in their order.

    Parameters
    ----------
    time_s, height_uv, width_s : ndarray, (spike,)
        Peak, its size, and the standard deviation of its shape.
    share : ndarray, (spike, region)
        Size in each region against the largest.
    run : ndarray of int, (spike,)
        Number of the run that it belongs to, from 1 on; 0: it is single.
    """

    time_s: FloatArray
    height_uv: FloatArray
    width_s: FloatArray
    share: FloatArray
    run: npt.NDArray[np.int64]

    def runs(self) -> list[tuple[float, float]]:
        """Begin and end of each run."""
        numbers = range(1, int(self.run.max(initial=0)) + 1)
        inside = [self.time_s[self.run == n] for n in numbers]
        return [(float(t[0]) - 0.05, float(t[-1]) + 0.2) for t in inside]


@dataclass(frozen=True)
class Ramps:
    """What grows before lead seizures: from `begins_s` on to the onset, in order.

    Parameters
    ----------
    begins_s, onset_s : ndarray, (seizure,)
    region : tuple of str
        Where each of them begins.
    """

    begins_s: FloatArray
    onset_s: FloatArray
    region: tuple[str, ...]

    def at(self, time_s: FloatArray, region: str | None = None) -> FloatArray:
        """0 far from lead seizures, growing in a straight line to 1 at their onset.

        In a region, if one is given: less where the seizure does not begin.
        """
        if not len(self.onset_s):
            return np.zeros(len(time_s))
        which = np.minimum(np.searchsorted(self.onset_s, time_s), len(self.onset_s) - 1)
        length_s = self.onset_s[which] - self.begins_s[which]
        ramp = np.clip((time_s - self.begins_s[which]) / length_s, 0, 1)
        ramp = ramp * (time_s < self.onset_s[which])
        if region is not None:
            share = [1.0 if r == region else ELSEWHERE for r in self.region]
            ramp = ramp * np.array(share)[which]
        return np.asarray(ramp)


LEAD_S = 1800.0
"""A lead seizure has none before it for so long."""
MORE_SPIKES = 4.0
"""Times as many spikes at the end of the ramp."""
LESS_THETA, MORE_GAMMA, ELSEWHERE = 0.35, 0.6, 0.3
"""At the end of the ramp theta is lower and gamma higher by these shares, in amplitude, where the
seizure begins; elsewhere by less than a third of that."""
MORE_REST, REST_S = 0.3, 10.0
"""At the end of the ramp the animal rests in this share of its time awake, so long at a time."""


def draw_ramps(rig: Rig, seizures: tuple[Seizure, ...]) -> Ramps:
    """Ramps of `rig.preictal_min` minutes before each lead seizure."""
    begins: list[float] = []
    onsets: list[float] = []
    regions: list[str] = []
    last_s = -np.inf
    for s in seizures:
        if rig.preictal_min > 0 and s.onset_s - last_s >= LEAD_S:
            begins.append(s.onset_s - 60 * rig.preictal_min)
            onsets.append(s.onset_s)
            regions.append(s.region)
        last_s = s.end_s
    return Ramps(np.array(begins), np.array(onsets), tuple(regions))


def draw_interictal(
    rig: Rig,
    animal: str,
    recording: str,
    regions: tuple[str, ...],
    focus: str | None,
    duration_s: float,
    seizures: tuple[Seizure, ...],
    ramps: Ramps,
) -> Interictal:
    """Draw the spikes of a recording.

    Parameters
    ----------
    focus : str or None
        Where most spikes of a mutant are; None: a wildtype.
    """
    habit = generator(rig.seed, "spike habits", animal)
    mutant = focus is not None
    per_hour = float(np.exp(habit.uniform(*np.log(SPIKES_PER_H[mutant]))))
    runs_per_hour = float(np.exp(habit.uniform(*np.log(RUNS_PER_H[mutant]))))
    rng = generator(rig.seed, "spikes", recording)
    n = len(regions)

    def place(middle: int) -> FloatArray:
        share = rng.uniform(0.0, 0.5, n)
        share[middle] = 1.0
        return np.asarray(share)

    def somewhere() -> int:
        if focus is not None and rng.random() < IN_FOCUS:
            return regions.index(focus)
        return int(rng.integers(n))

    rows: list[tuple[float, float, float, FloatArray, int]] = []
    # more than are needed before seizures, thinned: the others do not change with the ramps
    count = int(rng.poisson(MORE_SPIKES * per_hour * duration_s / 3600))
    times = rng.uniform(0, duration_s, count)
    keep = rng.random(count) < (1 + (MORE_SPIKES - 1) * ramps.at(times)) / MORE_SPIKES
    for t in times[keep]:
        height_uv, width_s = rng.uniform(*SPIKE_UV), rng.uniform(0.008, 0.02)
        rows.append((float(t), float(height_uv), float(width_s), place(somewhere()), 0))
    for number in range(1, int(rng.poisson(runs_per_hour * duration_s / 3600)) + 1):
        begin_s, lasts_s = float(rng.uniform(0, duration_s)), float(rng.uniform(*RUN_S))
        hz, height_uv = float(rng.uniform(*RUN_HZ)), float(rng.uniform(*RUN_UV))
        share = rng.uniform(0.5, 1.0, n) if rng.random() < 0.5 else place(somewhere())
        width_s = float(rng.uniform(0.008, 0.014))
        for k in range(int(lasts_s * hz)):
            late_s = float(rng.uniform(-0.1, 0.1)) / hz
            size_uv = height_uv * float(rng.uniform(0.7, 1.2))
            rows.append((begin_s + k / hz + late_s, size_uv, width_s, share, number))
    return _in_order(rows, seizures, duration_s, n)


def _in_order(
    rows: list[tuple[float, float, float, FloatArray, int]],
    seizures: tuple[Seizure, ...],
    duration_s: float,
    n_regions: int,
) -> Interictal:
    """Sort, and leave out whole runs and spikes that touch seizures."""
    closed = [(s.onset_s - 1.0, s.recovered_s + AFTER_S) for s in seizures]

    def hidden(t: float) -> bool:
        return t > duration_s - 1 or any(a < t < b for a, b in closed)

    lost = {number for t, _, _, _, number in rows if number and hidden(t)}
    kept = [r for r in rows if r[4] not in lost and not hidden(r[0])]
    kept.sort(key=lambda r: r[0])
    order = sorted({r[4] for r in kept if r[4]}, key=lambda n: min(r[0] for r in kept if r[4] == n))
    number_of = {0: 0} | {n: k + 1 for k, n in enumerate(order)}
    return Interictal(
        np.array([r[0] for r in kept]),
        np.array([r[1] for r in kept]),
        np.array([r[2] for r in kept]),
        np.array([r[3] for r in kept]).reshape(len(kept), n_regions),
        np.array([number_of[r[4]] for r in kept], dtype=np.int64),
    )


def spikes_uv(interictal: Interictal, time_s: FloatArray) -> FloatArray | None:
    """Fields of the spikes in microvolts, (region, sample); None where there are none."""
    near = (interictal.time_s > time_s[0] - 0.7) & (interictal.time_s < time_s[-1] + 0.2)
    if not near.any():
        return None
    out = np.zeros((interictal.share.shape[1], len(time_s)))
    for k in np.flatnonzero(near):
        peak_s, width_s = interictal.time_s[k], interictal.width_s[k]
        a, b = np.searchsorted(time_s, (peak_s - 0.1, peak_s + 0.6))
        t = time_s[a:b] - peak_s
        # in a run the next spike cuts the wave short
        wave_s = 0.07 if interictal.run[k] == 0 else 0.025
        shape = 0.45 * np.exp(-0.5 * ((t - 2.8 * wave_s) / wave_s) ** 2)
        shape -= np.exp(-0.5 * (t / width_s) ** 2)
        out[:, a:b] += interictal.height_uv[k] * interictal.share[k][:, None] * shape
    return out
