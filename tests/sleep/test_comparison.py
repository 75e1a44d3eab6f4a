"""Scorers on the same folds, on tables whose states can be told; and the rule of choice."""

import numpy as np
import pandas as pd
import pytest

from vigil.sleep.comparison import (
    calibrate_across,
    choose,
    compare,
    compare_missing,
    held_out_table,
    score_held,
)
from vigil.sleep.folds import LabelledRecording, make_folds
from vigil.sleep.settings import Settings
from vigil.sleep.train import learn

QUICK = Settings(trees=30, forest_trees=20, dropout=0.2)
CYCLE = np.array((["wake"] * 10 + ["nrem"] * 15 + ["rem"] * 5) * 6)
SCORERS = [
    "threshold",
    *(
        f"{a}{b}"
        for a in ("logistic", "forest", "xgboost")
        for b in ("", " + hmm", " + causal hmm")
    ),
]


def labelled(animal, informative=True):
    """Region a tells the states, region b tells them less well, c says nothing."""
    rng = np.random.default_rng(sum(animal.encode()))
    signal = np.array([{"wake": 0.0, "nrem": 3.0, "rem": 6.0}[s] for s in CYCLE]) * informative
    noise = rng.normal(size=(len(CYCLE), 3))
    table = pd.DataFrame(
        {
            "a.x": signal + noise[:, 0],
            "b.x": signal + 2 * noise[:, 1],
            "c.x": noise[:, 2],
            "movement.speed": (CYCLE == "wake") * informative + 0.3 * rng.random(len(CYCLE)),
        }
    ).astype(np.float32)
    awake = np.full(len(CYCLE), "wake")
    start_s = np.arange(len(CYCLE)) * 4.0
    spread = pd.Series({"a.x": 6.0, "b.x": 8.0, "c.x": 3.0})
    return LabelledRecording(
        f"{animal}-1", animal, start_s, table, CYCLE.copy(), awake, spread, None
    )


@pytest.fixture(scope="module")
def three():
    recordings = [labelled(a) for a in ("m1", "m2", "m3")]
    folds = make_folds(recordings, 5)
    learnt = {f.name: learn(recordings, f, QUICK, 1) for f in folds}
    held = [h for f in folds for h in score_held(recordings, f, learnt[f.name])]
    return recordings, folds, learnt, held


def test_each_animal_is_scored_by_models_that_have_not_seen_it(three):
    _, folds, learnt, held = three
    assert {f.name: learnt[f.name].animals for f in folds} == {
        "m1": ("m2", "m3"), "m2": ("m1", "m3"), "m3": ("m1", "m2"),
    }  # fmt: skip
    assert [(h.fold, h.recording.animal) for h in held] == [(m, m) for m in ("m1", "m2", "m3")]


def test_every_scorer_is_compared_on_the_same_epochs(three):
    comparison = compare(three[3], QUICK)
    pooled = comparison[comparison["left_out"] == "all"].set_index("scorer")
    assert list(pooled.index) == SCORERS
    assert (pooled["epochs"] == 540).all()
    assert pooled["kappa"]["threshold"] == pytest.approx(0)
    assert (pooled["kappa"].drop("threshold") > 0.8).all()
    assert set(comparison["left_out"]) == {"m1", "m2", "m3", "all"}


def test_without_information_nothing_is_gained():
    recordings = [labelled(a, informative=False) for a in ("m1", "m2", "m3")]
    folds = make_folds(recordings, 5)
    held = [h for f in folds for h in score_held(recordings, f, learn(recordings, f, QUICK, 1))]
    comparison = compare(held, QUICK.model_copy(update={"min_confidence": 0.0}))
    assert (comparison.loc[comparison["left_out"] == "all", "kappa"].abs() < 0.2).all()


def test_what_is_missing_degrades_the_score_and_does_not_break_it(three):
    recordings, folds, learnt, held = three
    which = ("xgboost", "none")
    by_fold, _ = calibrate_across(held, which)
    table = compare_missing(recordings, folds, learnt, which, by_fold, QUICK)
    kappa = table.set_index("missing")["kappa"]
    assert list(kappa.index) == ["nothing", "a", "b", "c", "camera"]
    assert (
        kappa["nothing"]
        == compare(held, QUICK).set_index(["left_out", "scorer"])["kappa"]["all", "xgboost"]
    )
    assert 0.4 < kappa["a"] < kappa["nothing"] - 0.02
    assert kappa["c"] > kappa["nothing"] - 0.05


def test_the_calibration_of_a_fold_has_not_seen_it(three):
    held = three[3]
    which = ("forest", "none")
    before, whole = calibrate_across(held, which)
    kept = held[0].recording.labels.copy()
    try:
        held[0].recording.labels[:] = "rem"
        after, _ = calibrate_across(held, which)
    finally:
        held[0].recording.labels[:] = kept
    assert after["m1"] == before["m1"]
    assert after["m2"] != before["m2"]
    assert whole not in (None, before["m1"])


def test_the_held_out_table_is_what_was_compared(three):
    held = three[3]
    which = ("xgboost", "hmm")
    table = held_out_table(held, which, calibrate_across(held, which)[0], QUICK)
    assert len(table) == 540
    known = table["label"] == table["state"]
    pooled = compare(held, QUICK).set_index(["left_out", "scorer"])
    assert known.mean() == pytest.approx(pooled["accuracy"]["all", "xgboost + hmm"])
    assert table[["p_wake", "p_nrem", "p_rem"]].sum(axis=1).to_numpy() == pytest.approx(
        np.ones(540)
    )


def ranking(**kappa_and_bouts):
    rows = dict.fromkeys(SCORERS, (0.5, 1.0)) | {
        k.replace("_", " + "): v for k, v in kappa_and_bouts.items()
    }
    return pd.DataFrame(
        [{"left_out": "all", "scorer": s, "kappa": k, "bouts_over_labelled": b}
         for s, (k, b) in rows.items()]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("scores", "settings", "chosen"),
    [
        ({"forest": (0.93, 1.0), "xgboost": (0.90, 1.0)}, {}, ("forest", "none")),
        # of equals XGBoost, and no smoothing
        ({"forest": (0.93, 1.0), "xgboost": (0.926, 1.0)}, {}, ("xgboost", "none")),
        ({"xgboost": (0.90, 1.0), "xgboost_hmm": (0.904, 1.0)}, {}, ("xgboost", "none")),
        ({"xgboost": (0.90, 1.0), "xgboost_hmm": (0.92, 1.0)}, {}, ("xgboost", "hmm")),
        # half of the bouts are lost
        ({"xgboost": (0.90, 1.0), "xgboost_hmm": (0.92, 0.5)}, {}, ("xgboost", "none")),
        # all are far off: kappa alone decides
        ({s.replace(" + ", "_"): (0.6, 2.0) for s in SCORERS if "causal" not in s}
         | {"logistic": (0.9, 1.5)}, {}, ("logistic", "none")),
        ({"logistic": (0.9, 1.0)}, {"learner": "forest"}, ("forest", "none")),
        ({}, {"smoothing": "causal hmm"}, ("xgboost", "causal hmm")),
    ],
)  # fmt: skip
def test_the_rule_of_choice(scores, settings, chosen):
    assert choose(ranking(**scores), Settings(**settings)) == chosen
