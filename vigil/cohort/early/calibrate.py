"""From scores to alarms and probabilities, by what a training part says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from vigil.cohort.early import warn
from vigil.cohort.early.case import Case
from vigil.cohort.early.clock import APART_S, FloatArray
from vigil.cohort.early.lead import Bools, Ints
from vigil.cohort.early.settings import EarlySettings


@dataclass(frozen=True)
class Known:
    """Threshold of the alarm, base rate, and the curve from scores to probabilities."""

    level: float
    base: float
    intercept: float
    slope: float


@dataclass(frozen=True)
class Training:
    """Windows that a model was learnt from, of one animal or of several one after the other.

    Parameters
    ----------
    scores : ndarray, (window,)
    usable : ndarray, (window,)
    quiet : ndarray, (window,)
        Between seizures: the threshold is set in these.
    time_s : ndarray, (window,)
    """

    scores: FloatArray
    usable: Bools
    quiet: Bools
    time_s: FloatArray


def together(parts: Sequence[Training]) -> Training:
    """Training parts on one clock, so far apart that no warning reaches from one to the next."""
    time_s, last_s = [], 0.0
    for part in parts:
        if len(part.time_s):
            time_s.append(part.time_s - part.time_s[0] + last_s + APART_S)
            last_s = float(time_s[-1][-1])
    scores, usable, quiet = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("scores", "usable", "quiet")
    )
    return Training(scores, usable, quiet, np.concatenate([*time_s, np.zeros(0)]))


def calibrated(
    training: Training, before: FloatArray, gain: float, hours: float, lead_min: float,
    settings: EarlySettings,
) -> Known:  # fmt: skip
    """What a training part says of scores.

    Parameters
    ----------
    before : ndarray, (training seizure,)
        Scores before the lead seizures that the model was learnt from, which are too high.
    gain : float
        Mean of such scores where the seizure was left out: they are lowered to it.
    hours : float
        Length of the training part.
    """
    level = warn.threshold(
        training.scores, training.usable, training.quiet, training.time_s, lead_min,
        settings.sop_min, settings.most_warning_share,
    )  # fmt: skip
    base = min(0.5, max(1, len(before)) * settings.sop_min / 60 / max(hours, 1.0))
    lowered = before - before.mean() + gain if len(before) else before
    return Known(level, base, *warn.fit_probability(training.scores[training.quiet], lowered, base))


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
