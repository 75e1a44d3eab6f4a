"""What a model sees of an epoch: normalised features with their context."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.normalise import mixture_normalise
from vigil.spectra.files import KEYS

CONTEXT_EPOCHS = (2, 5)
"""Neighbours before, and neighbours after, over which a feature is averaged beside its own
value. The two sides stand apart: what comes after is not known while the animal is recorded."""

FloatMatrix = npt.NDArray[np.float32]


def contexts() -> list[str]:
    """Suffixes of a feature's columns: its own value, the epochs before and those after."""
    return ["", *(f"@{sign}{k}" for k in CONTEXT_EPOCHS for sign in "-+")]


def add_context(table: pd.DataFrame) -> pd.DataFrame:
    """Each feature, and its means over the epochs before and after.

    Parameters
    ----------
    table : DataFrame
        Features, one row per epoch, NaN where missing.

    Returns
    -------
    DataFrame
        float32: `<feature>`, then for each k of `CONTEXT_EPOCHS` the means of the k epochs before,
        `<feature>@-<k>`, and after, `<feature>@+<k>`, of those that there are.
    """
    values = table.to_numpy(dtype=np.float64)
    known = np.isfinite(values)
    total = _from_zero(np.where(known, values, 0.0))
    count = _from_zero(known.astype(np.float64))
    n = len(values)
    here = np.arange(n)
    parts = [values.astype(np.float32)]
    for k in CONTEXT_EPOCHS:
        for a, b in ((here - k, here), (here + 1, here + k + 1)):
            a, b = np.clip(a, 0, n), np.clip(b, 0, n)
            with np.errstate(invalid="ignore"):  # no neighbour that is known: 0 / 0 is missing
                parts.append(((total[b] - total[a]) / (count[b] - count[a])).astype(np.float32))
    names = [f"{c}{suffix}" for suffix in contexts() for c in table.columns]
    return pd.DataFrame(np.concatenate(parts, axis=1), columns=names)


def _from_zero(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Sums of the rows before each row, and of all."""
    sums = np.zeros((len(values) + 1, values.shape[1]))
    np.cumsum(values, axis=0, out=sums[1:])
    return sums


def unwind_lags(features: pd.DataFrame) -> pd.DataFrame:
    """Phase lags as cosine and sine: half a cycle and minus half a cycle are the same lag."""
    lags = [str(c) for c in features if ".phase_lag_" in str(c)]
    straight: dict[str, pd.Series] = {}
    for name, function in (("cos", np.cos), ("sin", np.sin)):
        straight |= {c.replace(".", f".{name}_"): function(features[c]) for c in lags}
    return pd.concat([features.drop(columns=lags), pd.DataFrame(straight)], axis=1)


def normalise_features(
    features: pd.DataFrame, movement: pd.DataFrame | None, provisional: npt.NDArray[np.str_]
) -> pd.DataFrame:
    """Features of all epochs on the scale that recordings share, one row per epoch, float32.

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
    values = _finite(unwind_lags(features.drop(columns=list(KEYS))))
    normal = mixture_normalise(values, provisional)
    if movement is not None:
        normal = normal.join(_finite(movement.reset_index(drop=True)).apply(np.log1p))
    return normal.astype(np.float32)


def _finite(table: pd.DataFrame) -> pd.DataFrame:
    """What is infinite was not measured."""
    return table.replace([np.inf, -np.inf], np.nan)


def brain_columns(columns: Iterable[str]) -> list[str]:
    """Those of the columns that are features of the brain."""
    return [c for c in columns if not c.startswith(("emg.", "movement."))]


def spread_of(features: pd.DataFrame) -> pd.Series:
    """Range from 5 to 95 % of each feature of the brain, in the feature's own unit."""
    values = _finite(unwind_lags(features.drop(columns=list(KEYS))))
    values = values[brain_columns(map(str, values))]
    return values.quantile(0.95) - values.quantile(0.05)


def make_predictors(normal: pd.DataFrame, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Predictors of all epochs of a recording.

    Parameters
    ----------
    normal : DataFrame
        As of `normalise_features`.
    columns : sequence of str, optional
        Features without context that a model wants, in its order; what the recording lacks is
        missing. All of the recording without it.
    """
    wanted = normal if columns is None else normal.reindex(columns=list(columns))
    wide = add_context(wanted)
    wide.loc[without_brain(wanted)] = np.nan
    return wide


def without_brain(normal: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Epochs without any feature of the brain, for which muscles and camera do not make up."""
    brain = brain_columns(map(str, normal))
    return normal[brain].isna().all(axis=1).to_numpy(dtype=bool)
