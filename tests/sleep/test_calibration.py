"""Temperatures that are known, found again."""

import numpy as np
import pytest

from vigil.sleep.calibration import Calibration


def draws(n=60_000):
    """Honest probabilities, and states drawn by them."""
    rng = np.random.default_rng(4)
    p = rng.dirichlet([1.5, 1.5, 0.5], n)
    return p, (p.cumsum(axis=1) > rng.random(n)[:, None]).argmax(axis=1)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_a_model_that_is_too_sure_is_cooled_down_to_the_truth(temperature):
    honest, state = draws()
    # what is divided by 1/T was made too sure by T
    said = Calibration(1 / temperature).apply(honest)
    found = Calibration.fit(said, state)
    assert found.temperature == pytest.approx(temperature, rel=0.03)
    assert np.abs(found.apply(said) - honest).max() < 0.02


def test_the_likeliest_state_stays_and_missing_stays_missing():
    honest, _ = draws(200)
    warm = Calibration(3.0).apply(honest)
    assert (warm.argmax(axis=1) == honest.argmax(axis=1)).all()
    assert warm.sum(axis=1) == pytest.approx(np.ones(200))
    assert np.isnan(Calibration(2.0).apply(np.full((1, 3), np.nan))).all()


def test_nothing_to_learn_from_changes_nothing():
    assert Calibration.fit(np.zeros((0, 3)), np.zeros(0, dtype=np.int64)).temperature == 1.0


def test_certainty_does_not_break_it():
    p = np.array([[1.0, 0.0, 0.0]] * 9 + [[0.0, 1.0, 0.0]])
    found = Calibration.fit(p, np.array([0] * 8 + [2, 1]))
    assert np.isfinite(found.apply(p)).all()
    assert found.temperature > 1.0
