"""Trained scorers against an expert's day of one mouse, on blocks of time left out."""

import pytest

from vigil.sleep.comparison import calibrate_across, choose, compare, held_out_table, score_held
from vigil.sleep.evaluation import bout_errors
from vigil.sleep.folds import LabelledRecording, make_folds
from vigil.sleep.predictors import normalise_features, spread_of
from vigil.sleep.settings import Settings
from vigil.sleep.threshold import score_by_thresholds
from vigil.sleep.train import learn, scorer_name


@pytest.fixture(scope="module")
def scored(expert_day):
    """Every scorer on the same five blocks, as the settings are by default."""
    features, labels = expert_day
    provisional = score_by_thresholds(features, None, 3.0)
    normal = normalise_features(features, None, provisional)
    start_s = features["start_s"].to_numpy()
    mouse = LabelledRecording(
        "day", "mouse", start_s, normal, labels, provisional, spread_of(features), None
    )
    settings = Settings()
    held = []
    for fold in make_folds([mouse], settings.blocks):
        held += score_held([mouse], fold, learn([mouse], fold, settings, 2))
    comparison = compare(held, settings)
    return held, comparison, choose(comparison, settings), settings


def pooled(comparison):
    return comparison[comparison["left_out"] == "all"].set_index("scorer")


def test_the_chosen_scorer_agrees_as_experts_do(scored):
    held, comparison, which, settings = scored
    chosen = pooled(comparison).loc[scorer_name(*which)]
    assert chosen["kappa"] >= 0.92
    assert chosen["rem_f1"] >= 0.88
    assert 0.8 <= chosen["bouts_over_labelled"] <= 1.2
    bouts = bout_errors(held_out_table(held, which, calibrate_across(held, which)[0], settings))
    assert (bouts["count_error"].abs() <= 0.2).all()


def test_the_plain_scorers_reach_their_known_marks(scored):
    kappa = pooled(scored[1])["kappa"]
    assert kappa["logistic"] >= 0.90
    assert kappa["threshold"] >= 0.84


def test_the_chosen_scorer_beats_both(scored):
    _, comparison, which, _ = scored
    kappa = pooled(comparison)["kappa"]
    assert kappa[scorer_name(*which)] > kappa["logistic"]
    assert kappa[scorer_name(*which)] > kappa["threshold"]


def test_confidence_means_what_it_says(scored):
    held, _, which, settings = scored
    table = held_out_table(held, which, calibrate_across(held, which)[0], settings)
    table = table[(table["label"] != "unclassified") & table["p_wake"].notna()]
    p = table[["p_wake", "p_nrem", "p_rem"]].max(axis=1)
    best = table[["p_wake", "p_nrem", "p_rem"]].idxmax(axis=1).str.removeprefix("p_")
    for low, high in ((0.6, 0.8), (0.8, 0.95), (0.95, 1.01)):
        here = (p >= low) & (p < high)
        right = (best[here] == table.loc[here, "label"]).mean()
        assert abs(right - p[here].mean()) < 0.06
