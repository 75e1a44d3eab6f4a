import numpy as np
import pytest

from vigil.seizures.onset.change_point import cumulative_sum, page_hinkley


def test_step_after_a_known_mean_alarms_when_the_sum_has_climbed():
    # mean 1 over 40 values, then 3: with bias 0.1 the n-th value of the step adds
    # 3 - (40 + 3 n) / (40 + n) - 0.1 = 80 / (40 + n) - 0.1
    x = np.r_[np.full(40, 1.0), np.full(60, 3.0)]
    climb = np.cumsum(80 / (40 + np.arange(1, 61)) - 0.1)
    expected = 40 + int(np.flatnonzero(climb > 10)[0])
    found = page_hinkley(x, bias=0.1, threshold=10.0)
    assert found is not None
    assert (found.change, found.alarm) == (40, expected)


def test_rise_smaller_than_the_bias_is_no_change():
    assert page_hinkley(np.r_[np.ones(50), np.full(500, 1.05)], 0.1, 1.0) is None


def test_fall_is_no_change():
    assert page_hinkley(np.r_[np.full(50, 3.0), np.ones(200)], 0.1, 1.0) is None


def test_what_lies_in_the_warm_up_raises_no_alarm():
    x = np.r_[np.ones(20), np.full(20, 5.0), np.ones(60)]
    assert page_hinkley(x, 0.1, 10.0) is not None
    assert page_hinkley(x, 0.1, 10.0, warm_up=40) is None


@pytest.mark.parametrize("height", [2.0, 5.0])
def test_cumulative_sum_finds_the_foot_of_a_step(height):
    z = np.r_[np.zeros(30), np.full(30, height)]
    found = cumulative_sum(z, reference=1.0, threshold=6.0)
    assert found is not None
    assert found.change == 30
    assert found.alarm == 30 + int(6.0 // (height - 1.0))


def test_cumulative_sum_finds_the_foot_of_a_ramp_not_its_middle():
    z = np.r_[np.zeros(30), np.arange(40) * 0.5]
    found = cumulative_sum(z, 1.0, 6.0)
    assert found is not None
    assert found.change == 32 + 1  # 0.5 * 2 equals the reference; the next is above it
