"""The field of a seizure of an epileptic rig, region by region, from its course."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vigil.simulate.ictal import ENDS_S
from vigil.simulate.seizure import Course, Seizure

FloatArray = npt.NDArray[np.float64]

TABLE_HZ = 500
QUIET = 0.6
"""Share by which all else is lower while there is low-voltage fast activity."""
SPIKE_AT_S = 0.04
TOGETHER_S = 0.25
"""A region that is reached within this time begins as the first one does."""
PAUSE_S, BURST_S = (0.4, 1.2), (0.6, 1.6)
LAG_S = 0.003
"""Discharges follow from region to region in the order of the list."""


def _curve(points: tuple[tuple[float, float], ...], at_s: FloatArray) -> FloatArray:
    x, y = zip(*points, strict=True)
    return np.asarray(np.interp(at_s, x, y))


def spikes_and_waves(place_s: FloatArray, period_s: FloatArray) -> FloatArray:
    """A negative spike of at most 40 ms and a slow positive wave of at most 200 ms.

    Parameters
    ----------
    place_s : ndarray
        Seconds since the cycle began.
    period_s : ndarray
        Length of the cycle: at high rates both are narrower.
    """
    spike_s = np.minimum(0.014, 0.06 * period_s)
    wave_s = np.minimum(0.06, 0.14 * period_s)
    middle_s = np.minimum(SPIKE_AT_S, 0.25 * period_s)
    spike = np.exp(-0.5 * ((place_s - middle_s) / spike_s) ** 2)
    after = np.exp(-0.5 * ((place_s - middle_s - 2.6 * wave_s) / wave_s) ** 2)
    return np.asarray(0.5 * after - spike)


def sharp_theta(cycles: FloatArray) -> FloatArray:
    """Theta with moderate harmonics: sharp troughs, of about unit peak."""
    turn = 2 * np.pi * cycles
    wave = np.sin(turn) + 0.3 * np.sin(2 * turn + 0.5) + 0.1 * np.sin(3 * turn + 1.0)
    return np.asarray(wave / 1.2)


class Waves:
    """The waves of one seizure; any stretch of it can be asked for, with the same outcome.

    Parameters
    ----------
    seizure : Seizure
        Has a course.
    rng : numpy.random.Generator
        For the jitter of discharges.
    """

    def __init__(self, seizure: Seizure, rng: np.random.Generator) -> None:
        if seizure.course is None:
            raise ValueError("a plain seizure has no course")
        self._seizure: Seizure = seizure
        self._course: Course = seizure.course
        steps = int(np.ceil(seizure.duration_s * TABLE_HZ)) + 2
        self._table_s = np.arange(steps) / TABLE_HZ
        hz = _curve(self._course.hz, self._table_s)
        fast = self._course.fast_hz
        fast_hz = np.interp(self._table_s, (0, max(self._course.fast_s, 0.1)), fast)
        # the frequency of fast activity is never that of a tone
        fast_hz = fast_hz * (1 + 0.12 * _wander(rng, self._table_s, 8.0))
        cycles = np.cumsum(hz) / TABLE_HZ
        cycles -= cycles[0]
        whole = np.arange(int(cycles[-1]) + 3)
        early, high = rng.uniform(-1, 1, (2, len(whole)))
        # the first discharge comes when it is due: it is the onset
        early[0] = 0
        self._cycles = cycles + 0.08 * np.interp(cycles, whole, early)
        heights = 1 + 0.2 * np.interp(cycles, whole, high)
        waxes = 1 + 0.25 * _wander(rng, self._table_s, 0.7)
        self._heights = heights * waxes * _bursts(rng, self._table_s, seizure, self._course)
        self._fast_cycles = np.cumsum(fast_hz) / TABLE_HZ
        self._swell = 1 + 0.4 * _wander(rng, self._table_s, 3.0)

    def field_uv(self, region: str, order: int, time_s: FloatArray, peak_uv: float) -> FloatArray:
        """The seizure in a region, in microvolts; zero before it comes and after its end.

        Parameters
        ----------
        order : int
            Place of the region in the list.
        time_s : ndarray
            Times on the recording's clock.
        peak_uv : float
            Largest amplitude of the region at a gain of 1.
        """
        s, course = self._seizure, self._course
        out = np.zeros(len(time_s))
        if region not in s.delay_s:
            return out
        a, b = np.searchsorted(time_s, (s.onset_s + s.delay_s[region], s.end_s))
        if a == b:
            return out
        since = time_s[a:b] - s.onset_s
        here = since - s.delay_s[region]
        late = s.delay_s[region] > TOGETHER_S
        stops = np.clip((s.duration_s - since) / ENDS_S, 0, 1)
        top_uv = s.gain * peak_uv * course.reach[region]

        behind = np.maximum(since - LAG_S * order, 0)
        cycles = np.interp(behind, self._table_s, self._cycles)
        heights = np.interp(behind, self._table_s, self._heights)
        period_s = 1 / _curve(course.hz, behind)
        sharp = _curve(course.sharpness, since)
        wave = (1 - sharp) * sharp_theta(cycles)
        if sharp.any():
            wave += sharp * spikes_and_waves(cycles % 1.0 * period_s, period_s)
        level = _curve(course.level, since)
        if late:
            level = level * np.clip(here / course.joins_s, 0.2, 1)
        field = top_uv * level * heights * wave

        if course.fast_s:
            lasts_s = 0.5 * course.fast_s if late else course.fast_s
            fast_uv = course.fast_uv * course.reach[region] * _fast_level(here, lasts_s)
            # what comes late has the frequencies that the first region had at its own onset
            turn = 2 * np.pi * np.interp(here, self._table_s, self._fast_cycles)
            field += fast_uv * np.interp(here, self._table_s, self._swell) * np.sin(turn)
            if course.herald and s.delay_s[region] == 0:
                one = spikes_and_waves(here, np.full(len(here), 1.0))
                field += course.herald * top_uv * one * (here < 0.5)
        out[a:b] = field * stops
        return out

    def rest(self, region: str, time_s: FloatArray) -> FloatArray | None:
        """Factor on all else in a region; None: 1."""
        s, course = self._seizure, self._course
        if not course.fast_s or region not in s.delay_s:
            return None
        here = time_s - s.onset_s - s.delay_s[region]
        lasts_s = 0.5 * course.fast_s if s.delay_s[region] > TOGETHER_S else course.fast_s
        # falls within a second, comes back while the spikes and waves grow
        quiet = np.clip(here / 0.8, 0, 1) * np.clip(1 + (lasts_s - here) / 3.0, 0, 1)
        return np.asarray(1 - QUIET * quiet)


def _fast_level(here_s: FloatArray, lasts_s: float) -> FloatArray:
    """Sets in within a fifth of a second, and fades under the spikes and waves."""
    return np.asarray(np.clip(here_s / 0.2, 0, 1) * np.clip(1 + (lasts_s - here_s) / 1.5, 0, 1))


def _bursts(
    rng: np.random.Generator, at_s: FloatArray, seizure: Seizure, course: Course
) -> FloatArray:
    """1, and towards the end of a clonic seizure 0 between bursts; the end is within a burst."""
    places, heights = [0.0], [1.0]
    now_s = seizure.duration_s - course.clonic_s
    while True:
        pause_s, burst_s = rng.uniform(*PAUSE_S), rng.uniform(*BURST_S)
        if now_s + pause_s + burst_s > seizure.duration_s - BURST_S[0]:
            break
        places += [now_s, now_s + 0.1, now_s + pause_s, now_s + pause_s + 0.1]
        heights += [1.0, 0.0, 0.0, 1.0]
        now_s += pause_s + burst_s
    return np.asarray(np.interp(at_s, places, heights))


def _wander(rng: np.random.Generator, at_s: FloatArray, per_s: float) -> FloatArray:
    """Straight lines between draws from -1 to 1, so many a second."""
    draws = rng.uniform(-1, 1, int(at_s[-1] * per_s) + 3)
    return np.asarray(np.interp(at_s * per_s, np.arange(len(draws)), draws))
