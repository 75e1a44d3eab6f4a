import numpy as np
import pytest

from vigil.seizures.scoring import Watched, covered_s, match, score_events, score_recordings

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


def test_recordings_are_pooled_and_not_joined():
    seizure, near_the_end = (100.0, 130.0), (HOUR - 20.0, HOUR)
    table = score_recordings(
        [
            Watched([near_the_end], [near_the_end], HOUR),
            # 20 s into the next recording: joined end to end it would touch the one before
            Watched([], [(0.0, 20.0)], HOUR),
            Watched([seizure, (500.0, 540.0)], [(103.0, 130.0)], 2 * HOUR),
        ]
    ).set_index("preset")
    strict = table.loc["strict"]
    assert strict["seizures"] == 3
    assert strict["false"] == 1
    assert strict["sensitivity"] == pytest.approx(2 / 3)
    assert strict["precision"] == pytest.approx(2 / 3)
    assert strict["fp_per_day"] == pytest.approx(24.0 / 4)
    assert strict["onset_error_s"] == pytest.approx(1.5)  # of 0 and 3
    assert strict["overlap"] == pytest.approx(0.9)  # of 1, 0.9 and 0
    assert strict["time_in_seizure"] == pytest.approx(67.0 / (4 * HOUR))
    assert strict["false_hours_per_day"] == pytest.approx(20.0 / HOUR / 4 * 24)


def test_time_covered_counts_what_overlaps_once():
    assert covered_s([(0.0, 10.0), (5.0, 12.0), (20.0, 21.0), (6.0, 7.0)]) == 13.0
    assert covered_s([]) == 0.0
