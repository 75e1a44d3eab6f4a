"""The scorer without labels against an expert's day of one mouse."""

import numpy as np
import pytest

from vigil.sleep.agreement import agreement
from vigil.sleep.threshold import score_by_thresholds

KNOWN_MARK = 0.84
"""Kappa that a scorer without labels is known to reach on this day."""


def score(features):
    return score_by_thresholds(features.reset_index(drop=True), None, 3.0)


def test_a_day_agrees_as_well_as_is_known_of_scorers_without_labels(expert_day):
    features, labels = expert_day
    found = agreement(labels, score(features))
    assert found["kappa"] >= KNOWN_MARK
    assert found["rem_f1"] > 0.75
    assert 0.8 < found["bouts_over_labelled"] < 1.2


@pytest.mark.parametrize("first", range(0, 21600, 3600))
def test_four_hours_on_their_own(expert_day, first):
    features, labels = expert_day
    here = slice(first, first + 3600)
    assert agreement(labels[here], score(features[here]))["kappa"] > 0.8


def test_hours_in_which_it_is_awake_have_no_sleep(expert_day):
    features, labels = expert_day
    awake = [h for h in range(24) if np.mean(labels[900 * h : 900 * (h + 1)] == "wake") > 0.98]
    assert len(awake) == 2
    for h in awake:
        assert set(score(features[900 * h : 900 * (h + 1)])) <= {"wake", "unclassified"}


def test_hours_without_rem_have_none(expert_day):
    features, labels = expert_day
    without = [h for h in range(24) if np.sum(labels[900 * h : 900 * (h + 1)] == "rem") < 5]
    assert len(without) >= 4
    for h in without:
        assert np.mean(score(features[900 * h : 900 * (h + 1)]) == "rem") < 0.01


@pytest.mark.parametrize("kept", [("wake",), ("nrem",), ("wake", "nrem"), ("wake", "rem")])
def test_no_state_is_made_up(expert_day, kept):
    features, labels = expert_day
    here = np.isin(labels, kept)
    scored = score(features[here])
    made_up = ~np.isin(scored, (*kept, "unclassified"))
    assert np.mean(made_up) < 0.02


def test_without_emg_nrem_is_still_found(expert_day):
    features, labels = expert_day
    found = agreement(labels, score(features.drop(columns="emg.log_rms")))
    # of the cortex alone REM cannot be told from quiet wakefulness
    assert found["kappa"] > 0.7
    assert found["nrem_f1"] > 0.85
