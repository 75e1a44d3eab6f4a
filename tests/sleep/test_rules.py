"""The rules after the scorer, case by case."""

import numpy as np
import pandas as pd

from vigil.sleep.rules import bout_borders, drop_short_bouts, movement_is_wake, rem_follows_sleep

WORDS = {"w": "wake", "n": "nrem", "r": "rem", "u": "unclassified"}


def states(letters):
    return np.array([WORDS[c] for c in letters])


def letters(found):
    return "".join(s[0] for s in found)


def test_rem_after_wakefulness_is_wake():
    assert letters(rem_follows_sleep(states("wwwwrrwnnrrwur"))) == "wwwwwwwnnrrwur"
    assert letters(rem_follows_sleep(states("wrr"))) == "www"


def test_rem_goes_on_after_a_brief_awakening():
    assert letters(rem_follows_sleep(states("nnrrwrrr"))) == "nnrrwrrr"
    assert letters(rem_follows_sleep(states("nnrrwwwwrr"))) == "nnrrwwwwww"


def test_short_sleep_is_dropped_and_brief_awakenings_are_kept():
    assert letters(drop_short_bouts(states("wwnwwnnnwnnn"), 2)) == "wwwwwnnnwnnn"
    assert letters(drop_short_bouts(states("wnw"), 1)) == "wnw"


def test_movement_is_wake():
    movement = pd.DataFrame({"movement.speed": [0.1, 9.0, 9.0, np.nan]})
    assert letters(movement_is_wake(states("nnun"), movement, 3.0)) == "nwun"
    assert letters(movement_is_wake(states("nn"), None, 3.0)) == "nn"


def test_borders_of_bouts():
    assert bout_borders(states("wwnr")) == [(0, 2), (2, 3), (3, 4)]
    assert bout_borders(states("")) == []
