"""Features of a recording on a scale that other recordings share."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

MIXTURE = {"wake": 0.45, "nrem": 0.45, "rem": 0.1}
"""Shares of the states that every recording is normalised to (a mouse's day, roughly)."""

FEWEST_EPOCHS = 5
"""A state with fewer epochs counts as lacking: its mean and variance would be chance."""


def mixture_normalise(
    table: pd.DataFrame, states: npt.NDArray[np.str_], shares: dict[str, float] | None = None
) -> pd.DataFrame:
    """Z-scores that do not depend on how much of each state a recording holds.

    Mean and variance are those of a mixture of the states in fixed shares (mixture
    z-scoring of AccuSleep, Barger et al. 2019, PLoS ONE 14:e0224642), where each state's own
    come from the states of the epochs. A feature that lacks a state is normalised by the
    others: its values cannot be compared with those of a recording that has it.

    Parameters
    ----------
    table : DataFrame
        Features, one row per epoch, NaN where missing.
    states : ndarray of str, (epoch,)
        Labels, or provisional states such as those of the threshold scorer.
    shares : dict, optional
        Share of each state in the mixture.

    Returns
    -------
    DataFrame
        Without unit; NaN where the feature is missing or never changes.
    """
    known = table.astype(np.float64)
    parts = [(share, known[states == state]) for state, share in (shares or MIXTURE).items()]
    # a region may be missing in all epochs of a state: each feature has its own weights
    weight = pd.DataFrame(
        [share * (rows.count() >= FEWEST_EPOCHS) for share, rows in parts], columns=table.columns
    )
    lacking = weight.sum() == 0
    parts.append((1.0, known))
    weight.loc[len(weight)] = lacking.astype(np.float64)
    weight = weight / weight.sum()
    mean = pd.Series(0.0, index=table.columns)
    square = pd.Series(0.0, index=table.columns)
    for i, (_, rows) in enumerate(parts):
        mean += weight.loc[i] * rows.mean().fillna(0.0)
        square += weight.loc[i] * (rows.var(ddof=0) + rows.mean() ** 2).fillna(0.0)
    deviation = (square - mean**2).clip(lower=0.0) ** 0.5
    normal: pd.DataFrame = (table - mean) / deviation.where(deviation > 1e-9)
    return normal
