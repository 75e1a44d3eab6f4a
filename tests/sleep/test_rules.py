"""The rules after the scorer, case by case."""

import numpy as np

from vigil.sleep.bouts import bout_borders
from vigil.sleep.rules import drop_short_bouts, forbid_transitions, movement_is_wake

WORDS = {"w": "wake", "n": "nrem", "r": "rem", "u": "unclassified"}
NEVER = (("wake", "rem"),)


def states(letters):
    return np.array([WORDS[c] for c in letters])


def letters(found):
    return "".join(s[0] for s in found)


def test_rem_after_wakefulness_is_wake():
    assert letters(forbid_transitions(states("wwwwrrwnnrrwur"), NEVER, 3)) == "wwwwwwwnnrrwur"
    assert letters(forbid_transitions(states("wrr"), NEVER, 3)) == "www"


def test_rem_goes_on_after_a_brief_awakening():
    assert letters(forbid_transitions(states("nnrrwrrr"), NEVER, 3)) == "nnrrwrrr"
    assert letters(forbid_transitions(states("nnrrwwwwrr"), NEVER, 3)) == "nnrrwwwwww"
    assert letters(forbid_transitions(states("nnrrwrrr"), NEVER, 0)) == "nnrrwwww"
    # an epoch that nothing is known of does not make the sleep before it forgotten
    assert letters(forbid_transitions(states("nnuwrr"), NEVER, 3)) == "nnuwrr"


def test_other_pairs_can_be_forbidden_and_none_changes_nothing():
    pairs = (("wake", "rem"), ("rem", "nrem"))
    assert letters(forbid_transitions(states("nrrnnwn"), pairs, 3)) == "nrrrrww"
    assert letters(forbid_transitions(states("wrrn"), (), 3)) == "wrrn"


def test_short_bouts_are_dropped_state_by_state():
    assert letters(drop_short_bouts(states("wwnwwnnnwnnn"), {"nrem": 2})) == "wwwwwnnnwnnn"
    assert letters(drop_short_bouts(states("nnwnn"), {"wake": 2})) == "nnnnn"
    assert letters(drop_short_bouts(states("wnw"), {})) == "wnw"
    assert letters(drop_short_bouts(states("nww"), {"nrem": 2})) == "nww"  # nothing is before it


def test_movement_is_wake():
    speed = np.array([0.1, 9.0, 9.0, np.nan])
    assert letters(movement_is_wake(states("nnun"), speed, 3.0)) == "nwun"
    assert letters(movement_is_wake(states("nn"), None, 3.0)) == "nn"


def test_borders_of_bouts():
    assert bout_borders(states("wwnr")) == [(0, 2), (2, 3), (3, 4)]
    assert bout_borders(states("")) == []
