"""Models of folds, their files, and which of them scores which epochs."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from vigil.folds import EVERYTHING, write_folds
from vigil.sleep.calibration import Calibration
from vigil.sleep.folds import LabelledRecording, make_folds
from vigil.sleep.hypnogram import make_hypnogram, states_of
from vigil.sleep.model import SleepModel
from vigil.sleep.settings import Settings
from vigil.sleep.train import learn
from vigil.sleep.unseen import score_unseen

QUICK = Settings(trees=10, forest_trees=10)
CYCLE = np.array((["wake"] * 10 + ["nrem"] * 15 + ["rem"] * 5) * 6)


def labelled(recording, animal, labels=CYCLE):
    rng = np.random.default_rng(sum(recording.encode()))
    signal = np.array([{"wake": 0.0, "nrem": 3.0, "rem": 6.0}[s] for s in labels])
    table = pd.DataFrame({"a.x": signal, "b.x": signal}) + rng.normal(size=(len(labels), 2))
    start_s = np.arange(len(labels)) * 4.0
    table = table.astype(np.float32)
    return LabelledRecording(
        recording, animal, start_s, table, labels, labels, pd.Series({"a.x": 6.0}), None
    )


@pytest.mark.parametrize("learner", ["logistic", "forest", "xgboost"])
@pytest.mark.parametrize("smoothing", ["none", "hmm", "causal hmm"])
def test_a_model_survives_its_file_and_missing_parts(tmp_path, learner, smoothing):
    learnt = learn([labelled("m1-1", "m1"), labelled("m2-1", "m2")], EVERYTHING, QUICK, 1)
    model = learnt.model(learner, smoothing, Calibration(1.3))
    model.save(tmp_path / "model.json")
    again = SleepModel.load(tmp_path / "model.json")
    table = labelled("m3-1", "m3").normal
    p = model.probabilities(table)
    assert np.array_equal(p, again.probabilities(table))
    assert again.animals == ("m1", "m2")
    assert again.name == (learner if smoothing == "none" else f"{learner} + {smoothing}")
    assert (states_of(p, 0.0) == CYCLE).mean() > 0.85
    without = again.probabilities(table.drop(columns="b.x"))
    assert (states_of(without, 0.0) == CYCLE).mean() > 0.6
    table.iloc[3] = np.nan
    assert np.isnan(again.probabilities(table)[3]).all()


def trained(tmp_path, recordings):
    folds = make_folds(recordings, 3)
    models = {f.name: learn(recordings, f, QUICK, 1).model("xgboost", "none", Calibration())
              for f in folds}  # fmt: skip
    write_folds(tmp_path / "folds", tmp_path / "folds.json", folds, models)
    whole = learn(recordings, EVERYTHING, QUICK, 1).model("xgboost", "none", Calibration())
    whole.save(tmp_path / "model.json")
    return folds, models, whole


def score(tmp_path, recording):
    paths = tmp_path / "folds", tmp_path / "folds.json", tmp_path / "model.json"
    return score_unseen(*paths, recording.recording, recording.animal, recording.normal)


def test_an_animal_is_never_scored_by_a_model_that_has_seen_it(tmp_path):
    recordings = [labelled("m1-1", "m1"), labelled("m2-1", "m2"), labelled("m3-1", "m3")]
    _, models, whole = trained(tmp_path, recordings)
    found = score(tmp_path, recordings[0])
    assert (found.animals, found.unseen) == (("m2", "m3"), "animal")
    assert np.array_equal(found.probability, models["m1"].probabilities(recordings[0].normal))
    # neither is another recording of it
    assert score(tmp_path, labelled("m1-2", "m1")).animals == ("m2", "m3")
    new = labelled("m4-1", "m4")
    assert score(tmp_path, new).unseen == ""
    assert np.array_equal(score(tmp_path, new).probability, whole.probabilities(new.normal))


def test_of_one_animal_each_block_is_scored_by_the_model_that_left_it_out(tmp_path):
    recording = labelled("m1-1", "m1", np.tile(CYCLE, 3))
    folds, models, whole = trained(tmp_path, [recording])
    found = score(tmp_path, recording)
    assert found.unseen == "blocks"
    for fold in folds:
        first, last = fold.held["m1-1"]
        own = models[fold.name].probabilities(recording.normal)
        assert np.array_equal(found.probability[first:last], own[first:last])
    # another recording of the animal, of which there are no labels
    other = replace(recording, recording="m1-2")
    assert np.array_equal(score(tmp_path, other).probability, whole.probabilities(other.normal))


def test_low_confidence_is_unclassified():
    p = np.array([[0.9, 0.05, 0.05], [0.4, 0.35, 0.25], [np.nan] * 3])
    assert states_of(p, 0.5).tolist() == ["wake", "unclassified", "unclassified"]


def test_an_experts_label_stands_and_the_scorers_answer_beside_it():
    p = np.tile([0.7, 0.2, 0.1], (4, 1))
    scored = np.array(["wake", "wake", "wake", "unclassified"])
    labels = np.array(["", "nrem", "unclassified", "rem"])
    kept = make_hypnogram(np.arange(4) * 4.0, np.full(4, 4.0), scored, p, labels)
    assert kept["state"].tolist() == ["wake", "nrem", "unclassified", "rem"]
    assert kept["scored"].tolist() == scored.tolist()
    assert kept["label"].tolist() == labels.tolist()
    assert kept["confidence"].fillna(-1).tolist() == [0.7, 0.2, -1, 0.1]
    free = make_hypnogram(np.arange(4) * 4.0, np.full(4, 4.0), scored, p, labels, False)
    assert free["state"].tolist() == scored.tolist()
