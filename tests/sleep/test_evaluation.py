import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, brier_score_loss, cohen_kappa_score

from vigil.sleep.evaluation import (
    bout_errors,
    calibration_errors,
    coverage_curve,
    delivered,
    fraction_bias,
    reliability,
    state_scores,
)

STATES = ("wake", "nrem", "rem")


def table(label, p, state=None, recording="a_1", animal="a", raw=None):
    """A table of held-out epochs; `p` has a row per epoch."""
    p = np.asarray(p, float)
    raw = p if raw is None else np.asarray(raw, float)
    if state is None:
        state = np.array(STATES)[np.nan_to_num(p).argmax(axis=1)]
    columns = {"recording": recording, "animal": animal, "fold": animal}
    columns |= {"start_s": 4.0 * np.arange(len(label)), "label": label, "state": state}
    for i, s in enumerate(STATES):
        columns |= {f"p_{s}": p[:, i], f"raw_{s}": raw[:, i]}
    return pd.DataFrame(columns)


def certain(states):
    return np.array([[float(s == t) for t in STATES] for s in states])


@pytest.fixture
def noisy():
    """Three thousand epochs whose probabilities are neither right nor calibrated."""
    rng = np.random.default_rng(7)
    y = rng.choice(3, 3000, p=[0.6, 0.35, 0.05])
    margin = rng.normal(size=(3000, 3)) + 1.5 * np.eye(3)[y]
    p = np.exp(2 * margin)
    return table(np.array(STATES)[y], p / p.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("least", [0.0, 0.5, 0.8, 0.95])
def test_coverage_is_what_scikit_learn_finds_in_the_epochs_that_are_left(noisy, least):
    curve = coverage_curve(noisy).set_index("min_confidence").loc[least]
    p = noisy[[f"p_{s}" for s in STATES]].to_numpy()
    kept = p.max(axis=1) >= least
    label, score = noisy["label"][kept], np.array(STATES)[p.argmax(axis=1)][kept]
    assert curve["coverage"] == pytest.approx(kept.mean())
    assert curve["accuracy"] == pytest.approx(accuracy_score(label, score))
    assert curve["kappa"] == pytest.approx(cohen_kappa_score(label, score))
    rem = noisy["label"] == "rem"
    assert curve["kept_rem"] == pytest.approx(kept[rem].mean())


def test_asking_for_more_confidence_never_classifies_more(noisy):
    curve = coverage_curve(noisy)
    assert (np.diff(curve["coverage"]) <= 0).all()
    assert curve["accuracy"].dropna().iloc[-1] > curve["accuracy"].iloc[0]


def test_epochs_without_probabilities_are_never_classified_and_without_labels_not_counted():
    p = [[0.9, 0.1, 0], [np.nan] * 3, [0.2, 0.8, 0], [0.6, 0.4, 0]]
    curve = coverage_curve(table(["wake", "wake", "nrem", ""], p)).set_index("min_confidence")
    assert curve.loc[0.0, "coverage"] == pytest.approx(2 / 3)
    assert curve.loc[0.0, "kept_wake"] == 0.5
    assert curve.loc[0.0, ["accuracy", "kappa"]].tolist() == [1, 1]
    assert np.isnan(curve.loc[0.85, "kappa"])  # one state is left
    assert curve.loc[0.85, "accuracy"] == 1
    assert np.isnan(curve.loc[0.95, "accuracy"])
    assert curve["kept_rem"].isna().all()


def test_a_table_without_labels_has_no_scores():
    empty = table(["", ""], [[1, 0, 0], [0, 1, 0]])
    assert coverage_curve(empty)[["coverage", "accuracy", "kappa"]].isna().all(axis=None)
    assert state_scores(empty)[["precision", "recall", "f1"]].isna().all(axis=None)
    assert not len(reliability(empty))
    assert not len(bout_errors(empty))
    assert np.isnan(calibration_errors(empty)["after"]["brier"])
    assert np.isnan(delivered(empty)["coverage"])


def test_reliability_counts_by_hand():
    p = [[0.75, 0.25, 0]] * 8 + [[0.25, 0.75, 0]] * 2
    raw = [[1.0, 0.0, 0]] * 8 + [[0.0, 1.0, 0]] * 2
    label = ["wake"] * 6 + ["nrem"] * 2 + ["nrem", "wake"]
    found = reliability(table(label, p, raw=raw))
    wake = found[(found["state"] == "wake") & (found["calibration"] == "after")]
    assert wake[["low", "high"]].to_numpy() == pytest.approx(np.array([[0.2, 0.3], [0.7, 0.8]]))
    assert wake["epochs"].tolist() == [2, 8]
    assert wake["mean_probability"].tolist() == [0.25, 0.75]
    assert wake["observed_share"].tolist() == [0.5, 0.75]
    before = found[(found["state"] == "nrem") & (found["calibration"] == "before")]
    assert before["high"].tolist() == [0.1, 1.0]  # a probability of one is in the last bin
    assert before["observed_share"].tolist() == [0.25, 0.5]
    assert set(found["state"]) == {"wake", "nrem"}  # REM was never labelled


def test_calibration_errors_in_closed_form():
    label = ["wake"] * 6 + ["nrem"] * 4
    errors = calibration_errors(
        table(label, [[0.6, 0.4, 0]] * 10, raw=[[0.8, 0.2, 0]] * 10)
    )  # six of ten are right
    assert errors["before"]["expected_calibration_error"] == pytest.approx(0.2)
    assert errors["before"]["nrem_error"] == pytest.approx(0.2)
    assert errors["before"]["brier"] == pytest.approx(0.6 * 2 * 0.2**2 + 0.4 * 2 * 0.8**2)
    assert errors["after"]["expected_calibration_error"] == pytest.approx(0, abs=1e-12)
    assert errors["after"]["brier"] == pytest.approx(0.6 * 2 * 0.4**2 + 0.4 * 2 * 0.6**2)
    assert np.isnan(errors["after"]["rem_error"])


def test_the_brier_score_is_that_of_scikit_learn(noisy):
    p = noisy[[f"p_{s}" for s in ("nrem", "rem", "wake")]]  # in the order of the alphabet
    expected = brier_score_loss(noisy["label"], p, labels=sorted(STATES), scale_by_half=False)
    assert calibration_errors(noisy)["after"]["brier"] == pytest.approx(expected)


def test_scores_of_states_count_unclassified_epochs_as_missed():
    label = ["wake"] * 4 + ["nrem"] * 4 + ["unclassified"]
    state = ["wake", "wake", "wake", "nrem", "nrem", "nrem", "nrem", "unclassified", "rem"]
    scores = state_scores(table(label, certain(label), state)).set_index("state")
    assert scores["epochs"].tolist() == [4, 4, 0]
    assert scores["precision"].tolist()[:2] == [1, 0.75]
    assert scores["recall"].tolist()[:2] == [0.75, 0.75]
    assert scores.loc["nrem", "f1"] == 0.75
    assert scores.loc["rem", ["precision", "recall", "f1"]].isna().all()
    told = delivered(table(label, certain(label), state))
    assert told == {"coverage": 7 / 8, "accuracy": 6 / 7}


def test_bias_of_shares_by_recording():
    label = ["wake"] * 5 + ["nrem"] * 3 + ["rem"] * 2 + [""] * 10
    state = ["wake"] * 5 + ["nrem"] * 3 + ["unclassified"] * 2 + ["rem"] * 10
    whole = pd.concat(
        [
            table(label, certain(label), label, "b_1", "b"),
            table(label, certain(label), state, "a_1", "a"),
        ]
    )
    bias = fraction_bias(whole)
    assert bias["recording"].tolist() == ["a_1"] * 3 + ["b_1"] * 3
    assert bias["labelled_share"].tolist() == [0.5, 0.3, 0.2] * 2
    assert bias["scored_share"].tolist()[:3] == [0.625, 0.375, 0]
    assert bias["bias"].tolist() == pytest.approx([0.125, 0.075, -0.2, 0, 0, 0])


def test_bouts_of_expert_and_scorer():
    label = ["wake"] * 4 + ["nrem"] * 4 + ["", ""] + ["nrem"] * 2 + ["wake"] * 2
    state = ["wake"] * 4 + ["nrem", "wake", "nrem", "nrem"] + ["rem"] * 2 + ["nrem"] * 2
    whole = table(label, certain(label), [*state, "wake", "wake"])
    errors = bout_errors(whole.sample(frac=1, random_state=1)).set_index("state")
    assert errors["labelled_bouts"].tolist() == [2, 1, 0]
    assert errors["scored_bouts"].tolist() == [3, 2, 0]  # REM without a label does not count
    assert errors["count_error"].tolist()[:2] == [0.5, 1.0]
    assert errors.loc["nrem", "labelled_mean_s"] == 24
    assert errors.loc["nrem", "scored_mean_s"] == 10
    assert errors.loc["nrem", "duration_error_s"] == -14
    assert errors.loc["rem", ["count_error", "labelled_mean_s"]].isna().all()


def test_bouts_do_not_go_on_from_one_recording_to_the_next():
    night = ["nrem"] * 5
    both = [table(night, certain(night), recording=name) for name in ("a_1", "a_2")]
    errors = bout_errors(pd.concat(both))
    assert errors.loc[errors["state"] == "nrem", "labelled_bouts"].tolist() == [1, 1]
