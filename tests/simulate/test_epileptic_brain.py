import dataclasses

import numpy as np
import pytest
from scipy import signal

from vigil.simulate.behaviour import Behaviour
from vigil.simulate.brain import BRAIN_HZ, Brain
from vigil.simulate.plan import plan_rig
from vigil.simulate.settings import Rig

RIG = Rig(
    animals=8,
    labelled=0,
    minutes=120,
    channels=9,
    natural=True,
    epileptic=True,
    video=False,
    seed=107,
)
PLANS = plan_rig(RIG)
SEIZURES = [(p, s) for p in PLANS for s in p.seizures]


def simulate(rig, plan, first, pages, blocks=None):
    behaviour, brain = Behaviour(rig, plan), Brain(rig, plan, lead=5)
    brain.advance(behaviour.advance(first - 4, 4), first - 4, 4)
    out = []
    for a, n in blocks or [(first, pages)]:
        out.append(brain.advance(behaviour.advance(a, n), a, n).signal_uv)
    return np.concatenate(out, axis=1)


@pytest.mark.parametrize("which", range(4))
def test_without_a_ramp_nothing_tells_a_seizure_beforehand(which):
    plan, s = SEIZURES[which]
    first = int(s.onset_s) - 8
    with_it = simulate(RIG, plan, first, 16)
    others = tuple(x for x in plan.seizures if x is not s)
    without = simulate(RIG, dataclasses.replace(plan, seizures=others), first, 16)
    # signals run five samples ahead
    onset = int(np.ceil((s.onset_s - first) * BRAIN_HZ)) - 5
    brain = slice(0, 8)
    # states are the plan's in both: what the moods of the seizure do comes through a low-pass
    np.testing.assert_array_equal(with_it[:, : onset - 40], without[:, : onset - 40])
    changed = np.flatnonzero(np.any(with_it[brain] != without[brain], axis=0))
    assert onset - 1 <= changed[0] <= onset + 0.1 * BRAIN_HZ


def test_blocks_do_not_matter():
    plan, s = next((p, s) for p, s in SEIZURES if s.pattern == "low_voltage_fast")
    first = int(s.onset_s) - 3
    blocks = [(first, 1), (first + 1, 4), (first + 5, 7)]
    np.testing.assert_array_equal(
        simulate(RIG, plan, first, 12), simulate(RIG, plan, first, 12, blocks)
    )


def test_regions_that_are_not_reached_go_on_as_before():
    plan, s = next((p, s) for p, s in SEIZURES if len(s.delay_s) < 4 and s.suppression_s > 15)
    plan = dataclasses.replace(plan, disturbances=())
    first = int(s.end_s) + 6
    x = simulate(RIG, plan, first, 6)
    region = np.array(plan.montage.region[:8])
    reached = np.isin(region, list(s.delay_s))
    assert x[:8][reached].std(axis=1).max() < 15
    assert x[:8][~reached].std(axis=1).min() > 20


def test_contacts_of_a_region_differ():
    brain = Brain(RIG, PLANS[1])
    gain = brain._epilepsy.contact_gain.reshape(4, 2)
    assert np.abs(np.log(gain[:, 0] / gain[:, 1])).max() > 0.2
    assert gain.max() / gain.min() < 3


def test_muscles_are_slack_where_a_seizure_is_not_convulsive():
    plan, s = next((p, s) for p, s in SEIZURES if s.convulsive and s.duration_s > 20)
    plan = dataclasses.replace(plan, disturbances=())
    other = dataclasses.replace(
        plan,
        seizures=tuple(
            dataclasses.replace(x, convulsive=False) if x is s else x for x in plan.seizures
        ),
    )
    first = int(s.onset_s) + 8
    loud, quiet = (simulate(RIG, p, first, 8)[-1].std() for p in (plan, other))
    assert loud > 3 * quiet


def test_theta_falls_and_gamma_rises_where_the_seizure_will_begin():
    rig = dataclasses.replace(RIG, preictal_min=10)
    plan, s = next(
        (p, s)
        for p in plan_rig(rig)
        for s in p.seizures
        if s.region == "hippocampus" and s.onset_s in p.ramps.onset_s
    )
    calm = dataclasses.replace(plan, interictal=None, disturbances=())
    none = dataclasses.replace(calm, ramps=None)
    first = int(s.onset_s) - 40
    x, y = (simulate(rig, p, first, 36).astype(float) for p in (calm, none))
    ratio = {}
    for name, band in (("theta", (6, 9)), ("gamma", (40, 80))):
        sos = signal.butter(3, band, "bandpass", fs=BRAIN_HZ, output="sos")
        ratio[name] = signal.sosfilt(sos, x).std(axis=1) / signal.sosfilt(sos, y).std(axis=1)
    hippocampus = np.array(plan.montage.region[:8]) == "hippocampus"
    here, elsewhere = (
        {k: np.median(v[:8][m]) for k, v in ratio.items()} for m in (hippocampus, ~hippocampus)
    )
    assert here["theta"] < 0.9
    assert here["gamma"] > 1.05
    assert abs(elsewhere["theta"] - 1) < abs(here["theta"] - 1)
    assert abs(elsewhere["gamma"] - 1) < abs(here["gamma"] - 1)


def test_the_animal_rests_more_before_a_lead_seizure():
    rig = dataclasses.replace(RIG, preictal_min=15)
    plan = next(p for p in plan_rig(rig) if len(p.ramps.onset_s))
    behaviour = Behaviour(rig, plan)
    onset_s = plan.ramps.onset_s[0]
    time_s = np.arange(onset_s - 450, onset_s, 0.1)
    awake = np.zeros(len(time_s), dtype=np.int8)
    rests = behaviour._rest(time_s, awake) != awake
    assert 0.08 < rests.mean() < 0.45
    late = behaviour._rest(time_s - 900, awake) != awake
    assert not late.any()
