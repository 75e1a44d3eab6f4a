"""Sleep at its edge."""

import numpy as np
import pandas as pd
import pytest

from vigil.downsample.files import create_lfp
from vigil.recording import Montage, RecordingError, Segments
from vigil.sleep.model import LabelledRecording, train_model
from vigil.sleep.run import after_death, run, unseen_model
from vigil.sleep.settings import Settings
from vigil.stage import Job

STATES = np.array((["wake"] * 20 + ["nrem"] * 30 + ["rem"] * 12 + ["wake"] * 3) * 4)


def features(path):
    rng = np.random.default_rng(1)
    means = {"wake": (1.0, 0.0, 1.5), "nrem": (2.5, -0.8, 0.3), "rem": (1.0, 1.0, 0.0)}
    values = np.array([means[s] for s in STATES]) + rng.normal(0, 0.12, (len(STATES), 3))
    table = pd.DataFrame(values, columns=["cx.log_power_delta", "hc.theta_delta", "emg.log_rms"])
    table.insert(0, "valid", 1.0)
    table.insert(0, "duration_s", 4.0)
    table.insert(0, "start_s", np.arange(len(STATES)) * 4.0)
    table.to_parquet(path)
    return path


def store(path, start):
    montage = Montage(("a",), ("cx",), ("",), ("lfp",))
    create_lfp(path, montage, Segments((0.0,), (1.0,), (1250,), 1250.0), [1.0], start)
    return path


def job(tmp_path, settings=None, start="", inputs=(), **row):
    names = ("hypnogram.parquet", "hypnogram.csv", "summary.tsv")
    roles = ("hypnogram", "csv", "summary")
    return Job(
        stage="sleep",
        method_version="1",
        recording="m1",
        inputs={
            "features": str(features(tmp_path / "features.parquet")),
            "lfp": str(store(tmp_path / "lfp.zarr", start)),
            **dict(inputs),
        },
        outputs={r: str(tmp_path / n) for r, n in zip(roles, names, strict=True)},
        settings=settings or {},
        row={"animal": "m1", **row},
    )


def test_without_labels_the_thresholds_score(tmp_path):
    scored = job(tmp_path)
    run(scored)
    assert scored.decided == {"scorer": "threshold"}
    hypnogram = pd.read_parquet(tmp_path / "hypnogram.parquet")
    assert (hypnogram["state"] == STATES).mean() > 0.95
    assert (pd.read_csv(tmp_path / "hypnogram.csv")["state"] == hypnogram["state"]).all()
    assert pd.read_csv(tmp_path / "summary.tsv", sep="\t")["epochs"].sum() == len(STATES)


def test_nothing_is_scored_after_death(tmp_path):
    run(job(tmp_path, start="2026-03-01T08:00:00+01:00", died="2026-03-01T07:02:02+00:00"))
    state = pd.read_parquet(tmp_path / "hypnogram.parquet")["state"]
    # alive for 122 s: the epoch from 120 s on is not whole
    assert (state[30:] == "unclassified").all()
    assert (state[:30] != "unclassified").any()


def test_death_that_is_not_known_ends_nothing():
    table = pd.DataFrame({"start_s": [0.0, 4.0], "duration_s": 4.0})
    assert not after_death(table, "", "2026-03-01T07:02:02+00:00").any()
    assert not after_death(table, "2026-03-01T07:02:02+00:00", "").any()


def test_a_start_without_a_zone_is_in_the_zone_of_the_death():
    table = pd.DataFrame({"start_s": [0.0, 4.0], "duration_s": 4.0})
    dead = after_death(table, "2026-03-01T08:00:00", "2026-03-01T08:00:05+01:00")
    assert dead.tolist() == [False, True]


def test_an_animal_is_never_scored_by_a_model_that_has_seen_it(tmp_path):
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.normal(size=(len(STATES), 2)), columns=["a", "b"])
    trained = [LabelledRecording(m, m, table, STATES, STATES) for m in ("m1", "m2")]
    train_model(trained, Settings(trees=10), 1).save(tmp_path / "model.json")
    folds = tmp_path / "folds"
    folds.mkdir()
    train_model(trained[1:], Settings(trees=10), 1).save(folds / "m1.json")
    assert unseen_model(folds, tmp_path / "model.json", "m1").animals == ("m2",)
    assert unseen_model(folds, tmp_path / "model.json", "m3").animals == ("m1", "m2")
    assert unseen_model(folds, tmp_path / "model.json", "m2") is None
    assert unseen_model(None, None, "m1") is None


def test_labels_that_do_not_fit_end_their_own_recording(tmp_path):
    (tmp_path / "labels.csv").write_text("start_s,duration_s,state\n0,4,awake\n")
    with pytest.raises(RecordingError, match="state 'awake'"):
        run(job(tmp_path, inputs={"labels": str(tmp_path / "labels.csv")}))


def test_a_model_that_is_asked_for_and_not_there_is_told(tmp_path):
    with pytest.raises(RecordingError, match="no labels of two animals"):
        run(job(tmp_path, settings={"scorer": "model"}))
