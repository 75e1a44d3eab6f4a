import numpy as np
import pytest

from vigil.cohort.early.case import case
from vigil.cohort.early.clock import join
from vigil.cohort.early.features import chosen
from vigil.cohort.early.surrogates import p_of_family


@pytest.fixture
def ready(made, quick):
    animal = join(made.animal(100, days=3, seizures=8))
    rng = np.random.default_rng(1)
    return case(animal, chosen(animal.features, quick.features), quick, rng)


def test_surrogates_match_rate_hour_state_and_days(ready, quick):
    a = ready.animal
    assert ready.onsets_s.shape == (quick.n_surrogates + 1, ready.n)
    part = np.floor(ready.onsets_s / (3600 * quick.surrogate_h))
    assert (part == part[0]).all()
    at = np.searchsorted(a.time_s, ready.onsets_s + 1e-3, side="right") - 1
    for windows, real in zip(ready.possible, a.onsets_s[ready.lead], strict=True):
        now = np.searchsorted(a.time_s, real, side="right") - 1
        assert now in windows  # the truth is one of the possible times
        assert len(set(a.state[windows])) == 1
    state = a.state[at]
    assert (np.sort(state, axis=1) == np.sort(state[0])).all()


def test_surrogates_lie_where_a_lead_seizure_could_be(ready, quick):
    a = ready.animal
    others = [a.onsets_s[a.onsets_s != t] for t in a.onsets_s[ready.lead]]
    for windows, rest, own in zip(ready.possible, others, a.onsets_s[ready.lead], strict=True):
        times = a.time_s[windows]
        # not after another lead seizure nor after a cluster
        rest = rest[(rest < own) | (rest > own + 60 * quick.lead_seizure_min)]
        before = times[:, None] - rest
        assert ((before < 0) | (before > 60 * quick.lead_seizure_min)).all()
    apart = np.diff(ready.onsets_s[1:], axis=1).min(axis=1)
    assert (apart >= 60 * quick.lead_seizure_min).mean() > 0.9


def test_without_anything_the_family_is_called_as_often_as_agreed():
    rng = np.random.default_rng(2)
    called = 0
    for _ in range(400):
        # tests that hang together, as lead times do
        values = rng.standard_normal((100, 1)) + 0.5 * rng.standard_normal((100, 10))
        called += (p_of_family(values) <= 0.05).any()
    assert 6 <= called <= 34  # 20 expected


def test_what_is_there_is_found_beside_what_is_not():
    rng = np.random.default_rng(3)
    values = rng.standard_normal((200, 8)) * [1, 10, 0.1, 1, 1, 1, 1, 1] + np.arange(8)
    values[0, :3] += [8, 80, 0.8]
    p = p_of_family(values)
    assert (p[:3] == 1 / 200).all()
    assert (p[3:] > 0.05).all()
    values[0, 3] -= 8
    assert p_of_family(values)[3] > 0.9
    assert p_of_family(values, two_sided=True)[3] == 1 / 200


def test_a_test_that_is_missing_or_never_varies_says_nothing():
    values = np.random.default_rng(4).standard_normal((100, 3))
    values[:, 1] = np.nan
    values[:, 2] = 7
    p = p_of_family(values)
    assert np.isfinite(p[0])
    assert np.isnan(p[1:]).all()
    assert not len(p_of_family(np.empty((100, 0))))
