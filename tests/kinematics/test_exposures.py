"""Exposures numbered on clocks that are late, coarse, uneven, or show too many."""

import numpy as np
import pytest

from vigil.kinematics.exposures import (
    exposure_numbers,
    is_regular,
    usual_step_s,
    without_bounces,
)
from vigil.recording import RecordingError

N = 9000


def lossy(rng, count=90):
    """Numbers of exposures that remain when some are lost, the first and the last not."""
    return np.setdiff1d(np.arange(N), rng.choice(np.arange(1, N - 1), count, replace=False))


def test_times_that_do_not_rise_are_refused():
    with pytest.raises(RecordingError, match="at frame 2"):
        exposure_numbers(np.array([0.0, 1.0, 0.5]))


def test_no_times_are_refused():
    with pytest.raises(RecordingError, match="no frame times"):
        exposure_numbers(np.empty(0))
    assert exposure_numbers(np.array([5.0])).tolist() == [0]
    assert exposure_numbers(np.array([5.0, 6.0])).tolist() == [0, 1]


def test_a_long_gap_is_counted_rightly_on_a_clock_that_rounds():
    # 30 frames a second on a clock of 32 kHz: two steps of 1067 samples, one of 1066
    exact = np.ceil(np.arange(20000) * 32000 / 30 - 1e-6) / 32000
    number = exposure_numbers(np.delete(exact, np.s_[4000:14000]))
    assert number[-1] == 19999


@pytest.mark.parametrize("late", [0.6, 0.9])
@pytest.mark.parametrize("share", [0.001, 0.05])
def test_late_stamps_count_nothing(late, share):
    rng = np.random.default_rng(1)
    kept = lossy(rng)
    is_late = rng.random(len(kept)) < share
    is_late[[0, -1]] = False
    number = exposure_numbers((kept + late * is_late) / 30)
    # a late stamp right before a lost frame may be either
    assert np.abs(number - kept).max() <= 1
    assert np.mean(number != kept) <= share * 0.02
    assert number[-1] == N - 1


def test_a_queue_of_late_stamps_shifts_nothing_after_it():
    late = np.zeros(N)
    late[4000:4005] = [4, 3.1, 2.2, 1.3, 0.4]
    number = exposure_numbers((np.arange(N) + late) / 30)
    assert np.array_equal(number[:4000], np.arange(4000))
    assert np.array_equal(number[4005:], np.arange(4005, N))


@pytest.mark.parametrize(("fps", "jitter_s"), [(30, 4e-3), (30, 6e-3), (60, 3e-3)])
def test_uneven_stamps_count_nothing(fps, jitter_s):
    rng = np.random.default_rng(2)
    kept = lossy(rng)
    uneven_s = jitter_s * rng.standard_normal(len(kept)).clip(-2.5, 2.5)
    number = exposure_numbers(np.sort(kept / fps + uneven_s))
    assert np.mean(number != kept) < 0.001
    assert number[-1] == N - 1


@pytest.mark.parametrize("fps", [25, 30, 29.97])
def test_a_clock_of_coarse_ticks_counts_nothing(fps):
    kept = lossy(np.random.default_rng(3))
    time_s = np.floor(kept / fps * 64) / 64
    assert np.array_equal(exposure_numbers(time_s), kept)
    assert usual_step_s(time_s) == pytest.approx(1 / fps, rel=1e-4)


def test_drift_and_wander_of_a_day_count_nothing():
    exact_s = np.arange(400_000) / 30
    time_s = exact_s * (1 + 2e-4) + 0.1 * np.sin(2 * np.pi * exact_s / 7200)
    assert np.array_equal(exposure_numbers(time_s), np.arange(400_000))


def test_where_the_rate_changes_steps_are_counted_by_those_around():
    step_s = np.repeat([1 / 30, 1 / 24, 1 / 30, 1 / 20], 3000)
    step_s[[1000, 4000]] *= 2
    time_s = np.concatenate([[0], np.cumsum(step_s)])
    assert not is_regular(time_s)
    assert exposure_numbers(time_s)[-1] == 12002
    assert is_regular(np.arange(N) / 30)


def test_bounces_are_left_out_and_late_pulses_are_not():
    rng = np.random.default_rng(4)
    pulse_s = lossy(rng) / 30 + 20e-6 * rng.standard_normal(N - 90)
    bounced = pulse_s[rng.choice(len(pulse_s), 60, replace=False)]
    twice = np.concatenate([pulse_s, bounced + 0.002, bounced[:5] + 0.004, pulse_s[7:8]])
    kept_s = without_bounces(np.sort(twice))
    assert np.isin(kept_s, pulse_s).mean() > 0.999
    assert np.array_equal(exposure_numbers(kept_s)[-1], N - 1)
    late_s = np.arange(N) / 30
    late_s[[100, 2000, 2010]] += 0.02
    assert without_bounces(late_s).tolist() == late_s.tolist()
    assert len(without_bounces(np.empty(0))) == 0
