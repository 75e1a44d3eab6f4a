import numpy as np
import pytest
from scipy import signal

from vigil.simulate.brain import BRAIN_HZ
from vigil.simulate.electrodes import HEART_HZ, LOOSE_GAIN, LOOSE_UV, Electrodes, heart_beat
from vigil.simulate.plan import plan_rig
from vigil.simulate.settings import Rig

RIG = Rig(animals=8, labelled=8, channels=4, varied=True, seed=5)
PLANS = plan_rig(RIG)
SECONDS = 30


def added(plan, first_uv=0.0, awake=0.0):
    signal_uv = np.full((4, SECONDS * BRAIN_HZ), first_uv, dtype=np.float32)
    electrodes = Electrodes(RIG, plan, 3, BRAIN_HZ)
    electrodes.add(signal_uv, np.full(signal_uv.shape[1], awake), 0, SECONDS)
    return signal_uv


@pytest.mark.parametrize("number", [0, 7])
def test_noise_is_as_strong_as_the_animals_trait(number):
    plan = PLANS[number]
    brain = added(plan)[:3]
    np.testing.assert_allclose(brain.std(axis=1), plan.traits.noise_uv, rtol=0.02)
    assert abs(np.corrcoef(brain)[0, 1]) < 0.05


def test_a_bad_contact_damps_and_wanders():
    plan = PLANS[4]
    assert plan.traits.loose
    x = added(plan, first_uv=100.0)
    assert x[2].mean() == pytest.approx(100 * LOOSE_GAIN, abs=5)
    assert x[1].mean() == pytest.approx(100, abs=1)
    f, p = signal.welch(x[2], BRAIN_HZ, nperseg=4 * BRAIN_HZ)
    slow = p[f < 12].sum() * (f[1] - f[0])
    assert np.sqrt(slow) == pytest.approx(LOOSE_UV, rel=0.25)


@pytest.mark.parametrize("awake", [0.0, 1.0])
def test_the_heart_beats_in_the_emg(awake):
    plan = PLANS[2]
    emg = added(plan, awake=awake)[3]
    assert plan.traits.heart_uv == 80
    beats, _ = signal.find_peaks(emg, height=50, distance=BRAIN_HZ // 20)
    assert len(beats) / SECONDS == pytest.approx(HEART_HZ[int(awake)], rel=0.02)
    assert added(PLANS[0], awake=awake)[3].std() == pytest.approx(3, rel=0.02)


def test_a_beat_is_one_high_and_over_within_20_ms():
    t = np.linspace(-0.05, 0.05, 2001)
    beat = heart_beat(t)
    assert beat.max() == pytest.approx(1, abs=0.05)
    assert np.all(np.abs(beat[np.abs(t) > 0.02]) < 1e-3)


def test_blocks_do_not_matter():
    plan, n = PLANS[4], BRAIN_HZ
    whole = added(plan)
    pieces = np.zeros_like(whole)
    electrodes = Electrodes(RIG, plan, 3, BRAIN_HZ)
    for a, pages in ((0, 7), (7, 1), (8, 22)):
        part = pieces[:, a * n : (a + pages) * n]
        electrodes.add(part, np.zeros(part.shape[1]), a, pages)
    np.testing.assert_array_equal(pieces, whole)
