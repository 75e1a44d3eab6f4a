"""What drives the scores of each state: SHAP values of the trees, by predictor and region.

The contributions are those that XGBoost computes itself, exactly for trees (TreeSHAP,
Lundberg et al. 2020): for each epoch and state they and the bias add up to the margin, the
logarithm of the odds before they become probabilities.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import xgboost as xgb

from vigil.recording import SCORED

FloatArray = npt.NDArray[np.float32]

MAX_EPOCHS = 5000
CANDIDATES = 10
"""States are sought in so many times the epochs that are explained."""
CHUNK_EPOCHS = 500
CLEAR_CORRELATION = 0.1
"""Weaker relations of value and contribution have no direction (they may be U-shaped)."""

COLUMNS = ("state", "predictor", "feature", "region", "context", "mean_abs_shap", "direction")


BETWEEN = "between regions"
"""Region of what is measured of all regions together."""


class Predictor(NamedTuple):
    """A predictor's name in its parts; `context` is in epochs, 0 the epoch itself."""

    region: str
    feature: str
    context: int


def parse_predictor(name: str) -> Predictor:
    """`CA1.theta_delta@-2` as region, feature, and the epochs before it that it is a mean of."""
    context = re.search(r"@([+-]?\d+)$", name)
    whole = name[: context.start()] if context else name
    region, _, feature = whole.rpartition(".")
    if (region, feature) == ("emg", "from_lfp"):  # what sites in different regions share
        region, feature = BETWEEN, "emg_from_lfp"
    return Predictor(region, feature, int(context[1]) if context else 0)


def contributions(booster: xgb.Booster, predictors: pd.DataFrame) -> FloatArray:
    """SHAP values of each epoch for the margin of each state.

    Parameters
    ----------
    booster : xgboost.Booster
        Trained with multi:softprob and named features.
    predictors : DataFrame
        One row per epoch; columns that the booster does not know are left out, those that are
        not there are missing values.

    Returns
    -------
    ndarray, (epoch, state, predictor + 1)
        The last one is the bias.
    """
    names = list(booster.feature_names or ())
    parts = []
    for first in range(0, max(1, len(predictors)), CHUNK_EPOCHS):
        part = predictors.iloc[first : first + CHUNK_EPOCHS].reindex(columns=names)
        matrix = xgb.DMatrix(part.to_numpy(dtype=np.float32), feature_names=names)
        parts.append(booster.predict(matrix, pred_contribs=True, strict_shape=True))
    return np.concatenate(parts)


def sample_epochs(booster: xgb.Booster, predictors: pd.DataFrame, max_epochs: int) -> pd.DataFrame:
    """Epochs to be explained: as many of each state as there are, up to equal parts.

    REM is rare: among epochs as they come, what tells it from the rest would drown. The
    states are those that the trees find most probable. Epochs are taken at equal steps
    through the table, the same ones each time; epochs without any predictor are left out.
    """
    step = max(1, -(-len(predictors) // (CANDIDATES * max_epochs)))
    names = list(booster.feature_names or ())
    table = predictors.iloc[::step].reindex(columns=names).dropna(how="all")
    if not len(table):
        return table
    matrix = xgb.DMatrix(table.to_numpy(dtype=np.float32), feature_names=names)
    state = np.asarray(booster.predict(matrix)).argmax(axis=1)
    taken = []
    for i in range(len(SCORED)):
        mine = np.flatnonzero(state == i)
        n = min(len(mine), max_epochs // len(SCORED))
        taken.append(mine[np.linspace(0, len(mine) - 1, n).round().astype(int)])
    return table.iloc[np.sort(np.concatenate(taken))]


def importance(
    booster: xgb.Booster, predictors: pd.DataFrame, max_epochs: int = MAX_EPOCHS
) -> pd.DataFrame:
    """How much each predictor moves the score of each state, and in which direction.

    Memory: `max_epochs` x predictors x 3 states in float32, 150 MB for 5000 epochs of 1900
    predictors.

    Parameters
    ----------
    booster : xgboost.Booster
        Trained with multi:softprob; its classes are wake, nrem, rem.
    predictors : DataFrame
        Predictors of all epochs, one row per epoch.
    max_epochs : int
        Most epochs that are explained.

    Returns
    -------
    DataFrame
        `state`, `predictor`, its `feature`, `region` and `context` (epochs before, negative, or
        after that it is a mean of; 0 is the epoch itself), `mean_abs_shap` (mean size of the
        contribution, log odds), `direction`: 1 where high values speak for the state, -1 against
        it, 0 where neither is clear (correlation of the value's rank and the contribution below
        0.1), NaN where the predictor does not vary or does not contribute. Largest first within
        a state.
    """
    table = sample_epochs(booster, predictors, max_epochs)
    if not len(table):
        return pd.DataFrame(columns=list(COLUMNS))
    shap = contributions(booster, table)[:, :, :-1]
    order = table.rank()
    ranks = (order - order.mean()).to_numpy(dtype=np.float32)
    parts = []
    for i, state in enumerate(SCORED):
        part = pd.DataFrame([parse_predictor(str(c)) for c in table], columns=Predictor._fields)
        part["state"], part["predictor"] = state, [str(c) for c in table]
        part["mean_abs_shap"] = np.abs(shap[:, i]).mean(axis=0)
        part["direction"] = _direction(ranks, shap[:, i])
        parts.append(part.sort_values("mean_abs_shap", ascending=False, kind="stable"))
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)]


def _direction(ranks: FloatArray, shap: FloatArray) -> npt.NDArray[np.float64]:
    """Sign of the correlation of each column's centred ranks and its contributions."""
    there = np.isfinite(ranks)
    x = np.where(there, ranks, 0.0)
    n = np.maximum(there.sum(axis=0), 1)
    y = np.where(there, shap - np.where(there, shap, 0.0).sum(axis=0) / n, 0.0)
    size = np.sqrt((x**2).sum(axis=0) * (y**2).sum(axis=0))
    varies = size > 1e-6
    r = np.divide((x * y).sum(axis=0), size, out=np.full(size.shape, np.nan), where=varies)
    return np.where(varies, np.where(np.abs(r) < CLEAR_CORRELATION, 0.0, np.sign(r)), np.nan)


def by_feature(importance: pd.DataFrame) -> pd.DataFrame:
    """What each feature gives with its context.

    Returns
    -------
    DataFrame
        `state`, `region`, `feature`; sums of `mean_abs_shap`: `own` (of the epoch itself),
        `context` (of its neighbours), `total`; and `direction`, that of the predictors that give
        more than half of the total, else 0. Largest first within a state.
    """
    table = importance.assign(
        own=importance["mean_abs_shap"].where(importance["context"] == 0, 0.0),
        neighbours=importance["mean_abs_shap"].where(importance["context"] != 0, 0.0),
        signed=importance["mean_abs_shap"] * importance["direction"],
    )
    keys = ["state", "region", "feature"]
    sums = table.groupby(keys, sort=False)[["own", "neighbours", "signed"]].sum().reset_index()
    sums["total"] = sums["own"] + sums["neighbours"]
    clear = sums["signed"].abs() > sums["total"] / 2
    sums["direction"] = np.sign(sums["signed"]).where(clear, 0.0)
    sums = sums.rename(columns={"neighbours": "context"}).drop(columns="signed")
    order = sums["state"].map({s: i for i, s in enumerate(SCORED)})
    sums = sums.assign(order=order).sort_values(["order", "total"], ascending=[True, False])
    return sums.drop(columns="order").reset_index(drop=True)


def by_region(importance: pd.DataFrame) -> pd.DataFrame:
    """What each region gives: `state`, `region`, `mean_abs_shap` (a sum), `share` of the state."""
    sums = importance.groupby(["state", "region"], sort=False)["mean_abs_shap"].sum().reset_index()
    whole = sums.groupby("state")["mean_abs_shap"].transform("sum")
    return sums.assign(share=sums["mean_abs_shap"] / whole.where(whole > 0))
