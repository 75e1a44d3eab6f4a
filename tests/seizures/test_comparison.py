from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from vigil.seizures.trained.comparison import (
    ALWAYS_ON,
    COLUMNS,
    THRESHOLDS,
    XGBOOST,
    Held,
    choose,
    compare,
    fit_temperature,
    held_out_table,
    settle,
)
from vigil.seizures.trained.decode import decode
from vigil.seizures.trained.model import calibrate


def held(made_up, name, planted, p_in=0.9, p_out=0.02, seed=1):
    r = made_up.recording(name, name, seed, planted)
    raw = np.where(r.labels == 1, p_in, p_out).astype(np.float32)
    return Held(r, name, 0, r.n_steps, raw)


PLANTED = [("faint", 300, 330), ("faint", 900, 930), ("chewing", 1500, 1530)]


def test_each_detector_is_measured_on_the_same_time(made_up):
    both = [held(made_up, name, PLANTED, seed=i) for i, name in enumerate("ab")]
    by_fold, _, _ = settle(both, 5.0, 3.0)
    table = compare(both, by_fold)
    assert tuple(table.columns) == COLUMNS
    assert set(table["left_out"]) == {"a", "b", "all"}
    pooled = table[table["left_out"] == "all"].set_index("detector")
    assert (pooled["seizures"] == 4).all()
    assert pooled["hours"].to_numpy() == pytest.approx(80 / 60)
    assert pooled.loc[XGBOOST, ["sensitivity", "precision", "overlap"]].tolist() == [1, 1, 1]
    assert pooled.loc[THRESHOLDS, "sensitivity"] == 0
    assert pooled.loc[THRESHOLDS, "fp_per_day"] == pytest.approx(36.0)  # chewing, twice in 80 min
    assert pooled.loc[ALWAYS_ON, "sensitivity"] == 1
    assert pooled.loc[ALWAYS_ON, "overlap"] < 0.02
    assert choose(table) == XGBOOST


def test_the_thresholds_of_a_fold_are_those_of_the_others(made_up):
    """In the fold b probabilities are so low that by itself it would enter far below."""
    a, b = held(made_up, "a", PLANTED, p_in=0.9), held(made_up, "b", PLANTED, p_in=0.25, p_out=0.01)
    by_fold, temperature, _ = settle([a, b], 5.0, 3.0)
    assert by_fold["a"][1].enter < 0.3  # chosen by b alone
    assert by_fold["b"][1].enter > 0.3  # chosen by a alone
    c = replace(b, raw=np.where(b.labels == 1, 0.001, 0.6).astype(np.float32))
    again, _, _ = settle([a, c], 5.0, 3.0)
    assert again["b"] == by_fold["b"]  # whatever b holds
    assert again["a"] != by_fold["a"]
    assert temperature > 0


def test_calibrated_thresholds_mark_the_same_steps(made_up):
    h = held(made_up, "a", PLANTED)
    rng = np.random.default_rng(0)
    noisy = np.clip(h.raw + rng.normal(0, 0.2, len(h.raw)), 0.001, 0.999).astype(np.float32)
    h = replace(h, raw=noisy)
    _, temperature, decoding = settle([h, replace(h, fold="z")], 5.0, 3.0)
    assert temperature != 1.0
    mine = decode(calibrate(h.raw, temperature), 0.5, decoding)
    enter, keep = calibrate(np.array([decoding.enter, decoding.keep]), 1 / temperature)
    assert mine == decode(h.raw, 0.5, replace(decoding, enter=enter, keep=keep))


def test_the_temperature_makes_the_too_sure_less_sure(made_up):
    h = held(made_up, "a", PLANTED)
    rng = np.random.default_rng(0)
    p = rng.uniform(0.05, 0.95, len(h.raw))
    labels = (rng.random(len(p)) < p).astype(np.int8)
    h = replace(h, recording=replace(h.recording, labels=labels), raw=calibrate(p, 0.5))
    assert fit_temperature([h]) == pytest.approx(2.0, rel=0.1)
    assert fit_temperature([]) == 1.0


def test_time_without_labels_counts_for_nothing(made_up):
    h = held(made_up, "a", PLANTED)
    labels = h.recording.labels.copy()
    labels[round(1400 / 0.5) :] = -1  # chewing is in there
    h = replace(h, recording=replace(h.recording, labels=labels))
    matched = h.match(h.by_thresholds)
    assert matched.false_alarms == 0
    assert matched.duration_s == 1400.0


@pytest.mark.parametrize(
    ("mine", "theirs", "chosen"),
    [
        ((0.9, 0.5), (0.8, 0.9), XGBOOST),
        ((0.8, 0.9), (0.9, 0.5), THRESHOLDS),
        ((0.9, 0.8), (0.9, 0.8), XGBOOST),
        ((0.9, 0.7), (0.9, 0.8), THRESHOLDS),
        ((np.nan, np.nan), (0.2, 0.1), THRESHOLDS),
    ],
)
def test_the_rule_of_choice(mine, theirs, chosen):
    rows = [("all", XGBOOST, *mine), ("all", THRESHOLDS, *theirs), ("m1", XGBOOST, 1.0, 1.0)]
    assert choose(pd.DataFrame(rows, columns=["left_out", "detector", "f1", "overlap"])) == chosen


def test_every_step_that_was_left_out_is_kept(made_up):
    h = replace(held(made_up, "a", PLANTED), first=100, last=900)
    h = replace(h, raw=h.raw[100:900])
    by_fold, _, _ = settle([h, replace(h, fold="b")], 5.0, 3.0)
    table = held_out_table(h, by_fold)
    assert list(table) == ["recording", "animal", "fold", "time_s", "label", "probability", "raw"]
    assert table["time_s"].iloc[[0, -1]].tolist() == [50.0, 449.5]
    assert (table["label"] == "seizure").sum() == 60
    assert set(table["label"]) == {"seizure", "background"}
