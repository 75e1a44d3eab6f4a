import numpy as np
import pytest

from vigil.recording import Segments
from vigil.seizures.files import SeizureEvent
from vigil.seizures.onset.excerpt import around_onset

RATE = 10.0


class Recording:
    """Stands for an Lfp of one channel whose values are the numbers of its rows."""

    rate_hz = RATE
    segments = Segments((0.0, 50.0), (40.0, 100.0), (400, 500), RATE)

    def read_uv(self, a, b, channels):
        return np.repeat(np.arange(a, b, dtype=np.float32)[:, None], len(channels), axis=1)


def cut(onset_s, duration_s=20.0):
    event = SeizureEvent(onset_s, duration_s, 1.0, ())
    return around_onset(Recording(), [0, 1], event, 40.0, 30.0)


def test_a_gap_before_the_event_is_marked():
    signal, pieces = cut(60.0)
    # rows of 20 to 40 s, then of 50 s to the end of the event at 80 s
    assert pieces == ((0, 20.0), (200, pytest.approx(50.0)))
    assert signal.shape == (500, 2)
    assert (signal[0, 0], signal[200, 0]) == (200.0, 400.0)


def test_what_comes_after_a_gap_in_the_event_is_left_out():
    signal, pieces = cut(30.0, 25.0)
    assert pieces == ((0, 0.0),)
    assert len(signal) == 400


def test_an_event_that_begins_in_a_gap_has_no_signal():
    signal, pieces = cut(45.0)
    assert len(signal) == 0
    assert pieces == ((0, 45.0),)
