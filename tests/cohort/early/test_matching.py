import numpy as np
import pytest

from vigil.cohort.early.matching import Controls, matched_auc, thinned

N = 400


@pytest.fixture
def world():
    """Windows whose state and hour say all there is to say."""
    rng = np.random.default_rng(1)
    state = rng.integers(0, 3, N)
    hour = rng.uniform(0, 24, N)
    score = (10 * state + 0.1 * rng.standard_normal(N)).astype(np.float32)
    return state, hour, score


def controls_of(world, barred=None):
    state, hour, _ = world
    ends = np.arange(200)
    barred = np.zeros((1, 200), bool) if barred is None else barred
    return Controls(ends, state[ends], hour[ends], barred)


def brute(at, world, controls, match_h):
    state, hour, score = world
    apart = np.abs(hour[at] - controls.clock_h)
    fits = (np.minimum(apart, 24 - apart) <= match_h) & (controls.state == state[at])
    fits &= ~controls.barred[0]
    return np.mean(score[controls.ends][fits] < score[at])


def test_it_is_the_share_of_matched_times_that_score_lower(world):
    state, hour, score = world
    barred = (np.arange(200) % 7 == 0)[None]
    controls = controls_of(world, barred)
    at = np.arange(200, 260)[None]
    area = matched_auc(score[at], score[None, :200], at, state, hour, controls, 6.0)
    np.testing.assert_allclose(area[0], [brute(k, world, controls, 6.0) for k in at[0]])


def test_what_state_tells_does_not_count(world):
    state, hour, score = world
    rem = np.flatnonzero(state == 2)
    at = rem[rem >= 200][None]
    area = matched_auc(score[at], score[None, :200], at, state, hour, controls_of(world), 12.0)
    assert area.mean() == pytest.approx(0.5, abs=0.1)  # unmatched it would be 0.83


def test_too_few_to_compare_with_or_no_stretch_is_nan(world):
    state, hour, score = world
    at = np.array([[-1, 300]])
    barred = np.ones((1, 200), bool)
    area = matched_auc(score[at], score[None, :200], at, state, hour, controls_of(world), 12.0)
    assert np.isnan(area[0, 0])
    assert np.isfinite(area[0, 1])
    none = matched_auc(
        score[at], score[None, :200], at, state, hour, controls_of(world, barred), 12.0
    )
    assert np.isnan(none).all()


def test_an_unknown_hour_is_compared_with_all_hours(world):
    state, _, score = world
    unknown = np.full(N, np.nan)
    controls = Controls(np.arange(200), state[:200], unknown[:200], np.zeros((1, 200), bool))
    at = np.arange(200, 220)[None]
    area = matched_auc(score[at], score[None, :200], at, state, unknown, controls, 1.0)
    expected = [np.mean(score[:200][state[:200] == state[k]] < score[k]) for k in at[0]]
    np.testing.assert_allclose(area[0], expected)


def test_thinning_keeps_rare_states_and_is_even_over_time():
    # twenty days of stretches: hardly any REM
    state = np.random.default_rng(2).choice(3, 5760, p=[0.55, 0.43, 0.02])
    kept = thinned(state, 600)
    assert (np.diff(kept) > 0).all()
    assert len(kept) == 600
    counts = np.bincount(state[kept])
    assert counts[2] == (state == 2).sum()
    assert abs(counts[0] - counts[1]) <= 1
    awake = kept[state[kept] == 0]
    assert np.diff(awake).max() < 3 * np.median(np.diff(awake))
    np.testing.assert_array_equal(thinned(state[:500], 600), np.arange(500))
    assert not len(thinned(state[:0], 600))
