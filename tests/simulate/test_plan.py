import numpy as np
import pytest

from vigil.simulate.plan import RECORD_SAMPLES, plan_rig
from vigil.simulate.settings import RATE_HZ, Rig

PLANS = [p for seed in range(20) for p in plan_rig(Rig(seed=seed, recordings_per_animal=2))]


def test_who_has_seizures_and_who_dies():
    plans = plan_rig(Rig(animals=5, recordings_per_animal=2))
    assert [p.group for p in plans[::2]] == ["wildtype", "mutant", "wildtype", "mutant", "mutant"]
    assert all(bool(p.seizures) == (p.group == "mutant") for p in plans)
    dead = [p for p in plans if p.died is not None]
    assert dead == [plans[-1]]
    assert dead[0].seizures[-1].fatal
    assert dead[0].seizures[-1].recovered_s == pytest.approx(dead[0].duration_s, abs=0.01)


def test_an_animal_keeps_its_focus():
    plans = plan_rig(Rig(animals=2, labelled=1, recordings_per_animal=6))
    assert len({s.region for p in plans for s in p.seizures}) == 1


def test_seizures_spread_from_the_focus():
    for s in (s for p in PLANS for s in p.seizures):
        others = [d for r, d in s.delay_s.items() if r != s.region]
        assert s.delay_s[s.region] == 0
        assert min(others) >= 0.5
        assert max(others) <= 6
        assert 20 <= s.duration_s <= 60


def test_interruptions_are_gaps_and_short_records_away_from_seizures():
    for plan in PLANS:
        assert sum(i.acquisition_stopped for i in plan.interruptions) == 1
        assert sum(not i.acquisition_stopped for i in plan.interruptions) == 1
        stretch = 0
        for i in plan.interruptions:
            assert stretch < i.stop < i.restart < plan.n_samples
            assert (i.stop - stretch) % RECORD_SAMPLES != 0
            assert i.restart % 4 == stretch % 4 == 0
            if not i.acquisition_stopped:
                assert (i.restart - stretch) % RECORD_SAMPLES == 0
            for s in plan.seizures:
                assert i.restart < s.onset_s * RATE_HZ or i.stop > s.end_s * RATE_HZ
            stretch = i.restart


def test_camera_clocks_differ_from_the_recordings():
    for clock in (p.camera for p in PLANS):
        assert 1 <= clock.offset_s <= 3
        assert 20 <= abs(clock.drift_ppm) <= 150
        assert 0 not in clock.lost
        assert len(clock.lost) >= 2
        assert max(clock.lost) < clock.exposures - 1


def test_a_day_has_a_seizure_an_hour():
    plan = plan_rig(Rig(animals=2, labelled=1, minutes=24 * 60, natural=True))[1]
    onsets = np.array([s.onset_s for s in plan.seizures])
    assert len(onsets) == 24
    assert np.all(np.diff(onsets) > 600)


def test_one_minute_can_be_planned():
    for seed in range(50):
        plan_rig(Rig(animals=2, labelled=1, minutes=1, channels=1, seed=seed))
