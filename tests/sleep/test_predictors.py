"""Normalisation that does not depend on the mix of states, and the context of epochs."""

import numpy as np
import pandas as pd
import pytest

from vigil.sleep.predictors import add_context, make_predictors, mixture_normalise


def recording(n_wake, n_nrem, n_rem, seed):
    rng = np.random.default_rng(seed)
    states = np.repeat(["wake", "nrem", "rem"], [n_wake, n_nrem, n_rem])
    means = {"wake": 1.0, "nrem": 4.0, "rem": 0.0}
    x = np.array([means[s] for s in states]) + rng.normal(0, 0.5, len(states))
    return pd.DataFrame({"cx.delta": x}), states


def test_the_share_of_rem_does_not_change_the_values():
    few, states_few = recording(4000, 4000, 100, 0)
    many, states_many = recording(4000, 4000, 3000, 1)
    for state in ("wake", "nrem", "rem"):
        a = mixture_normalise(few, states_few)["cx.delta"][states_few == state].mean()
        b = mixture_normalise(many, states_many)["cx.delta"][states_many == state].mean()
        assert a == pytest.approx(b, abs=0.05)
    # a plain z-score does change: this is what the mixture is for
    plain = [
        ((t - t.mean()) / t.std())["cx.delta"][s == "rem"].mean()
        for t, s in ((few, states_few), (many, states_many))
    ]
    assert abs(plain[0] - plain[1]) > 0.2


def test_a_recording_without_rem_is_normalised_by_the_others():
    table, states = recording(500, 500, 0, 2)
    z = mixture_normalise(table, states)["cx.delta"]
    assert z.mean() == pytest.approx(0, abs=1e-6)
    assert z.std(ddof=0) == pytest.approx(1, abs=1e-6)


def test_missing_values_stay_missing_and_constants_become_missing():
    table = pd.DataFrame({"a": [1.0, np.nan] * 20, "b": 3.0})
    z = mixture_normalise(table, np.full(40, "wake"))
    assert z["a"].isna().sum() >= 20
    assert z["b"].isna().all()


def test_context_is_the_mean_of_the_neighbours():
    wide = add_context(pd.DataFrame({"x": np.arange(20.0)}))
    assert list(wide) == ["x", "x@2", "x@5"]
    assert wide["x@2"][10] == 10
    assert wide["x@2"][0] == 1
    assert wide["x@5"][10] == 10


def test_an_epoch_without_signals_has_no_predictors():
    x = np.random.default_rng(3).normal(size=40)
    features = pd.DataFrame({"start_s": np.arange(40) * 4.0, "duration_s": 4.0, "valid": 1.0})
    features["cx.delta"] = x
    features.loc[7, ["valid", "cx.delta"]] = [0.3, np.nan]
    movement = pd.DataFrame({"movement.speed": np.full(40, 2.0)})
    predictors = make_predictors(features, movement, np.full(40, "wake"))
    assert predictors.loc[7].isna().all()
    assert predictors.drop(index=7).notna().all(axis=None)
    assert predictors["movement.speed"][0] == np.float32(np.log1p(2.0))
