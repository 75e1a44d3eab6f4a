"""When a trained model is not to be asked: reasons, each as a sentence."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

RARE = 0.01
"""A share of the epochs below which the normalisation can say nothing of a state."""
ONE_STATE = 0.7
"""Spread of the features, beside that of other recordings, below which they are of one state.

On simulated animals the spread of wakefulness alone is 0.46 to 0.82 of that of others' whole
recordings (1.1 with artefacts of movement), of NREM alone 0.46 to 0.54, and of whole recordings
0.77 to 1.28."""


def lacks_a_state(provisional: npt.NDArray[np.str_]) -> bool:
    """Whether wakefulness or NREM is too rare for the mixture that features are normalised by."""
    return any(np.mean(provisional == s) < RARE for s in ("wake", "nrem"))


def relative_spread(spread: pd.Series, usual: Mapping[str, float]) -> float:
    """Spread of a recording's features beside the usual one, the median of the features.

    NaN where no feature is common.
    """
    ratio = spread / pd.Series(usual, dtype=float).reindex(spread.index)
    return float(ratio.replace([np.inf, -np.inf], np.nan).median())


def one_state(
    provisional: npt.NDArray[np.str_], spread: pd.Series, usual: Mapping[str, float]
) -> bool:
    """Whether a recording seems to hold one state only.

    Its features then have no common scale with those of others: normalised by itself, one state
    looks like all three.
    """
    return lacks_a_state(provisional) and relative_spread(spread, usual) < ONE_STATE


def why_not(
    provisional: npt.NDArray[np.str_],
    spread: pd.Series,
    usual: Mapping[str, float],
    beats_thresholds: bool,
) -> str:
    """Why a model is not to be asked about a recording; '' where it is.

    Parameters
    ----------
    provisional : ndarray of str, (epoch,)
        States by thresholds.
    spread : Series
        As of `spread_of`, of the recording.
    usual : mapping
        The same of the recordings that the model learnt from.
    beats_thresholds : bool
        Whether the model agrees at least as well as thresholds with labels it had not seen.
    """
    if not beats_thresholds:
        return "it agrees less well with the labels than the thresholds do"
    known = spread.dropna()
    if not any(name in usual for name in known.index):
        return "none of the regions that it knows is in this recording"
    if one_state(provisional, spread, usual):
        return (
            "this recording seems to hold one state only, so that its features have no common "
            "scale with those of others"
        )
    return ""
