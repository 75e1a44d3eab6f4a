"""Detectors on steps that their models have not seen, and which of them is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import minimize_scalar

from vigil.folds import Fold
from vigil.seizures.detection import runs
from vigil.seizures.trained.decode import Decoding, candidates, choose_decoding, decode, in_seconds
from vigil.seizures.trained.folds import LabelledRecording
from vigil.seizures.trained.labels import SEIZURE, UNLABELLED, Interval, Labels
from vigil.seizures.trained.matching import MEASURES, Matched, match_strictly, pool
from vigil.seizures.trained.model import SeizureModel, calibrate, raw_probabilities

THRESHOLDS, XGBOOST, ALWAYS_ON = "thresholds", "xgboost", "always on"
COLUMNS = ("left_out", "detector", "seizures", "hours", *MEASURES)
RULE = (
    "The trained detector is used when its F1 in the strict sense, on recordings that its models "
    "had not seen, is greater than that of the detector without labels, or as great with at least "
    "the same median overlap; otherwise the detector without labels is."
)
BOUNDS = (0.2, 10.0)
"""Least and largest temperature."""


@dataclass(frozen=True)
class Held:
    """A stretch of a recording that a fold's model has not seen.

    Parameters
    ----------
    recording : LabelledRecording
    fold : str
    first, last : int
        Its steps.
    raw : ndarray, (step,)
        Probability by that model, calibrated by nothing.
    """

    recording: LabelledRecording
    fold: str
    first: int
    last: int
    raw: npt.NDArray[np.float32]

    @property
    def labels(self) -> Labels:
        """Labels of its steps."""
        return self.recording.labels[self.first : self.last]

    @property
    def truth(self) -> list[Interval]:
        """Labelled seizures, in seconds from its start."""
        return self._inside(self.recording.seizures)

    @property
    def by_thresholds(self) -> list[Interval]:
        """Seizures by the detector without labels, in seconds from its start."""
        return self._inside(self.recording.by_thresholds)

    @property
    def always_on(self) -> list[Interval]:
        """One event over all that is labelled."""
        return in_seconds(runs(self.labels != UNLABELLED), self.recording.step_s)

    def match(self, found: Sequence[Interval]) -> Matched:
        """What became of events; those where nothing is labelled are neither right nor wrong."""
        step_s = self.recording.step_s
        known = self.labels != UNLABELLED
        kept = []
        for a, b in found:
            part = known[int(a / step_s) : max(int(a / step_s) + 1, round(b / step_s))]
            if part.mean() > 0.5:
                kept.append((a, b))
        matched = match_strictly(self.truth, kept, len(known) * step_s)
        return replace(matched, duration_s=float(known.sum() * step_s))

    def _inside(self, events: Sequence[Interval]) -> list[Interval]:
        start_s = self.first * self.recording.step_s
        stop_s = self.last * self.recording.step_s
        return [
            (max(a, start_s) - start_s, min(b, stop_s) - start_s)
            for a, b in events
            if min(b, stop_s) > max(a, start_s)
        ]


def ask_held(
    recordings: Sequence[LabelledRecording], fold: Fold, model: SeizureModel
) -> list[Held]:
    """What a fold's model says of the steps that it has not seen, streamed."""
    found = []
    for r in recordings:
        if r.recording in fold.held:
            first, last = fold.held[r.recording]
            raw = raw_probabilities(r.store, model, first, last)
            found.append(Held(r, fold.name, first, last, raw))
    return found


def fit_temperature(held: Sequence[Held]) -> float:
    """The temperature under which the labels of steps that no model had seen are likeliest."""
    raw = np.concatenate([h.raw for h in held]) if held else np.zeros(0, np.float32)
    labels = np.concatenate([h.labels for h in held]) if held else np.zeros(0, np.int8)
    known = (labels != UNLABELLED) & np.isfinite(raw)
    p, ictal = raw[known], labels[known] == SEIZURE
    if not ictal.any():
        return 1.0

    def surprise(log_temperature: float) -> float:
        q = calibrate(p, float(np.exp(log_temperature)))
        return float(-np.log(np.where(ictal, q, 1 - q)).mean())

    best = minimize_scalar(surprise, bounds=np.log(BOUNDS), method="bounded")
    return float(np.exp(best.x))


def settle(
    held: Sequence[Held], merge_s: float, min_duration_s: float
) -> tuple[dict[str, tuple[float, Decoding]], float, Decoding]:
    """Temperature and decoding of each fold by the other folds, and those by all.

    Returns
    -------
    by_fold : dict
        By the name of the fold (temperature, decoding): nothing of the fold itself, on which
        they are measured, went into them.
    temperature, decoding
        For the model of all labels.
    """
    tried = candidates(merge_s, min_duration_s)
    # the thresholds are of the trees' own probabilities; calibration keeps their order
    matched = [
        [
            h.match(in_seconds(decode(h.raw, h.recording.step_s, d), h.recording.step_s))
            for h in held
        ]
        for d in tried
    ]

    def fit(mine: Sequence[int]) -> tuple[float, Decoding]:
        temperature = fit_temperature([held[i] for i in mine])
        chosen = choose_decoding(tried, [[m[i] for i in mine] for m in matched])
        return temperature, calibrated(chosen, temperature)

    by_fold = {}
    for fold in dict.fromkeys(h.fold for h in held):
        others = [i for i, h in enumerate(held) if h.fold != fold]
        by_fold[fold] = fit(others)
    return by_fold, *fit(range(len(held)))


def calibrated(decoding: Decoding, temperature: float) -> Decoding:
    """The same decoding for calibrated probabilities."""
    enter, keep = calibrate(np.array([decoding.enter, decoding.keep]), temperature)
    return replace(decoding, enter=float(enter), keep=float(keep))


def compare(held: Sequence[Held], by_fold: Mapping[str, tuple[float, Decoding]]) -> pd.DataFrame:
    """Every detector on what was left out, fold by fold and pooled ('all'); columns `COLUMNS`."""
    matched: dict[str, list[Matched]] = {THRESHOLDS: [], XGBOOST: [], ALWAYS_ON: []}
    for h in held:
        matched[THRESHOLDS].append(h.match(h.by_thresholds))
        matched[XGBOOST].append(h.match(found_by_model(h, by_fold)))
        matched[ALWAYS_ON].append(h.match(h.always_on))
    rows = []
    for name in [*dict.fromkeys(h.fold for h in held), "all"]:
        for detector, of in matched.items():
            mine = [m for m, h in zip(of, held, strict=True) if name in (h.fold, "all")]
            rows.append({"left_out": name, "detector": detector, **pool(mine)})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def found_by_model(h: Held, by_fold: Mapping[str, tuple[float, Decoding]]) -> list[Interval]:
    """Seizures of a stretch by the model that has not seen it, in seconds from its start."""
    temperature, decoding = by_fold[h.fold]
    step_s = h.recording.step_s
    return in_seconds(decode(calibrate(h.raw, temperature), step_s, decoding), step_s)


def choose(comparison: pd.DataFrame) -> str:
    """The detector that is used, by `RULE`."""
    pooled = comparison[comparison["left_out"] == "all"].set_index("detector")
    # nothing found and nothing to be found have no F1 and no overlap: they win nothing
    f1, overlap = pooled["f1"].fillna(0.0), pooled["overlap"].fillna(0.0)
    if f1[XGBOOST] == f1[THRESHOLDS]:
        return XGBOOST if overlap[XGBOOST] >= overlap[THRESHOLDS] else THRESHOLDS
    return XGBOOST if f1[XGBOOST] > f1[THRESHOLDS] else THRESHOLDS


def held_out_table(h: Held, by_fold: Mapping[str, tuple[float, Decoding]]) -> pd.DataFrame:
    """Every step of a stretch that was left out.

    Returns
    -------
    DataFrame
        `recording`, `animal`, `fold`, `time_s`, `label` (seizure, background, or '' where
        nothing is labelled), `probability` (calibrated by the other folds) and `raw`.
    """
    temperature, _ = by_fold[h.fold]
    names = np.array(["", "background", "seizure"])
    n = len(h.raw)

    def always(name: str) -> Any:
        return pd.Categorical([name]).repeat(n)

    return pd.DataFrame(
        {
            "recording": always(h.recording.recording),
            "animal": always(h.recording.animal),
            "fold": always(h.fold),
            "time_s": np.arange(h.first, h.last) * h.recording.step_s,
            "label": pd.Categorical(names[h.labels + 1], categories=names),
            "probability": calibrate(h.raw, temperature).astype(np.float32),
            "raw": h.raw,
        }
    )
