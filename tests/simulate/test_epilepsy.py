import dataclasses

import numpy as np
import pytest

from vigil.simulate.epilepsy import AT_ONCE_S, focus_of
from vigil.simulate.plan import plan_rig
from vigil.simulate.seizure import PATTERNS
from vigil.simulate.settings import Rig

RIG = Rig(
    animals=25, labelled=0, minutes=240, channels=9, natural=True, epileptic=True, video=False
)
RIGS = [dataclasses.replace(RIG, seed=seed) for seed in (101, 102, 103)]
PLANS = [plan_rig(rig) for rig in RIGS]
SEIZURES = [s for plans in PLANS for p in plans for s in p.seizures]


@pytest.mark.parametrize("plans", PLANS)
def test_a_hundred_animal_hours_hold_sixty_seizures(plans):
    assert 60 <= sum(len(p.seizures) for p in plans) <= 100
    assert {p.group for p in plans} == {"wildtype", "mutant"}
    assert all(not p.seizures for p in plans if p.group == "wildtype")
    assert sum(p.group == "wildtype" for p in plans) == 6


def test_there_is_room_between_seizures():
    for p in (p for plans in PLANS for p in plans):
        for a, b in zip(p.seizures[:-1], p.seizures[1:], strict=True):
            assert b.onset_s - a.recovered_s >= 300
            assert not a.fatal
        for s in p.seizures:
            assert s.onset_s > 60
            assert s.recovered_s <= p.duration_s + 1e-3


def test_each_pattern_is_as_frequent_as_the_others():
    share = [np.mean([s.pattern == pattern for s in SEIZURES]) for pattern in PATTERNS]
    assert sum(share) == pytest.approx(1)
    assert 0.15 < min(share) < max(share) < 0.36


def test_lengths_and_amplitudes_vary():
    length_s = np.array([s.duration_s for s in SEIZURES])
    gain = np.array([s.gain for s in SEIZURES])
    assert 12 <= length_s.min() < 16
    assert 70 < length_s.max() <= 90
    assert 30 < np.median(length_s) < 40
    assert 3.2 < gain.max() / gain.min() < 3.7
    assert 0.2 < np.mean([s.suppression_s == 0 for s in SEIZURES]) < 0.45


def test_seizures_reach_some_or_all_regions():
    n_regions = np.array([len(s.delay_s) for s in SEIZURES])
    assert set(n_regions) == {2, 3, 4}
    assert 0.5 < np.mean(n_regions == 4) < 0.85
    assert all(s.delay_s[s.region] == 0 for s in SEIZURES)
    delays = np.array([d for s in SEIZURES for r, d in s.delay_s.items() if r != s.region])
    assert 9 < delays.max() <= 12
    together = [s for s in SEIZURES if max(s.delay_s.values()) <= AT_ONCE_S]
    assert 0.06 < len(together) / len(SEIZURES) < 0.2
    assert all(len(s.delay_s) == 4 for s in together)
    # there is nothing between together and one after the other
    assert not np.any((delays > AT_ONCE_S) & (delays < 0.6))


def test_an_animal_has_a_focus_and_now_and_then_a_seizure_elsewhere():
    away, foci = [], set()
    for rig, plans in zip(RIGS, PLANS, strict=True):
        for p in plans:
            focus = focus_of(rig, p.animal_number, p.montage.regions)
            away += [s.region != focus for s in p.seizures]
            foci |= {focus} if p.seizures else set()
    assert foci == set(RIG.regions)
    assert 0.03 < np.mean(away) < 0.15


def test_every_fourth_animal_dies_of_its_last_seizure():
    for plans in PLANS:
        for p in plans:
            deadly = p.animal_number % 4 == 3 or p.animal_number == 24
            assert (p.died is not None) == deadly
            assert [s.fatal for s in p.seizures] == [
                deadly and k == len(p.seizures) - 1 for k in range(len(p.seizures))
            ]
            if deadly:
                assert len(p.seizures[-1].delay_s) == 4
                assert p.seizures[-1].recovered_s == pytest.approx(p.duration_s, abs=0.01)


def test_seizures_come_out_of_every_state():
    before = [int(p.bouts.at(s.onset_s - 1)) for plans in PLANS for p in plans for s in p.seizures]
    assert set(before) == {0, 1, 2}


def test_short_recordings_hold_one_seizure():
    rig = Rig(animals=4, labelled=0, minutes=8, channels=5, epileptic=True, video=False)
    plans = plan_rig(rig)
    assert [len(p.seizures) for p in plans] == [0, 1, 1, 1]
    for seed in range(30):
        plan_rig(Rig(animals=4, labelled=1, minutes=1, channels=1, epileptic=True, seed=seed))


def test_the_rate_can_be_asked_for():
    plans = plan_rig(dataclasses.replace(RIG, minutes=1440, animals=4, seizures_per_h=0.25))
    per_day = [len(p.seizures) for p in plans if p.seizures]
    assert len(per_day) == 3
    assert all(4 <= n <= 8 for n in per_day)
