import dataclasses

import numpy as np
import pytest
from scipy import signal

from vigil.simulate.artefacts import Artefacts
from vigil.simulate.disturbances import Disturbance
from vigil.simulate.plan import plan_rig
from vigil.simulate.settings import Rig

RATE_HZ = 2000
RIG = Rig(animals=2, labelled=0, minutes=5, channels=9, epileptic=True, video=False, seed=105)
PLAN = plan_rig(RIG)[1]
HUM_UV = np.linspace(1, 4, 9)


def disturbed(kind, channels=range(9), blocks=((0, 60),), number=0, start_s=10.0, stop_s=40.0):
    """Signals of 20 uV of noise with one disturbance, (channel, sample)."""
    # the number of a disturbance is what its draws depend on
    others = [Disturbance("mains", 900.0 + n, 900.5 + n, (0,)) for n in range(number)]
    one = Disturbance(kind, start_s, stop_s, tuple(channels))
    plan = dataclasses.replace(PLAN, disturbances=(*others, one))
    artefacts = Artefacts(RIG, plan, RATE_HZ, HUM_UV)
    rng = np.random.default_rng(1)
    x = (20 * rng.standard_normal((9, 60 * RATE_HZ))).astype(np.float32)
    before = x.copy()
    for first, pages in blocks:
        time_s = np.arange(first * RATE_HZ, (first + pages) * RATE_HZ) / RATE_HZ
        hum = np.sin(2 * np.pi * 50 * time_s)
        part = x[:, first * RATE_HZ : (first + pages) * RATE_HZ]
        artefacts.add(part, time_s, hum, first, pages)
    return before, x


KINDS = ("chewing", "cable", "mains", "saturation", "unplugged")


@pytest.mark.parametrize("kind", KINDS)
def test_only_its_time_and_its_channels_change(kind):
    before, x = disturbed(kind, channels=(1, 4, 8))
    changed = before != x
    assert not changed[[0, 2, 3, 5, 6, 7]].any()
    where = np.flatnonzero(changed[1])
    assert where[0] >= 10 * RATE_HZ
    assert where[-1] < 40 * RATE_HZ
    assert changed[1, 10 * RATE_HZ : 40 * RATE_HZ].mean() > 0.3


@pytest.mark.parametrize("kind", KINDS)
def test_blocks_do_not_matter(kind):
    one, several = (
        disturbed(kind, blocks=blocks)[1]
        for blocks in (((0, 60),), ((0, 7), (7, 1), (8, 30), (38, 22)))
    )
    np.testing.assert_array_equal(one, several)


@pytest.mark.parametrize("number", range(3))
def test_chewing_is_rhythmic_and_strongest_in_the_emg(number):
    before, x = disturbed("chewing", number=number)
    added = (x - before)[:, 10 * RATE_HZ : 40 * RATE_HZ].astype(float)
    fast = signal.sosfiltfilt(
        signal.butter(4, (60, 400), "bandpass", fs=RATE_HZ, output="sos"), added
    )
    level = fast.std(axis=1)
    assert level[-1] > level[:-1].max()
    assert level[-1] > 3 * np.median(level[:-1])
    assert level[:-1].max() > 1.5 * level[:-1].min()
    envelope = np.abs(signal.hilbert(fast[-1]))
    hz, power = signal.welch(envelope - envelope.mean(), RATE_HZ, nperseg=4 * RATE_HZ)
    inside = (hz > 2.5) & (hz < 20)
    assert 4.5 <= hz[inside][np.argmax(power[inside])] <= 8.5


def test_a_cable_is_slow_and_common_to_all():
    for number in range(4):
        before, x = disturbed("cable", number=number)
        added = (x - before)[:, 10 * RATE_HZ : 40 * RATE_HZ].astype(float)
        assert np.corrcoef(added).min() > 0.99
        assert 100 < added[0].std() < 2000
        hz, power = signal.welch(added[0], RATE_HZ, nperseg=4 * RATE_HZ)
        assert power[hz < 10].sum() > 0.8 * power.sum()
        # steps are broadband
        assert power[(hz > 100) & (hz < 500)].max() > 0


def test_mains_rises_tenfold_and_more():
    for number in range(4):
        before, x = disturbed("mains", number=number)
        added = (x - before)[:, 11 * RATE_HZ : 39 * RATE_HZ]
        factor = added.std(axis=1) * np.sqrt(2) / HUM_UV
        assert np.all((factor > 8) & (factor < 60))
        hz, power = signal.welch(added[0].astype(float), RATE_HZ, nperseg=2 * RATE_HZ)
        assert hz[np.argmax(power)] == 50


def test_saturation_sticks_at_the_converters_limit():
    _, x = disturbed("saturation")
    inside = x[:, 10 * RATE_HZ : 40 * RATE_HZ]
    stuck = np.abs(inside) >= 3000
    assert np.all((stuck.mean(axis=1) > 0.2) & (stuck.mean(axis=1) < 0.95))
    # in trains: many times, at both limits
    assert np.sum(np.diff(stuck[0].astype(int)) == 1) > 5
    assert (inside[0] >= 3000).any()
    assert (inside[0] <= -3000).any()


def test_an_open_input_is_flat_or_noise_with_a_jump_at_both_ends():
    levels = []
    for number in range(8, 12):
        _, x = disturbed("unplugged", number=number)
        middle = x[:, 15 * RATE_HZ : 35 * RATE_HZ]
        levels.append(middle.std(axis=1).max())
        assert np.all(np.abs(x[:, 10 * RATE_HZ : 11 * RATE_HZ]).max(axis=1) > 250)
        assert np.all(np.abs(x[:, 39 * RATE_HZ : 40 * RATE_HZ]).max(axis=1) > 250)
        assert levels[-1] < 16
    assert min(levels) < 1e-3
    assert max(levels) > 2
