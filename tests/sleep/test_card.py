"""Scores and their intervals on tables whose agreement is known."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score, f1_score

from vigil.sleep.agreement import scores_of
from vigil.sleep.card import score_intervals

STATES = np.array(["wake", "nrem", "rem"])


def held_out(animals, hours=2.0, right=0.9, seed=0):
    rng = np.random.default_rng(seed)
    parts = []
    for a in range(animals):
        n = round(hours * 900)
        label = STATES[rng.choice(3, n, p=[0.5, 0.4, 0.1])]
        wrong = rng.random(n) > right
        state = np.where(wrong, STATES[rng.choice(3, n)], label)
        parts.append(
            pd.DataFrame(
                {"recording": f"r{a}", "animal": f"m{a}", "start_s": np.arange(n) * 4.0,
                 "label": label, "state": state}
            )
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def test_scores_are_scikit_learns():
    table = held_out(1)
    counts = pd.crosstab(table["label"], table["state"]).reindex(STATES, columns=STATES).to_numpy()
    counts = np.column_stack([counts, [0, 0, 0]])[None].astype(float)
    found = {k: v[0] for k, v in scores_of(counts).items()}
    assert found["kappa"] == pytest.approx(cohen_kappa_score(table["label"], table["state"]))
    f1 = f1_score(table["label"], table["state"], labels=STATES, average=None)
    assert [found[f"{s}_f1"] for s in STATES] == pytest.approx(list(f1))


def test_a_state_that_nobody_labelled_has_no_score():
    counts = np.array([[[5.0, 0, 0, 1], [0, 4, 1, 0], [0, 0, 0, 0]]])
    assert np.isnan(scores_of(counts)["rem_f1"][0])
    assert np.isfinite(scores_of(counts)["kappa"][0])


def test_animals_that_differ_make_the_interval_wide():
    alike, how = score_intervals(held_out(6), True, 4.0)
    good, bad = held_out(3, right=0.98), held_out(3, right=0.6, seed=9)
    bad["animal"] = "x" + bad["animal"]
    differ, _ = score_intervals(pd.concat([good, bad]), True, 4.0)
    assert "6 animals" in how

    def width(s):
        return s["kappa"]["high"] - s["kappa"]["low"]

    assert width(differ) > 4 * width(alike)
    assert alike["kappa"]["low"] < alike["kappa"]["value"] < alike["kappa"]["high"]


def test_of_few_animals_half_hours_are_drawn_and_it_says_so():
    _, how = score_intervals(held_out(2), True, 4.0)
    assert "8 half-hours" in how


def test_the_interval_covers_the_truth_as_often_as_it_says():
    # accuracy of a scorer that guesses in a tenth of the epochs: 0.9 + 0.1 / 3
    hits = 0
    for seed in range(100):
        found, _ = score_intervals(held_out(8, hours=0.5, seed=seed), True, 4.0)
        hits += found["accuracy"]["low"] <= 0.9 + 0.1 / 3 <= found["accuracy"]["high"]
    assert hits >= 88


def test_one_half_hour_has_no_interval():
    found, _ = score_intervals(held_out(1, hours=0.4), True, 4.0)
    assert np.isnan(found["kappa"]["low"])
    assert np.isfinite(found["kappa"]["value"])


def test_what_nobody_labelled_does_not_count_as_a_half_hour():
    table = held_out(2, hours=4.0)
    table.loc[table["start_s"] >= 3600, "label"] = "unclassified"
    found, how = score_intervals(table, True, 4.0)
    assert "4 half-hours" in how
    assert found["kappa"]["low"] < found["kappa"]["value"]


def test_an_animal_of_which_a_few_epochs_are_labelled_is_not_drawn():
    table = held_out(6)
    table.loc[(table["animal"] == "m5") & (table["start_s"] > 20), "label"] = "unclassified"
    assert "5 animals" in score_intervals(table, True, 4.0)[1]
