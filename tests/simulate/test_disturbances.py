import numpy as np
import pytest

from vigil.simulate.bouts import WAKE
from vigil.simulate.disturbances import KINDS, MAY_COVER
from vigil.simulate.plan import plan_rig
from vigil.simulate.settings import Rig

RIG = Rig(
    animals=24,
    labelled=0,
    minutes=240,
    channels=9,
    natural=True,
    epileptic=True,
    video=False,
    seed=104,
)
PLANS = plan_rig(RIG)
ALL = [(p, d) for p in PLANS for d in p.disturbances]


def test_all_animals_have_several_an_hour():
    assert {d.kind for _, d in ALL} == set(KINDS)
    for p in PLANS:
        assert len(p.disturbances) > 2
    assert 3 < len(ALL) / (24 * 4) < 10


@pytest.mark.parametrize("kind", KINDS)
def test_lengths_are_those_of_the_kind(kind):
    low_s, high_s = KINDS[kind][1]
    found = [d.stop_s - d.start_s for _, d in ALL if d.kind == kind]
    assert low_s - 0.01 <= min(found)
    assert max(found) <= high_s + 0.01
    assert max(found) > 2 * min(found)


def test_few_lie_over_seizures_and_then_not_over_their_onset():
    over, covered = [], set()
    for p, d in ALL:
        hit = [s for s in p.seizures if d.start_s < s.end_s and d.stop_s > s.onset_s]
        over.append(bool(hit))
        covered |= {(p.recording, s.onset_s) for s in hit}
        if hit:
            assert d.kind in MAY_COVER
            assert d.start_s > hit[0].onset_s + 0.2 * hit[0].duration_s
    assert 0 < np.mean(over) <= 0.03
    assert 0.03 < len(covered) / sum(len(p.seizures) for p in PLANS) < 0.2


def test_none_lies_over_another():
    for p in PLANS:
        for a, b in zip(p.disturbances[:-1], p.disturbances[1:], strict=True):
            assert a.stop_s < b.start_s


def test_an_animal_chews_awake():
    assert all(
        p.bouts.at(d.start_s) == WAKE or any(s.onset_s < d.start_s < s.end_s for s in p.seizures)
        for p, d in ALL
        if d.kind == "chewing"
    )


def test_some_are_on_some_channels_only():
    partial = {d.kind for _, d in ALL if len(d.channels) < 9}
    assert partial == {"mains", "saturation", "unplugged"}
    assert all(0 < len(d.channels) <= 9 for _, d in ALL)
