import numpy as np
import pytest

from vigil.simulate.behaviour import STEP_HZ, Behaviour
from vigil.simulate.bouts import DEAD, ICTAL, NREM, REM, WAKE
from vigil.simulate.nuance import GROOMING, RESTING
from vigil.simulate.plan import plan_rig
from vigil.simulate.settings import Rig

RIG = Rig(animals=5, seed=4)
VARIED = Rig(animals=5, labelled=5, minutes=60, natural=True, varied=True, seed=4)
TRACKS = ("x_cm", "y_cm", "head_direction_rad", "running", "effort")


@pytest.fixture(scope="module")
def movement():
    plan = plan_rig(RIG)[-1]
    return Behaviour(RIG, plan).advance(0, 480)


def speed_cm_s(m):
    return np.hypot(np.gradient(m.x_cm), np.gradient(m.y_cm)) * STEP_HZ


def test_the_head_stays_in_the_arena(movement):
    for axis in (movement.x_cm, movement.y_cm):
        assert axis.min() > 1
        assert axis.max() < RIG.arena_cm - 1


def test_it_runs_when_awake_and_lies_still_when_asleep(movement):
    speed = speed_cm_s(movement)
    awake = speed[movement.code == WAKE]
    assert 10 < np.percentile(awake, 95) < 30
    assert np.mean(awake < 1) > 0.1
    # three seconds are left for it to settle
    asleep = movement.code == NREM
    settled = asleep & np.concatenate([np.zeros(300, bool), asleep[:-300]])
    assert speed[settled].max() < 0.5
    assert speed[settled].mean() > 0.01  # it breathes


def test_small_twitches_in_rem_and_jerks_in_seizures(movement):
    speed = speed_cm_s(movement)
    assert 0.1 < np.percentile(speed[movement.code == REM], 99) < 6
    assert np.percentile(speed[movement.code == ICTAL], 95) > 4


def test_the_dead_do_not_move(movement):
    dead = np.flatnonzero(movement.code == DEAD)[3 * STEP_HZ :]
    for track in (movement.x_cm, movement.y_cm, movement.head_direction_rad):
        assert np.ptp(track[dead]) < 2e-3


def test_motion_is_smooth(movement):
    awake = np.flatnonzero(movement.code == WAKE)
    awake = awake[(awake > 2) & (awake < len(movement.code) - 3)]
    acceleration = np.hypot(
        *(np.gradient(np.gradient(a)) * STEP_HZ**2 for a in (movement.x_cm, movement.y_cm))
    )
    assert acceleration[awake].max() < 600
    assert np.abs(np.diff(movement.head_direction_rad)).max() * STEP_HZ < 20


def test_running_goes_where_the_nose_points(movement):
    running = (movement.code == WAKE) & (movement.running > 0.9)
    course = np.arctan2(-np.gradient(movement.y_cm), np.gradient(movement.x_cm))
    off = np.angle(np.exp(1j * (course - movement.head_direction_rad)))[running]
    assert np.median(np.abs(off)) < 0.3


def test_blocks_do_not_matter():
    rig = Rig(animals=1, labelled=0, minutes=1)
    plan = plan_rig(rig)[0]
    assert plan.seizures
    whole = Behaviour(rig, plan).advance(0, 60)
    pieces = Behaviour(rig, plan)
    blocks = [pieces.advance(a, n) for a, n in ((0, 5), (5, 1), (6, 7), (13, 23), (36, 24))]
    for name in TRACKS:
        joined = np.concatenate([getattr(b, name) for b in blocks])
        np.testing.assert_array_equal(joined, getattr(whole, name))


def acts_of(plan, m):
    """What the animal does and has done for three seconds."""
    acts = plan.nuance.acts(m.time_s, m.code)
    since = np.flatnonzero(np.diff(acts, prepend=-1))
    began = since[np.searchsorted(since, np.arange(len(acts)), side="right") - 1]
    return np.where(np.arange(len(acts)) - began >= 300, acts, -1)


def test_grooming_is_effort_in_place_and_rest_is_none():
    plan = plan_rig(VARIED)[4]
    m = Behaviour(VARIED, plan).advance(0, 3600)
    acts = acts_of(plan, m)
    groom, rest = acts == GROOMING, acts == RESTING
    assert groom.sum() > 3000
    assert m.effort[groom].mean() > 0.2
    assert m.running[groom].max() < 0.05
    assert m.effort[rest].max() < 0.02
    starts = np.flatnonzero(np.diff(groom.astype(int)) == 1)
    for a in starts:
        b = a + np.argmin(groom[a + 1 :])
        assert np.hypot(np.ptp(m.x_cm[a + 1 : b]), np.ptp(m.y_cm[a + 1 : b])) < 3


def test_lazy_animals_run_less_and_twitchy_ones_move_in_sleep():
    plans = plan_rig(VARIED)
    moves = [Behaviour(VARIED, p).advance(0, 3600) for p in plans]
    running = [np.mean(speed_cm_s(m)[m.code == WAKE] > 4) for m in moves]
    # the second animal is lazy, the third active, the fourth twitches
    assert running[1] < 0.7 * running[2]
    twitching = [
        np.mean(m.effort[plans[k].nuance.acts(m.time_s, m.code) == NREM] > 0.1)
        for k, m in enumerate(moves)
    ]
    assert twitching[3] > 2 * twitching[1] > 0


def test_blocks_do_not_matter_where_animals_differ():
    plan = plan_rig(VARIED)[3]
    whole, pieces = Behaviour(VARIED, plan).advance(0, 90), Behaviour(VARIED, plan)
    blocks = [pieces.advance(a, n) for a, n in ((0, 7), (7, 1), (8, 82))]
    for name in TRACKS:
        joined = np.concatenate([getattr(b, name) for b in blocks])
        np.testing.assert_array_equal(joined, getattr(whole, name))
