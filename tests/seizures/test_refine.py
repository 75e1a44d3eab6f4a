"""Edges of events on evidence made by hand: two measures, four channels, half seconds."""

import numpy as np
import pytest

from vigil.seizures.refine import levels_before, place_end, place_onset
from vigil.seizures.settings import Settings

ALL = np.ones(4, bool)


@pytest.fixture
def noise():
    return (0.05 * np.random.default_rng(1).standard_normal((2, 600, 4))).astype(np.float32)


def test_the_level_is_the_minute_before_and_its_spread_has_a_floor(noise):
    noise[0, 160:280, 1] += 3.0
    levels = levels_before(noise, 300, Settings())
    assert levels.middle[0, 1] == pytest.approx(3.0, abs=0.1)
    assert abs(levels.middle[0, 0]) < 0.1
    assert (levels.spread == np.float32(0.3)).all()
    assert levels_before(noise, 30, Settings()) is None  # less than ten seconds


def test_growth_before_the_threshold_is_followed_back(noise):
    noise[1, 280:300, 2] += np.linspace(1.0, 2.0, 20, dtype=np.float32)
    assert place_onset(300, noise, ALL, Settings()) == 280


def test_what_rises_on_other_channels_as_well_is_a_state_and_no_onset(noise):
    two = np.array([False, False, True, True])
    noise[:, 280:300] += 2.0
    assert place_onset(300, noise, two, Settings()) == 300
    # where all take part nobody can tell, and the seizure has all of it
    assert place_onset(300, noise, ALL, Settings()) == 280
    noise[:, 290:300, 3] += 2.0
    assert place_onset(300, noise, two, Settings()) == 290


def test_channels_that_take_no_part_and_disturbed_ones_say_nothing(noise):
    noise[0, 280:300, 0] += 3.0
    assert place_onset(300, noise, np.array([False, True, True, True]), Settings()) == 300
    noise[0, 280:300, 0] = np.nan
    assert place_onset(300, noise, ALL, Settings()) == 300


def test_a_rise_that_was_over_before_is_not_the_onset(noise):
    noise[0, 285:290, 1] += 3.0
    assert place_onset(300, noise, ALL, Settings()) == 300


def test_an_onset_is_moved_by_twenty_seconds_at_most(noise):
    noise[0, 264:300, 1] += 3.0
    assert place_onset(300, noise, ALL, Settings()) == 264
    noise[0, 258:300, 1] += 3.0  # no quiet so near: a state has changed, and the edge stays
    assert place_onset(300, noise, ALL, Settings()) == 300
    noise[0, 300:400, 1] += 6.0
    assert place_end(300, 350, noise, ALL, Settings()) == 350


def test_the_end_is_where_half_of_the_way_down_is_gone(noise):
    noise[0, 300:370, 1] += 4.0
    noise[0, 370:, 1] += 1.5  # afterwards the animal is awake
    assert place_end(300, 360, noise, ALL, Settings()) == 370
    assert place_end(300, 370, noise, ALL, Settings()) == 370
    assert place_end(300, 360, noise, ~ALL, Settings()) == 360


def test_a_pause_shorter_than_discharges_does_not_end_it(noise):
    noise[0, 300:370, 1] += 4.0
    noise[0, 363:365, 1] -= 4.0
    assert place_end(300, 360, noise, ALL, Settings()) == 370
    noise[0, 362:366, 1] = 0.0
    assert place_end(300, 360, noise, ALL, Settings()) == 362
