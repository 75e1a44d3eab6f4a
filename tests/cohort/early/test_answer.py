from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from vigil.cohort.early.answer import (
    CHANCE,
    FOUND,
    LITTLE,
    MATCHED,
    answer,
    compared_with,
    warning_sentence,
)
from vigil.cohort.early.clock import join
from vigil.cohort.early.curve import told_early
from vigil.cohort.early.settings import EarlySettings

SETTINGS = EarlySettings()


def table(better, sensitivity=(0.9, 0.8, 0.7, 0.3, 0.2), split="own past"):
    leads = [2.0, 5.0, 12.0, 20.0, 60.0]
    rows = [
        {"animal": "a", "split": split, "lead_min": lead, "seizures": 9, "animals": 1, "auc": 0.8,
         "p": 0.004 if b else 0.5, "better": b, "told": round(9 * s), "sensitivity": s,
         "time_in_warning": 0.08, "false_alarms_per_h": 0.4}
        for lead, b, s in zip(leads, better, sensitivity, strict=True)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_the_longest_lead_time_at_which_most_are_told_and_where_chance_begins():
    row = answer("a", table([True, True, True, True, False]), 12, 1, SETTINGS)
    assert row["verdict"] == FOUND
    assert (row["lead_min"], row["beyond_min"]) == (12, 20)
    assert row["sentence"] == (
        "Seizures could be told 12 min ahead in 6 of 9 by models of the animal's own past, time in "
        "warning 8 %; not better than chance beyond 20 min."
    )


def test_where_nothing_beats_chance():
    row = answer("a", table([False] * 5), 12, 1, SETTINGS)
    assert row["verdict"] == CHANCE
    assert "nothing told the 9 seizures" in row["sentence"]
    assert row["p"] == 0.5


def test_a_gap_ends_the_run_of_lead_times():
    early = told_early(table([False, True, True, False, True]))
    assert list(early["lead_min"]) == [5, 12]


def test_the_longest_that_was_tried_is_said():
    row = answer("a", table([True] * 5), 12, 1, SETTINGS)
    assert row["sentence"].endswith("longer than 60 min was not tried.")


@pytest.mark.parametrize(
    ("n", "words"), [(0, "no lead seizure"), (1, "1 lead seizure with"), (4, "4 lead")]
)
def test_too_little(n, words):
    row = answer("a", table([True] * 5), n, 1, SETTINGS)
    assert row["verdict"] == LITTLE
    assert words in row["sentence"]
    assert row["lead_min"] is None


def test_what_could_not_be_tested_is_too_little_and_not_chance():
    row = answer("a", table([False] * 5).assign(p=np.nan), 12, 1, SETTINGS)
    assert row["verdict"] == LITTLE
    assert "none of the 12 lead seizures could be tested" in row["sentence"]
    row = answer("a", table([False] * 5).assign(seizures=3), 6, 1, SETTINGS)
    assert row["verdict"] == LITTLE
    assert "3 of the 6 lead seizures could be tested" in row["sentence"]
    assert row["p"] is None


def test_the_animals_that_were_tested_are_counted():
    row = answer("all", table([False] * 5).assign(animals=2), 12, 6, SETTINGS)
    assert "(2 animals)" in row["sentence"]


def test_a_break_is_said_where_longer_lead_times_are_better_again():
    row = answer("a", table([True, True, False, True, True]), 12, 1, SETTINGS)
    assert row["beyond_min"] == 5
    assert row["sentence"].endswith(
        "better than chance up to 5 min without a break (again better at 20 and 60 min)."
    )
    row = answer("a", table([True, False, False, True, False]), 12, 1, SETTINGS)
    assert row["sentence"].endswith("up to 2 min without a break (again better at 20 min).")


def test_alarms_that_tell_no_more_than_their_time_in_warning_are_not_called_early():
    row = answer("a", table([True, False, False, False, False], (0.05,) * 5), 12, 1, SETTINGS)
    assert row["sentence"] == (
        "Matched AUC is above chance (0.80 at 2 min by models of the animal's own past), but "
        "alarms are no better than their time in warning: 0 of 9 told, time in warning 8 %; not "
        "better than chance beyond 2 min."
    )
    # a row with a gain is taken before a longer one without
    some = answer("a", table([True, True, False, False, False], (0.4, 0.05, 0, 0, 0)), 12, 1,
                  SETTINGS)  # fmt: skip
    assert some["sentence"].startswith("Seizures could be told 2 min ahead in 4 of 9")


def test_what_is_not_known_is_not_called_the_same(made):
    recordings = made.animal(3, days=2, seizures=2)
    assert len(recordings) > 1
    assert compared_with([join(recordings)]) == MATCHED
    dateless = [replace(r, start=None) for r in recordings]
    assert compared_with([join(dateless)]) == (
        "other times of the same state (the hour is not known)"
    )
    awake = [replace(r, windows=r.windows.assign(state="unclassified")) for r in recordings]
    assert compared_with([join(awake)]) == "other times of the same hour (sleep was not scored)"
    assert "sleep of" in join(awake).notes[0]
    some = [dateless[0], *awake[1:]]
    assert compared_with([join(some)]) == (
        "other times of the same state and hour (the state is known of some recordings only and "
        "the hour is known of some recordings only)"
    )
    words = compared_with([join([replace(r, start=None) for r in awake])])
    assert words == "other times (sleep was not scored and the hour is not known)"
    row = answer("a", table([False] * 5), 12, 1, SETTINGS, words)
    assert f"tested from {words}." in row["sentence"]


def test_markers_of_a_cohort_in_which_nothing_was_found_are_introduced():
    answers = pd.DataFrame({"animal": ["all", "a"], "verdict": [CHANCE, FOUND]})
    markers = pd.DataFrame({"animal": ["all", "all", "a"], "p": [0.03, 0.2, 0.01], "tried": 48})
    assert warning_sentence(answers, markers) == (
        "Forecasts were not better than chance: the markers below are only the strongest of all "
        "48 that were tried (feature, level or change, lead time), and 1 of the 2 features has a "
        "corrected p of at most 0.05."
    )
    assert "none of the 2" in warning_sentence(answers, markers.assign(p=0.5))
    little = answers.assign(verdict=LITTLE)
    assert warning_sentence(little, markers).startswith("Whether seizures can be told early cannot")
    assert warning_sentence(answers.assign(verdict=FOUND), markers) == ""
    assert warning_sentence(answers, markers.iloc[:0]) == ""
