import numpy as np

from vigil.seizures.postictal import Suppression, suppression_after


def steps(*pairs):
    return np.concatenate([np.full(n, value) for n, value in pairs])


def after(mask, next_first=None, lost=slice(0)):
    gone = np.zeros(len(mask), bool)
    gone[lost] = True
    return suppression_after(mask & ~gone, gone, 10, next_first or len(mask), 0.5, wait_s=10.0)


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


def test_a_loss_of_data_is_not_a_recovery():
    mask = steps((10, False), (90, True))
    assert after(mask, lost=slice(50, 100)) == Suppression(20.0, False)
    assert after(mask, lost=slice(50, 60)) == Suppression(20.0, False)
    assert after(mask, lost=slice(50, 53)) == Suppression(45.0, False)  # 1.5 s end nothing
    back = steps((10, False), (40, True), (50, False))
    assert after(back, lost=slice(60, 100)) == Suppression(20.0, True)
