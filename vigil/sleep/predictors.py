"""What a model sees of an epoch: normalised features with their context."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.normalise import mixture_normalise
from vigil.spectra.files import KEYS

CONTEXT_EPOCHS = (2, 5)
"""Neighbours on each side over which a feature is averaged beside its own value."""


def add_context(table: pd.DataFrame) -> pd.DataFrame:
    """Each feature, and its means over the neighbouring epochs."""
    parts = [table]
    for k in CONTEXT_EPOCHS:
        means = table.rolling(2 * k + 1, center=True, min_periods=1).mean()
        parts.append(means.add_suffix(f"@{k}"))
    return pd.concat(parts, axis=1).astype(np.float32)


def unwind_lags(features: pd.DataFrame) -> pd.DataFrame:
    """Phase lags as cosine and sine: half a cycle and minus half a cycle are the same lag."""
    lags = [str(c) for c in features if ".phase_lag_" in str(c)]
    straight: dict[str, pd.Series] = {}
    for name, function in (("cos", np.cos), ("sin", np.sin)):
        straight |= {c.replace(".", f".{name}_"): function(features[c]) for c in lags}
    return features.drop(columns=lags).assign(**straight)


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
    values = unwind_lags(features.drop(columns=list(KEYS)))
    normal = mixture_normalise(values, provisional)
    if movement is not None:
        normal = normal.join(movement.reset_index(drop=True).apply(np.log1p))
    wide = add_context(normal)
    # neighbours, muscles and the camera do not make up for an epoch without a brain
    brain = [c for c in values if not str(c).startswith("emg.")]
    wide.loc[normal[brain].isna().all(axis=1)] = np.nan
    return wide
