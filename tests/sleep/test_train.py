"""Training and leaving animals out, on tables whose states can be told."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from vigil.sleep.hypnogram import make_hypnogram, states_of, summarise
from vigil.sleep.model import LabelledRecording, SleepModel, train_model
from vigil.sleep.settings import Settings
from vigil.sleep.train import choose_smoothing, leave_one_animal_out

QUICK = Settings(trees=30)
CYCLE = np.array((["wake"] * 10 + ["nrem"] * 15 + ["rem"] * 5) * 6)


def labelled(animal, informative=True):
    rng = np.random.default_rng(sum(animal.encode()))
    signal = np.array([{"wake": 0.0, "nrem": 3.0, "rem": 6.0}[s] for s in CYCLE])
    table = pd.DataFrame(rng.normal(size=(len(CYCLE), 4)), columns=list("abcd"))
    if informative:
        table = table.add(signal, axis=0)
    return LabelledRecording(f"{animal}-1", animal, table, CYCLE, np.full(len(CYCLE), "wake"))


def test_each_animal_is_scored_by_a_model_that_has_not_seen_it():
    recordings = [labelled(a) for a in ("m1", "m2", "m3")]
    folds, comparison, confusion = leave_one_animal_out(recordings, QUICK, 1)
    assert {k: set(m.animals) for k, m in folds.items()} == {
        "m1": {"m2", "m3"}, "m2": {"m1", "m3"}, "m3": {"m1", "m2"},
    }  # fmt: skip
    pooled = comparison[comparison["left_out"] == "all"].set_index("scorer")
    assert pooled["kappa"]["model"] > 0.8
    assert pooled["kappa"]["threshold"] == pytest.approx(0)
    assert pooled["epochs"]["model"] == confusion.to_numpy().sum() == 540


def test_without_information_nothing_is_gained():
    recordings = [labelled(a, informative=False) for a in ("m1", "m2", "m3")]
    _, comparison, _ = leave_one_animal_out(recordings, QUICK, 1)
    model = comparison[(comparison["left_out"] == "all") & (comparison["scorer"] == "model")]
    assert abs(model["kappa"].iloc[0]) < 0.15


def test_a_model_survives_its_file_and_missing_predictors(tmp_path):
    model = replace(train_model([labelled("m1"), labelled("m2")], QUICK, 1), smoothing="hmm")
    model.save(tmp_path / "model.json")
    again = SleepModel.load(tmp_path / "model.json")
    table = labelled("m3").predictors
    p = model.probabilities(table)
    assert np.array_equal(p, again.probabilities(table))
    assert again.animals == ("m1", "m2")
    assert again.smoothing == "hmm"
    part = again.probabilities(table.drop(columns="b"))
    assert (states_of(part, 0.5) == CYCLE).mean() > 0.8
    table.iloc[3] = np.nan
    assert np.isnan(again.probabilities(table)[3]).all()


def test_low_confidence_is_unclassified():
    p = np.array([[0.9, 0.05, 0.05], [0.4, 0.35, 0.25], [np.nan] * 3])
    assert states_of(p, 0.5).tolist() == ["wake", "unclassified", "unclassified"]


def test_the_summary_counts_bouts_and_shares():
    states = np.array(["wake"] * 4 + ["nrem"] * 4 + ["wake"] * 1 + ["unclassified"])
    p = np.tile([0.7, 0.2, 0.1], (10, 1))
    hypnogram = make_hypnogram(np.arange(10) * 4.0, np.full(10, 4.0), states, p)
    summary = summarise(hypnogram).set_index("state")
    assert summary["bouts"].to_dict() == {"wake": 2, "nrem": 1, "rem": 0, "unclassified": 1}
    assert summary["share"]["wake"] == pytest.approx(5 / 9)
    assert summary["share"]["unclassified"] == pytest.approx(0.1)
    assert summary["mean_bout_s"]["wake"] == pytest.approx(10)
    assert hypnogram["confidence"].tolist()[:9] == [0.7] * 4 + [0.2] * 4 + [0.7]
    assert np.isnan(hypnogram["confidence"][9])


@pytest.mark.parametrize(("gain", "chosen"), [(0.02, "hmm"), (0.001, "none"), (-0.1, "none")])
def test_smoothing_has_to_be_clearly_better(gain, chosen):
    kappa = [0.7, 0.8, 0.8 + gain]
    scorers = ["threshold", "model", "model and hmm"]
    comparison = pd.DataFrame({"left_out": "all", "scorer": scorers, "kappa": kappa})
    assert choose_smoothing(comparison) == chosen
