from dataclasses import replace

import numpy as np
import pytest

from vigil.cohort.early.clock import Animal
from vigil.cohort.early.features import against_past, between_seizures, chosen, stretches
from vigil.cohort.early.settings import EarlySettings


def animal(values, state=None, valid=None, onsets=(), time_s=None):
    n = len(values)
    onsets = np.asarray(onsets, dtype=float)
    time_s = 60.0 * np.arange(1, n + 1) if time_s is None else time_s
    return Animal(
        "a", 60.0, tuple(f"CA1.f{k}" for k in range(values.shape[1])), time_s,
        time_s / 3600 % 24, np.zeros(n, np.int64),
        np.ones(n, np.int64) if state is None else state,
        np.ones(n, bool) if valid is None else valid,
        values.astype(np.float32), onsets, onsets + 30, ("r",) * len(onsets),
        tuple(range(1, len(onsets) + 1)),
    )  # fmt: skip


def test_only_features_that_are_asked_for():
    names = ["CA1.log_power_theta", "CA1.kurtosis", "movement.speed", "CA1~EC.coherence_theta"]
    settings = EarlySettings()
    assert chosen(names, settings.features) == [names[0], names[2], names[3]]


def test_a_window_is_told_against_the_same_state_before():
    rng = np.random.default_rng(3)
    state = (np.arange(2000) // 10 % 2).astype(np.int64)
    values = rng.standard_normal((2000, 2)) * [1, 4] + 10 * state[:, None]
    z = against_past(animal(values, state), np.ones(2000, bool), EarlySettings())
    assert np.isnan(z[:119]).all()
    late = z[600:]
    assert np.median(late, axis=0) == pytest.approx(0, abs=0.15)
    assert late.std(axis=0) == pytest.approx(1, abs=0.15)
    assert np.abs(late[state[600:] == 0].mean(axis=0)).max() < 0.15


def test_nothing_that_comes_later_plays_a_part():
    rng = np.random.default_rng(4)
    values = rng.standard_normal((1500, 3))
    whole = stretches(animal(values), [f"CA1.f{k}" for k in range(3)], EarlySettings())
    cut = stretches(animal(values[:900]), [f"CA1.f{k}" for k in range(3)], EarlySettings())
    np.testing.assert_array_equal(whole.x[:900], cut.x)
    np.testing.assert_array_equal(whole.usable[:900], cut.usable)


def test_drift_over_days_does_not_count():
    rng = np.random.default_rng(5)
    drift = np.linspace(0, 20, 8000)[:, None]
    z = against_past(animal(rng.standard_normal((8000, 1)) + drift), np.ones(8000, bool),
                     EarlySettings(baseline_h=4))  # fmt: skip
    assert abs(z[-500:].mean() - z[2000:2500].mean()) < 0.2


def test_level_is_the_mean_of_the_stretch_and_change_against_the_hour_before():
    settings = EarlySettings(least_baseline_h=2)
    values = 0.1 * np.random.default_rng(8).standard_normal((600, 1))
    values[500:] += 0.1
    seen = stretches(animal(values), ["CA1.f0"], settings)
    # at the end of window 509 the stretch has been higher for ten minutes, its past has not
    assert seen.x[509, 0] == pytest.approx(1.0, abs=0.7)
    z = against_past(animal(values), np.ones(600, bool), settings)[:, 0]
    assert seen.x[509, 0] == pytest.approx(z[505:510].mean(), abs=1e-5)
    assert seen.x[509, 1] == pytest.approx(z[505:510].mean() - z[445:505].mean(), abs=1e-5)


def test_seizures_and_the_time_after_them_are_not_used():
    values = np.random.default_rng(6).standard_normal((1000, 1))
    made = animal(values, onsets=[30030.0])
    between = between_seizures(made, postictal_min=60)
    start = made.time_s - 60
    np.testing.assert_array_equal(~between, (made.time_s > 30030) & (start < 30060 + 3600))
    assert not stretches(made, ["CA1.f0"], EarlySettings()).usable[~between].any()


def test_a_feature_that_the_animal_lacks_is_usual_and_a_hole_is_not_used():
    values = np.random.default_rng(7).standard_normal((1000, 1))
    valid = np.ones(1000, bool)
    valid[700:720] = False
    made = animal(values, valid=valid)
    seen = stretches(made, ["DG.f", "CA1.f0"], EarlySettings())
    assert not seen.x[:, [0, 2]].any()
    assert seen.x[400, 1] != 0
    assert not seen.usable[700:720].any()
    assert seen.usable[725]
    gap = replace(made, time_s=np.r_[made.time_s[:500], made.time_s[500:] + 7200])
    assert not stretches(gap, ["CA1.f0"], EarlySettings()).usable[500]


def test_a_count_that_is_mostly_none_is_told_apart_from_none():
    values = (np.random.default_rng(9).random((1000, 1)) < 0.1).astype(float)
    z = against_past(animal(values), np.ones(1000, bool), EarlySettings())[200:]
    assert (z[values[200:] == 0] == 0).all()
    assert (z[values[200:] == 1] > 2).all()
