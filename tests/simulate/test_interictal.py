import dataclasses

import numpy as np
import pytest

from vigil.simulate.epilepsy import focus_of
from vigil.simulate.interictal import ELSEWHERE, Interictal, Ramps, draw_ramps, spikes_uv
from vigil.simulate.plan import plan_rig
from vigil.simulate.settings import Rig

RIG = Rig(
    animals=16,
    labelled=0,
    minutes=300,
    channels=9,
    natural=True,
    epileptic=True,
    video=False,
    seed=106,
)
PLANS = plan_rig(RIG)


def test_mutants_have_more_spikes_and_animals_differ():
    per_h = {
        group: [np.sum(p.interictal.run == 0) / 5 for p in PLANS if p.group == group]
        for group in ("mutant", "wildtype")
    }
    assert max(per_h["wildtype"]) < 10
    assert np.median(per_h["mutant"]) > 12
    assert max(per_h["mutant"]) > 5 * min(per_h["mutant"])


def test_runs_are_shorter_than_any_seizure():
    runs = [run for p in PLANS for run in p.interictal.runs()]
    assert len(runs) > 30
    lasts_s = [b - a for a, b in runs]
    assert max(lasts_s) < 7
    assert min(lasts_s) > 1


def test_no_spikes_in_seizures_and_the_silence_after():
    for p in PLANS:
        t = p.interictal.time_s
        assert np.all(np.diff(t) >= 0)
        for s in p.seizures:
            assert not np.any((t > s.onset_s - 1) & (t < s.recovered_s))


def test_most_spikes_of_a_mutant_are_in_its_focus():
    here = []
    for p in PLANS:
        if p.group == "mutant":
            focus = p.montage.regions.index(focus_of(RIG, p.animal_number, p.montage.regions))
            single = p.interictal.run == 0
            here += (np.argmax(p.interictal.share[single], axis=1) == focus).tolist()
    assert 0.7 < np.mean(here) < 0.85


def test_a_spike_is_narrow_and_a_slow_wave_follows():
    one = Interictal(
        np.array([5.0]), np.array([400.0]), np.array([0.012]), np.array([[1.0, 0.3]]), np.array([0])
    )
    time_s = np.arange(0, 10, 1 / 2000)
    x = spikes_uv(one, time_s)
    assert x[0].min() == pytest.approx(-400, rel=0.01)
    np.testing.assert_allclose(x[1], 0.3 * x[0])
    width_s = np.sum(x[0] < -200) / 2000
    assert 0.02 <= width_s <= 0.07
    assert 150 < x[0].max() < 200
    assert time_s[np.argmax(x[0])] - 5 == pytest.approx(0.2, abs=0.03)
    assert spikes_uv(one, time_s + 20) is None


def test_nothing_grows_unless_asked_for():
    assert all(len(p.ramps.onset_s) == 0 for p in PLANS)


def test_only_lead_seizures_are_foreshadowed():
    rig = dataclasses.replace(RIG, preictal_min=10)
    leads = 0
    for p in PLANS:
        ramps = draw_ramps(rig, p.seizures)
        ends = np.array([s.end_s for s in p.seizures])
        for s in p.seizures:
            alone = not np.any((ends < s.onset_s) & (ends > s.onset_s - 1800))
            assert (s.onset_s in ramps.onset_s) == alone
        leads += len(ramps.onset_s)
    assert 10 < leads < sum(len(p.seizures) for p in PLANS)


def test_a_ramp_grows_to_the_onset_and_is_less_elsewhere():
    ramps = Ramps(np.array([400.0, 3400.0]), np.array([1000.0, 4000.0]), ("cortex", "thalamus"))
    time_s = np.array([0, 399, 700, 999.9, 1000, 2000, 3700, 5000.0])
    np.testing.assert_allclose(ramps.at(time_s), [0, 0, 0.5, 1, 0, 0, 0.5, 0], atol=1e-3)
    cortex = [0, 0, 0.5, 1, 0, 0, 0.5 * ELSEWHERE, 0]
    np.testing.assert_allclose(ramps.at(time_s, "cortex"), cortex, atol=1e-3)


def test_spikes_are_more_frequent_before_lead_seizures():
    plans = plan_rig(dataclasses.replace(RIG, preictal_min=20))
    near = far = near_s = far_s = 0.0
    for p, before in zip(plans, PLANS, strict=True):
        assert p.seizures == before.seizures
        # what is far from seizures stays
        t = p.interictal.time_s[p.interictal.run == 0]
        ramp = p.ramps.at(t)
        old = before.interictal.time_s[before.interictal.run == 0]
        np.testing.assert_array_equal(t[ramp == 0], old[p.ramps.at(old) == 0])
        if p.group == "mutant":
            near, near_s = near + np.sum(ramp > 0.5), near_s + 600 * len(p.ramps.onset_s)
            far, far_s = far + np.sum(ramp == 0), far_s + p.duration_s
    assert near / near_s > 2 * far / far_s
