"""The context of epochs, and which epochs have predictors."""

import numpy as np
import pandas as pd

from vigil.sleep.predictors import add_context, make_predictors, unwind_lags


def test_context_is_the_mean_of_the_neighbours():
    wide = add_context(pd.DataFrame({"x": np.arange(20.0)}))
    assert list(wide) == ["x", "x@2", "x@5"]
    assert wide["x@2"][10] == 10
    assert wide["x@2"][0] == 1
    assert wide["x@5"][10] == 10


def test_an_epoch_without_signals_has_no_predictors():
    x = np.random.default_rng(3).normal(size=40)
    features = pd.DataFrame(
        {"start_s": np.arange(40) * 4.0, "duration_s": 4.0, "valid": 1.0, "reason": ""}
    )
    features["cx.delta"] = x
    features.loc[7, ["valid", "cx.delta"]] = [0.3, np.nan]
    movement = pd.DataFrame({"movement.speed": np.full(40, 2.0)})
    predictors = make_predictors(features, movement, np.full(40, "wake"))
    assert predictors.loc[7].isna().all()
    assert predictors.drop(index=7).notna().all(axis=None)
    assert predictors["movement.speed"][0] == np.float32(np.log1p(2.0))


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
