"""Bouts of vigilance states in the order in which a mouse passes through them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

WAKE, NREM, REM, ICTAL, SUPPRESSED, DEAD = range(6)
NAMES = ("wake", "nrem", "rem", "unclassified", "unclassified", "unclassified")
EPOCH_S = 4.0
LOOKS = 16
"""Times within an epoch at which its state is looked up."""
FULL_S = 480.0
"""From this length on, compressed bouts have their full length; below, they shrink with it."""


@dataclass(frozen=True)
class Bouts:
    """States from the clock's zero on, without holes.

    Parameters
    ----------
    start_s : ndarray
        Start of each bout; it lasts until the next one starts.
    code : ndarray of int
        WAKE, NREM, REM, ICTAL, SUPPRESSED or DEAD.
    stop_s : float
        End of the last bout.
    """

    start_s: npt.NDArray[np.float64]
    code: npt.NDArray[np.int8]
    stop_s: float

    def at(self, time_s: npt.ArrayLike) -> npt.NDArray[np.int8]:
        """State at some times; before zero the first one."""
        which = np.searchsorted(self.start_s, time_s, side="right") - 1
        return self.code[np.maximum(which, 0)]

    def epochs(self) -> tuple[npt.NDArray[np.float64], list[str]]:
        """Starts of whole epochs, and the state that fills most of each.

        One that a seizure touches is unclassified.
        """
        start_s = EPOCH_S * np.arange(int(self.stop_s / EPOCH_S + 1e-9), dtype=np.float64)
        looks = self.at(start_s[:, None] + EPOCH_S * (np.arange(LOOKS) + 0.5) / LOOKS)
        names = [NAMES[np.argmax(np.bincount(row))] for row in looks]
        stops_s = np.append(self.start_s[1:], self.stop_s)
        for code, a, b in zip(self.code, self.start_s, stops_s, strict=True):
            if code >= ICTAL:
                last = min(len(names), int(np.ceil(b / EPOCH_S)))
                for k in range(int(a / EPOCH_S), last):
                    names[k] = NAMES[ICTAL]
        return start_s, names


def draw_bouts(
    rng: np.random.Generator,
    duration_s: float,
    seizures: Sequence[tuple[float, float, float, bool]],
    natural: bool,
    zeitgeber_h: float,
) -> Bouts:
    """Draw the states of a recording.

    Wake goes to NREM, NREM to REM or wake, REM to wake or NREM; never wake to REM. Borders lie
    on the grid of 4 s epochs, except those of seizures, after which the animal is awake.

    Parameters
    ----------
    seizures : sequence of (onset_s, end_s, recovered_s, fatal)
        Seizures in their order.
    natural : bool
        Bouts as long as a mouse's (Franken et al. 1999: NREM 1-4 min, REM about 1 min, wake
        short in the light and long in the dark); otherwise compressed, so that eight minutes
        hold at least two bouts of each state and shorter recordings one.
    zeitgeber_h : float
        Hours from lights on to the recording's start.
    """
    needed = 0 if natural else 2 if duration_s >= FULL_S else 1
    for _ in range(200):
        bouts = _draw(rng, duration_s, seizures, natural, zeitgeber_h)
        if all(np.sum(bouts.code == c) >= needed for c in (WAKE, NREM, REM)):
            break
    return bouts


def _draw(
    rng: np.random.Generator,
    duration_s: float,
    seizures: Sequence[tuple[float, float, float, bool]],
    natural: bool,
    zeitgeber_h: float,
) -> Bouts:
    draw_s = _natural_s if natural else _compressed_s
    scale = 1.0 if natural else min(1.0, duration_s / FULL_S)
    waiting = list(seizures)
    start_s: list[float] = []
    codes: list[int] = []
    now_s, state, brief = 0.0, WAKE, False
    while now_s < duration_s:
        start_s.append(now_s)
        codes.append(state)
        dark = (zeitgeber_h + now_s / 3600) % 24 >= 12
        lasts_s = EPOCH_S * max(1, round(scale * draw_s(rng, state, brief, dark) / EPOCH_S))
        stop_s = EPOCH_S * np.ceil(now_s / EPOCH_S - 1e-9) + lasts_s
        if waiting and waiting[0][0] < stop_s:
            onset_s, end_s, recovered_s, fatal = waiting.pop(0)
            start_s += [onset_s, end_s]
            codes += [ICTAL, SUPPRESSED]
            if fatal:
                # breathing and heart outlast the seizure by seconds
                start_s.append(end_s + 8.0)
                codes.append(DEAD)
                break
            now_s, state, brief = recovered_s, WAKE, False
            continue
        now_s = stop_s
        state, brief = _next_state(rng, state, brief)
    return Bouts(np.array(start_s), np.array(codes, dtype=np.int8), duration_s)


def _next_state(rng: np.random.Generator, state: int, brief: bool) -> tuple[int, bool]:
    """Draw the state that follows, and whether it is a brief awakening."""
    if state == WAKE:
        return NREM, False
    u = rng.random()
    if state == NREM:
        return (REM, False) if u < 0.55 else (WAKE, bool(u < 0.75))
    return (NREM, False) if u < 0.2 else (WAKE, bool(u < 0.55))


def _compressed_s(rng: np.random.Generator, state: int, brief: bool, dark: bool) -> float:
    if brief:
        return float(rng.uniform(4, 12))
    low, high = {WAKE: (20, 70), NREM: (40, 80), REM: (30, 52)}[state]
    return float(rng.uniform(low, high))


def _natural_s(rng: np.random.Generator, state: int, brief: bool, dark: bool) -> float:
    if brief:
        return float(rng.uniform(4, 20))
    if state == WAKE:
        return float(min(3 * 3600, rng.lognormal(np.log(700.0 if dark else 180.0), 0.9)))
    middle_s, spread = (110.0, 0.6) if state == NREM else (65.0, 0.4)
    return float(np.clip(rng.lognormal(np.log(middle_s), spread), 12, 600))


def roughen(rng: np.random.Generator, bouts: Bouts, awakenings_per_h: float) -> Bouts:
    """Bouts with more brief awakenings from NREM, and with borders off the grid of epochs.

    Parameters
    ----------
    awakenings_per_h : float
        Awakenings of 4 to 12 s per hour of NREM in long bouts; none within 12 s of the ends of
        a bout.
    """
    start_s: list[float] = []
    codes: list[int] = []
    stops_s = np.append(bouts.start_s[1:], bouts.stop_s)
    for a, b, code in zip(bouts.start_s, stops_s, bouts.code, strict=True):
        before = codes[-1] if codes else DEAD
        # seizures keep their times
        free = max(before, int(code)) < ICTAL and b - a >= EPOCH_S
        start_s.append(float(a + (rng.uniform(-1.5, 1.5) if free else 0.0)))
        codes.append(int(code))
        now_s = float(a)
        while code == NREM:
            now_s += 12 + float(rng.exponential(3600 / awakenings_per_h))
            lasts_s = float(rng.uniform(4, 12))
            if now_s + lasts_s > b - 12:
                break
            start_s += [now_s, now_s + lasts_s]
            codes += [WAKE, NREM]
            now_s += lasts_s
    return Bouts(np.array(start_s), np.array(codes, dtype=np.int8), bouts.stop_s)
