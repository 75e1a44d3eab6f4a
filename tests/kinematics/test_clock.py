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
