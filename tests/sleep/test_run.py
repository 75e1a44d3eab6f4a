"""Sleep at its edge: scoring a recording, and training on several."""

import json

import numpy as np
import pandas as pd
import pytest

from vigil.downsample.files import create_lfp
from vigil.recording import Montage, RecordingError, Segments
from vigil.sleep.files import read_hours, read_hypnogram, read_statistics, read_transitions
from vigil.sleep.run import after_death, run
from vigil.sleep.training import run_train
from vigil.stage import Job

STATES = np.array((["wake"] * 20 + ["nrem"] * 30 + ["rem"] * 12 + ["wake"] * 3) * 4)
SCORED = ("hypnogram.parquet", "hypnogram.csv", "summary.tsv", "statistics.tsv", "transitions.tsv",
          "hours.tsv")  # fmt: skip
TRAINED = ("model.json", "folds", "folds.json", "comparison.tsv", "confusion.tsv", "missing.tsv",
           "held_out.parquet", "importance.tsv", "card.json", "index.html", "figures")  # fmt: skip
ROLES = {"folds.json": "folds_list", "hypnogram.csv": "csv", "index.html": "page"}
QUICK = {"trees": 20, "forest_trees": 10}


def features(path, seed=1):
    rng = np.random.default_rng(seed)
    means = {"wake": (1.0, 0.0, 1.5), "nrem": (2.5, -0.8, 0.3), "rem": (1.0, 1.0, 0.0)}
    values = np.array([means[s] for s in STATES]) + rng.normal(0, 0.12, (len(STATES), 3))
    table = pd.DataFrame(values, columns=["cx.log_power_delta", "hc.theta_delta", "emg.log_rms"])
    table.insert(0, "reason", "")
    table.insert(0, "valid", 1.0)
    table.insert(0, "duration_s", 4.0)
    table.insert(0, "start_s", np.arange(len(STATES)) * 4.0)
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_parquet(path)
    return path


def store(path, start=""):
    path.parent.mkdir(parents=True, exist_ok=True)
    montage = Montage(("a",), ("cx",), ("",), ("lfp",))
    create_lfp(path, montage, Segments((0.0,), (1.0,), (1250,), 1250.0), [1.0], start)
    return path


def roles(folder, names):
    return {ROLES.get(n, n.partition(".")[0]): str(folder / n) for n in names}


def job(tmp_path, settings=None, start="", inputs=(), **row):
    return Job(
        stage="sleep",
        method_version="1",
        recording="m1-1",
        inputs={
            "features": str(features(tmp_path / "features.parquet")),
            "lfp": str(store(tmp_path / "lfp.zarr", start)),
            **dict(inputs),
        },
        outputs=roles(tmp_path, SCORED),
        settings=settings or {},
        row={"recording": "m1-1", "animal": "m1", **row},
    )


def labels_csv(path, states=STATES):
    table = pd.DataFrame({"start_s": np.arange(len(states)) * 4.0, "state": states})
    table.to_csv(path, index=False)
    return str(path)


def train(tmp_path, animals, settings=None, labels=None, change=None, start=""):
    """Train on one recording of each animal; its job and the folder of its results."""
    folder = tmp_path / "models"
    folder.mkdir()
    names = [f"{a}-1" for a in animals]
    results = tmp_path / "results"
    made = Job(
        stage="sleep",
        method_version="1",
        recording="models",
        inputs={
            "features": [
                str(features(results / n / "spectra" / "features.parquet", seed))
                for seed, n in enumerate(names)
            ],
            "lfp": [str(store(results / n / "downsample" / "lfp.zarr", start)) for n in names],
        },
        outputs=roles(folder, TRAINED),
        settings={**QUICK, **(settings or {})},
        row={
            "recordings": [
                {
                    "recording": n,
                    "animal": a,
                    "labels": labels_csv(tmp_path / f"{n}.csv", (labels or {}).get(a, STATES)),
                }
                for n, a in zip(names, animals, strict=True)
            ]
        },
    )
    if change:
        change(results, made.row["recordings"])
    run_train(made)
    return made, folder


def test_without_labels_the_thresholds_score(tmp_path):
    scored = job(tmp_path, start="2026-03-01T08:00:00+01:00", lights_on="07:00")
    run(scored)
    assert scored.decided == {"scorer": "threshold"}
    hypnogram = read_hypnogram(tmp_path / "hypnogram.parquet")
    assert (hypnogram["state"] == STATES).mean() > 0.95
    assert (hypnogram["label"] == "").all()
    assert (pd.read_csv(tmp_path / "hypnogram.csv")["state"] == hypnogram["state"]).all()
    assert pd.read_csv(tmp_path / "summary.tsv", sep="\t")["epochs"].sum() == len(STATES)
    assert read_hours(tmp_path / "hours.tsv")["zeitgeber_h"].tolist() == [1]
    statistics = read_statistics(tmp_path / "statistics.tsv").set_index("measure")["value"]
    assert statistics["Episodes of REM"] == 4
    steps = read_transitions(tmp_path / "transitions.tsv")
    assert steps.loc[(steps["from"] == "wake") & (steps["to"] == "rem"), "count"].eq(0).all()


def test_nothing_is_scored_after_death(tmp_path):
    labels = labels_csv(tmp_path / "labels.csv")
    run(
        job(
            tmp_path,
            start="2026-03-01T08:00:00+01:00",
            labels=labels,
            died="2026-03-01T07:02:02+00:00",
        )
    )
    table = pd.read_parquet(tmp_path / "hypnogram.parquet")
    # alive for 122 s: the epoch from 120 s on is not whole
    assert (table["state"][30:] == "unclassified").all()
    assert (table["label"][30:] == "").all()
    assert (table["state"][:30] == STATES[:30]).all()


def test_death_that_is_not_known_ends_nothing():
    table = pd.DataFrame({"start_s": [0.0, 4.0], "duration_s": 4.0})
    assert not after_death(table, "", "2026-03-01T07:02:02+00:00").any()
    assert not after_death(table, "2026-03-01T07:02:02+00:00", "").any()


def test_a_start_without_a_zone_is_in_the_zone_of_the_death():
    table = pd.DataFrame({"start_s": [0.0, 4.0], "duration_s": 4.0})
    dead = after_death(table, "2026-03-01T08:00:00", "2026-03-01T08:00:05+01:00")
    assert dead.tolist() == [False, True]


def test_labels_that_do_not_fit_end_their_own_recording(tmp_path):
    (tmp_path / "labels.csv").write_text("start_s,duration_s,state\n0,4,flying\n")
    with pytest.raises(RecordingError, match="flying"):
        run(job(tmp_path, labels=str(tmp_path / "labels.csv")))


def test_a_model_that_is_asked_for_and_not_there_is_told(tmp_path):
    with pytest.raises(RecordingError, match="no labels to train one"):
        run(job(tmp_path, settings={"scorer": "model"}))


def test_training_leaves_all_that_the_workflow_expects(tmp_path):
    made, folder = train(tmp_path, ["m1", "m2", "m3"])
    assert made.decided["folds"] == "animals"
    assert sorted(p.name for p in (folder / "folds").iterdir()) == ["m1.json", "m2.json", "m3.json"]
    card = json.loads((folder / "card.json").read_text())
    assert card["chosen"] == made.decided["chosen"]
    assert card["labelled_hours"] == pytest.approx(3 * len(STATES) * 4 / 3600)
    assert card["scores"]["kappa"]["value"] > 0.9
    comparison = pd.read_csv(folder / "comparison.tsv", sep="\t")
    assert len(comparison) == 10 * 4
    held = pd.read_parquet(folder / "held_out.parquet")
    assert len(held) == 3 * len(STATES)
    assert (folder / "index.html").stat().st_size > 10_000
    importance = pd.read_csv(folder / "importance.tsv", sep="\t")
    rem = importance[importance["state"] == "rem"].groupby("feature")["mean_abs_shap"].sum()
    # only the ratio tells REM from wakefulness and NREM by itself
    assert rem["theta_delta"] > rem["log_power_delta"] / 2

    inputs = {"model": str(folder / "model.json"), "folds": str(folder / "folds"),
              "folds_list": str(folder / "folds.json")}  # fmt: skip
    scored = job(tmp_path, inputs=inputs)
    run(scored)
    assert scored.decided["animals"] == ["m2", "m3"]
    table = read_hypnogram(tmp_path / "hypnogram.parquet")
    assert (table["scored"] == STATES).mean() > 0.95
    assert table["confidence"].notna().mean() > 0.95


def test_labels_of_one_animal_are_learnt_from_by_blocks(tmp_path):
    made, folder = train(tmp_path, ["m1"], {"blocks": 3})
    assert made.decided["folds"] == "blocks"
    card = json.loads((folder / "card.json").read_text())
    assert "never seen" in card["not_for"][0]


def test_a_recording_that_cannot_be_learnt_from_is_left_out_with_the_reason(tmp_path):
    nothing = np.full(len(STATES), "unclassified")
    _, folder = train(tmp_path, ["m1", "m2", "m3"], labels={"m2": nothing})
    card = json.loads((folder / "card.json").read_text())
    assert card["animals"] == ["m1", "m3"]
    assert "m2-1" in card["left_out"]


def test_nothing_to_learn_from_is_told(tmp_path):
    nothing = np.full(len(STATES), "unclassified")
    with pytest.raises(RecordingError, match="No labelled recording"):
        train(tmp_path, ["m1"], labels={"m1": nothing})


def test_labels_of_a_part_train_as_well(tmp_path):
    part = STATES.astype("<U12")
    part[160:] = "unclassified"
    made, folder = train(tmp_path, ["m1", "m2"], labels={"m1": part})
    assert made.decided["folds"] == "animals"
    card = json.loads((folder / "card.json").read_text())
    assert card["labelled_hours"] == pytest.approx((160 + len(STATES)) * 4 / 3600)


def test_epochs_without_signal_and_after_death_are_not_learnt_from(tmp_path):
    def lose(results, rows):
        path = results / "m1-1" / "spectra" / "features.parquet"
        table = pd.read_parquet(path)
        table.loc[STATES == "rem", ["cx.log_power_delta", "hc.theta_delta"]] = np.nan
        table.to_parquet(path)
        rows[1]["died"] = "2026-03-01T08:08:00+01:00"

    _, folder = train(tmp_path, ["m1", "m2", "m3"], change=lose, start="2026-03-01T08:00:00+01:00")
    card = json.loads((folder / "card.json").read_text())
    rem = np.sum(STATES == "rem")
    assert card["hours_of_state"]["rem"] * 900 == pytest.approx(np.sum(STATES[:120] == "rem") + rem)
    assert card["labelled_hours"] * 900 == pytest.approx(2 * len(STATES) - rem + 120)


def trained_inputs(folder):
    return {"model": str(folder / "model.json"), "folds": str(folder / "folds"),
            "folds_list": str(folder / "folds.json")}  # fmt: skip


def test_a_recording_without_a_region_that_the_model_knows_is_scored_by_thresholds(tmp_path):
    _, folder = train(tmp_path, ["m1", "m2"])
    scored = job(tmp_path, inputs=trained_inputs(folder))
    table = pd.read_parquet(tmp_path / "features.parquet")
    table.columns = [c.replace("cx.", "am.").replace("hc.", "th.") for c in table]
    table.to_parquet(tmp_path / "features.parquet")
    run(scored)
    assert scored.decided["scorer"] == "threshold"
    assert "none of the regions" in scored.decided["why"]
    assert (read_hypnogram(tmp_path / "hypnogram.parquet")["state"] == STATES).mean() > 0.95


@pytest.mark.parametrize("kept", ["wake", "nrem"])
def test_a_recording_in_one_state_is_not_given_three_by_the_model(tmp_path, kept):
    _, folder = train(tmp_path, ["m1", "m2"])
    scored = job(tmp_path, inputs=trained_inputs(folder))
    table = pd.read_parquet(tmp_path / "features.parquet")
    table = pd.concat([table[kept == STATES]] * 3, ignore_index=True)
    table["start_s"] = np.arange(len(table)) * 4.0
    table.to_parquet(tmp_path / "features.parquet")
    run(scored)
    assert "one state" in scored.decided["why"]
    states = read_hypnogram(tmp_path / "hypnogram.parquet")["state"]
    assert set(states) <= {kept, "unclassified"}
