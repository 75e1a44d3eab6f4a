"""Spectrogram, movement and state around a seizure."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from vigil.report.figures.seizure_surround import decibels_around, draw_speed

RATE_HZ = 500.0


def around(before_s=30.0, after_s=60.0):
    return np.arange(-before_s, after_s, 1 / RATE_HZ)


def test_ten_times_the_amplitude_is_twenty_decibels():
    time_s = around()
    signal_uv = np.sin(2 * np.pi * 20 * time_s) * np.where(time_s < 0, 1.0, 10.0)
    centre_s, hz, decibels = decibels_around(time_s, signal_uv, RATE_HZ)
    at_20 = decibels[np.argmin(np.abs(hz - 20))]
    assert at_20[centre_s > 1] == pytest.approx(20.0, abs=0.01)
    assert at_20[centre_s < -1] == pytest.approx(0.0, abs=0.01)
    assert hz[0] == 1
    assert hz[-1] == 100


def test_no_window_crosses_a_gap():
    time_s = around()
    signal_uv = np.sin(2 * np.pi * 20 * time_s)
    signal_uv[(time_s > 10) & (time_s < 20)] = np.nan
    centre_s, _, decibels = decibels_around(time_s, signal_uv, RATE_HZ)
    assert not ((centre_s > 9.51) & (centre_s < 20.49)).any()
    assert np.isfinite(decibels).all()
    assert centre_s[-1] > 59


def test_without_anything_before_the_power_is_unknown():
    time_s = around(before_s=0.0)
    _, _, decibels = decibels_around(time_s, np.sin(2 * np.pi * 20 * time_s), RATE_HZ)
    assert np.isnan(decibels).all()


def test_a_head_that_was_not_seen_is_told():
    axis = Figure().subplots()
    moves = pd.DataFrame({"time_s": [0.0, 1.0, 99.0], "speed_cm_s": [np.nan, np.nan, 3.0]})
    assert not draw_speed(axis, moves, 10.0, (-30.0, 60.0))
    assert draw_speed(axis, moves, 90.0, (-30.0, 60.0))
