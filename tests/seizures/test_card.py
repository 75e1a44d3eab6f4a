import json

import numpy as np
import pytest
from scipy import stats

from vigil.seizures.trained.card import limits, reliability, scores_of
from vigil.seizures.trained.comparison import XGBOOST, Held, compare, settle


@pytest.fixture(scope="module")
def held(made_up):
    out = []
    for i, name in enumerate("ab"):
        planted = [("faint", 300 + 300 * k, 330 + 300 * k) for k in range(5)]
        r = made_up.recording(name, name, i, planted)
        raw = np.where(r.labels == 1, 0.95, 0.02).astype(np.float32)
        raw[round(600 / 0.5) : round(630 / 0.5)] = 0.02  # one is missed
        raw[round(2200 / 0.5) : round(2230 / 0.5)] = 0.95  # one is false
        out.append(Held(r, name, 0, r.n_steps, raw))
    return out


def test_intervals_are_exact(held):
    scores = scores_of(compare(held, settle(held, 5.0, 3.0)[0]), XGBOOST)
    assert scores["sensitivity"]["value"] == 0.8
    # Clopper and Pearson by the beta distribution
    assert scores["sensitivity"]["low"] == pytest.approx(stats.beta.ppf(0.025, 8, 3))
    assert scores["sensitivity"]["high"] == pytest.approx(stats.beta.ppf(0.975, 9, 2))
    days = 80 / 60 / 24
    assert scores["fp_per_day"]["value"] == pytest.approx(2 / days)
    # Garwood's limits of two counts
    assert scores["fp_per_day"]["low"] == pytest.approx(0.2422 / days, rel=1e-3)
    assert scores["fp_per_day"]["high"] == pytest.approx(7.2247 / days, rel=1e-3)
    assert "low" not in scores["overlap"]


def test_reliability_counts_all_labelled_steps(held):
    by_fold = dict.fromkeys("ab", (1.0, None))
    found = reliability(held, by_fold)
    low, high = found["before"]["bins"]
    assert (low["low"], high["high"]) == (0.0, 1.0)
    assert low["steps"] + high["steps"] == 2 * 4800
    # of the five seizures' 300 steps 240 are found, 60 steps are false
    assert high["observed_share"] == pytest.approx(240 / 300)
    assert low["observed_share"] == pytest.approx(60 / 4500)
    assert found["after"]["brier"] == pytest.approx(found["before"]["brier"], rel=1e-4)
    assert found["before"]["brier"] < found["brier_of_share"]
    json.dumps(found)


def test_what_it_must_not_be_used_for():
    assert limits(False, 50, 9)[0].startswith("Other animals")
    assert "4 seizures of 2 animals are too few" in limits(True, 4, 2)[0]
    assert limits(True, 50, 9)[0].startswith("Diagnosis")
    assert all(text.endswith(".") for text in limits(True, 4, 2))
