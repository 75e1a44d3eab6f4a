"""Logistic regression: known odds, missing values, and its file."""

import json

import numpy as np
import pytest

from vigil.sleep.logistic import Logistic


def epochs(n=4000):
    rng = np.random.default_rng(0)
    state = rng.integers(0, 3, n)
    x = rng.normal(size=(n, 3)).astype(np.float32)
    x[:, 0] += 2.0 * (state == 1)
    x[:, 1] += 2.0 * (state == 2)
    return x, state


def test_probabilities_are_those_of_bayes():
    x, state = epochs()
    model = Logistic.fit(("a.x", "a.y", "a.z"), x, state)
    found = model.probabilities(x)
    likelihood = np.exp(
        -0.5 * np.stack([x[:, 0] ** 2 + x[:, 1] ** 2,
                         (x[:, 0] - 2) ** 2 + x[:, 1] ** 2,
                         x[:, 0] ** 2 + (x[:, 1] - 2) ** 2], axis=1)
    )  # fmt: skip
    wanted = likelihood / likelihood.sum(axis=1, keepdims=True)
    assert np.abs(found - wanted).mean() < 0.03


def test_what_is_missing_counts_as_usual_and_says_so_itself():
    x, state = epochs()
    x[::4, 0] = np.nan  # the region b is hidden from every fourth epoch
    model = Logistic.fit(("b.x", "a.y", "a.z"), x, state)
    # where b is missing, wake and NREM look alike
    alike = np.array([[np.nan, 0.0, 0.0]], dtype=np.float32)
    p = model.probabilities(alike)[0]
    assert p[0] == pytest.approx(p[1], abs=0.08)
    assert p.sum() == pytest.approx(1)


def test_one_artefact_does_not_outweigh_all_else():
    x, state = epochs()
    model = Logistic.fit(("a.x", "a.y", "a.z"), x, state)
    row = np.array([[0.0, 5.0, 0.0], [0.0, 5.0, 1e6]], dtype=np.float32)
    p = model.probabilities(row)
    assert p[0].argmax() == p[1].argmax() == 2


def test_its_file_holds_all_of_it():
    x, state = epochs(300)
    model = Logistic.fit(("a.x", "a.y", "a.z"), x, state)
    again = Logistic.from_json(json.loads(json.dumps(model.to_json())))
    assert np.array_equal(again.probabilities(x), model.probabilities(x))
