import numpy as np
import pytest
from scipy import stats

from vigil.cohort.coupling.circular import hour_of, mean_vector, rayleigh_p


def test_mean_hour_is_that_of_scipy():
    hours = np.array([22.0, 23.5, 1.0, 3.25])
    vector = mean_vector(hours)
    assert float(hour_of(vector)) == pytest.approx(stats.circmean(hours, high=24))
    assert 1 - abs(vector) == pytest.approx(stats.circvar(hours, high=24))


def test_hours_on_both_sides_of_midnight_do_not_meet_at_noon():
    assert float(hour_of(mean_vector([23.0, 1.0]))) % 24 == pytest.approx(0, abs=1e-9)
    assert abs(mean_vector([0.0, 12.0])) == pytest.approx(0, abs=1e-12)
    assert abs(mean_vector([5.0, 5.0])) == pytest.approx(1)


def test_weights_repeat_events():
    twice = mean_vector([2.0, 2.0, 9.0])
    assert mean_vector([2.0, 9.0], [2.0, 1.0]) == pytest.approx(twice)


def test_rows_are_averaged_each_for_itself():
    rows = mean_vector([[1.0, 2.0], [13.0, 14.0]])
    assert hour_of(rows) == pytest.approx([1.5, 13.5])


@pytest.mark.parametrize(("n", "critical"), [(6, 0.690), (10, 0.540), (20, 0.385), (50, 0.244)])
def test_rayleigh_has_the_critical_values_of_simulation(n, critical):
    """5 % points of the mean resultant length; simulated here, and as tables give them."""
    drawn = np.abs(mean_vector(np.random.default_rng(n).uniform(0, 24, (40_000, n))))
    assert np.quantile(drawn, 0.95) == pytest.approx(critical, abs=0.006)
    assert rayleigh_p(critical, n) == pytest.approx(0.05, abs=0.0025)


def test_rayleigh_of_all_and_of_nothing():
    assert rayleigh_p(0.0, 20) == 1
    assert rayleigh_p(1.0, 20) < 1e-8
    assert np.isnan(rayleigh_p(0.5, 0))
