"""What a model sees of an epoch: normalised features with their context."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.spectra.files import KEYS

MIXTURE = {"wake": 0.45, "nrem": 0.45, "rem": 0.1}
"""Shares of the states that every recording is normalised to (a mouse's day, roughly)."""

CONTEXT_EPOCHS = (2, 5)
"""Neighbours on each side over which a feature is averaged beside its own value."""


def mixture_normalise(
    table: pd.DataFrame, states: npt.NDArray[np.str_], shares: dict[str, float] | None = None
) -> pd.DataFrame:
    """Z-scores that do not depend on how much of each state a recording holds.

    Mean and variance are those of a mixture of the states in fixed shares (mixture
    z-scoring, Barger et al. 2019), where each state's own come from provisional states.
    A recording that lacks a state is normalised by the others.

    Parameters
    ----------
    table : DataFrame
        Features, one row per epoch.
    states : ndarray of str, (epoch,)
        Provisional states, such as those of the threshold scorer.
    shares : dict, optional
        Share of each state in the mixture.
    """
    shares = shares or MIXTURE
    present = {s: w for s, w in shares.items() if np.count_nonzero(states == s) >= 5}
    if not present:
        present, states = {"all": 1.0}, np.full(len(table), "all")
    total = sum(present.values())
    mean = pd.Series(0.0, index=table.columns)
    square = pd.Series(0.0, index=table.columns)
    for state, share in present.items():
        rows = table[states == state].astype(np.float64)
        mean += share / total * rows.mean()
        square += share / total * (rows.var(ddof=0) + rows.mean() ** 2)
    deviation = (square - mean**2).clip(lower=0.0) ** 0.5
    normal: pd.DataFrame = (table - mean) / deviation.where(deviation > 1e-9)
    return normal


def add_context(table: pd.DataFrame) -> pd.DataFrame:
    """Each feature, and its means over the neighbouring epochs."""
    parts = [table]
    for k in CONTEXT_EPOCHS:
        means = table.rolling(2 * k + 1, center=True, min_periods=1).mean()
        parts.append(means.add_suffix(f"@{k}"))
    return pd.concat(parts, axis=1).astype(np.float32)


def make_predictors(
    features: pd.DataFrame, movement: pd.DataFrame | None, provisional: npt.NDArray[np.str_]
) -> pd.DataFrame:
    """Predictors of all epochs of a recording, one row per epoch.

    Parameters
    ----------
    features : DataFrame
        As of features.parquet.
    movement : DataFrame or None
        As of `movement_of_epochs`; speeds are kept in cm/s, as they mean the same in
        every recording.
    provisional : ndarray of str, (epoch,)
        States by thresholds, for the normalisation.
    """
    values = features.drop(columns=list(KEYS))
    normal = mixture_normalise(values, provisional)
    if movement is not None:
        normal = normal.join(movement.reset_index(drop=True).apply(np.log1p))
    wide = add_context(normal)
    # neighbours and the camera do not make up for an epoch without signals
    wide.loc[normal[list(values)].isna().all(axis=1)] = np.nan
    return wide
