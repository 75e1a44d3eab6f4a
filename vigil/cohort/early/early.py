"""The whole question for a cohort: from windows and seizures to tables and sentences."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from vigil.cohort.early.answer import COLUMNS as ANSWER_COLUMNS
from vigil.cohort.early.answer import answer, compared_with
from vigil.cohort.early.biomarkers import COLUMNS as BIOMARKER_COLUMNS
from vigil.cohort.early.biomarkers import biomarkers, differences
from vigil.cohort.early.case import Case, case
from vigil.cohort.early.clock import Recorded, join
from vigil.cohort.early.curve import COHORT, COLUMNS, Ways, curve, judged, told_early
from vigil.cohort.early.features import chosen
from vigil.cohort.early.settings import EarlySettings
from vigil.cohort.early.study import OTHERS, OWN, other_animals, own_past

log = logging.getLogger("vigil")

WARNING_COLUMNS = (
    "animal", "recording", "seizure", "onset_s", "lead", "tested", "told_min", "told_at",
)  # fmt: skip


@dataclass(frozen=True)
class Early:
    """Tables of `results/cohort/early/`, and what has to be said beside them."""

    lead_time: pd.DataFrame
    answers: pd.DataFrame
    biomarkers: pd.DataFrame
    warnings: pd.DataFrame
    notes: tuple[str, ...]
    features: tuple[str, ...]


def how_early(recordings: Sequence[Recorded], settings: EarlySettings) -> Early:
    """Answer for a cohort how early its seizures could have been told, and by what.

    Parameters
    ----------
    recordings : sequence of Recorded
        Of all animals; those without windows are left out by the caller.
    """
    rng = np.random.default_rng(settings.seed)
    names = list(dict.fromkeys(r.animal for r in recordings))
    joined = [join([r for r in recordings if r.animal == name]) for name in names]
    features = _common([chosen(a.features, settings.features) for a in joined])
    cases = [case(a, features, settings, rng) for a in joined]
    notes = [f"Animal {a.name}: {note}." for a in joined for note in a.notes]
    notes += [
        f"Animal {c.animal.name}: {c.not_testable} lead seizure"
        f"{'s are' if c.not_testable > 1 else ' is'} left out, as there is hardly any other time "
        "of the same state and hours."
        for c in cases
        if c.not_testable
    ]
    own = [own_past(c, settings) for c in cases]
    others = other_animals(cases, settings)
    ways: Ways = {OWN: own, OTHERS: others}
    (whole,) = judged([curve(COHORT, ways, settings, rng)], settings)
    enough = [k for k, c in enumerate(cases) if c.n >= settings.least_seizures]
    curves = [curve(names[k], {w: [t[k]] for w, t in ways.items()}, settings, rng) for k in enough]
    each = dict(zip(enough, judged(curves, settings), strict=True)) if enough else {}
    asked = [c.animal for c in cases if c.n]
    lead_seizures = sum(c.n for c in cases)
    answers = [answer(COHORT, whole, lead_seizures, len(cases), settings, compared_with(asked))]
    for k, c in enumerate(cases):
        table = each.get(k, whole.iloc[:0])
        answers.append(answer(names[k], table, c.n, 1, settings, compared_with([c.animal])))
    parts = [differences(c, features, settings) for c in cases]
    markers = [biomarkers(COHORT, parts, features, settings, rng)] if len(cases) > 1 else []
    markers += [biomarkers(names[k], [parts[k]], features, settings, rng) for k in enough]
    found = pd.DataFrame(answers, columns=list(ANSWER_COLUMNS))
    for name, sentence in zip(found["animal"], found["sentence"], strict=True):
        log.info("%s: %s", name, sentence)
    return Early(
        _joined([whole, *each.values()], COLUMNS),
        found,
        _joined(markers, BIOMARKER_COLUMNS),
        _joined([_warnings(c, k, ways, whole, each.get(k), settings)
                 for k, c in enumerate(cases)], WARNING_COLUMNS),
        tuple(notes),
        tuple(features),
    )  # fmt: skip


def _common(features: Sequence[Sequence[str]]) -> list[str]:
    """Features that at least half of the animals have, in the order of the first that has them."""
    every = list(dict.fromkeys(f for own in features for f in own))
    return [f for f in every if 2 * sum(f in own for own in features) >= len(features)]


def _warnings(
    c: Case,
    place: int,
    ways: Ways,
    whole: pd.DataFrame,
    own: pd.DataFrame | None,
    settings: EarlySettings,
) -> pd.DataFrame:
    """Each seizure of an animal, and the first warning that a forecast better than chance gave.

    Lead times count where the animal's own curve is better than chance, or else the cohort's.
    """
    early = told_early(own) if own is not None else whole.iloc[:0]
    if not len(early):
        early = told_early(whole)
    first = np.full(len(c.animal.onsets_s), np.nan)
    tested = np.zeros(len(first), bool)
    at = [""] * len(first)
    for split, tests in ways.items():
        for k, lead_min in enumerate(settings.lead_min):
            if not tests[place]:
                continue
            table = tests[place][k].warnings
            tested[table["seizure"]] = True
            believed = ((early["split"] == split) & (early["lead_min"] == lead_min)).any()
            for seizure in table.loc[table["told"] > 0, "seizure"] if believed else []:
                at[seizure] += f"{',' if at[seizure] else ''}{lead_min:g}"
                first[seizure] = np.nanmax([first[seizure], lead_min])
    leads = np.isin(np.arange(len(first)), c.lead)
    return pd.DataFrame(
        {
            "animal": c.animal.name, "recording": c.animal.recording, "seizure": c.animal.number,
            "onset_s": c.animal.onsets_s, "lead": leads, "tested": tested, "told_min": first,
            "told_at": at,
        }
    )  # fmt: skip


def _joined(tables: Sequence[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    some = [t for t in tables if len(t)]
    return pd.concat(some, ignore_index=True) if some else pd.DataFrame(columns=list(columns))
