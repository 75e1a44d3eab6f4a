import dataclasses

import numpy as np
import pytest
from scipy import signal

from vigil.simulate.behaviour import Behaviour
from vigil.simulate.brain import BRAIN_HZ, Brain
from vigil.simulate.plan import plan_rig
from vigil.simulate.settings import Rig

RIG = Rig(animals=5, seed=2, video=False)


@pytest.fixture(scope="module")
def mutant():
    plan = plan_rig(RIG)[-1]
    behaviour, brain = Behaviour(RIG, plan), Brain(RIG, plan)
    for first, pages in ((-4, 4), (0, 480)):
        movement = behaviour.advance(first, pages)
        field = brain.advance(movement, first, pages)
    return plan, movement, field.signal_uv


def epochs_of(plan, state):
    """Starts of epochs in the middle of bouts."""
    start_s, states = plan.bouts.epochs()
    inner = [k for k in range(1, len(states) - 1) if states[k - 1 : k + 2] == [state] * 3]
    return start_s[inner]


def band_powers(x, plan, state, low_hz, high_hz):
    """Power of each epoch in the middle of a bout."""
    powers = []
    for s in epochs_of(plan, state):
        piece = x[int(s * BRAIN_HZ) : int((s + 4) * BRAIN_HZ)]
        f, p = signal.welch(piece, BRAIN_HZ, nperseg=2 * BRAIN_HZ)
        powers.append(p[(f >= low_hz) & (f <= high_hz)].sum() * (f[1] - f[0]))
    return np.array(powers)


def band_power(x, plan, state, low_hz, high_hz):
    return float(np.median(band_powers(x, plan, state, low_hz, high_hz)))


def test_nrem_has_delta_and_spindles_in_the_cortex(mutant):
    plan, _, x = mutant
    cortex = x[2]
    delta = {s: band_power(cortex, plan, s, 1, 4) for s in ("wake", "nrem", "rem")}
    sigma = {s: band_power(cortex, plan, s, 10, 14) for s in ("wake", "nrem")}
    assert delta["nrem"] > 6 * delta["wake"]
    assert delta["nrem"] > 6 * delta["rem"]
    assert sigma["nrem"] > 1.5 * sigma["wake"]


def test_rem_has_theta_in_the_hippocampus(mutant):
    plan, _, x = mutant
    ratio = {
        s: band_powers(x[0], plan, s, 6, 9) / band_powers(x[0], plan, s, 1, 4)
        for s in ("wake", "nrem", "rem")
    }
    assert np.median(ratio["rem"]) > 5
    assert np.median(ratio["nrem"]) < 0.5
    # theta alone does not tell REM from running
    assert np.max(ratio["wake"]) > np.min(ratio["rem"])
    assert np.min(ratio["wake"]) < 1


def test_emg_tells_wake_from_rem(mutant):
    plan, _, x = mutant
    power = {s: band_power(x[-1], plan, s, 100, 500) for s in ("wake", "nrem", "rem")}
    assert power["wake"] > 9 * power["nrem"] > 9 * power["rem"]


def test_amplitudes_are_those_of_field_potentials(mutant):
    plan, _, x = mutant
    before = x[:-1, : int(plan.seizures[0].onset_s * BRAIN_HZ)]
    assert np.all((before.std(axis=1) > 25) & (before.std(axis=1) < 250))
    assert np.abs(x).max() < 3000


def test_regions_of_a_pair_agree_more_than_others(mutant):
    _, _, x = mutant
    r = np.corrcoef(x[:-1, : 200 * BRAIN_HZ])
    assert r[0, 1] > 0.7
    assert r[0, 1] > r[0, 4] + 0.2
    assert r[0, 4] > 0.1


def test_the_seizure_reaches_each_region_after_its_delay(mutant):
    plan, _, x = mutant
    s = plan.seizures[0]
    regions = RIG.montage.region
    fast = signal.sosfiltfilt(
        signal.butter(4, (30, 90), "bandpass", fs=BRAIN_HZ, output="sos"), x[:-1].astype(float)
    )
    level = np.sqrt(signal.oaconvolve(fast**2, np.ones((1, 200)) / 200, mode="same", axes=1))
    before = level[:, int((s.onset_s - 60) * BRAIN_HZ) : int((s.onset_s - 1) * BRAIN_HZ)]
    around = int((s.onset_s - 1) * BRAIN_HZ)
    for c in range(len(x) - 1):
        here = level[c, around : around + 12 * BRAIN_HZ] > 1.3 * np.percentile(before[c], 99.5)
        onset_s = np.flatnonzero(here)[0] / BRAIN_HZ - 1
        assert onset_s == pytest.approx(s.delay_s[regions[c]], abs=0.5)


def test_seizure_is_several_times_the_background_then_silence(mutant):
    plan, _, x = mutant
    s = plan.seizures[0]

    def spread(a, b):
        return x[:-1, int(a * BRAIN_HZ) : int(b * BRAIN_HZ)].std(axis=1)

    before = spread(s.onset_s - 60, s.onset_s - 2)
    assert np.all(spread(s.end_s - 8, s.end_s - 1) > 2.5 * before)
    assert np.all(spread(s.end_s + 4, s.end_s + 8) < 0.25 * before)
    dead = x[:, int((s.end_s + 20) * BRAIN_HZ) :]
    assert np.all(dead.std(axis=1) < 12)


def test_blocks_do_not_matter():
    plan = plan_rig(RIG)[1]

    def run(blocks):
        behaviour, brain = Behaviour(RIG, plan), Brain(RIG, plan, lead=5)
        out = [brain.advance(behaviour.advance(a, n), a, n).signal_uv for a, n in blocks]
        return np.concatenate(out, axis=1)

    np.testing.assert_array_equal(run([(-2, 2), (0, 9)]), run([(-2, 2), (0, 1), (1, 5), (6, 3)]))


def test_animals_differ():
    plans = plan_rig(RIG)[:2]
    bodies = [Brain(RIG, p)._body for p in plans]
    assert bodies[0].theta_run_hz != bodies[1].theta_run_hz
    assert np.all(bodies[0].delta_uv[:, 2] != bodies[1].delta_uv[:, 2])


VARIED = Rig(
    animals=8, labelled=8, minutes=60, channels=4, natural=True, varied=True, seed=2, video=False
)


def test_blocks_do_not_matter_where_animals_differ():
    plan = plan_rig(VARIED)[4]

    def run(blocks):
        behaviour, brain = Behaviour(VARIED, plan), Brain(VARIED, plan)
        out = [brain.advance(behaviour.advance(a, n), a, n).signal_uv for a, n in blocks]
        return np.concatenate(out, axis=1)

    np.testing.assert_array_equal(run([(-2, 2), (0, 9)]), run([(-2, 2), (0, 1), (1, 5), (6, 3)]))


def test_characters_have_weak_theta_and_weak_slow_waves():
    bodies = [Brain(VARIED, p)._body for p in plan_rig(VARIED)]
    free = [
        Brain(VARIED, dataclasses.replace(p, traits=dataclasses.replace(p.traits, **strong)))._body
        for p, strong in zip(
            plan_rig(VARIED), [{"theta_gain": 1.0, "slow_gain": 1.0}] * 8, strict=True
        )
    ]
    for number, (body, other) in enumerate(zip(bodies, free, strict=True)):
        theta = 0.45 if number in (3, 6) else 1
        slow = 0.55 if number in (4, 7) else 1
        np.testing.assert_allclose(body.theta_uv, theta * other.theta_uv)
        np.testing.assert_allclose(body.delta_uv, slow * other.delta_uv)
    strength = np.log([b.background_uv[0, 2] for b in bodies])
    assert 0.2 < strength.std() < 1


def test_a_drowsy_animal_has_slow_waves_and_little_muscle():
    plan = plan_rig(VARIED)[0]
    spells = plan.nuance.spells["drowsy"]
    wanted = np.flatnonzero(spells.stop_s - spells.start_s > 8)[:6]
    assert len(wanted) > 2
    drowsy, before = [], []
    for k in wanted:
        first = int(spells.start_s[k]) - 30
        if first < 0:
            continue
        behaviour, brain = Behaviour(VARIED, plan), Brain(VARIED, plan)
        x = brain.advance(behaviour.advance(first, 38), first, 38).signal_uv
        slow = signal.sosfilt(
            signal.butter(2, (1, 4), "bandpass", fs=BRAIN_HZ, output="sos"), x[1].astype(float)
        )
        drowsy.append(slow[33 * BRAIN_HZ : 38 * BRAIN_HZ].std())
        before.append(slow[10 * BRAIN_HZ : 15 * BRAIN_HZ].std())
    assert np.median(drowsy) > 1.3 * np.median(before)
