"""Sleep at its edge: features and movement in, hypnogram out; labels in, models out."""

from __future__ import annotations

import json
import logging
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.kinematics.files import read_kinematics
from vigil.recording import RecordingError
from vigil.sleep.hypnogram import apply_rules, certain, make_hypnogram, states_of, summarise
from vigil.sleep.labels import read_labels
from vigil.sleep.model import LabelledRecording, SleepModel, train_model
from vigil.sleep.movement import movement_of_epochs
from vigil.sleep.predictors import make_predictors
from vigil.sleep.settings import Settings
from vigil.sleep.threshold import score_by_thresholds
from vigil.sleep.train import leave_one_animal_out
from vigil.spectra.files import read_features
from vigil.stage import Job

log = logging.getLogger("vigil")


def run(job: Job) -> None:
    """Score the sleep of one recording.

    Inputs: `features`, `kinematics` (optional), `model` (optional; a folder holds a model per
    animal that it has not seen). Row: `animal`, `start`, `died`. Outputs: `hypnogram`, `csv`,
    `summary`.
    """
    settings = Settings.model_validate(job.settings)
    features, movement, provisional = _recording(
        job.input("features"), job.optional_input("kinematics"), settings
    )
    model_path = _model_for(job.optional_input("model"), job.row["animal"])
    if settings.scorer == "model" and model_path is None:
        raise RecordingError(
            "sleep.scorer is 'model', but the table has no labels of two animals to train one; "
            "fill the column sleep_labels or set sleep.scorer to auto."
        )
    if model_path is None or settings.scorer == "threshold":
        log.info("scored by thresholds")
        states, probability = provisional, certain(provisional)
    else:
        model = SleepModel.load(model_path)
        log.info("scored by the model trained on %s", ", ".join(model.animals))
        predictors = make_predictors(features, movement, provisional)
        probability = model.probabilities(predictors, settings.smoothing)
        states = states_of(probability, settings.min_confidence)
    states = apply_rules(states, movement, settings)
    states[after_death(features, job.row.get("start"), job.row.get("died"))] = "unclassified"
    hypnogram = make_hypnogram(
        features["start_s"].to_numpy(dtype=np.float64),
        features["duration_s"].to_numpy(dtype=np.float64),
        states,
        probability,
    )
    hypnogram.to_parquet(job.output("hypnogram"), index=False)
    hypnogram.to_csv(job.output("csv"), index=False, float_format="%.4f")
    summarise(hypnogram).to_csv(job.output("summary"), sep="\t", index=False, float_format="%.4f")


def run_train(job: Job) -> None:
    """Train the sleep models on the labelled recordings.

    Inputs: `features`, `kinematics` (optional) and `labels`: lists whose paths or order tell
    the recording. Row: `recordings`, a list of recording, animal, labels. Outputs: `model`, `folds`
    (a folder with a model per animal left out), `comparison`, `confusion`, `card`.
    """
    settings = Settings.model_validate(job.settings)
    features = {_recording_of(p): p for p in job.input_list("features")}
    kinematics = {_recording_of(p): p for p in job.input_list("kinematics")}
    recordings = []
    for row in job.row["recordings"]:
        name = row["recording"]
        if name not in features:
            log.warning("%s is not learnt from: it could not be analysed", name)
            continue
        table, movement, provisional = _recording(features[name], kinematics.get(name), settings)
        start_s = table["start_s"].to_numpy(dtype=np.float64)
        labels = read_labels(row["labels"], start_s, float(table["duration_s"].iloc[0]))
        predictors = make_predictors(table, movement, provisional)
        recordings.append(LabelledRecording(name, row["animal"], predictors, labels, provisional))
    animals = {r.animal for r in recordings}
    if len(animals) < 2:
        raise RecordingError(
            f"Labels of {len(animals)} animal(s) are left after leaving out what could not be "
            "analysed; a sleep model needs at least two."
        )
    folds, comparison, confusion = leave_one_animal_out(
        recordings, settings, job.threads, lambda text: log.info("%s", text)
    )
    model = train_model(recordings, settings, job.threads)
    model.save(job.output("model"))
    job.output("folds").mkdir()
    for animal, fold in folds.items():
        fold.save(job.output("folds") / f"{animal}.json")
    comparison.to_csv(job.output("comparison"), sep="\t", index=False, float_format="%.4f")
    confusion.to_csv(job.output("confusion"), sep="\t", index_label="label")
    job.output("card").write_text(json.dumps(_card(recordings, comparison), indent=1) + "\n")


def _recording(
    features_path: Path, kinematics_path: Path | None, settings: Settings
) -> tuple[pd.DataFrame, pd.DataFrame | None, npt.NDArray[np.str_]]:
    """Features, movement and provisional states of one recording."""
    features = read_features(features_path)
    movement = None
    if kinematics_path is not None:
        movement = movement_of_epochs(
            read_kinematics(kinematics_path),
            features["start_s"].to_numpy(dtype=np.float64),
            float(features["duration_s"].iloc[0]),
        )
    provisional = score_by_thresholds(features, movement, settings.movement_cm_s)
    return features, movement, provisional


def after_death(
    features: pd.DataFrame, start: str | None, died: str | None
) -> npt.NDArray[np.bool_]:
    """Epochs that end after the time of death; none where start or death is not known."""
    if not (start and died):
        return np.zeros(len(features), dtype=bool)
    alive_s = (datetime.fromisoformat(died) - datetime.fromisoformat(start)).total_seconds()
    return np.asarray(features["start_s"] + features["duration_s"] > alive_s, dtype=bool)


def _model_for(path: Path | None, animal: str) -> Path | None:
    """The model to score an animal with; in a folder of folds the one that has not seen it."""
    return path / f"{animal}.json" if path is not None and path.is_dir() else path


def _recording_of(path: Path) -> str:
    """Id of the recording whose result a path is: results/<recording>/<stage>/<file>."""
    return path.parent.parent.name


def _card(recordings: list[LabelledRecording], comparison: pd.DataFrame) -> dict[str, object]:
    """What the model learnt from, how well it did on animals left out, and its limits."""
    epochs = sum(len(r.labels) for r in recordings)
    return {
        "recordings": [r.recording for r in recordings],
        "animals": sorted({r.animal for r in recordings}),
        "labelled_epochs": int(
            sum(np.isin(r.labels, ("wake", "nrem", "rem")).sum() for r in recordings)
        ),
        "epochs": epochs,
        "leave_one_animal_out": comparison[comparison["left_out"] == "all"].to_dict("records"),
        "not_for": "animals, electrodes or regions unlike those it was trained on, without a check "
        "against an expert's labels.",
    }
