"""Sleep at its edge."""

import numpy as np
import pandas as pd
import pytest

from vigil.recording import RecordingError
from vigil.sleep.run import after_death, run
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


def job(tmp_path, settings=None, **row):
    names = ("hypnogram.parquet", "hypnogram.csv", "summary.tsv")
    roles = ("hypnogram", "csv", "summary")
    return Job(
        stage="sleep",
        method_version="1",
        recording="m1",
        inputs={"features": str(features(tmp_path / "features.parquet"))},
        outputs={r: str(tmp_path / n) for r, n in zip(roles, names, strict=True)},
        settings=settings or {},
        row={"animal": "m1", **row},
    )


def test_without_labels_the_thresholds_score(tmp_path):
    run(job(tmp_path))
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


def test_a_model_that_is_asked_for_and_not_there_is_told(tmp_path):
    with pytest.raises(RecordingError, match="no labels of two animals"):
        run(job(tmp_path, settings={"scorer": "model"}))
