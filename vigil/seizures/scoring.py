"""How good the events are, by the public package timescoring and by what its scores leave out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

Interval = tuple[float, float]
SAMPLES_PER_S = 10  # timescoring works at 10 Hz
DAY_S = 86400.0


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


@dataclass(frozen=True)
class Watched:
    """A recording: its true seizures, the events that were found (start, stop in s), its length."""

    truth: Sequence[Interval]
    found: Sequence[Interval]
    duration_s: float


def score_events(
    truth: Sequence[Interval], found: Sequence[Interval], duration_s: float
) -> pd.DataFrame:
    """Compare the events of one recording with the truth, see `score_recordings`."""
    return score_recordings([Watched(truth, found, duration_s)])


def score_recordings(recordings: Sequence[Watched]) -> pd.DataFrame:
    """Compare the events of several recordings with the truth.

    Event scores can be fooled: one event over the whole recording misses nothing. So the
    error of the onset, the overlap and the share of time called a seizure stand beside
    them. Needs the package timescoring (Dan et al. 2024), which is not part of the workflow.

    Returns
    -------
    DataFrame
        A row per preset (`default`, `strict`): seizures and false (alarms), counted as
        timescoring does, which merges what is close and splits what is long; from these
        sensitivity, precision, f1 and fp_per_day; onset_error_s (median of its size over the
        true seizures that some event overlaps, of the one that overlaps most), overlap
        (median over all true seizures; intersection over union, 0 for missed ones),
        time_in_seizure (share of the time in events) and false_hours_per_day (time in events
        outside of true ones).
    """
    matched = [match(r.truth, r.found) for r in recordings]
    errors = [abs(e) for errors, _ in matched for e in errors]
    overlaps = [o for _, overlaps in matched for o in overlaps]
    total_s = sum(r.duration_s for r in recordings)
    inside_s = sum(covered_s(r.found) for r in recordings)
    # what lies in both is what the two have together less what they cover
    false_s = sum(covered_s([*r.truth, *r.found]) - covered_s(r.truth) for r in recordings)
    rows = []
    for name, preset in PRESETS.items():
        counts = np.array([count_events(r, preset) for r in recordings])
        hit, true, false = (int(n) for n in counts.sum(axis=0))
        sensitivity = hit / true if true else np.nan
        precision = hit / (hit + false) if hit + false else np.nan
        rows.append(
            {
                "preset": name,
                "seizures": true,
                "false": false,
                "sensitivity": sensitivity,
                "precision": precision,
                "f1": 2 * hit / (hit + false + true) if true else np.nan,
                "fp_per_day": false / total_s * DAY_S,
                "onset_error_s": float(np.median(errors)) if errors else np.nan,
                "overlap": float(np.median(overlaps)) if overlaps else np.nan,
                "time_in_seizure": inside_s / total_s,
                "false_hours_per_day": false_s / total_s * 24.0,
            }
        )
    return pd.DataFrame(rows)


def count_events(recording: Watched, preset: Preset) -> tuple[int, int, int]:
    """Seizures that timescoring calls found, all seizures, and false alarms."""
    from timescoring.annotations import Annotation
    from timescoring.scoring import EventScoring

    n = round(recording.duration_s * SAMPLES_PER_S)
    parameters = EventScoring.Parameters(
        toleranceStart=preset.before_s,
        toleranceEnd=preset.after_s,
        minOverlap=0,
        maxEventDuration=preset.split_s,
        minDurationBetweenEvents=preset.merge_s,
    )
    score = EventScoring(
        Annotation(sorted(recording.truth), SAMPLES_PER_S, n),
        Annotation(sorted(recording.found), SAMPLES_PER_S, n),
        parameters,
    )
    return score.tp, score.refTrue, score.fp


def covered_s(events: Sequence[Interval]) -> float:
    """Time in any of some events."""
    total_s, until_s = 0.0, -np.inf
    for a, b in sorted(events):
        total_s += max(0.0, b - max(a, until_s))
        until_s = max(until_s, b)
    return total_s


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
