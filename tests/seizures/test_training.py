import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from vigil.folds import read_folds
from vigil.recording import RecordingError
from vigil.seizures.evidence_files import create_evidence
from vigil.seizures.files import SeizureEvent, write_events
from vigil.seizures.settings import Settings
from vigil.seizures.trained.model import SeizureModel
from vigil.seizures.trained.training import run_train
from vigil.seizures.trained.unseen import judge_unseen
from vigil.stage import Job

OUTPUTS = {
    "model": "model.json",
    "folds": "folds",
    "folds_list": "folds.json",
    "comparison": "comparison.tsv",
    "held_out": "held_out.parquet",
    "card": "card.json",
    "page": "index.html",
    "figures": "figures",
}


def store_on_disk(folder, recording):
    evidence = recording.store.evidence
    names = [f"c{i}" for i in range(evidence.line_length_z.shape[1])]
    path = folder / "results" / recording.recording / "seizures" / "evidence.zarr"
    path.parent.mkdir(parents=True)
    made = create_evidence(
        path, recording.n_steps, recording.step_s, names, names, evidence.spread_ln
    )
    made.put(0, evidence)
    return path


def job_of(folder, recordings, settings, **cells):
    rows, paths = [], []
    (folder / "models").mkdir()
    for r in recordings:
        paths.append(str(store_on_disk(folder, r)))
        labels = folder / f"{r.recording}.tsv"
        events = [SeizureEvent(a, b - a, 1.0, ()) for a, b in r.seizures]
        write_events(labels, events, r.n_steps * r.step_s, "")
        row = {"recording": r.recording, "animal": r.animal, "labels": str(labels)}
        rows.append(row | cells)
    outputs = {name: str(folder / "models" / file) for name, file in OUTPUTS.items()}
    return Job(
        "seizures", "1", "models", {"evidence": paths}, outputs, settings.model_dump(),
        {"recordings": rows},
    )  # fmt: skip


@pytest.fixture(scope="module")
def trained(made_up, tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    recordings = made_up.varied(3)
    job = job_of(folder, recordings, made_up.SETTINGS)
    run_train(job)
    return job, recordings


def test_it_finds_what_the_thresholds_miss_and_leaves_artefacts(trained):
    job, _ = trained
    table = pd.read_csv(job.output("comparison"), sep="\t")
    pooled = table[table["left_out"] == "all"].set_index("detector")
    assert (pooled["seizures"] == 12).all()
    assert pooled.loc["thresholds", "sensitivity"] == 0.5  # the faint ones are missed
    assert pooled.loc["thresholds", "fp_per_day"] > 50  # chewing
    assert pooled.loc["xgboost", "sensitivity"] == 1.0
    assert pooled.loc["xgboost", "fp_per_day"] == 0.0
    assert pooled.loc["xgboost", "overlap"] > 0.8
    assert pooled.loc["xgboost", "onset_error_s"] <= 2.0
    assert pooled.loc["always on", "overlap"] < 0.05
    assert job.decided == {"chosen": "xgboost", "folds": "animals"}


def test_a_labelled_recording_is_judged_by_the_model_that_has_not_seen_its_animal(trained):
    job, recordings = trained
    paths = (job.output("folds"), job.output("folds_list"), job.output("model"))
    judged = judge_unseen(*paths, "rec1", "m1", recordings[1].store)
    assert judged.unseen == "animal"
    assert judged.animals == ("m0", "m2")
    held = pd.read_parquet(job.output("held_out"))
    mine = held[held["recording"] == "rec1"]
    assert set(mine["fold"]) == {"m1"}
    # evidence on disk has three figures
    np.testing.assert_allclose(judged.probability, mine["probability"], atol=0.05)
    stranger = judge_unseen(*paths, "new", "m9", recordings[1].store)
    assert stranger.unseen == ""
    assert stranger.animals == ("m0", "m1", "m2")


def test_what_is_written(trained):
    job, recordings = trained
    held = pd.read_parquet(job.output("held_out"))
    assert len(held) == sum(r.n_steps for r in recordings)
    assert (held["label"] == "seizure").sum() == sum(int((r.labels == 1).sum()) for r in recordings)
    assert [f.name for f in read_folds(job.output("folds_list"))] == ["m0", "m1", "m2"]
    assert sorted(p.name for p in job.output("folds").iterdir()) == [f"m{i}.json" for i in range(3)]
    assert SeizureModel.load(job.output("model")).beats_thresholds
    card = json.loads(job.output("card").read_text())
    assert card["seizures"] == 12
    assert "The trained detector is used" in job.output("page").read_text()


def test_after_death_nothing_is_learnt_and_bad_labels_leave_a_recording_out(
    made_up, tmp_path, caplog
):
    quick = made_up.SETTINGS.model_copy(update={"trees": 10})
    recordings = [
        made_up.recording(f"r{i}", "m", i, [("loud", 300 * k, 300 * k + 25) for k in range(1, 5)],
                          minutes=30)
        for i in range(2)
    ]  # fmt: skip
    begun = {"start": "2026-01-01T10:00:00+01:00", "died": "2026-01-01T10:25:00+01:00"}
    job = job_of(tmp_path, recordings, quick, **begun)
    (tmp_path / "r1.tsv").write_text("nothing\n")
    run_train(job)
    held = pd.read_parquet(job.output("held_out"))
    assert set(held["recording"]) == {"r0"}
    assert set(held.loc[held["time_s"] >= 1500, "label"]) == {""}
    assert "r1 is not learnt from" in caplog.text
    card = json.loads(job.output("card").read_text())
    assert list(card["left_out"]) == ["r1"]
    assert card["folds"] == "blocks"
    assert card["background_hours"] == pytest.approx((1500 - 100) / 3600)
    judged = judge_unseen(
        job.output("folds"), job.output("folds_list"), job.output("model"), "r0", "m",
        recordings[0].store,
    )  # fmt: skip
    assert judged.unseen == "blocks"
    np.testing.assert_allclose(judged.probability, held["probability"], atol=0.05)


def test_too_few_seizures_are_refused_in_one_sentence(made_up, tmp_path):
    few = [made_up.recording("r0", "m", 1, [("loud", 200, 230)], minutes=15)]
    with pytest.raises(RecordingError, match="hold 1 seizure that"):
        run_train(job_of(tmp_path, few, Settings()))
    bad = replace(few[0], recording="r1")
    folder = tmp_path / "other"
    folder.mkdir()
    job = job_of(folder, [bad], Settings())
    (folder / "r1.tsv").write_text("nothing\n")
    with pytest.raises(RecordingError, match="No recording with labelled seizures"):
        run_train(job)
