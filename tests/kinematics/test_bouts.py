"""Bouts of an animal whose speed is set."""

import numpy as np
import pytest

from vigil.kinematics.bouts import COLUMNS, find_bouts

T = np.arange(900) / 30


def bouts(speed, time_s=T):
    return find_bouts(time_s, np.asarray(speed, dtype=float), 4.0, 2.0, 0.5, 1.0)


def rows(table):
    return [
        (kind, round(start, 3), round(length, 3))
        for kind, start, length in zip(
            table["kind"], table["start_s"], table["duration_s"], strict=True
        )
    ]


def test_movement_and_immobility_with_their_speeds_and_ways():
    speed = np.full(900, 1.0)
    speed[300:600] = 10.0
    speed[450] = 16.0
    table = bouts(speed)
    assert tuple(table.columns) == COLUMNS
    assert rows(table) == [("immobile", 0, 10), ("moving", 10, 10), ("immobile", 20, 10)]
    assert table["distance_cm"].tolist() == pytest.approx([10, 100.2, 10])
    assert table["mean_speed_cm_s"].tolist() == pytest.approx([1, 10.02, 1])
    assert table["peak_speed_cm_s"].tolist() == [1, 16, 1]


def test_between_the_thresholds_nothing_changes():
    speed = np.full(900, 1.0)
    speed[300:600] = 3.0
    assert rows(bouts(speed)) == [("immobile", 0, 30)]
    speed[299] = 5.0
    assert rows(bouts(speed)) == [
        ("immobile", 0, 9.967), ("moving", 9.967, 10.033), ("immobile", 20, 10)
    ]  # fmt: skip


def test_a_short_pause_does_not_end_a_movement():
    speed = np.full(900, 10.0)
    speed[300:329] = 0.0
    assert rows(bouts(speed)) == [("moving", 0, 30)]
    speed[300:330] = 0.0
    assert [r[0] for r in rows(bouts(speed))] == ["moving", "immobile", "moving"]


def test_a_twitch_is_no_bout_and_ends_immobility():
    speed = np.full(900, 0.0)
    speed[300:314] = 10.0
    assert rows(bouts(speed)) == [("immobile", 0, 10), ("immobile", 10.467, 19.533)]


def test_a_gap_ends_a_bout_and_is_neither():
    speed = np.full(900, 10.0)
    speed[300:310] = np.nan
    # known but too short for anything, between two gaps
    speed[600:610], speed[610:620], speed[620:630] = np.nan, 0.0, np.nan
    assert rows(bouts(speed)) == [
        ("moving", 0, 10), ("moving", 10.333, 9.667), ("moving", 21, 9)
    ]  # fmt: skip


def test_a_pause_that_a_gap_touches_is_not_bridged():
    speed = np.full(900, 10.0)
    speed[300:310], speed[310:320] = np.nan, 0.0
    assert rows(bouts(speed)) == [("moving", 0, 10), ("moving", 10.667, 19.333)]


def test_nothing_known_is_an_empty_table():
    assert bouts(np.full(900, np.nan)).empty
    table = bouts([], np.array([]))
    assert table.empty
    assert tuple(table.columns) == COLUMNS


def test_twitches_one_after_another_are_no_movement():
    speed = np.full(900, 0.3)
    speed[::27] = 4.5
    assert bouts(speed).empty
    # one that lasts is, with those close to it
    speed[540:600] = 10.0
    table = bouts(speed)
    assert table["kind"].tolist() == ["moving"]
