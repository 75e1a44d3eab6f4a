"""What tells which pulse belongs to which frame."""

import numpy as np
import pytest

from vigil.kinematics.exposures import exposure_numbers
from vigil.kinematics.matching import (
    place_frames,
    shift_by_unevenness,
    shifts_by_pauses,
)

N = 4000


def numbered(time_s):
    return time_s, exposure_numbers(time_s)


@pytest.mark.parametrize("shift", [-250, 0, 70])
def test_uneven_steps_find_the_shift_as_a_direct_search_does(shift):
    rng = np.random.default_rng(3)
    time_s = np.arange(N) / 30 + 1e-4 * rng.standard_normal(N)
    at_frame = np.setdiff1d(np.arange(300, 3700), rng.choice(np.arange(310, 3690), 40))
    at_pulse = np.setdiff1d(np.arange(300 - shift, 3800), rng.choice(np.arange(600, 3000), 30))
    frame, pulse = numbered(time_s[at_frame]), numbered(time_s[at_pulse] * (1 + 2e-4) + 5)
    assert shift_by_unevenness(*frame, *pulse) == shift
    # the residual of a straight line through all pairs is least at this shift
    residual = {}
    for s in range(shift - 20, shift + 21):
        _, a, b = np.intersect1d(frame[1] + s, pulse[1], return_indices=True)
        fit = np.polyfit(frame[0][a], pulse[0][b], 1, full=True)
        residual[s] = float(fit[1][0]) / len(a)
    assert min(residual, key=residual.get) == shift


def test_regular_steps_tell_nothing():
    time_s = np.arange(N) / 30
    assert shift_by_unevenness(*numbered(time_s[10:]), *numbered(time_s)) is None
    rounded = np.ceil(time_s * 32000) / 32000
    assert shift_by_unevenness(*numbered(np.round(time_s, 6)), *numbered(rounded)) is None


def test_one_great_hiccup_of_each_clock_is_no_proof():
    frame_s, pulse_s = np.arange(N) / 30, np.arange(N) / 30
    frame_s[1000:1003] += 0.01
    pulse_s[2000:2003] += 0.01
    assert shift_by_unevenness(*numbered(frame_s), *numbered(pulse_s)) is None


def test_many_hiccups_that_regular_clocks_share_tell():
    time_s = np.arange(N) / 30
    time_s[np.random.default_rng(2).choice(N, 150, replace=False)] += 0.002
    frame, pulse = numbered(time_s[:-60]), numbered(time_s[35:])
    assert shift_by_unevenness(*frame, *pulse) == -35


def test_few_steps_tell_nothing():
    time_s = np.arange(80) / 30 + 1e-3 * np.random.default_rng(0).standard_normal(80)
    assert shift_by_unevenness(*numbered(time_s), *numbered(time_s)) is None


def test_pauses_of_the_same_length_tell():
    frame = np.delete(np.arange(N), [500, 501, 1700])
    inner = frame[frame >= 300] - 300
    within = np.arange(-300, 1)
    assert shifts_by_pauses(frame, inner, within).tolist() == [-300]
    # where neither lies within the other two may be chance
    assert shifts_by_pauses(frame[:-400], inner, np.array([0])).tolist() == []


def test_a_pause_among_others_that_are_not_shared_tells_nothing():
    frame = np.delete(np.arange(N), [500, 1700, 2000, 2600])
    pulse = np.delete(np.arange(N - 100), [400, 1600, 2222, 3000, 3003])
    assert shifts_by_pauses(frame, pulse, np.arange(-100, 1)).tolist() == []


def test_pauses_that_contradict_uneven_steps_leave_both_open():
    uneven_s = np.arange(N) / 30 + 1e-4 * np.random.default_rng(1).standard_normal(N)
    at_frame = np.delete(np.arange(N), [1000, 2000, 3100])
    at_pulse = np.delete(np.arange(N), [1050, 2050, 3150])[100:]
    place = place_frames(*numbered(uneven_s[at_frame]), *numbered(uneven_s[at_pulse]))
    assert place.shift == -100
    assert sorted(place.shifts.tolist()) == [-100, -50]
    assert place.evidence == ""
