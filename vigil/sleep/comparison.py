"""Every scorer on epochs that its models have not seen, and which of them is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.folds import Fold
from vigil.recording import SCORED
from vigil.sleep.agreement import agreement, codes_of
from vigil.sleep.calibration import Calibration
from vigil.sleep.dropout import hide, parts_of, regions_of
from vigil.sleep.folds import LabelledRecording
from vigil.sleep.hypnogram import apply_rules, states_of
from vigil.sleep.model import raw_probabilities, smooth
from vigil.sleep.predictors import make_predictors
from vigil.sleep.settings import Settings
from vigil.sleep.train import LEARNERS, Learnt, features_of, scorer_name

FloatArray = npt.NDArray[np.float64]
States = npt.NDArray[np.str_]

SMOOTHINGS = ("none", "hmm", "causal hmm")
THRESHOLD = "threshold"
PREFERRED = [(learner, smoothing) for smoothing in SMOOTHINGS for learner in reversed(LEARNERS)]
"""Of equals the first is taken: boosted trees can be explained, and smoothing costs brief
awakenings."""
CLEARLY_BETTER = 0.005
"""Gain in kappa below which two scorers are equals."""
BOUTS_WITHIN = 0.2
"""A scorer whose number of bouts lies farther from the experts' is chosen only if all do."""
RULE = (
    "The greatest kappa on epochs that the models had not seen, among the scorers whose number of "
    f"bouts lies within {BOUTS_WITHIN:.0%} of the experts' (among all, where none does). Of those "
    f"within {CLEARLY_BETTER} of it the first in this order: xgboost, forest, logistic, then each "
    "with the hidden Markov model; the causal one only when the settings ask for it. The figures "
    "of the one that is chosen are a little too good, since it was chosen by them."
)


@dataclass(frozen=True)
class Held:
    """A stretch of a recording that a fold's models have not seen.

    Parameters
    ----------
    recording : LabelledRecording
    fold : str
    first, last : int
        Its epochs.
    raw : dict
        By learner and smoothing what it says, (epoch, 3), calibrated by nothing.
    filmed : bool
        Whether the rules after the scorer may know how the head moved.
    """

    recording: LabelledRecording
    fold: str
    first: int
    last: int
    raw: dict[tuple[str, str], FloatArray]
    filmed: bool = True

    @property
    def labels(self) -> States:
        """What experts say."""
        return self.recording.labels[self.first : self.last]

    @property
    def speed_cm_s(self) -> FloatArray | None:
        """Mean speed of the head."""
        speed = self.recording.speed_cm_s
        return None if speed is None or not self.filmed else speed[self.first : self.last]

    def ruled(self, states: States, settings: Settings) -> States:
        """States after the rules that follow every scorer."""
        return apply_rules(states, self.speed_cm_s, settings)


def score_held(
    recordings: Sequence[LabelledRecording],
    fold: Fold,
    learnt: Learnt,
    hidden: Sequence[str] = (),
    smoothings: Sequence[str] = SMOOTHINGS,
) -> list[Held]:
    """What the learners of a fold say of the epochs that it left out.

    Parameters
    ----------
    hidden : sequence of str
        Parts (as of `dropout.parts_of`) that the recordings are to be taken to lack.
    smoothings : sequence of str
        Those that are asked about.
    """
    found = []
    for r in recordings:
        if r.recording not in fold.held:
            continue
        first, last = fold.held[r.recording]
        table = make_predictors(r.normal, features_of(recordings))
        if hidden:
            parts = parts_of(list(table.columns))
            values = hide(table.to_numpy(), parts, [h for h in hidden if h in parts])
            table = pd.DataFrame(values, columns=table.columns)
        table = table.iloc[first:last]
        raw: dict[tuple[str, str], FloatArray] = {}
        for name, learner in learnt.learners.items():
            # without smoothing and with forward-backward the learner is asked the same
            views = {s: s if s == "causal hmm" else "none" for s in smoothings}
            said = {v: raw_probabilities(learner, table, v) for v in set(views.values())}
            for s, view in views.items():
                raw[name, s] = smooth(said[view], s, learnt.transitions, learnt.shares)
        found.append(Held(r, fold.name, first, last, raw, "camera" not in hidden))
    return found


def calibrate_across(
    held: Sequence[Held], which: tuple[str, str]
) -> tuple[dict[str, Calibration], Calibration]:
    """Calibrations of one scorer: for each fold by the other folds, and one by all.

    Returns
    -------
    by_fold : dict
    all : Calibration
    """
    p = np.concatenate([h.raw[which] for h in held])
    labels = np.concatenate([h.labels for h in held])
    fold = np.repeat([h.fold for h in held], [h.last - h.first for h in held])
    state = codes_of(labels)
    known = (state >= 0) & np.isfinite(p).all(axis=1)

    def fit(mine: npt.NDArray[np.bool_]) -> Calibration:
        return Calibration.fit(p[mine], state[mine])

    by_fold = {str(f): fit(known & (fold != f)) for f in np.unique(fold)}
    return by_fold, fit(known)


def compare(held: Sequence[Held], settings: Settings) -> pd.DataFrame:
    """Agreement of every scorer with the labels, fold by fold and pooled.

    Returns
    -------
    DataFrame
        `left_out` (the fold; 'all' for all of them), `scorer`, and the measures of `agreement`.
        Scores are those that a user would get: calibrated, with the rules after the scorer.
    """
    rows = []
    scorers: dict[str, list[States]] = {
        THRESHOLD: [h.ruled(h.recording.provisional[h.first : h.last], settings) for h in held]
    }
    for learner in LEARNERS:
        for smoothing in SMOOTHINGS:
            if (learner, smoothing) in held[0].raw:
                by_fold, _ = calibrate_across(held, (learner, smoothing))
                states = score_calibrated(held, (learner, smoothing), by_fold, settings)
                scorers[scorer_name(learner, smoothing)] = states
    folds = list(dict.fromkeys(h.fold for h in held))
    for scorer, states in scorers.items():
        for name in [*folds, "all"]:
            mine = [(h.labels, s) for h, s in zip(held, states, strict=True)
                    if name in (h.fold, "all")]  # fmt: skip
            labels, scores = (np.concatenate(x) for x in zip(*mine, strict=True))
            rows.append({"left_out": name, "scorer": scorer, **agreement(labels, scores)})
    return pd.DataFrame(rows)


def pooled(comparison: pd.DataFrame) -> pd.DataFrame:
    """The rows for all folds together, by scorer."""
    return comparison[comparison["left_out"] == "all"].set_index("scorer")


def score_calibrated(
    held: Sequence[Held],
    which: tuple[str, str],
    calibrations: Mapping[str, Calibration],
    settings: Settings,
) -> list[States]:
    """States of one scorer after the rules, calibrated by the names of the folds."""
    scored = []
    for h in held:
        p = calibrations[h.fold].apply(h.raw[which])
        scored.append(h.ruled(states_of(p, settings.min_confidence), settings))
    return scored


def choose(comparison: pd.DataFrame, settings: Settings) -> tuple[str, str]:
    """The scorer that is used: its learner and its smoothing, by `RULE` and the settings."""
    found = pooled(comparison)
    smoothings = ("none", "hmm") if settings.smoothing == "auto" else (settings.smoothing,)
    able = [
        (learner, smoothing)
        for learner, smoothing in PREFERRED
        if settings.learner in ("auto", learner) and smoothing in smoothings
    ]
    kappa = {pair: float(found["kappa"][scorer_name(*pair)]) for pair in able}
    bouts = {pair: float(found["bouts_over_labelled"][scorer_name(*pair)]) for pair in able}
    near = [pair for pair in able if abs(bouts[pair] - 1) <= BOUTS_WITHIN] or able
    best = max(kappa[pair] for pair in near)
    return next(pair for pair in near if kappa[pair] >= best - CLEARLY_BETTER)


def held_out_table(
    held: Sequence[Held],
    which: tuple[str, str],
    calibrations: Mapping[str, Calibration],
    settings: Settings,
) -> pd.DataFrame:
    """Every epoch that was left out, as the chosen scorer's unseeing models score it.

    Returns
    -------
    DataFrame
        `recording`, `animal`, `fold`, `start_s`, `label`, `state` (after the rules), `p_<state>`
        (calibrated by the other folds) and `raw_<state>`.
    """
    parts = []
    scored = score_calibrated(held, which, calibrations, settings)
    for h, states in zip(held, scored, strict=True):
        table = pd.DataFrame(
            {
                "recording": h.recording.recording,
                "animal": h.recording.animal,
                "fold": h.fold,
                "start_s": h.recording.start_s[h.first : h.last],
                "label": h.labels,
                "state": states,
            }
        )
        p = calibrations[h.fold].apply(h.raw[which])
        for i, state in enumerate(SCORED):
            table[f"p_{state}"] = p[:, i]
            table[f"raw_{state}"] = h.raw[which][:, i]
        parts.append(table)
    return pd.concat(parts, ignore_index=True)


def compare_missing(
    recordings: Sequence[LabelledRecording],
    folds: Sequence[Fold],
    learnt: Mapping[str, Learnt],
    which: tuple[str, str],
    calibrations: Mapping[str, Calibration],
    settings: Settings,
) -> pd.DataFrame:
    """How the chosen scorer does on recordings that lack a region, the EMG, the camera or both.

    The parts are hidden from epochs that the models have not seen; what finds the provisional
    states for the normalisation still sees them.

    Parameters
    ----------
    recordings : sequence of LabelledRecording
    folds : sequence of Fold
    learnt : mapping
        By the names of the folds.
    which : (learner, smoothing)
    calibrations : mapping
        By the names of the folds.
    settings : Settings

    Returns
    -------
    DataFrame
        `missing`, and the measures of `agreement` over all folds.
    """
    parts = parts_of(features_of(recordings))
    regions = regions_of(parts)
    single = [[r] for r in regions] if len(regions) > 1 else []
    single += [[p] for p in ("EMG", "camera") if p in parts]
    pairs = [["camera", "EMG"]] if {"camera", "EMG"} <= set(parts) else []
    rows = []
    for hidden in [[], *single, *pairs]:
        labels, scores = [], []
        for fold in folds:
            own = replace(
                learnt[fold.name], learners={which[0]: learnt[fold.name].learners[which[0]]}
            )
            held = score_held(recordings, fold, own, hidden, which[1:])
            scores += score_calibrated(held, which, calibrations, settings)
            labels += [h.labels for h in held]
        measures = agreement(np.concatenate(labels), np.concatenate(scores))
        rows.append({"missing": " and ".join(hidden) or "nothing", **measures})
    return pd.DataFrame(rows)
