"""What makes a stretch of loud channels a seizure."""

import numpy as np
import pytest

from vigil.seizures.criteria import (
    INTERRUPTED,
    NO_EVOLUTION,
    NO_RISE,
    TOO_SHORT,
    WEAK,
    evolution,
    local_rise,
    why_none,
    why_unlike,
)
from vigil.seizures.settings import Settings

ALL, NONE = np.ones(40, bool), np.zeros(40, bool)


def test_most_of_the_shortest_seizure_has_to_speak():
    assert why_none(7.0, ALL, NONE, False, Settings()) == ""
    assert why_none(6.5, ALL, NONE, False, Settings()) == TOO_SHORT
    assert why_none(6.0, ALL, NONE, True, Settings()) == ""  # a part of it is hidden
    assert why_none(8.0, ALL[:15], NONE[:15], False, Settings()) == TOO_SHORT
    assert why_none(8.0, ALL[:16], NONE[:16], False, Settings()) == ""


def test_what_is_hidden_neither_goes_on_nor_pauses():
    goes_on = np.arange(40) % 2 == 0
    assert why_none(10.0, goes_on, NONE, False, Settings()) == INTERRUPTED
    assert why_none(10.0, goes_on, ~goes_on, True, Settings()) == ""


def test_rise_of_the_second_channel_against_the_minute_before():
    both = np.zeros((2, 300, 3), np.float32)
    both[:, :200] = 1.0
    both[0, 200:260] = (5.0, 4.0, 1.0)
    both[1, 200:260] = (2.0, 2.0, 1.0)
    need = np.full(300, 2)
    assert local_rise(200, 260, both, need, Settings()) == pytest.approx(4.0)
    assert local_rise(200, 260, both, need - 1, Settings()) == pytest.approx(5.0)
    assert local_rise(20, 60, both, need, Settings()) == np.inf  # too little lies before


def test_what_is_little_of_everything_is_none():
    assert why_unlike(20.0, 2.9, 4.0, Settings()) == NO_RISE
    assert why_unlike(20.0, 9.0, 1.1, Settings()) == NO_EVOLUTION
    assert why_unlike(8.0, 4.0, 1.5, Settings()) == WEAK
    assert why_unlike(16.0, 4.0, 1.5, Settings()) == ""
    assert why_unlike(8.0, 8.0, 1.5, Settings()) == ""
    assert why_unlike(8.0, 4.0, 3.0, Settings()) == ""
    assert why_unlike(4.0, 4.0, 9.0, Settings()) == WEAK  # evolution counts up to four
    assert why_unlike(8.0, np.inf, 1.5, Settings()) == ""  # what was before is not known


def test_evolution_compares_quarters():
    assert evolution(np.repeat([1.0, 2.0, 4.0, 3.0], 10)) == 4.0
    assert evolution(np.full(40, np.nan)) == 1.0
