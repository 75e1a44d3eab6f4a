"""The threshold scorer on mixtures whose modes and states are known."""

import numpy as np
import pandas as pd
import pytest

from vigil.sleep.threshold import Split, find_split, schmitt_trigger, score_by_thresholds

RNG = np.random.default_rng(0)


def test_two_modes_are_split_at_the_dip():
    x = np.concatenate([RNG.normal(0, 1, 600), RNG.normal(6, 1, 400)])
    split = find_split(x)
    assert split.low == pytest.approx(0, abs=0.4)
    assert split.high == pytest.approx(6, abs=0.4)
    assert 2 < split.dip < 4
    assert split.depth > 0.8


def test_unequal_modes_are_found_too():
    x = np.concatenate([RNG.normal(0, 1, 900), RNG.normal(6, 1, 100)])
    assert 2 < find_split(x).dip < 4.5


@pytest.mark.parametrize("seed", range(20))
def test_one_mode_is_not_split(seed):
    assert find_split(np.random.default_rng(seed).normal(0, 1, 3000)) is None


def test_constant_few_or_missing_values_are_not_split():
    assert find_split(np.ones(100)) is None
    assert find_split(np.array([0.0, 1.0] * 5)) is None
    assert find_split(np.full(100, np.nan)) is None


def test_the_schmitt_trigger_ignores_flicker_at_the_dip():
    split = Split(0.0, 5.0, 10.0, 1.0)
    values = np.array([0, 4.9, 5.1, 7.6, 5.1, 4.9, 2.4, 5.1])
    assert schmitt_trigger(values, split).tolist() == [
        False, False, False, True, True, True, False, False,
    ]  # fmt: skip


def night(states, seed=1):
    """Features of epochs whose states are given, as a mouse would show them."""
    rng = np.random.default_rng(seed)
    means = {"wake": (1.0, 0.0, 1.5), "nrem": (2.5, -0.8, 0.3), "rem": (1.0, 1.0, 0.0)}
    values = np.array([means[s] for s in states]) + rng.normal(0, 0.12, (len(states), 3))
    return pd.DataFrame(
        {
            "cx.log_power_delta": values[:, 0],
            "hc.theta_delta": values[:, 1],
            "emg.log_rms": values[:, 2],
        }
    )


CYCLE = ["wake"] * 20 + ["nrem"] * 30 + ["rem"] * 12 + ["wake"] * 3 + ["nrem"] * 25 + ["rem"] * 10


def test_the_three_states_are_told_apart():
    states = np.array(CYCLE * 4)
    scored = score_by_thresholds(night(states), None, 3.0)
    assert (scored == states).mean() > 0.95


def test_an_hour_without_rem():
    states = np.array((["wake"] * 30 + ["nrem"] * 40) * 8)
    scored = score_by_thresholds(night(states), None, 3.0)
    assert (scored == states).mean() > 0.95
    assert (scored == "rem").mean() < 0.02


def test_movement_seen_by_the_camera_is_wakefulness():
    states = np.array(CYCLE * 4)
    features = night(states).drop(columns="emg.log_rms")
    movement = pd.DataFrame({"movement.speed": np.where(states == "wake", 8.0, 0.1)})
    scored = score_by_thresholds(features, movement, 3.0)
    assert (scored == states).mean() > 0.95


def test_epochs_without_signal_are_unclassified():
    features = night(np.array(CYCLE * 4))
    features.loc[10:14] = np.nan
    scored = score_by_thresholds(features, None, 3.0)
    assert set(scored[10:15]) == {"unclassified"}
    assert (scored == "unclassified").sum() == 5


def test_without_slow_waves_to_go_by_only_movement_is_scored():
    features = pd.DataFrame({"cx.log_power_delta": np.random.default_rng(3).normal(size=500)})
    assert set(score_by_thresholds(features, None, 3.0)) == {"unclassified"}
    movement = pd.DataFrame({"movement.speed": np.where(np.arange(500) == 7, 9.0, 0.1)})
    scored = score_by_thresholds(features, movement, 3.0)
    assert np.flatnonzero(scored == "wake").tolist() == [7]
    assert (scored == "unclassified").sum() == 499
