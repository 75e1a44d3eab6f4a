"""The baseline is that of the living brain, however much of the recording is dead."""

import numpy as np
import pytest

from vigil.seizures.evidence import weigh
from vigil.seizures.measures import OK, Measures
from vigil.seizures.settings import Settings
from vigil.seizures.yardsticks import living_ln, take_yardsticks

SETTINGS = Settings()
STEP_S = SETTINGS.step_s
ALIVE, DEAD = np.log(3000.0), np.log(300.0)


def made_up(hours, alive_s, seed=0):
    """Measures of two channels that live for a while and are quiet, but not flat, afterwards."""
    n = round(hours * 3600 / STEP_S)
    rng = np.random.default_rng(seed)
    brain = Measures.empty(n, 2)
    for name in ("power_ratio", "low_uv", "spikes_per_s", "frequency_hz", "fast_uv"):
        getattr(brain, name)[:] = np.exp(rng.normal(1, 0.1, (n, 2)))
    level = np.where(np.arange(n) * STEP_S < alive_s, ALIVE, DEAD)
    brain.line_length_uv_s[:] = np.exp(level[:, None] + rng.normal(0, 0.2, (n, 2)))
    brain.fault[:] = OK
    brain.common_fast[:] = 0.2
    brain.common_band[:] = 0.3
    return brain


def yardsticks_of(brain):
    def source(first, last):
        return brain.at(slice(first, last)), None

    return take_yardsticks(source, len(brain.fault), SETTINGS)


@pytest.mark.parametrize("alive_s", [3600.0, 900.0])
def test_a_recording_that_is_dead_for_the_most_part_keeps_its_living_baseline(alive_s):
    brain = made_up(10.0, alive_s)
    length = yardsticks_of(brain).length_ln
    np.testing.assert_allclose(length.middle, ALIVE, atol=0.05)
    evidence = weigh(brain, None, True, SETTINGS)
    last = round(alive_s / STEP_S)
    assert not evidence.suppressed[: last - 2].any()
    assert evidence.suppressed[last + 2 :].all()
    assert np.abs(np.median(evidence.line_length_z[:last])) < 0.3


def test_movement_and_a_seizure_are_no_sustained_level():
    brain = made_up(2.0, 7200.0)
    usual = yardsticks_of(brain).length_ln
    brain.line_length_uv_s[2000:2240] *= 20  # two minutes
    brain.line_length_uv_s[6000:8400] *= 20  # twenty minutes of a cable
    brain.common_fast[6000:8400] = 0.97
    np.testing.assert_allclose(yardsticks_of(brain).length_ln.middle, usual.middle, atol=0.15)
    np.testing.assert_allclose(usual.middle, ALIVE, atol=0.05)


def test_states_and_drift_leave_the_percentile_as_it_is():
    rng = np.random.default_rng(1)
    far = np.log(SETTINGS.suppression_share)
    states = np.repeat(rng.choice([0.0, 0.6], 24), 600)  # up to 1.8 times as loud
    drift = np.linspace(1.0, 0.0, len(states))
    ln = (states + drift + rng.normal(0, 0.2, len(states))).astype(np.float32)[:, None]
    ln[::7] = np.nan
    expected = np.nanpercentile(ln, 75, axis=0)
    np.testing.assert_allclose(living_ln(ln, ln, 1200, far), expected, rtol=1e-6)
    silent = np.full((50, 1), np.nan, np.float32)
    assert np.isinf(living_ln(silent, silent, 1200, far)).all()
