import pandas as pd
import pytest

from vigil.cohort.early.answer import CHANCE, FOUND, LITTLE, answer
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
