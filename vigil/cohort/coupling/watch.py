"""A recording as coupling sees it: seizures, and the time in which they could have begun."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.cohort.coupling.shift import AtRisk, at_risk
from vigil.cohort.settings import Settings
from vigil.cohort.state_before import StateTrack, state_track
from vigil.page.times import DAY_H

FloatArray = npt.NDArray[np.float64]
GRID_S = 5.0
"""Distance of the moments at which the time in each state and hour is measured."""


@dataclass(frozen=True)
class Watch:
    """A recording in which seizures were sought: how long, in which states, at which hours.

    Parameters
    ----------
    recording, animal : str
    onset_s : ndarray, (seizure,)
    risk : AtRisk
        Time in which a seizure could begin.
    track : StateTrack or None
        None where sleep was not scored.
    zeitgeber_h : float
        Zeitgeber hour of the recording's zero; NaN where it is not known.
    """

    recording: str
    animal: str
    onset_s: FloatArray
    risk: AtRisk
    track: StateTrack | None
    zeitgeber_h: float

    def hour(self, time_s: FloatArray) -> FloatArray:
        """Zeitgeber hours of moments."""
        return np.asarray((self.zeitgeber_h + time_s / 3600) % DAY_H)

    def grid_s(self) -> tuple[FloatArray, float]:
        """Moments evenly spread over the time at risk, and the time that each stands for."""
        n = max(1, round(self.risk.total_s / GRID_S)) if self.risk.total_s > 0 else 0
        step = self.risk.total_s / max(n, 1)
        if not n:
            return np.empty(0), step
        return self.risk.time_s((np.arange(n) + 0.5) * step), step


def watch(
    recording: str,
    animal: str,
    seizures_s: npt.ArrayLike,
    spans_s: npt.ArrayLike,
    hypnogram: pd.DataFrame | None,
    zeitgeber_h: float,
    death_s: float,
    settings: Settings,
) -> Watch:
    """What coupling needs of a recording.

    Parameters
    ----------
    recording, animal : str
    seizures_s : array_like, (seizure, 2)
        Starts and stops.
    spans_s : array_like, (span, 2)
        Where seizures were sought: the segments of the recording.
    hypnogram : DataFrame or None
        `start_s`, `duration_s`, `state`.
    zeitgeber_h : float
        At the recording's zero; NaN where it is not known.
    death_s : float
        The animal's death on the recording's clock, NaN without one: what comes after it was not
        watched.
    settings : Settings
    """
    seizures = np.asarray(seizures_s, dtype=np.float64).reshape(-1, 2)
    track = None
    if hypnogram is not None:
        track = state_track(hypnogram, seizures, settings.state_guard_s, settings.state_bridge_s)
    spans = np.asarray(spans_s, dtype=np.float64).reshape(-1, 2)
    if np.isfinite(death_s):
        seizures = seizures[seizures[:, 0] <= death_s]
        spans = np.minimum(spans, max(death_s, 0.0))
    risk = at_risk(spans[spans[:, 1] > spans[:, 0]], seizures)
    return Watch(recording, animal, seizures[:, 0], risk, track, zeitgeber_h)
