import numpy as np
import pandas as pd
import pytest
import xgboost as xgb

from vigil.sleep import explain
from vigil.sleep.explain import (
    by_feature,
    by_region,
    contributions,
    importance,
    parse_predictor,
    sample_epochs,
)

N = 1500


@pytest.fixture(scope="module")
def data():
    """Delta makes NREM, theta REM; the rest says little, and much of it is missing."""
    rng = np.random.default_rng(3)
    state = rng.choice(3, N, p=[0.6, 0.37, 0.03])
    table = pd.DataFrame(
        {
            "CA1.log_power_delta": 3.0 * (state == 1) + rng.normal(size=N),
            "CA1.theta_delta": 3.0 * (state == 2) + rng.normal(size=N),
            "CA1.theta_delta@-2": 1.5 * (state == 2) + rng.normal(size=N),
            "emg.log_rms": rng.normal(size=N),
            "mPFC.entropy@+5": np.full(N, 0.5),
            "movement.speed": np.full(N, np.nan),
        },
        dtype=np.float32,
    )
    table.loc[rng.random(N) < 0.3, "CA1.theta_delta"] = np.nan
    table.iloc[:7] = np.nan
    return table, state


@pytest.fixture(scope="module")
def booster(data):
    table, state = data
    matrix = xgb.DMatrix(table.to_numpy(), state, feature_names=list(table))
    options = {"objective": "multi:softprob", "num_class": 3, "max_depth": 3, "nthread": 1}
    return xgb.train(options, matrix, 20)


def test_names_of_predictors_in_their_parts():
    assert parse_predictor("CA1.theta_delta@-2") == ("CA1", "theta_delta", -2)
    assert parse_predictor("CA1~mPFC.coherence_theta@+5") == ("CA1~mPFC", "coherence_theta", 5)
    assert parse_predictor("emg.log_rms") == ("emg", "log_rms", 0)
    # a recording without an EMG has this one: it is made of the brain's channels
    assert parse_predictor("emg.from_lfp@-2") == ("between regions", "emg_from_lfp", -2)


def test_contributions_and_bias_add_up_to_the_margin(booster, data):
    table, _ = data
    margin = booster.predict(
        xgb.DMatrix(table.to_numpy(), feature_names=list(table)), output_margin=True
    )
    found = contributions(booster, table)
    assert found.shape == (N, 3, 7)
    assert found.sum(axis=2) == pytest.approx(margin, abs=1e-4)


def test_contributions_do_not_hang_on_the_pieces_they_are_made_in(booster, data, monkeypatch):
    whole = contributions(booster, data[0])
    monkeypatch.setattr(explain, "CHUNK_EPOCHS", 64)
    assert np.array_equal(contributions(booster, data[0]), whole)


def test_columns_are_found_by_their_names(booster, data):
    table = data[0].iloc[:50]
    other = table[list(table)[::-1]].assign(**{"S1.entropy": 1.0})
    assert np.array_equal(contributions(booster, other), contributions(booster, table))
    without = table.drop(columns="CA1.log_power_delta")
    blank = table.assign(**{"CA1.log_power_delta": np.nan})
    assert np.array_equal(contributions(booster, without), contributions(booster, blank))


def test_what_makes_a_state_stands_first_and_has_its_direction(booster, data):
    found = importance(booster, data[0]).set_index(["state", "predictor"])
    assert found.loc["nrem"].index[0] == "CA1.log_power_delta"
    assert found.loc["rem"].index[0] == "CA1.theta_delta"
    assert found.loc[("nrem", "CA1.log_power_delta"), "direction"] == 1
    assert found.loc[("wake", "CA1.log_power_delta"), "direction"] == -1
    assert found.loc[("rem", "CA1.theta_delta"), "direction"] == 1
    for useless in ("mPFC.entropy@+5", "movement.speed"):
        rows = found.xs(useless, level="predictor")
        assert (rows["mean_abs_shap"] == 0).all()
        assert rows["direction"].isna().all()
    assert found.loc[("rem", "CA1.theta_delta@-2"), ["region", "feature", "context"]].tolist() == [
        "CA1", "theta_delta", -2,
    ]  # fmt: skip


def test_the_size_is_that_of_the_contributions(booster, data):
    table = data[0].dropna(how="all")
    found = importance(booster, table, max_epochs=30 * N)  # all epochs
    shap = np.abs(contributions(booster, table)).mean(axis=0)
    for i, state in enumerate(("wake", "nrem", "rem")):
        mine = found[found["state"] == state].set_index("predictor")["mean_abs_shap"]
        assert mine[list(table)].to_numpy() == pytest.approx(shap[i, :-1], rel=1e-5)


def test_a_relation_that_turns_round_has_no_direction():
    x = np.linspace(-1, 1, 900, dtype=np.float32)
    table = pd.DataFrame({"CA1.exponent": x})
    matrix = xgb.DMatrix(x[:, None], (np.abs(x) > 0.5).astype(int), feature_names=list(table))
    options = {"objective": "multi:softprob", "num_class": 3, "max_depth": 3, "nthread": 1}
    found = importance(xgb.train(options, matrix, 5), table).set_index("state")
    assert found.loc[["wake", "nrem"], "direction"].tolist() == [0, 0]


def test_rare_states_have_their_part_of_the_sample(booster, data):
    table, _ = data
    sample = sample_epochs(booster, table, 300)
    p = booster.predict(xgb.DMatrix(sample.to_numpy(), feature_names=list(sample)))
    counts = np.bincount(p.argmax(axis=1), minlength=3)
    assert counts[:2].tolist() == [100, 100]
    assert 20 <= counts[2] <= 100
    assert sample.index.is_monotonic_increasing
    assert sample.index[0] >= 7  # nothing is known of the first seven
    assert sample.equals(sample_epochs(booster, table, 300))


def test_without_any_epoch_there_is_nothing_to_explain(booster, data):
    assert not len(importance(booster, data[0].iloc[:7]))


def test_sums_by_feature_and_region():
    rows = [
        ("wake", "CA1.delta", "delta", "CA1", 0, 1.0, -1.0),
        ("wake", "CA1.delta@-2", "delta", "CA1", -2, 2.0, 0.0),
        ("wake", "CA1.delta@+2", "delta", "CA1", 2, 1.0, -1.0),
        ("wake", "emg.log_rms", "log_rms", "emg", 0, 12.0, 1.0),
        ("rem", "CA1.delta", "delta", "CA1", 0, 0.0, np.nan),
    ]
    table = pd.DataFrame(rows, columns=list(explain.COLUMNS))
    features = by_feature(table)
    assert features["feature"].tolist() == ["log_rms", "delta", "delta"]
    assert features.loc[1, ["own", "context", "total"]].tolist() == [1, 3, 4]
    assert features["direction"].tolist() == [1, 0, 0]  # half of it does not make it clear
    regions = by_region(table).set_index(["state", "region"])
    assert regions.loc[("wake", "CA1"), "mean_abs_shap"] == 4
    assert regions.loc["wake", "share"].to_dict() == {"CA1": 0.25, "emg": 0.75}
    assert np.isnan(regions.loc[("rem", "CA1"), "share"])
