"""Which channels and steps are not believed, and what a disturbance is called."""

import numpy as np
import pytest

from vigil.seizures.artefacts import find_disturbed, name_of, widen
from vigil.seizures.evidence import Evidence
from vigil.seizures.measures import FLAT, MAINS, NO_DATA, OK, SATURATED
from vigil.seizures.settings import Settings

N = 100


@pytest.fixture
def quiet():
    fields = dict.fromkeys(
        ("line_length_z", "power_ratio_z", "spikes_z", "low_z", "line_length_ln", "spikes_per_s")
    )
    per_channel = {name: np.zeros((N, 4), np.float32) for name in fields}
    per_step = {
        name: np.zeros(N, np.float32)
        for name in ("common_band", "common_fast", "fast_rise", "emg_rise")
    }
    return Evidence(
        **per_channel,
        **per_step,
        quiet_ln=np.zeros((N, 4), np.float32),
        frequency_hz=np.full((N, 4), 8.0, np.float32),
        fault=np.full((N, 4), OK, np.uint8),
        artefact=np.full(N, "", dtype="U9"),
        suppressed=np.zeros(N, bool),
        spread_ln=np.full(4, 0.2, np.float32),
    )


@pytest.mark.parametrize("fault", [SATURATED, FLAT, MAINS])
def test_a_channel_is_not_believed_two_seconds_before_and_after_a_fault(quiet, fault):
    quiet.fault[50:52, 1] = fault
    out = find_disturbed(quiet, Settings()).channels
    np.testing.assert_array_equal(np.flatnonzero(out[:, 1]), np.arange(46, 56))
    assert not out[:, [0, 2, 3]].any()


def test_an_open_input_is_quiet_and_white_and_a_suppressed_brain_is_not_white(quiet):
    quiet.quiet_ln[50:60] = -2.0
    assert not find_disturbed(quiet, Settings()).channels.any()
    quiet.frequency_hz[50:60, 2] = 43.0
    assert find_disturbed(quiet, Settings()).channels[50:60, 2].all()
    quiet.quiet_ln[50:60] = 0.0  # a fast rhythm that is not quiet is the brain's
    assert not find_disturbed(quiet, Settings()).channels.any()


def test_what_is_missing_is_no_more_than_missing(quiet):
    quiet.fault[50, 0] = NO_DATA
    assert find_disturbed(quiet, Settings()).channels.sum() == 1


def test_a_disturbance_is_called_by_what_most_of_it_is(quiet):
    quiet.artefact[10:20] = "movement"
    quiet.common_band[10:20] = 0.9
    quiet.artefact[20:23] = "saturated"
    disturbed = find_disturbed(quiet, Settings())
    assert name_of(quiet, disturbed, 5, 30) == "cable"
    assert name_of(quiet, disturbed, 18, 30) == "saturated"
    quiet.common_band[10:20] = 0.4
    assert name_of(quiet, disturbed, 5, 30) == "chewing"


def test_what_some_channels_have_is_called_by_their_fault(quiet):
    quiet.fault[50:55, 1] = SATURATED
    assert name_of(quiet, find_disturbed(quiet, Settings()), 48, 56) == "saturated"
    quiet.fault[50:55, 1] = MAINS
    assert name_of(quiet, find_disturbed(quiet, Settings()), 48, 56) == "unplugged"


def test_widen_is_a_dilation():
    mask = np.zeros((12, 2), bool)
    mask[0, 0] = mask[6, 1] = True
    wide = widen(mask, 2)
    assert np.flatnonzero(wide[:, 0]).tolist() == [0, 1, 2]
    assert np.flatnonzero(wide[:, 1]).tolist() == [4, 5, 6, 7, 8]
    np.testing.assert_array_equal(widen(mask, 0), mask)
