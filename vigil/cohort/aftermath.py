"""What follows a seizure: whether rhythmic theta stays, when the animal moves, when it sleeps.

Each is looked for until something ends the view: the next seizure, the animal's death, the end of
the recording. What was not seen until then is NaN, and the time seen stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.recording import touched

FloatArray = npt.NDArray[np.float64]
NAN = float("nan")
THETA_HEIGHT, THETA_POWER = "theta_height", "log_power_theta"
GOING_ON_S = 2.0
"""A movement that is under way when a seizure ends is movement after it from this long on: ends of
seizures are placed to about a step or two."""
MIN_THETA_S = 8.0
"""Least valid time in a window of theta."""


@dataclass(frozen=True)
class After:
    """When something was first seen after a seizure, and for how long it could have been.

    Parameters
    ----------
    after_s : float
        From the seizure's end; NaN where it was not seen.
    seen_s : float
        Time from the seizure's end that was looked at; 0 without a view.
    """

    after_s: float
    seen_s: float


@dataclass(frozen=True)
class Theta:
    """Rhythmic theta before a seizure and after it, in one region.

    Parameters
    ----------
    region : str
        '' where theta is not known.
    before, after : float
        Height of theta's peak over the aperiodic spectrum, as a ratio; near 1 without a rhythm.
    power_ratio : float
        Power of theta after, over that before.
    seen_s : float
        Time of the window after the seizure that lies in the view; 0 without one.
    """

    region: str
    before: float
    after: float
    power_ratio: float
    seen_s: float


NO_THETA = Theta("", NAN, NAN, NAN, 0.0)


def theta_region(features: pd.DataFrame, seizures_s: npt.ArrayLike) -> str:
    """Region whose theta stands highest over its aperiodic spectrum outside of seizures.

    Of features.parquet. '' where no region has the feature.
    """
    ending = f".{THETA_HEIGHT}"
    columns = [str(c) for c in features.columns if str(c).endswith(ending)]
    if not columns or not len(features):
        return ""
    length = float(features["duration_s"].median())
    spans = np.asarray(seizures_s, dtype=np.float64).reshape(-1, 2)
    usual = features["valid"].to_numpy(bool)
    usual = usual & ~touched(features["start_s"].to_numpy(np.float64), length, spans)
    heights = features.loc[usual, columns].median()
    if not heights.notna().any():
        return ""
    return str(heights.idxmax()).removesuffix(ending)


def theta_around(
    features: pd.DataFrame,
    region: str,
    onset_s: float,
    stop_s: float,
    until_s: float,
    window_s: float,
    guard_s: float,
) -> Theta:
    """Theta in a window that ends `guard_s` before a seizure, and in one from its end on.

    In mice without Depdc5 suppression follows fatal and other seizures, but rhythmic theta of low
    amplitude is lost in the fatal ones alone (Ann. Neurol. 94:812, 2023, PMC10592102). So the
    rhythm is told by its peak over the aperiodic spectrum, whatever its size; its power stands
    beside it.

    Parameters
    ----------
    features : DataFrame
        Of spectra; epochs that are not valid do not count.
    region : str
    onset_s, stop_s : float
        Of the seizure.
    until_s : float
        Where the view ends; it must end at the animal's death, after which theta is lost
        whatever the seizure did.
    window_s, guard_s : float

    Returns
    -------
    Theta
        Medians over the epochs; NaN where less than 8 s are valid, or in view.
    """
    if not region:
        return NO_THETA
    height, power = f"{region}.{THETA_HEIGHT}", f"{region}.{THETA_POWER}"
    start = features["start_s"].to_numpy(np.float64)
    stop = start + features["duration_s"].to_numpy(np.float64)
    valid = features["valid"].to_numpy(bool)
    end = onset_s - guard_s
    before = valid & (start >= end - window_s) & (stop <= end)
    last_s = min(stop_s + window_s, until_s)
    after = valid & (start >= stop_s) & (stop <= last_s)
    return Theta(
        region,
        10 ** _typical(features, height, before),
        10 ** _typical(features, height, after),
        10 ** (_typical(features, power, after) - _typical(features, power, before)),
        max(0.0, last_s - stop_s),
    )


def _typical(features: pd.DataFrame, column: str, which: npt.NDArray[np.bool_]) -> float:
    if column not in features:
        return NAN
    mine = features.loc[which]
    values = mine[column].to_numpy(np.float64)
    known = np.isfinite(values)
    if float(mine["duration_s"].to_numpy(np.float64)[known].sum()) < MIN_THETA_S:
        return NAN
    return float(np.median(values[known]))


def moves_after(bouts: pd.DataFrame, stop_s: float, until_s: float) -> After:
    """First bout of movement after a seizure.

    Parameters
    ----------
    bouts : DataFrame
        bouts.tsv of kinematics: `start_s`, `duration_s`, `kind` (moving, immobile).
    stop_s : float
        End of the seizure.
    until_s : float
        Where the view ends.
    """
    start = bouts["start_s"].to_numpy(np.float64)
    stop = start + bouts["duration_s"].to_numpy(np.float64)
    seen_s = _covered_s(start, stop, stop_s, until_s)
    moving = (bouts["kind"].to_numpy(str) == "moving") & (start < until_s)
    moving &= (start >= stop_s) | (np.minimum(stop, until_s) - stop_s >= GOING_ON_S)
    first = start[moving]
    return After(max(0.0, float(first.min()) - stop_s) if len(first) else NAN, seen_s)


def sleeps_after(
    hypnogram: pd.DataFrame, stop_s: float, until_s: float, guard_s: float, least_s: float
) -> After:
    """First NREM sleep after a seizure that lasts at least a while.

    Parameters
    ----------
    hypnogram : DataFrame
        `start_s`, `duration_s`, `state`.
    stop_s, until_s : float
        End of the seizure, and of the view.
    guard_s : float
        Epochs that begin within this time of the seizure's end are not trusted.
    least_s : float
        Shortest run of NREM that counts.
    """
    start = hypnogram["start_s"].to_numpy(np.float64)
    stop = start + hypnogram["duration_s"].to_numpy(np.float64)
    seen_s = _covered_s(start, stop, stop_s, until_s)
    asleep = hypnogram["state"].to_numpy(str) == "nrem"
    asleep &= (start >= stop_s + guard_s) & (stop <= until_s + 1e-6)
    start, stop = start[asleep], stop[asleep]
    if not len(start):
        return After(NAN, seen_s)
    begins = np.concatenate([[True], start[1:] - stop[:-1] > 1e-6])
    run = np.cumsum(begins) - 1
    length = np.bincount(run, weights=stop - start)
    lasting = start[begins][length >= least_s - 1e-6]
    return After(float(lasting[0]) - stop_s if len(lasting) else NAN, seen_s)


def _covered_s(start: FloatArray, stop: FloatArray, first_s: float, last_s: float) -> float:
    inside = np.minimum(stop, last_s) - np.maximum(start, first_s)
    return float(np.maximum(inside, 0.0).sum())
