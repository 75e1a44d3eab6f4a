"""Surrogate onsets: the seizures of a recording moved together round the time that was watched.

A shift keeps how seizures cluster and how states and hours follow each other, and breaks only
what ties the ones to the others (circular-shift surrogates, as for spike trains).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class AtRisk:
    """Stretches of a recording: mostly the time in which a seizure could have begun.

    Parameters
    ----------
    start_s, stop_s : ndarray, (stretch,)
        In the order of time, apart from each other.
    """

    start_s: FloatArray
    stop_s: FloatArray

    @property
    def before_s(self) -> FloatArray:
        """Time in the stretches before each of them, and in all: (stretch + 1,)."""
        return np.concatenate([[0.0], np.cumsum(self.stop_s - self.start_s)])

    @property
    def total_s(self) -> float:
        """Time in the stretches in all."""
        return float((self.stop_s - self.start_s).sum())

    def place(self, time_s: npt.ArrayLike) -> FloatArray:
        """Time in the stretches that came before moments of the recording."""
        at = np.asarray(time_s, dtype=np.float64)
        if not len(self.start_s):
            return np.zeros(at.shape)
        which = np.maximum(np.searchsorted(self.start_s, at, side="right") - 1, 0)
        inside = np.clip(at - self.start_s[which], 0.0, (self.stop_s - self.start_s)[which])
        return np.asarray(self.before_s[which] + inside)

    def time_s(self, place_s: npt.ArrayLike) -> FloatArray:
        """Moments of the recording before which so much of their time came."""
        at = np.asarray(place_s, dtype=np.float64)
        which = np.searchsorted(self.before_s, at, side="right") - 1
        which = np.clip(which, 0, len(self.start_s) - 1)
        return np.asarray(self.start_s[which] + at - self.before_s[which])


def at_risk(spans_s: npt.ArrayLike, seizures_s: npt.ArrayLike) -> AtRisk:
    """Time that was watched, less the seizures.

    Parameters
    ----------
    spans_s : array_like, (span, 2)
        Where seizures were sought: the segments of the recording, up to a death.
    seizures_s : array_like, (seizure, 2)
        Starts and stops.
    """
    seizures = np.asarray(seizures_s, dtype=np.float64).reshape(-1, 2)
    pieces: list[tuple[float, float]] = []
    for a, b in np.asarray(spans_s, dtype=np.float64).reshape(-1, 2):
        at = float(a)
        for on, off in seizures[np.argsort(seizures[:, 0], kind="stable")]:
            if off <= at or on >= b:
                continue
            if on > at:
                pieces.append((at, float(on)))
            at = max(at, float(off))
        if at < b:
            pieces.append((at, float(b)))
    found = np.asarray(pieces, dtype=np.float64).reshape(-1, 2)
    return AtRisk(found[:, 0], found[:, 1])


def union(spans_s: npt.ArrayLike) -> AtRisk:
    """The time in any of some spans, which may overlap, as stretches."""
    spans = np.asarray(spans_s, dtype=np.float64).reshape(-1, 2)
    pieces: list[tuple[float, float]] = []
    for a, b in spans[np.argsort(spans[:, 0], kind="stable")]:
        if pieces and a <= pieces[-1][1]:
            pieces[-1] = (pieces[-1][0], max(pieces[-1][1], float(b)))
        else:
            pieces.append((float(a), float(b)))
    found = np.asarray(pieces, dtype=np.float64).reshape(-1, 2)
    return AtRisk(found[:, 0], found[:, 1])


def shifted(
    risk: AtRisk, onset_s: npt.ArrayLike, draws: int, rng: np.random.Generator
) -> FloatArray:
    """Surrogates of onsets, (draw, onset): each draw moves all by one random time, end to start."""
    place = risk.place(onset_s)
    if not risk.total_s > 0:
        return np.full((draws, len(place)), np.nan)
    by = rng.uniform(0.0, risk.total_s, size=(draws, 1))
    return risk.time_s((place + by) % risk.total_s)


def tail_p(observed: float, surrogates: npt.ArrayLike, two_sided: bool = True) -> float:
    """Share of surrogates that are as extreme, the observation counted with them.

    (Davison and Hinkley 1997, eq. 4.11.) One-sided: as large. NaN where there is nothing.
    """
    drawn = np.asarray(surrogates, dtype=np.float64)
    drawn = drawn[np.isfinite(drawn)]
    if not len(drawn) or not np.isfinite(observed):
        return float("nan")
    near = 1e-9 * max(1.0, abs(observed))
    high = (1 + (drawn >= observed - near).sum()) / (1 + len(drawn))
    low = (1 + (drawn <= observed + near).sum()) / (1 + len(drawn))
    return float(min(1.0, 2 * min(high, low)) if two_sided else high)
