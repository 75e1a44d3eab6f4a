"""From scores to alarms and probabilities, by what a training part says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from vigil.cohort.early import warn
from vigil.cohort.early.case import Case
from vigil.cohort.early.clock import FloatArray
from vigil.cohort.early.lead import Bools, Ints
from vigil.cohort.early.settings import EarlySettings


@dataclass(frozen=True)
class Known:
    """Threshold of the alarm, base rate, and the curve from scores to probabilities."""

    level: float
    base: float
    intercept: float
    slope: float


def calibrated(
    case: Case, scores: FloatArray, quiet: Bools, before: FloatArray, gain: float, hours: float,
    lead_min: float, settings: EarlySettings,
) -> Known:  # fmt: skip
    """What a training part says of scores.

    Parameters
    ----------
    quiet : ndarray, (window,)
        Windows that the threshold is set in.
    before : ndarray, (training seizure,)
        Scores before the lead seizures that the model was learnt from, which are too high.
    gain : float
        Mean of such scores where the seizure was left out: they are lowered to it.
    hours : float
        Length of the training part.
    """
    level = warn.threshold(
        scores, case.stretches.usable, quiet, case.animal.time_s, lead_min, settings.sop_min,
        settings.most_warning_share,
    )  # fmt: skip
    base = min(0.5, max(1, len(before)) * settings.sop_min / 60 / max(hours, 1.0))
    lowered = before - before.mean() + gain if len(before) else before
    return Known(level, base, *warn.fit_probability(scores[quiet], lowered, base))


def warnings_of(
    case: Case, scores: FloatArray, lead_min: float, test: slice, inside: Bools,
    known: Known, settings: EarlySettings,
) -> pd.DataFrame:  # fmt: skip
    """What the warnings of a model did up to each seizure of a block of test seizures."""
    onsets_s = case.onsets_s[0, test]
    time_s = case.animal.time_s
    # what follows the last seizure of a block counts to it
    segment: Ints = np.minimum(np.searchsorted(onsets_s, time_s, side="left"), len(onsets_s) - 1)
    segment = np.where(inside, segment, -1)
    chances = warn.probability(scores, known.intercept, known.slope)
    return pd.DataFrame(
        warn.measured(
            scores >= known.level, chances, known.base, time_s, case.animal.window_s,
            case.stretches.usable, case.between, segment, onsets_s, case.animal.onsets_s,
            lead_min, settings.sop_min,
        )
    ).assign(seizure=case.lead[test])  # fmt: skip
