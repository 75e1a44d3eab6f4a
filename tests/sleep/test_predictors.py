"""The context of epochs, and which epochs have predictors."""

import numpy as np
import pandas as pd

from vigil.sleep.predictors import add_context, make_predictors, normalise_features, unwind_lags


def test_context_is_the_mean_of_the_neighbours_on_one_side():
    x = np.arange(20.0)
    x[8] = np.nan
    wide = add_context(pd.DataFrame({"x": x}))
    assert list(wide) == ["x", "x@-2", "x@+2", "x@-5", "x@+5"]
    assert wide["x@+2"][10] == np.mean([11, 12])
    assert wide["x@-2"][10] == 9  # of the two before one is missing
    assert wide["x@-5"][10] == np.mean([5, 6, 7, 9])
    assert wide["x@-2"][1] == 0
    assert np.isnan(wide["x@-2"][0])
    assert np.isnan(wide["x@+5"][19])


def test_context_equals_means_of_slices():
    table = pd.DataFrame(np.random.default_rng(0).normal(size=(50, 3)), columns=list("abc"))
    wide = add_context(table)
    for i in (5, 17, 44):
        for c in "abc":
            assert np.isclose(wide[f"{c}@-5"][i], table[c][i - 5 : i].mean(), atol=1e-6)
            assert np.isclose(wide[f"{c}@+5"][i], table[c][i + 1 : i + 6].mean(), atol=1e-6)


def some_features():
    features = pd.DataFrame(
        {"start_s": np.arange(40) * 4.0, "duration_s": 4.0, "valid": 1.0, "reason": ""}
    )
    features["cx.delta"] = np.random.default_rng(3).normal(size=40)
    return features


def test_an_epoch_without_signals_has_no_predictors():
    features = some_features()
    features.loc[7, ["valid", "cx.delta"]] = [0.3, np.nan]
    movement = pd.DataFrame({"movement.speed": np.full(40, 2.0)})
    predictors = make_predictors(normalise_features(features, movement, np.full(40, "wake")))
    assert predictors.loc[7].isna().all()
    assert predictors.iloc[1:-1].drop(index=7).notna().all(axis=None)
    assert predictors["movement.speed"][0] == np.float32(np.log1p(2.0))


def test_a_model_gets_its_columns_in_its_order():
    normal = normalise_features(some_features(), None, np.full(40, "wake"))
    table = make_predictors(normal, ["hc.theta", "cx.delta"])
    assert list(table)[:2] == ["hc.theta", "cx.delta"]
    assert table.filter(like="hc.").isna().all(axis=None)
    assert table["cx.delta"].notna().all()


def test_lags_of_half_a_cycle_to_either_side_are_the_same():
    lag = np.array([np.pi, -np.pi, np.pi / 2])
    found = unwind_lags(pd.DataFrame({"a~b.phase_lag_theta": lag, "a~b.coherence_theta": 0.5}))
    assert list(found) == [
        "a~b.coherence_theta",
        "a~b.cos_phase_lag_theta",
        "a~b.sin_phase_lag_theta",
    ]
    assert np.allclose(found["a~b.cos_phase_lag_theta"], [-1, -1, 0])
    assert np.allclose(found["a~b.sin_phase_lag_theta"], [0, 0, 1])
