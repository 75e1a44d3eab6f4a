import numpy as np
import pytest

from vigil.cohort.early.warn import fit_probability, measured, probability, threshold, warned

TIME_S = 60.0 * np.arange(1, 601)
ALL = np.ones(600, bool)


def alarms_at(*minutes):
    alarms = np.zeros(600, bool)
    alarms[[m - 1 for m in minutes]] = True
    return alarms


def test_a_warning_begins_at_the_lead_time_and_lasts_the_occurrence_period():
    on = warned(alarms_at(100), TIME_S, TIME_S, lead_min=10, sop_min=5)
    assert list(TIME_S[on] / 60) == [110, 111, 112, 113, 114, 115]


def test_what_warnings_did():
    alarms = alarms_at(100, 101, 102, 300, 400)
    onsets = np.array([112.5, 500.5]) * 60
    segment = (onsets[0] < TIME_S).astype(int)
    quiet = ALL.copy()
    quiet[100:130] = False
    found = measured(alarms, np.where(alarms, 0.5, 0.0), 0.01, TIME_S, 60.0, ALL, quiet, segment,
                     onsets, onsets, 10.0, 5.0)  # fmt: skip
    assert list(found["told"]) == [1, 0]
    assert list(found["false_alarms"]) == [0, 2]  # 100 to 102 is one alarm, and right
    assert found["interictal_h"] == pytest.approx([100 / 60, (570 - 100) / 60])
    assert found["warned_h"] == pytest.approx([0, 12 / 60])
    came = np.r_[98:103, 486:491]
    truth = np.isin(np.arange(1, 601), came)
    errors = (np.where(alarms, 0.5, 0) - truth) ** 2
    assert found["brier"].sum() == pytest.approx(errors.sum())
    assert found["forecasts"].sum() == 600 - 20  # not the ten minutes before each


def test_the_threshold_keeps_to_the_time_in_warning():
    scores = np.random.default_rng(1).standard_normal(600)
    level = threshold(scores, ALL, ALL, TIME_S, 5.0, 5.0, most_share=0.2)
    on = warned(scores >= level, TIME_S, TIME_S, 5.0, 5.0)
    assert 0.1 < on.mean() <= 0.2
    assert threshold(scores, ALL, ~ALL, TIME_S, 5.0, 5.0, 0.2) == np.inf


def test_probabilities_are_calibrated():
    rng = np.random.default_rng(2)
    came = rng.random(100_000) < 0.1
    scores = 3 + 2 * rng.standard_normal(100_000) + 3 * came
    curve = fit_probability(scores[~came], scores[came], 0.1)
    p = probability(scores, *curve)
    for low, high in ((0, 0.05), (0.05, 0.2), (0.2, 0.5), (0.5, 0.8)):
        inside = (p >= low) & (p < high)
        assert came[inside].mean() == pytest.approx(p[inside].mean(), abs=0.02)


def test_what_was_not_learnt_is_the_base_rate():
    scores = np.random.default_rng(3).standard_normal(500)
    for before in (np.array([-2.0, -1.0]), np.zeros(0)):
        p = probability(scores, *fit_probability(scores, before, 0.03))
        assert p == pytest.approx(0.03)
