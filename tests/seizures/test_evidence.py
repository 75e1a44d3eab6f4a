"""Movement and the yardstick of the evidence, on measures made by hand."""

from dataclasses import replace

import numpy as np
import pytest

from vigil.seizures.evidence import MOVEMENT, weigh
from vigil.seizures.measures import FLAT, MAINS, NO_DATA, OK, SATURATED, Measures
from vigil.seizures.settings import Settings

N = 1200


def make(n_channels, seed):
    rng = np.random.default_rng(seed)
    made = Measures.empty(N, n_channels)
    made.fault[:] = OK
    for name, level in (
        ("line_length_uv_s", 2000.0),
        ("power_ratio", 0.5),
        ("frequency_hz", 8.0),
        ("fast_uv", 5.0),
        ("low_uv", 40.0),
    ):
        getattr(made, name)[:] = level * np.exp(0.1 * rng.standard_normal((N, n_channels)))
    made.spikes_per_s[:] = 0.0
    made.common_band[:] = 0.4
    made.common_fast[:] = 0.2
    return made


@pytest.fixture
def shaken():
    brain, emg = make(6, 1), make(1, 2)
    at = slice(500, 540)
    brain.fast_uv[at] *= 20
    emg.fast_uv[at] *= 20
    brain.common_band[at] = brain.common_fast[at] = 0.97
    return brain, emg, at


def moving(brain, emg, has_fast=True):
    found = weigh(brain, emg, has_fast, Settings())
    return np.flatnonzero(found.artefact == MOVEMENT)


def test_what_is_broadband_and_common_to_all_is_movement(shaken):
    brain, emg, at = shaken
    expected = np.arange(at.start - 2, at.stop + 2)  # and the neighbours that it touches
    np.testing.assert_array_equal(moving(brain, emg), expected)
    np.testing.assert_array_equal(moving(brain, None), expected)


def test_each_of_the_signs_of_a_cable_is_needed(shaken):
    brain, emg, at = shaken
    emg.fast_uv[at] = 5.0  # the cable need not be louder than the muscles
    assert len(moving(brain, emg))
    brain.common_band[at] = 0.5
    assert not len(moving(brain, emg))
    brain.common_band[at] = 0.97
    brain.common_fast[at] = 0.55
    assert not len(moving(brain, emg))
    brain.common_fast[at] = 0.97
    brain.fast_uv[at] /= 20
    assert not len(moving(brain, emg))


def test_a_seizure_that_shakes_the_cable_rises_more_than_the_muscle_band_and_is_less_alike(shaken):
    brain, emg, at = shaken
    brain.common_band[at] = 0.75
    assert len(moving(brain, emg))  # a cable in sleep: the brain's own waves go on below
    brain.line_length_uv_s[at] *= 100.0
    assert not len(moving(brain, emg))
    brain.common_band[at] = 0.95  # nothing but the cable
    assert len(moving(brain, emg))


def test_an_emg_of_wide_spread_confirms_chewing_all_the_same(shaken):
    brain, emg, at = shaken
    brain.common_band[at], brain.common_fast[at] = 0.4, 0.7
    asleep = np.arange(N) < 600
    emg.fast_uv[~asleep] *= 10  # awake half of the time: one z is a factor of some thirty
    emg.fast_uv[at] *= 2
    rise = weigh(brain, emg, True, Settings()).emg_rise[at]
    assert (rise > 1).all()
    assert (rise < 2).all()
    assert len(moving(brain, emg))


def test_each_of_the_signs_of_chewing_is_needed(shaken):
    brain, emg, at = shaken
    brain.common_band[at] = 0.4  # muscles are shared less than a cable's swings
    brain.common_fast[at] = 0.7
    assert len(moving(brain, emg))
    assert len(moving(brain, None))
    brain.line_length_uv_s[at] *= 100.0  # a seizure is louder than its muscles
    assert not len(moving(brain, emg))
    brain.line_length_uv_s[at] /= 100.0
    still = replace(emg, fast_uv=np.full_like(emg.fast_uv, 5.0))
    assert not len(moving(brain, still))
    brain.common_fast[at] = 0.5
    assert not len(moving(brain, emg))


def test_what_muscles_make_of_the_line_length_is_taken_off_and_a_discharge_is_left():
    brain = make(6, 7)
    at = slice(500, 540)
    density = 5.0  # uV per root of Hz, flat; the muscle band is 157.5-192.5 Hz
    brain.fast_uv[at] = np.hypot(5.0, density * np.sqrt(35.0))
    slope = density * 2 * np.pi * np.sqrt((70.0**3 - 12.0**3) / 3) * np.sqrt(2 / np.pi)
    brain.line_length_uv_s[at] = np.hypot(2000.0, slope)
    brain.common_fast[at] = 0.7
    z = weigh(brain, None, True, Settings()).line_length_z
    assert np.abs(np.median(z[at])) < 1.0
    brain.line_length_uv_s[at] = np.hypot(8000.0, slope)
    z = weigh(brain, None, True, Settings()).line_length_z
    assert np.median(z[at]) == pytest.approx(np.log(4.0) / 0.2, abs=1.0)
    brain.common_fast[at] = 1 / 6  # noise of each channel by itself is not that of muscles
    brain.line_length_uv_s[at] = np.hypot(2000.0, slope)
    z = weigh(brain, None, True, Settings()).line_length_z
    assert np.median(z[at]) > 5.0


def test_without_a_muscle_band_or_anything_to_share_it_cannot_be_told(shaken):
    brain, emg, _ = shaken
    assert not len(moving(brain, emg, has_fast=False))
    alone = brain.of(slice(0, 1))
    assert not len(moving(alone, None))
    assert len(moving(alone, emg))  # the EMG can tell


def test_a_loud_state_of_one_region_is_usual_and_a_seizure_does_not_hide_itself():
    brain = make(6, 3)
    theta = np.arange(N) % 8 == 0
    brain.line_length_uv_s[np.ix_(theta, [0, 1])] *= 2.0
    seizure = slice(900, 1100)  # a sixth of the recording
    brain.line_length_uv_s[seizure] *= 6.0
    evidence = weigh(brain, None, True, Settings(smooth_steps=1))
    assert np.median(evidence.line_length_z[:900][theta[:900], 0]) < 2.0
    assert np.median(evidence.line_length_z[seizure, 5]) > 7.0
    assert evidence.spread_ln[0] > evidence.spread_ln[5]


def test_what_an_animal_that_moves_its_cable_has_all_the_time_is_usual():
    brain = make(6, 8)
    shakes = np.arange(N) % 50 < 8  # 4 s of each 25
    brain.line_length_uv_s[shakes] *= 3.0
    # as loud as a seizure in the MAD, which would be left out of the baseline
    assert np.median(weigh(brain, None, True, Settings()).line_length_z[shakes]) > 4.0
    brain.common_band[shakes] = brain.common_fast[shakes] = 0.95
    assert np.median(weigh(brain, None, True, Settings()).line_length_z[shakes]) < 2.0


def test_death_does_not_become_the_baseline():
    brain = make(6, 4)
    brain.line_length_uv_s[700:] *= 0.02
    evidence = weigh(brain, None, True, Settings())
    assert evidence.suppressed[702:].all()
    assert not evidence.suppressed[:698].any()
    assert (evidence.line_length_z[702:] < -10).all()


@pytest.mark.parametrize(
    ("fault", "share", "suppressed"),
    [
        (FLAT, 0.02, True),
        (FLAT, 0.0, True),  # exact zeros have no logarithm
        (MAINS, 0.02, True),  # hum over silence
        (MAINS, 1.0, False),  # hum over a living brain
        (NO_DATA, np.nan, False),
        (SATURATED, 0.02, False),
    ],
)
def test_faulty_steps_are_suppressed_when_they_are_silent_and_never_a_seizure(
    fault, share, suppressed
):
    brain = make(4, 5)
    brain.fault[700:] = fault
    brain.line_length_uv_s[700:] *= share
    evidence = weigh(brain, None, True, Settings())
    assert (evidence.suppressed[702:] == suppressed).all()
    assert not evidence.suppressed[:698].any()
    assert np.isnan(evidence.line_length_z[700:]).all()


def test_one_flat_channel_does_not_suppress_the_brain():
    brain = make(4, 6)
    brain.fault[700:, 0] = FLAT
    brain.line_length_uv_s[700:, 0] = 0.0
    assert not weigh(brain, None, True, Settings()).suppressed.any()
