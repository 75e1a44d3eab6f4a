"""Frames placed on the clock of the signals, with drift, lost frames and lost pulses."""

import numpy as np
import pytest

from vigil.kinematics.clock import (
    clock_from_pulses,
    clock_from_pulses_alone,
    clock_from_rate,
    clock_from_times,
    exposure_numbers,
)
from vigil.recording import RecordingError

N, FPS, OFFSET, DRIFT = 9000, 30.0, 1.7, 150e-6


@pytest.fixture
def exposures():
    camera_s = np.arange(N) / FPS
    return camera_s, OFFSET + camera_s * (1 + DRIFT)


def test_offset_and_drift_are_recovered(exposures):
    camera_s, true_s = exposures
    clock = clock_from_pulses(camera_s, np.round(true_s, 6))
    assert clock.offset_s == pytest.approx(OFFSET, abs=1e-6)
    assert clock.drift_ppm == pytest.approx(150, abs=0.1)
    assert clock.residual_ms < 0.001
    assert clock.dropped_frames == 0
    assert np.abs(clock.time_s - true_s).max() < 1e-6


@pytest.mark.parametrize("lost", [[0], [0, 1, 2], [10, 4000, 4001, 4002], [N - 1]])
def test_lost_frames_do_not_shift_the_others(exposures, lost):
    camera_s, true_s = exposures
    kept = np.setdiff1d(np.arange(N), lost)
    clock = clock_from_pulses(camera_s[kept], true_s)
    assert np.abs(clock.time_s - true_s[kept]).max() < 1e-6
    assert np.array_equal(clock.exposure, kept)
    # frames lost at the very end leave no trace between frames
    assert clock.dropped_frames == len([k for k in lost if k < kept[-1]])


def test_pulses_lost_in_a_gap_of_the_acquisition(exposures):
    camera_s, true_s = exposures
    pulses = np.delete(true_s, np.s_[3000:3300])
    clock = clock_from_pulses(camera_s, pulses)
    assert np.abs(clock.time_s - true_s).max() < 1e-4


def test_times_that_are_given_are_taken():
    clock = clock_from_times(np.array([2.0, 2.1, 2.3, 2.4]))
    assert clock.exposure.tolist() == [0, 1, 3, 4]
    assert clock.dropped_frames == 1
    assert clock.source == "time_s"


def test_pulses_alone_say_that_lost_frames_cannot_be_known():
    clock = clock_from_pulses_alone(5, np.arange(7) / 30)
    assert clock.ambiguous_frames == 2
    assert "between 0 and 0.0667 s later" in clock.notes[0]
    assert clock_from_pulses_alone(7, np.arange(7) / 30).ambiguous_frames == 0
    assert clock.time_s.tolist() == (np.arange(5) / 30).tolist()
    assert "not known" in clock.notes[0]
    with pytest.raises(RecordingError, match="video_times"):
        clock_from_pulses_alone(9, np.arange(7) / 30)


def test_the_nominal_rate_is_admitted():
    clock = clock_from_rate(3, 30.0)
    assert clock.time_s == pytest.approx([0, 1 / 30, 2 / 30])
    assert clock.source == "nominal rate"
    assert clock.notes


def test_times_that_do_not_rise_are_refused():
    with pytest.raises(RecordingError, match="at frame 2"):
        exposure_numbers(np.array([0.0, 1.0, 0.5]))


def test_too_few_pulses_are_refused(exposures):
    with pytest.raises(RecordingError, match="camera_input"):
        clock_from_pulses(exposures[0], np.array([1.0]))


def test_equal_counts_decide(exposures):
    camera_s, true_s = exposures
    clock = clock_from_pulses(camera_s + 12345.678, true_s)
    assert clock.ambiguous_frames == 0
    assert clock.notes == ()
    assert np.abs(clock.time_s - true_s).max() < 1e-6


def test_a_camera_that_started_before_the_acquisition_is_ambiguous(exposures):
    camera_s, true_s = exposures
    clock = clock_from_pulses(camera_s, true_s[300:])
    assert clock.ambiguous_frames == 300
    assert clock.exposure.tolist() == list(range(N))
    assert clock.dropped_frames == 0
    (note,) = clock.notes
    assert "between -10.00" in note
    assert "+0.000 s" in note
    # the truth lies in the range that is given
    assert (true_s - clock.time_s).min() > -10.01


def test_frames_lost_at_the_start_of_an_arbitrary_clock_are_ambiguous(exposures):
    camera_s, true_s = exposures
    clock = clock_from_pulses(camera_s[30:] + 777.01, true_s)
    assert clock.ambiguous_frames == 30
    assert "at the start of the video, or at its end, or at both" in clock.notes[0]
    assert "between +0.000 s and +1.000 s" in clock.notes[0]


def test_a_camera_clock_that_accounts_for_every_pulse_decides(exposures):
    camera_s, true_s = exposures
    assert clock_from_pulses(camera_s[3:], true_s).ambiguous_frames == 0
    # one more was lost, at the end: the clock still tells, but cannot prove it
    clock = clock_from_pulses(camera_s[3:-1], true_s)
    assert np.abs(clock.time_s - true_s[3:-1]).max() < 1e-6
    assert clock.ambiguous_frames == 3


@pytest.mark.parametrize("frames_are_longer", [True, False])
def test_holes_that_both_share_decide(exposures, frames_are_longer):
    camera_s, true_s = exposures
    hole = np.array([2000, 2001, 4100, 7000])
    kept = np.setdiff1d(np.arange(N), hole)
    inner = kept[(kept >= 300) & (kept < N - 50)]
    at_frame, at_pulse = (kept, inner) if frames_are_longer else (inner, kept)
    clock = clock_from_pulses(camera_s[at_frame] + 99.99, true_s[at_pulse])
    assert clock.ambiguous_frames == 0
    assert clock.notes == ()
    assert np.abs(clock.time_s - true_s[at_frame]).max() < 1e-5


def test_holes_that_repeat_leave_a_tie(exposures):
    camera_s, true_s = exposures
    kept = np.flatnonzero(np.arange(N) % 100 != 50)
    inner = kept[(kept >= 300) & (kept < N - 50)]
    clock = clock_from_pulses(camera_s[kept], true_s[inner])
    assert clock.ambiguous_frames == 300
    assert len(clock.notes) == 1


def test_a_gap_of_the_acquisition_that_covers_a_lost_frame_proves_nothing(exposures):
    camera_s, true_s = exposures
    at_frame = np.setdiff1d(np.arange(N), [4000])
    at_pulse = np.setdiff1d(np.arange(300, N), np.arange(4150, 4400))
    clock = clock_from_pulses(camera_s[at_frame], true_s[at_pulse])
    assert clock.ambiguous_frames == 300


def test_a_long_gap_is_counted_rightly_on_a_clock_that_rounds():
    # 30 frames a second on a clock of 32 kHz: two steps of 1067 samples, one of 1066
    exact = np.ceil(np.arange(20000) * 32000 / 30 - 1e-6) / 32000
    number = exposure_numbers(np.delete(exact, np.s_[4000:14000]))
    assert number[-1] == 19999


def test_pulses_that_would_reorder_frames_are_refused():
    # pulses late by up to 0.9 steps, and an early frame just after them without a pulse
    late = np.zeros(100)
    late[40:52], late[49] = 0.45, 0.9
    pulse_s = np.delete((np.arange(100) + late) / FPS, 50)
    camera_s = (np.arange(100) - 0.49 * (np.arange(100) == 50)) / FPS
    with pytest.raises(RecordingError, match="change places"):
        clock_from_pulses(camera_s, pulse_s)
