import numpy as np

from vigil.seizures.postictal import Suppression, suppression_after


def steps(*pairs):
    return np.concatenate([np.full(n, value) for n, value in pairs])


def after(mask, next_first=None):
    return suppression_after(mask, 10, next_first or len(mask), 0.5, wait_s=10.0)


def test_suppression_lasts_until_the_brain_is_back_for_two_seconds():
    mask = steps((10, False), (40, True), (2, False), (10, True), (50, False))
    assert after(mask) == Suppression((40 + 2 + 10) * 0.5, True)


def test_no_suppression_is_zero_and_recovered():
    assert after(steps((100, False))) == Suppression(0.0, True)


def test_late_quiet_is_not_postictal():
    assert after(steps((10, False), (30, False), (60, True))) == Suppression(0.0, True)


def test_suppression_to_the_end_is_not_recovered():
    assert after(steps((12, False), (88, True))) == Suppression(44.0, False)


def test_the_next_seizure_ends_the_measurement():
    mask = steps((10, False), (90, True))
    assert after(mask, next_first=50) == Suppression(20.0, False)
