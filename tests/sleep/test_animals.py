"""Leave one animal out over simulated animals that differ on purpose (see docs/simulate.md)."""

import pandas as pd
import pytest

from vigil.recording import SCORED
from vigil.sleep.agreement import agreement
from vigil.sleep.run import run
from vigil.sleep.training import run_train
from vigil.stage import Job

TRAINED = {
    "model": "model.json",
    "folds": "folds",
    "folds_list": "folds.json",
    "comparison": "comparison.tsv",
    "confusion": "confusion.tsv",
    "missing": "missing.tsv",
    "held_out": "held_out.parquet",
    "importance": "importance.tsv",
    "card": "card.json",
    "page": "index.html",
    "figures": "figures",
}
SCORES = {
    "hypnogram": "hypnogram.parquet",
    "csv": "hypnogram.csv",
    "summary": "summary.tsv",
    "statistics": "statistics.tsv",
    "transitions": "transitions.tsv",
    "hours": "hours.tsv",
}

QUICK = {"trees": 60, "forest_trees": 10, "learning_rate": 0.15}
"""Fewer trees than by default: the test takes minutes as it is."""


@pytest.fixture(scope="module")
def models(varied_animals, tmp_path_factory):
    """The folder of models of all animals, and what the training decided."""
    folder = tmp_path_factory.mktemp("models")
    inputs = {
        name: [str(getattr(a, name)) for a in varied_animals]
        for name in ("features", "lfp", "kinematics", "labels")
    }
    rows = [
        {"recording": a.recording, "animal": a.animal, "labels": str(a.labels)}
        for a in varied_animals
    ]
    outputs = {role: str(folder / name) for role, name in TRAINED.items()}
    row = {"recordings": rows}
    job = Job("sleep", "1", "models", inputs, outputs, QUICK, row, threads=2)
    run_train(job)
    return folder, job.decided


@pytest.fixture(scope="module")
def score(varied_animals, models, tmp_path_factory):
    """Score all animals, each by the models that have not seen it, with or without parts."""
    folder, _ = models

    def work(camera, muscle):
        labels, scored = [], []
        for animal in varied_animals:
            place = tmp_path_factory.mktemp(animal.recording)
            features = pd.read_parquet(animal.features)
            if not muscle:
                features = features.drop(columns=[c for c in features if c.startswith("emg.")])
            features.to_parquet(place / "features.parquet", index=False)
            inputs = {
                "features": str(place / "features.parquet"),
                "lfp": str(animal.lfp),
                **{r: str(folder / TRAINED[r]) for r in ("model", "folds", "folds_list")},
            }
            if camera:
                inputs["kinematics"] = str(animal.kinematics)
            job = Job(
                "sleep",
                "1",
                animal.recording,
                inputs,
                {role: str(place / name) for role, name in SCORES.items()},
                row={"recording": animal.recording, "animal": animal.animal},
            )
            run(job)
            assert animal.animal not in job.decided["animals"]
            hypnogram = pd.read_parquet(place / "hypnogram.parquet")
            expert = pd.read_csv(animal.labels).set_index("start_s")["state"]
            labels.append(hypnogram["start_s"].map(expert).fillna(""))
            scored.append(hypnogram["scored"])
        return agreement(
            pd.concat(labels).to_numpy(dtype=str), pd.concat(scored).to_numpy(dtype=str)
        )

    return work


def test_the_animals_hold_every_state_and_differ(varied_animals):
    assert len(varied_animals) >= 6
    regions = set()
    for animal in varied_animals:
        states = pd.read_csv(animal.labels)["state"]
        assert (states.value_counts().reindex(list(SCORED), fill_value=0) >= 20).all()
        columns = pd.read_parquet(animal.features).columns
        regions.add(tuple(c.split(".")[0] for c in columns if c.endswith(".theta_delta")))
    assert len(regions) >= 4
    assert any("hippocampus" not in r for r in regions)
    assert any("cortex" not in r for r in regions)


def test_animals_left_out_are_scored_as_experts_agree(models):
    folder, decided = models
    pooled = pd.read_csv(folder / "comparison.tsv", sep="\t").query("left_out == 'all'")
    chosen = pooled.set_index("scorer").loc[decided["chosen"]]
    assert chosen["kappa"] >= 0.90
    assert chosen["rem_f1"] >= 0.85
    assert decided["folds"] == "animals"


@pytest.mark.parametrize(
    ("camera", "muscle", "kappa"),
    [(True, True, 0.90), (False, True, 0.80), (True, False, 0.80), (False, False, 0.80)],
    ids=["everything", "no camera", "no EMG", "neither"],
)
def test_scores_hold_without_the_camera_or_the_muscles(score, camera, muscle, kappa):
    measures = score(camera, muscle)
    assert measures["kappa"] >= kappa
    if camera and muscle:
        assert measures["rem_f1"] >= 0.85


def test_what_is_missing_is_told(models):
    folder, _ = models
    table = pd.read_csv(folder / "missing.tsv", sep="\t").set_index("missing")
    regions = ["hippocampus", "cortex", "amygdala", "thalamus"]
    assert list(table.index) == ["nothing", *regions, "EMG", "camera", "camera and EMG"]
    assert (table["kappa"] >= 0.80).all()
