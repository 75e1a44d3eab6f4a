import itertools
import math

import numpy as np
import pytest
from scipy import stats

from vigil.cohort import exact


def test_interval_of_a_share_is_that_of_clopper_and_pearson():
    # by the beta distribution, as they have it
    low, high = exact.share_interval(3, 10)
    assert low == pytest.approx(stats.beta.ppf(0.025, 3, 8))
    assert high == pytest.approx(stats.beta.ppf(0.975, 4, 7))
    assert exact.share_interval(0, 5)[0] == 0
    assert np.isnan(exact.share_interval(0, 0)).all()


def test_interval_of_a_rate_ends_where_its_tails_do():
    low, high = exact.rate_interval(7, 2.0)
    assert stats.poisson.sf(6, 2 * low) == pytest.approx(0.025)
    assert stats.poisson.cdf(7, 2 * high) == pytest.approx(0.025)
    assert exact.rate_interval(0, 1.0) == (0.0, pytest.approx(-math.log(0.025)))
    assert np.isnan(exact.rate_interval(3, 0.0)).all()


@pytest.mark.parametrize(("n", "place"), [(6, 1), (8, 1), (9, 2), (12, 3), (25, 8)])
def test_interval_of_a_median_has_the_places_of_the_table(n, place):
    assert exact.median_interval(np.arange(1.0, n + 1)) == (place, n + 1 - place)
    assert 2 * stats.binom.cdf(place - 1, n, 0.5) <= 0.05 < 2 * stats.binom.cdf(place, n, 0.5)


def test_five_values_have_no_interval_of_their_median():
    assert np.isnan(exact.median_interval([1, 2, 3, 4, 5])).all()
    assert np.isnan(exact.median_interval([])).all()


def test_median_may_be_never():
    assert exact.median([1, np.inf, np.inf]) == np.inf
    assert exact.median([1, 2, np.inf]) == 2
    assert exact.median([np.inf, np.inf]) == np.inf
    assert np.isnan(exact.median([]))


@pytest.mark.parametrize(("n", "m"), [(4, 4), (5, 7), (3, 9)])
def test_shift_has_the_interval_that_the_test_of_mann_and_whitney_leaves(n, m):
    rng = np.random.default_rng(n)
    x, y = rng.normal(1, 1, n), rng.normal(0, 1, m)
    middle, low, high = exact.shift_between(x, y)
    assert middle == pytest.approx(np.median(x[:, None] - y))

    def p(shift):
        return stats.mannwhitneyu(x - shift, y, method="exact").pvalue

    assert p(low - 1e-9) <= 0.05 < p(low + 1e-9)
    assert p(high + 1e-9) <= 0.05 < p(high - 1e-9)


def test_three_against_three_have_no_interval_of_their_shift():
    assert exact.shift_between([1, 2, 3], [4, 5, 6])[0] == -3
    assert np.isnan(exact.shift_between([1, 2, 3], [4, 5, 6])[1:]).all()


def test_never_against_never_is_no_shift():
    assert exact.shift_between([np.inf, np.inf], [np.inf, np.inf])[0] == 0
    assert exact.shift_between([np.inf, np.inf], [1.0, 2.0])[0] == np.inf


def test_permutation_of_two_groups_is_exact_without_ties():
    x, y = [5.1, 6.2, 7.3, 9.9], [1.0, 2.0, 3.0, 6.0, 4.0]
    assert exact.between_p(x, y, 1) == pytest.approx(
        stats.mannwhitneyu(x, y, method="exact").pvalue
    )


def test_permutation_counts_all_divisions_with_ties_and_never():
    x, y = [np.inf, np.inf, 3.0], [3.0, 1.0, 1.0, 2.0]
    ranks = stats.rankdata([*x, *y])
    sums = np.array([ranks[list(c)].mean() for c in itertools.combinations(range(7), 3)])
    own = ranks[:3].mean()
    p = min(1, 2 * min((sums >= own - 1e-9).mean(), (sums <= own + 1e-9).mean()))
    assert exact.between_p(x, y, 1) == pytest.approx(p)


def test_one_against_many_is_one_place_among_all():
    assert exact.between_p([10.0], [1.0, 2.0, 3.0], 1) == pytest.approx(0.5)
    assert exact.between_p([1.0, 2.0, 3.0], [10.0], 1) == pytest.approx(0.5)
    assert exact.between_p([2.5], [1.0, 2.0, 3.0, 4.0], 1) == 1
    assert np.isnan(exact.between_p([], [1.0], 1))


def test_one_of_each_animal_against_all_choices():
    chosen, others = [9.0, 4.0, 7.0], [np.array([1.0, 2.0]), np.array([3.0]), np.array([7.0, 8.0])]
    wholes = [np.array([c, *o]) for c, o in zip(chosen, others, strict=True)]
    scores = [
        [round(1000 * exact.share_below(x, np.delete(w, i))) for i, x in enumerate(w)]
        for w in wholes
    ]
    sums = np.array([sum(pick) for pick in itertools.product(*scores)])
    own = sum(s[0] for s in scores)
    p = min(1, 2 * min((sums >= own).mean(), (sums <= own).mean()))
    assert exact.one_of_each_p(chosen, others) == pytest.approx(p)


def test_four_animals_whose_last_of_ten_stands_out():
    p = exact.one_of_each_p([99.0] * 4, [np.arange(9.0)] * 4)
    assert p == pytest.approx(2 * 10.0**-4)
    assert np.isnan(exact.one_of_each_p([], []))


def test_one_of_each_is_uniform_where_nothing_stands_out():
    rng = np.random.default_rng(1)
    p = []
    for _ in range(300):
        animals = [rng.normal(rng.normal(0, 3), 1, rng.integers(3, 9)) for _ in range(6)]
        p.append(exact.one_of_each_p([a[0] for a in animals], [a[1:] for a in animals]))
    assert 0.02 <= np.mean(np.array(p) < 0.05) <= 0.085
    assert 0.43 <= np.mean(np.array(p) < 0.5) <= 0.57
