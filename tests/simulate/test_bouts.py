import itertools

import numpy as np

from vigil.simulate.bouts import (
    DEAD,
    ICTAL,
    NREM,
    REM,
    SUPPRESSED,
    WAKE,
    Bouts,
    draw_bouts,
    roughen,
)


def bouts(seed=0, duration_s=480.3, seizures=(), natural=False, zeitgeber_h=2.0):
    return draw_bouts(np.random.default_rng(seed), duration_s, seizures, natural, zeitgeber_h)


def test_never_from_wake_to_rem_and_on_the_grid():
    for seed in range(50):
        b = bouts(seed)
        assert b.start_s[0] == 0
        assert np.all(b.start_s % 4 == 0)
        pairs = set(itertools.pairwise(b.code.tolist()))
        assert pairs <= {(WAKE, NREM), (NREM, REM), (NREM, WAKE), (REM, WAKE), (REM, NREM)}


def test_eight_minutes_hold_several_bouts_of_each():
    for seed in range(50):
        code = bouts(seed).code
        assert all(np.sum(code == c) >= 2 for c in (WAKE, NREM, REM))


def test_short_recordings_hold_each_state():
    for seed in range(50):
        assert {WAKE, NREM, REM} <= set(bouts(seed, 90.0).code.tolist())


def test_seizure_interrupts_and_the_animal_is_awake_afterwards():
    b = bouts(1, seizures=[(201.5, 230.25, 262.0, False)])
    assert b.at([201.6, 230.3, 262.1]).tolist() == [ICTAL, SUPPRESSED, WAKE]
    start_s, states = b.epochs()
    unclassified = start_s[[s == "unclassified" for s in states]]
    np.testing.assert_array_equal(unclassified, np.arange(200, 264, 4))
    assert len(states) == 120


def test_death_lasts():
    b = bouts(2, seizures=[(300.0, 330.0, 480.3, True)])
    assert b.code[-1] == DEAD
    assert b.at([337.9, 338.1, 480]).tolist() == [SUPPRESSED, DEAD, DEAD]
    assert b.epochs()[1][75:] == ["unclassified"] * 45


def test_natural_bouts_follow_the_light():
    day = bouts(3, 12 * 3600, natural=True, zeitgeber_h=0.0)
    night = bouts(3, 12 * 3600, natural=True, zeitgeber_h=12.0)
    awake_day, awake_night = (np.mean(b.at(np.arange(0, 43200, 4)) == WAKE) for b in (day, night))
    assert awake_day < 0.6 < awake_night
    nrem = np.diff(np.append(day.start_s, day.stop_s))[day.code == NREM]
    assert 60 < nrem.mean() < 240


def test_an_epoch_has_the_state_that_fills_most_of_it():
    b = Bouts(np.array([0.0, 5.5, 9.5, 14.5]), np.array([WAKE, NREM, REM, WAKE], np.int8), 20.0)
    assert b.epochs()[1] == ["wake", "nrem", "rem", "rem", "wake"]
    # a brief awakening in the middle of an epoch does not fill it
    b = Bouts(np.array([0.0, 1.2, 2.8]), np.array([NREM, WAKE, NREM], np.int8), 4.0)
    assert b.epochs()[1] == ["nrem"]


def test_rough_bouts_have_more_brief_awakenings_and_the_same_states_otherwise():
    smooth = bouts(4, 4 * 3600, natural=True)
    rough = roughen(np.random.default_rng(0), smooth, 40.0)
    time_s = np.arange(0.5, 4 * 3600)
    was, now = smooth.at(time_s), rough.at(time_s)
    asleep_h = np.mean(was == NREM) * 4
    lengths_s = np.diff(np.append(rough.start_s, rough.stop_s))
    assert np.all(lengths_s >= 1)
    woken = len(rough.code) - len(smooth.code)
    # short bouts have no room for one
    assert 0.3 * 40 < woken / 2 / asleep_h < 40
    # awakenings, and one second and a half at each border
    assert set(was[now != was].tolist()) <= {WAKE, NREM, REM}
    assert np.mean((now != was) & (now != WAKE)) < 0.01
    assert np.mean(rough.start_s % 4 == 0) < 0.1


def test_rough_bouts_keep_the_times_of_seizures():
    smooth = bouts(1, seizures=[(201.5, 230.25, 262.0, False)])
    rough = roughen(np.random.default_rng(0), smooth, 40.0)
    for code in (ICTAL, SUPPRESSED):
        assert rough.start_s[rough.code == code] == smooth.start_s[smooth.code == code]
    assert 262.0 in rough.start_s
