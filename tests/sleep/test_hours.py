"""Hour by hour, against a recording whose hours are known."""

from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from vigil.sleep.hours import hourly_table
from vigil.sleep.statistics import summarise

START = datetime.fromisoformat("2026-03-02T09:30:00+01:00")


def day(hours=26.0, epoch_s=4.0, start_s=0.0):
    """Nrem in the first half hour of each hour of the recording, wake in the second."""
    start = start_s + np.arange(round(hours * 3600 / epoch_s)) * epoch_s
    state = np.where((start - start_s) % 3600 < 1800, "nrem", "wake").astype("<U12")
    return pd.DataFrame({"start_s": start, "duration_s": epoch_s, "state": state})


def test_hours_begin_with_the_zeitgeber():
    table = hourly_table(day(), START, 7.0)  # begins at ZT 2.5
    assert table["zeitgeber_h"].to_list() == [*range(2, 24), *range(5)]
    assert table["day"].to_list() == [1] * 22 + [2] * 5
    assert table["hour"].to_list() == list(range(1, 28))
    assert table["start_s"].to_list()[:3] == [-1800, 1800, 5400]
    assert table["classified_min"].to_list() == [30.0, *[60.0] * 25, 30.0]
    # the first, half hour of zeitgeber time is all nrem; then each hour begins with wake
    assert table["nrem_min"].to_list() == [30.0] * 26 + [0.0]
    assert table["nrem_share"].to_list() == [1.0, *[0.5] * 25, 0.0]
    assert table["wake_bouts"].to_list() == [0, *[1] * 26]
    assert table["wake_mean_bout_s"].to_list()[1:] == [1800.0] * 26
    assert np.isnan(table["wake_mean_bout_s"][0])


def test_the_hours_add_up_to_the_whole():
    rng = np.random.default_rng(3)
    table = day(7.3)
    table["state"] = np.repeat(
        rng.choice(["wake", "nrem", "rem", "unclassified"], len(table) // 9 + 1), 9
    )[: len(table)]
    hours = hourly_table(table, START, 7 + 1 / 3)
    whole = summarise(table).set_index("state")
    for state in ("wake", "nrem", "rem"):
        assert hours[f"{state}_min"].sum() == pytest.approx(whole["minutes"][state])
        assert hours[f"{state}_bouts"].sum() == whole["bouts"][state]
    assert hours["unclassified_min"].sum() == pytest.approx(whole["minutes"]["unclassified"])
    shares = hours[[f"{s}_share" for s in ("wake", "nrem", "rem")]].sum(axis=1)
    assert shares.to_numpy() == pytest.approx(1.0)


@pytest.mark.parametrize(("start", "lights_on"), [(None, 7.0), (START, None)])
def test_without_a_zeitgeber_hours_are_those_of_the_recording(start, lights_on):
    table = hourly_table(day(25.5), start, lights_on)
    assert table["zeitgeber_h"].isna().all()
    assert table["start_s"].to_list() == [3600.0 * h for h in range(26)]
    assert table["day"].to_list() == [1] * 24 + [2] * 2
    assert table["nrem_min"].to_list() == [30.0] * 26


def test_a_bout_belongs_to_the_hour_in_which_it_begins():
    table = day(3.0)
    table["state"] = "wake"
    table.loc[(table["start_s"] >= 3000) & (table["start_s"] < 4200), "state"] = "rem"
    hours = hourly_table(table, None, None)
    assert hours["rem_bouts"].to_list() == [1, 0, 0]
    assert hours["rem_min"].to_list() == [10, 10, 0]
    assert hours["rem_mean_bout_s"][0] == 1200
    assert hours["wake_bouts"].to_list() == [1, 1, 0]


def test_an_hour_without_scores_has_no_shares():
    table = day(3.0)
    table.loc[(table["start_s"] >= 3600) & (table["start_s"] < 7200), "state"] = "unclassified"
    hours = hourly_table(table, None, None)
    assert hours["classified_min"].to_list() == [60, 0, 60]
    assert hours["unclassified_min"].to_list() == [0, 60, 0]
    assert np.isnan(hours["wake_share"][1])


def test_an_hour_missing_from_the_table_is_there():
    table = day(3.0)
    table = table[(table["start_s"] < 3600) | (table["start_s"] >= 7200)]
    assert hourly_table(table, None, None)["unclassified_min"].to_list() == [0, 60, 0]


def test_nothing_has_no_hours():
    table = hourly_table(day(0.0), START, 7.0)
    assert not len(table)
    assert "rem_mean_bout_s" in table
