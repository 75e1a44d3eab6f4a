"""Seizures tested by models of others: later ones by earlier ones, and each animal by the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from vigil.cohort.early import model
from vigil.cohort.early.calibrate import Training, calibrated, together, warnings_of
from vigil.cohort.early.case import Case
from vigil.cohort.early.clock import FloatArray
from vigil.cohort.early.features import Float32
from vigil.cohort.early.lead import Bools
from vigil.cohort.early.matching import Controls, matched_auc
from vigil.cohort.early.settings import EarlySettings

OWN, OTHERS = "own past", "other animals"
MOST_ROWS = 4000  # of an animal are enough for a covariance


@dataclass(frozen=True)
class Tested:
    """What a way to split gave for one animal at one lead time.

    Parameters
    ----------
    area : ndarray, (set, test seizure)
        Matched AUC of each seizure, the real onsets first.
    plain : ndarray, (test seizure,)
        That of the plain model, which takes features as independent.
    warnings : DataFrame
        One row per test seizure: `warn.MEASURES`.
    """

    area: FloatArray
    plain: FloatArray
    warnings: pd.DataFrame


def blocks(n: int, settings: EarlySettings) -> list[tuple[int, int]]:
    """Blocks [first, last) of the test seizures among `n` in the order of time."""
    first = max(2, int(np.ceil(n * settings.first_share)))
    if n < settings.least_seizures or first >= n:
        return []
    parts = np.array_split(np.arange(first, n), min(settings.folds, n - first))
    return [(int(p[0]), int(p[-1]) + 1) for p in parts]


def own_past(case: Case, settings: EarlySettings) -> list[Tested]:
    """Later seizures of an animal tested by its earlier ones, one entry per lead time.

    What is learnt of the covariance is from before the first test seizure as well.
    """
    parts = blocks(case.n, settings)
    if not parts:
        return []
    time_s = case.animal.time_s
    cut_s = case.onsets_s[0, parts[0][0] - 1]
    of = model.basis(_some(case, time_s <= cut_s), settings.shrinkage)
    turned = of.turn(case.stretches.x)
    controls = _subset(case.controls, time_s[case.controls.ends] > cut_s)
    found = []
    for k, lead_min in enumerate(settings.lead_min):
        rows, there = case.rows(turned, k)
        up_to = model.Lesson(*case.rows_up_to(turned, k), rows, of)
        lessons = [up_to, model.Lesson(rows, there, rows, of)]
        areas, plains, tables = [], [], []
        for first, last in parts:
            train = np.broadcast_to(np.arange(case.n) < first, there.shape)
            best, gain = model.choose(lessons, train, train & there)
            w = model.weights(lessons, train, best, of)
            test = slice(first, last)
            areas.append(_areas(case, turned, rows[:, test], w, k, test, controls, settings))
            plains.append(
                _plain(case, turned, up_to, train, rows[:, test], k, test, controls, settings)
            )
            start_s = case.onsets_s[0, first - 1]
            stop_s = case.onsets_s[0, last - 1] if last < case.n else np.inf
            trained = time_s <= start_s
            hours = float((trained & case.stretches.usable).sum()) * case.animal.window_s / 3600
            inside = (time_s > start_s) & (time_s <= stop_s)
            scores = (turned @ w[0]).astype(float)
            before = rows[0, :first][there[0, :first]] @ w[0]
            training = Training(scores, case.stretches.usable, trained & case.between, time_s)
            known = calibrated(training, before, float(gain[0]), hours, lead_min, settings)
            table = warnings_of(case, scores, lead_min, test, inside, known, settings)
            tables.append(table)
        found.append(
            Tested(
                np.concatenate(areas, axis=1),
                np.concatenate(plains),
                pd.concat(tables, ignore_index=True),
            )
        )
    return found


def other_animals(cases: Sequence[Case], settings: EarlySettings) -> list[list[Tested]]:
    """All seizures of each animal tested by those of the others: by animal, then by lead time.

    The covariance is that of all animals' stretches, without regard to seizures. The threshold of
    the alarm and the curve from scores to probabilities are those of the other animals' time
    between seizures, so the time in warning of the tested animal is a result.
    """
    if sum(case.n > 0 for case in cases) < 2:
        return [[] for _ in cases]
    of = model.basis(
        np.concatenate([_some(c, np.ones(len(c.animal.time_s), bool)) for c in cases]),
        settings.shrinkage,
    )
    turned = [of.turn(c.stretches.x) for c in cases]
    found: list[list[Tested]] = [[] for _ in cases]
    for k, lead_min in enumerate(settings.lead_min):
        both = [c.rows(t, k) for c, t in zip(cases, turned, strict=True)]
        up_to = [c.rows_up_to(t, k) for c, t in zip(cases, turned, strict=True)]
        lessons = _of_animals(up_to, both, of), _of_animals(both, both, of)
        some = lessons[1].there
        for a, c in enumerate(cases):
            if not c.n:
                continue
            train = np.broadcast_to(np.arange(len(cases)) != a, some.shape)
            if len(cases) == 2:
                # one animal to learn from: its seizures are left out in turn
                own, there = both[1 - a]
                one = [model.Lesson(*rows, own, of) for rows in (up_to[1 - a], both[1 - a])]
                best, gain = model.choose(one, np.ones_like(there), there)
            else:
                best, gain = model.choose(lessons, train, train & some)
                # a sum of n seizures scores n times one
                gain = gain / max(1.0, float(np.mean([b.n for b in cases])))
            w = model.weights(lessons, train, best, of)
            test = slice(0, c.n)
            area = _areas(c, turned[a], both[a][0], w, k, test, c.controls, settings)
            plain = _plain(
                c, turned[a], lessons[0], train, both[a][0], k, test, c.controls, settings
            )
            scores = (turned[a] @ w[0]).astype(float)
            training = together(
                [
                    Training((t @ w[0]).astype(float), b.stretches.usable, b.between,
                             b.animal.time_s)
                    for j, (b, t) in enumerate(zip(cases, turned, strict=True)) if j != a
                ]
            )  # fmt: skip
            learnt = [r[0][there[0]] @ w[0] for b, (r, there) in enumerate(both) if b != a]
            known = calibrated(
                training, np.concatenate(learnt), float(gain[0]), _hours_of_others(cases, a),
                lead_min, settings,
            )  # fmt: skip
            inside = np.ones(len(c.animal.time_s), bool)
            table = warnings_of(c, scores, lead_min, test, inside, known, settings)
            found[a].append(Tested(area, plain, table))
    return found


def _hours_of_others(cases: Sequence[Case], held_out: int) -> float:
    others = [c for a, c in enumerate(cases) if a != held_out]
    return sum(float(c.stretches.usable.sum()) * c.animal.window_s / 3600 for c in others)


def _some(case: Case, allowed: Bools) -> Float32:
    rows = np.flatnonzero(case.stretches.usable & allowed)
    thin = np.linspace(0, len(rows) - 1, min(len(rows), MOST_ROWS)).astype(np.int64)
    return case.stretches.x[rows[thin]]


def _subset(controls: Controls, keep: Bools) -> Controls:
    return replace(
        controls, ends=controls.ends[keep], state=controls.state[keep],
        clock_h=controls.clock_h[keep], barred=controls.barred[:, keep],
    )  # fmt: skip


def _areas(
    case: Case, turned: Float32, rows: Float32, w: Float32, k: int, test: slice,
    controls: Controls, settings: EarlySettings,
) -> FloatArray:  # fmt: skip
    n_sets = len(w)
    scores = np.asarray(np.matmul(rows, w[:, :, None])[:, :, 0], dtype=np.float32)
    control_scores = w @ turned[controls.ends].T
    return matched_auc(
        scores, control_scores, case.windows[k][:n_sets, test], case.stretches.state,
        case.animal.clock_h, replace(controls, barred=controls.barred[:n_sets]), settings.match_h,
    )  # fmt: skip


def _plain(
    case: Case, turned: Float32, learnt: model.Lesson, train: Bools, rows: Float32, k: int,
    test: slice, controls: Controls, settings: EarlySettings,
) -> FloatArray:  # fmt: skip
    """Areas of the real seizures by the mean of the training seizures as it is."""
    w = (learnt.rows[:1] * train[:1, :, None]).sum(axis=1)
    areas = _areas(case, turned, rows[:1], w, k, test, controls, settings)
    return np.asarray(areas[0], dtype=float)


def _of_animals(
    rows: Sequence[tuple[Float32, Bools]], own: Sequence[tuple[Float32, Bools]], of: model.Basis
) -> model.Lesson:
    """A lesson in which an animal stands for one seizure: the sum of its seizures' rows."""
    return model.Lesson(
        np.stack([r.sum(axis=1) for r, _ in rows], axis=1),
        np.stack([there.any(axis=1) for _, there in rows], axis=1),
        np.stack([r.sum(axis=1) for r, _ in own], axis=1),
        of,
    )
