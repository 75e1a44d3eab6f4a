"""The scorer without labels against an expert's day of one mouse."""

import numpy as np
import pandas as pd
import pytest

from vigil.sleep.agreement import agreement
from vigil.sleep.threshold import score_by_thresholds

STATES = {"W": "wake", "NR": "nrem", "R": "rem"}
KNOWN_MARK = 0.84
"""Kappa that a scorer without labels is known to reach on this day."""


@pytest.fixture(scope="module")
def day(request):
    """Features as features.parquet names them, and the expert's states."""
    path = request.getfixturevalue("realdata") / "mcrbm_mouse_sleep_features/baseline_24h.csv.gz"
    table = pd.read_csv(path)
    powers = ["Delta", "Theta", "Alpha", "Beta", "Gamma"]
    table = table.where(table[[*powers, "EMG"]].gt(0).all(axis=1))
    features = pd.DataFrame({f"cx.log_power_{b.lower()}": np.log10(table[b]) for b in powers})
    features["cx.theta_delta"] = features["cx.log_power_theta"] - features["cx.log_power_delta"]
    features["emg.log_rms"] = np.log10(table["EMG"])
    features.insert(0, "duration_s", 4.0)
    return features, table["Stage"].map(STATES).fillna("unclassified").to_numpy(str)


def score(features):
    return score_by_thresholds(features.reset_index(drop=True), None, 3.0)


def test_a_day_agrees_as_well_as_is_known_of_scorers_without_labels(day):
    features, labels = day
    found = agreement(labels, score(features))
    assert found["kappa"] >= KNOWN_MARK
    assert found["rem_f1"] > 0.75
    assert 0.8 < found["bouts_over_labelled"] < 1.2


@pytest.mark.parametrize("first", range(0, 21600, 3600))
def test_four_hours_on_their_own(day, first):
    features, labels = day
    here = slice(first, first + 3600)
    assert agreement(labels[here], score(features[here]))["kappa"] > 0.8


def test_hours_in_which_it_is_awake_have_no_sleep(day):
    features, labels = day
    awake = [h for h in range(24) if np.mean(labels[900 * h : 900 * (h + 1)] == "wake") > 0.98]
    assert len(awake) == 2
    for h in awake:
        assert set(score(features[900 * h : 900 * (h + 1)])) <= {"wake", "unclassified"}


def test_hours_without_rem_have_none(day):
    features, labels = day
    without = [h for h in range(24) if np.sum(labels[900 * h : 900 * (h + 1)] == "rem") < 5]
    assert len(without) >= 4
    for h in without:
        assert np.mean(score(features[900 * h : 900 * (h + 1)]) == "rem") < 0.01


@pytest.mark.parametrize("kept", [("wake",), ("nrem",), ("wake", "nrem"), ("wake", "rem")])
def test_no_state_is_made_up(day, kept):
    features, labels = day
    here = np.isin(labels, kept)
    scored = score(features[here])
    made_up = ~np.isin(scored, (*kept, "unclassified"))
    assert np.mean(made_up) < 0.02


def test_without_emg_nrem_is_still_found(day):
    features, labels = day
    found = agreement(labels, score(features.drop(columns="emg.log_rms")))
    # of the cortex alone REM cannot be told from quiet wakefulness
    assert found["kappa"] > 0.7
    assert found["nrem_f1"] > 0.85
