import numpy as np
import pytest

from vigil.cohort.trend import MOST, expect


def test_a_line_predicts_the_next_seizure():
    places = np.arange(6.0)
    expected = expect(40.0, 6.0, 20 + 2 * places, places)
    assert expected.trend
    assert expected.value == pytest.approx(32)
    assert (expected.others == 0).all()
    assert expected.own == pytest.approx(8 / np.sqrt(1 + 1 / 6 + 3.5**2 / 17.5))


def test_one_wild_seizure_does_not_move_the_line():
    places = np.arange(9.0)
    others = 20 + 2 * places
    others[7] = 500.0
    assert expect(38.0, 9.0, others, places).value == pytest.approx(38)


def test_below_five_the_last_three_are_compared_with():
    expected = expect(9.0, 4.0, np.array([50.0, 1.0, 2.0, 4.0]), np.arange(4.0))
    assert (expected.value, expected.own, expected.trend) == (2.0, 9.0, False)
    assert expected.others.tolist() == [1.0, 2.0, 4.0]


def test_never_lies_infinitely_far_off():
    assert expect(np.inf, 6.0, np.ones(6), np.arange(6.0)).own == np.inf


@pytest.mark.parametrize("n", [5, 6, 11])
def test_the_rank_of_the_next_is_even_whatever_the_slope(n):
    rng = np.random.default_rng(n)
    places = np.arange(float(n))
    ranks = np.zeros(n + 1)
    for _ in range(1500):
        y = 3 * np.arange(n + 1) + rng.normal(0, 1, n + 1)
        expected = expect(y[-1], float(n), y[:-1], places)
        ranks[int((expected.others < expected.own).sum())] += 1
    assert np.abs(ranks / 1500 - 1 / (n + 1)).max() < 0.06


def test_of_very_many_the_last_are_looked_at():
    others = np.concatenate([np.full(50, 1e6), np.zeros(MOST)])
    expected = expect(1.0, float(len(others)), others, np.arange(float(len(others))))
    assert expected.value == 0
    assert len(expected.others) == MOST
