"""Turns of a head that turns as it is told."""

import numpy as np
import pytest

from vigil.kinematics.turns import find_turns

T = np.arange(300) / 30


def test_a_turn_each_way():
    w = np.zeros(300)
    w[30:60] = np.pi / 2  # 1 s, 90 degrees to the left
    w[90:120] = -np.pi
    w[150:156] = np.pi / 2  # 18 degrees only
    turns = find_turns(T, w, 1.0, np.radians(45))
    assert turns["direction"].tolist() == ["ccw", "cw"]
    assert turns["start_s"].tolist() == [1.0, 3.0]
    assert turns["duration_s"].tolist() == pytest.approx([1.0, 1.0])
    assert turns["angle_rad"].tolist() == pytest.approx([np.pi / 2, -np.pi])


def test_missing_frames_end_a_turn():
    w = np.full(300, np.pi)
    w[100:110] = np.nan
    assert len(find_turns(T, w, 1.0, 0.5)) == 2


def test_no_turn_is_an_empty_table():
    assert find_turns(T, np.zeros(300), 1.0, 0.5).empty
