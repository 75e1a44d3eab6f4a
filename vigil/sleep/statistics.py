"""What a sleep laboratory counts in a hypnogram: time, bouts, latencies, fragmentation.

Unclassified epochs (gaps, seizures, epochs that the scorer was not sure of) are neither sleep nor
wakefulness: nothing is counted across them, and shares are of the classified time.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.recording import SCORED, STATES, FloatArray
from vigil.sleep.bouts import States, bouts_of, epoch_length_s, states_in_line

Row = tuple[str, float, str, str] | tuple[str, float, str, str, float]
SLEEP = ("nrem", "rem")

YASA_STAGES = {"wake": "WAKE", "nrem": "NREM", "rem": "REM", "unclassified": "UNS"}
HIDES_REM_S = 60.0
"""A stretch of unclassified epochs as long as an ordinary episode of REM of a mouse could hide
one: an interval between episodes that holds such a stretch is not counted."""


def summarise(hypnogram: pd.DataFrame) -> pd.DataFrame:
    """Time and bouts of each state.

    Parameters
    ----------
    hypnogram : DataFrame
        As of `make_hypnogram`.

    Returns
    -------
    DataFrame
        `state`, `epochs`, `minutes`, `share` (of the classified time; of all time for
        unclassified), `bouts`, `mean_bout_s`, `median_bout_s`, `longest_bout_s`, and
        `bouts_per_hour` of the time that the share is of.
    """
    states = states_in_line(hypnogram)
    epoch_s = epoch_length_s(hypnogram)
    bouts = bouts_of(states)
    classified = int((states != "unclassified").sum())
    rows = []
    for state in STATES:
        epochs = int((states == state).sum())
        of = len(states) if state == "unclassified" else classified
        length_s = epoch_s * bouts.loc[bouts["state"] == state, "epochs"]
        rows.append(
            {
                "state": state,
                "epochs": epochs,
                "minutes": epochs * epoch_s / 60 if epochs else 0.0,
                "share": epochs / of if of else np.nan,
                "bouts": len(length_s),
                "mean_bout_s": length_s.mean(),
                "median_bout_s": length_s.median(),
                "longest_bout_s": length_s.max(),
                "bouts_per_hour": len(length_s) * 3600 / (of * epoch_s) if of else np.nan,
            }
        )
    return pd.DataFrame(rows)


def yasa_hypnogram(states: States, epoch_s: float) -> Any:
    """The states as a hypnogram of YASA (Vallat and Walker 2021) with three stages.

    Parameters
    ----------
    states : ndarray, (epoch,)
        At least one.
    epoch_s : float
    """
    # YASA takes seconds to import (numba, seaborn): only what counts with it should wait for that
    from yasa import Hypnogram

    named = [YASA_STAGES[s] for s in states]
    return Hypnogram(named, n_stages=3, freq=f"{round(1000 * epoch_s)}ms")


def sleep_statistics(hypnogram: pd.DataFrame, brief_epochs: int) -> pd.DataFrame:
    """Numbers of a whole recording; YASA's where it has them for an animal that naps all day.

    Parameters
    ----------
    hypnogram : DataFrame
        As of `make_hypnogram`.
    brief_epochs : int
        Longest brief awakening; bouts of REM that no more than this keeps apart are one episode.

    Returns
    -------
    DataFrame
        `measure`, `value` (NaN where it cannot be told), `unit`, `source` (YASA or Vigil), and
        `unclassified_min`: for latencies, how much of them is unclassified. With any the state
        may have come earlier.
    """
    states, epoch_s = states_in_line(hypnogram), epoch_length_s(hypnogram)
    classified = bool((states != "unclassified").any())
    yasa = yasa_hypnogram(states, epoch_s).sleep_statistics() if classified else {}
    rows = [
        *_amounts(states, epoch_s, yasa),
        *_latencies(states, epoch_s, yasa),
        *_fragmentation(states, epoch_s, yasa, brief_epochs),
        *_rem(states, epoch_s, brief_epochs),
    ]
    return pd.DataFrame(
        [(*row, np.nan)[:5] for row in rows],
        columns=["measure", "value", "unit", "source", "unclassified_min"],
    )


def _amounts(states: States, epoch_s: float, yasa: Mapping[str, float]) -> list[Row]:
    classified = int((states != "unclassified").sum())
    asleep = int(np.isin(states, SLEEP).sum())
    return [
        ("Classified time", classified * epoch_s / 60 if classified else 0.0, "min", "Vigil"),
        ("Total sleep time", yasa.get("TST", np.nan), "min", "YASA"),
        ("Sleep, share of the classified time", 100 * _ratio(asleep, classified), "%", "Vigil"),
        ("REM, share of sleep", yasa.get("%REM", np.nan), "%", "YASA"),
    ]


def _latencies(states: States, epoch_s: float, yasa: Mapping[str, float]) -> list[Row]:
    sleep, nrem, rem = (
        _first(which) for which in (np.isin(states, SLEEP), states == "nrem", states == "rem")
    )
    sleep_min, rem_min = (yasa.get(k, np.nan) for k in ("SOL", "Lat_REM"))
    nrem_min = np.nan if nrem is None else nrem * epoch_s / 60

    def unclassified_min(first: int | None, last: int | None) -> float:
        if first is None or last is None:
            return np.nan
        return float((states[first:last] == "unclassified").sum() * epoch_s / 60)

    return [
        ("Latency to the first sleep", sleep_min, "min", "YASA", unclassified_min(0, sleep)),
        ("Latency to the first NREM", nrem_min, "min", "Vigil", unclassified_min(0, nrem)),
        ("Latency to the first REM", rem_min, "min", "YASA", unclassified_min(0, rem)),
        (
            "From the first sleep to the first REM",
            rem_min - sleep_min,
            "min",
            "YASA",
            unclassified_min(sleep, rem),
        ),
    ]


def _fragmentation(
    states: States, epoch_s: float, yasa: Mapping[str, float], brief_epochs: int
) -> list[Row]:
    classified_h = (states != "unclassified").sum() * epoch_s / 3600
    asleep = np.isin(states, SLEEP)
    sleep_h = asleep.sum() * epoch_s / 3600
    bouts = bouts_of(states)
    changes = bouts["state"].isin(SCORED) & bouts["after"].isin(SCORED)
    brief = (
        (bouts["state"] == "wake")
        & (bouts["epochs"] <= brief_epochs)
        & bouts["before"].isin(SLEEP)
        & bouts["after"].isin(SLEEP)
    )
    joined = bouts_of(np.where(asleep, "sleep", states))
    sleep_min = joined.loc[joined["state"] == "sleep", "epochs"] * epoch_s / 60
    hourly, of_sleep, per_epoch = "per hour", "per hour of sleep", f"per epoch of {epoch_s:g} s"
    short = f"Brief awakenings (up to {brief_epochs * epoch_s:g} s)"
    return [
        ("Changes of state", _ratio(changes.sum(), classified_h), hourly, "Vigil"),
        ("Sleep fragmentation index (awakenings)", yasa.get("SFI", np.nan), of_sleep, "YASA"),
        (short, _ratio(brief.sum(), sleep_h), of_sleep, "Vigil"),
        ("Mean bout of sleep (NREM and REM together)", sleep_min.mean(), "min", "Vigil"),
        ("Longest bout of sleep", sleep_min.max(), "min", "Vigil"),
        ("Probability of falling asleep", _leaves(states, ("wake",), SLEEP), per_epoch, "Vigil"),
        ("Probability of waking up", _leaves(states, SLEEP, ("wake",)), per_epoch, "Vigil"),
    ]


def _rem(states: States, epoch_s: float, brief_epochs: int) -> list[Row]:
    classified = (states != "unclassified").any()
    sleep_h = np.isin(states, SLEEP).sum() * epoch_s / 3600
    episodes = rem_episodes(states, brief_epochs)
    intervals = inter_rem_intervals(states, episodes, HIDES_REM_S / epoch_s)
    n, between = len(episodes), len(intervals)
    median_min = float(np.median(intervals)) * epoch_s / 60 if between else np.nan
    return [
        ("Episodes of REM", n if classified else np.nan, "", "Vigil"),
        ("Episodes of REM per hour", _ratio(n, sleep_h), "per hour of sleep", "Vigil"),
        ("Intervals between episodes of REM", between if classified else np.nan, "", "Vigil"),
        ("Median interval between episodes of REM", median_min, "min", "Vigil"),
    ]


def rem_episodes(states: States, brief_epochs: int) -> list[tuple[int, int]]:
    """Borders [first, last) of the episodes of REM.

    Bouts of REM that at most `brief_epochs` of anything else keep apart are one episode.
    """
    episodes: list[tuple[int, int]] = []
    bouts = bouts_of(states)
    rem = bouts[bouts["state"] == "rem"]
    for first, epochs in zip(rem["first"], rem["epochs"], strict=True):
        begin = int(first)
        if episodes and begin - episodes[-1][1] <= brief_epochs:
            begin, _ = episodes.pop()
        episodes.append((begin, int(first + epochs)))
    return episodes


def inter_rem_intervals(
    states: States, episodes: list[tuple[int, int]], hides_rem_epochs: float
) -> FloatArray:
    """Epochs from the end of an episode of REM to the start of the next.

    Intervals with an unclassified stretch of at least `hides_rem_epochs` are left out: an episode
    may lie in it.
    """
    bouts = bouts_of(states)
    holes = bouts[(bouts["state"] == "unclassified") & (bouts["epochs"] >= hides_rem_epochs)]
    at = holes["first"].to_numpy()
    return np.array(
        [b - a for (_, a), (b, _) in pairwise(episodes) if not ((at >= a) & (at < b)).any()],
        dtype=np.float64,
    )


def _first(which: npt.NDArray[np.bool_]) -> int | None:
    return int(np.argmax(which)) if which.any() else None


def _ratio(n: float, of: float) -> float:
    return float(n / of) if of else np.nan


def _leaves(states: States, inside: tuple[str, ...], outside: tuple[str, ...]) -> float:
    """Probability that the classified epoch after one of some states is of others."""
    followed = np.isin(states[:-1], inside) & (states[1:] != "unclassified")
    return _ratio(int((followed & np.isin(states[1:], outside)).sum()), int(followed.sum()))
