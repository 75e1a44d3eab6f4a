"""Boosted trees and the forest, beside scikit-learn's forest."""

import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier

from vigil.sleep.settings import Settings
from vigil.sleep.trees import boost, compress, grow_forest

SETTINGS = Settings(trees=60, forest_trees=100)
COLUMNS = ("a.w", "a.x", "a.y", "a.z")


def epochs(seed, n=3000):
    """States that no straight line tells: NREM in a ring around wake, REM in one corner."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 4)).astype(np.float32)
    state = (np.hypot(x[:, 0], x[:, 1]) > 1.2).astype(np.int64)
    state[(x[:, 2] > 0.8) & (x[:, 3] > 0)] = 2
    return x, state


@pytest.fixture(scope="module")
def learnt():
    parts = [epochs(1), epochs(2)]
    examples = compress(COLUMNS, lambda: iter(parts), 1)
    return examples, boost(examples, SETTINGS, 1), grow_forest(examples, SETTINGS, 1)


def test_all_recordings_are_learnt_from(learnt):
    examples, trees, _ = learnt
    assert (examples.num_row(), examples.num_col()) == (6000, 4)
    assert trees.columns == COLUMNS


def test_both_find_what_there_is(learnt):
    _, trees, forest = learnt
    x, state = epochs(3)
    for model in (trees, forest):
        p = model.probabilities(x)
        assert p.sum(axis=1) == pytest.approx(np.ones(len(x)))
        assert (p.argmax(axis=1) == state).mean() > 0.92


def test_the_forest_votes_as_an_independent_one_does(learnt):
    x, state = (np.concatenate(p) for p in zip(epochs(1), epochs(2), strict=True))
    other = RandomForestClassifier(60, max_depth=12, min_samples_leaf=2, random_state=0)
    other.fit(x, state)
    new, _ = epochs(4)
    difference = learnt[2].probabilities(new) - other.predict_proba(new)
    assert np.abs(difference).mean() < 0.04


def test_missing_values_are_taken_as_they_are(learnt):
    x, _ = epochs(5, 50)
    x[:, 1] = np.nan
    for model in learnt[1:]:
        assert np.isfinite(model.probabilities(x)).all()
