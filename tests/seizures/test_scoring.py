import numpy as np
import pytest

from vigil.seizures.scoring import match, score_events

HOUR = 3600.0


def by_preset(truth, found, duration_s):
    return score_events(truth, found, duration_s).set_index("preset")


def test_perfect_events_have_full_marks():
    truth = [(100.0, 130.0), (1000.0, 1040.0)]
    table = by_preset(truth, truth, HOUR)
    for column in ("sensitivity", "precision", "f1", "overlap"):
        assert (table[column] == 1.0).all()
    assert (table[["fp_per_day", "onset_error_s", "false_hours_per_day"]] == 0).all(axis=None)


def test_an_event_40_s_late_passes_the_default_and_not_the_strict_preset():
    table = by_preset([(100.0, 130.0)], [(150.0, 160.0)], HOUR)
    assert table.loc["default", "sensitivity"] == 1.0
    assert table.loc["strict", "sensitivity"] == 0.0
    assert table.loc["strict", "fp_per_day"] == 24.0
    assert np.isnan(table.loc["strict", "onset_error_s"])
    assert table.loc["strict", "overlap"] == 0.0


def test_one_event_over_the_whole_recording_is_exposed_by_what_stands_beside_the_scores():
    truth = [(100.0, 130.0), (200.0, 230.0), (300.0, 330.0)]
    trick = by_preset(truth, [(0.0, 400.0)], 400.0).loc["default"]
    # timescoring splits it at 300 s; every piece touches a seizure
    assert trick["sensitivity"] == 1.0
    assert trick["precision"] == 1.0
    assert trick["fp_per_day"] == 0.0
    assert trick["time_in_seizure"] == 1.0
    assert trick["overlap"] == pytest.approx(30.0 / 400.0)
    assert trick["onset_error_s"] == 200.0
    assert trick["false_hours_per_day"] == pytest.approx(24.0 * 310.0 / 400.0)


def test_false_alarms_on_a_day_without_seizures():
    day = 24 * HOUR
    table = by_preset([], [(1000.0, 1020.0), (50000.0, 50020.0)], day)
    assert (table["fp_per_day"] == 2.0).all()
    assert table["sensitivity"].isna().all()


def test_the_event_that_overlaps_most_counts():
    errors, overlaps = match([(10.0, 20.0)], [(8.0, 11.0), (11.0, 20.0)])
    assert errors == [1.0]
    assert overlaps == [0.9]
