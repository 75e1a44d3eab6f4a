"""How good the events are, by the public package timescoring and by what its scores leave out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

Interval = tuple[float, float]
SAMPLES_PER_S = 10  # timescoring works at 10 Hz


@dataclass(frozen=True)
class Preset:
    """Parameters of timescoring's event scoring, s."""

    before_s: float
    after_s: float
    split_s: float
    merge_s: float


DEFAULT = Preset(before_s=30.0, after_s=60.0, split_s=300.0, merge_s=90.0)
STRICT = Preset(before_s=5.0, after_s=10.0, split_s=300.0, merge_s=10.0)
PRESETS = {"default": DEFAULT, "strict": STRICT}


def score_events(
    truth: Sequence[Interval], found: Sequence[Interval], duration_s: float
) -> pd.DataFrame:
    """Compare events (start, stop in s) of one recording, or of several end to end, with the truth.

    Event scores can be fooled: one event over the whole recording is never false. So the
    error of the onset, the overlap and the share of time called a seizure stand beside
    them. Needs the package timescoring (Dan et al. 2024), which is not part of the workflow.

    Returns
    -------
    DataFrame
        A row per preset (`default`, `strict`): sensitivity, precision, f1, fp_per_day (all
        by timescoring), onset_error_s and overlap (medians over the true seizures of the
        event that overlaps each most; intersection over union, 0 for missed ones),
        time_in_seizure (share of the recording in events) and false_hours_per_day (time in
        events outside of true ones).
    """
    from timescoring.annotations import Annotation
    from timescoring.scoring import EventScoring

    n = round(duration_s * SAMPLES_PER_S)
    reference = Annotation(sorted(truth), SAMPLES_PER_S, n)
    hypothesis = Annotation(sorted(found), SAMPLES_PER_S, n)
    errors, overlaps = match(truth, found)
    false_time = float((hypothesis.mask & ~reference.mask).sum()) / SAMPLES_PER_S
    rows = []
    for name, preset in PRESETS.items():
        parameters = EventScoring.Parameters(
            toleranceStart=preset.before_s,
            toleranceEnd=preset.after_s,
            minOverlap=0,
            maxEventDuration=preset.split_s,
            minDurationBetweenEvents=preset.merge_s,
        )
        score = EventScoring(reference, hypothesis, parameters)
        rows.append(
            {
                "preset": name,
                "sensitivity": score.sensitivity,
                "precision": score.precision,
                "f1": score.f1,
                "fp_per_day": score.fpRate,
                "onset_error_s": float(np.median(np.abs(errors))) if errors else np.nan,
                "overlap": float(np.median(overlaps)) if overlaps else np.nan,
                "time_in_seizure": float(hypothesis.mask.mean()),
                "false_hours_per_day": false_time / duration_s * 24.0,
            }
        )
    return pd.DataFrame(rows)


def match(truth: Sequence[Interval], found: Sequence[Interval]) -> tuple[list[float], list[float]]:
    """Onset errors (found minus true, of the found ones) and overlaps (of all true ones)."""
    errors, overlaps = [], []
    for a, b in truth:
        shares = [max(0.0, min(b, d) - max(a, c)) / (max(b, d) - min(a, c)) for c, d in found]
        best = int(np.argmax(shares)) if shares else -1
        if best >= 0 and shares[best] > 0:
            errors.append(found[best][0] - a)
            overlaps.append(shares[best])
        else:
            overlaps.append(0.0)
    return errors, overlaps
