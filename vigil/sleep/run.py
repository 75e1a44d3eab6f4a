"""Sleep at its edge: features and movement in, hypnogram out; labels in, models out."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.downsample.files import read_start_time
from vigil.kinematics.files import read_kinematics
from vigil.recording import RecordingError, parse_time, seconds_between
from vigil.sleep.agreement import SCORED
from vigil.sleep.hypnogram import apply_rules, make_hypnogram, states_of, summarise
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

NO_LABELS = (
    "the table has no labels of two animals to train one; fill the column sleep_labels or set "
    "sleep.scorer to auto."
)


def run(job: Job) -> None:
    """Score the sleep of one recording.

    Inputs: `features`, `lfp` (for the start), `kinematics`, `model`, `folds` and `labels` (all
    optional). Row: `animal`, `died`. Outputs: `hypnogram`, `csv`, `summary`.
    """
    settings = Settings.model_validate(job.settings)
    features, movement, provisional = _recording(
        job.input("features"), job.optional_input("kinematics"), settings
    )
    start_s = features["start_s"].to_numpy(dtype=np.float64)
    duration_s = features["duration_s"].to_numpy(dtype=np.float64)
    labels = job.optional_input("labels")
    if labels is not None:
        # labels that cannot be used end their own recording; training goes on without them
        read_labels(labels, start_s, float(duration_s[0]))
    model = unseen_model(
        job.optional_input("folds"), job.optional_input("model"), job.row["animal"]
    )
    if settings.scorer == "model" and model is None:
        why = job.missing["model"].reason if "model" in job.missing else NO_LABELS
        raise RecordingError(f"sleep.scorer is 'model', but there is none: {why}")
    if model is None or settings.scorer == "threshold":
        log.info("scored by thresholds")
        job.decided = {"scorer": "threshold"}
        states, probability = provisional, np.full((len(features), len(SCORED)), np.nan)
    else:
        log.info("scored by the model trained on %s", ", ".join(model.animals))
        job.decided = {
            "scorer": "model",
            "animals": list(model.animals),
            "smoothing": model.smoothing,
        }
        predictors = make_predictors(features, movement, provisional)
        probability = model.probabilities(predictors)
        states = states_of(probability, settings.min_confidence)
    states = apply_rules(states, movement, settings)
    start = read_start_time(job.input("lfp"))
    states[after_death(features, start, job.row.get("died"))] = "unclassified"
    hypnogram = make_hypnogram(start_s, duration_s, states, probability)
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
    features = job.input_by_recording("features")
    kinematics = job.input_by_recording("kinematics")
    recordings: list[LabelledRecording] = []
    left_out: dict[str, str] = {}
    for row in job.row["recordings"]:
        name = row["recording"]
        if name not in features:
            log.warning("%s is not learnt from: it could not be analysed", name)
            left_out[name] = "it could not be analysed"
            continue
        table, movement, provisional = _recording(features[name], kinematics.get(name), settings)
        start_s = table["start_s"].to_numpy(dtype=np.float64)
        try:
            labels = read_labels(row["labels"], start_s, float(table["duration_s"].iloc[0]))
        except RecordingError as error:
            log.warning("%s is not learnt from: %s", name, error)
            left_out[name] = str(error)
            continue
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
    smoothing = next(iter(folds.values())).smoothing
    model = replace(train_model(recordings, settings, job.threads), smoothing=smoothing)
    model.save(job.output("model"))
    job.output("folds").mkdir()
    for animal, fold in folds.items():
        fold.save(job.output("folds") / f"{animal}.json")
    comparison.to_csv(job.output("comparison"), sep="\t", index=False, float_format="%.4f")
    confusion.to_csv(job.output("confusion"), sep="\t", index_label="label")
    job.output("card").write_text(
        json.dumps(_card(recordings, left_out, smoothing, comparison), indent=1) + "\n"
    )


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
    """Epochs that end after the time of death; none where start or death is not known.

    A start without a time zone, as headers have it, is taken in the zone of the death.
    """
    begin, death = parse_time(start), parse_time(died)
    if begin is None or death is None:
        return np.zeros(len(features), dtype=bool)
    alive_s = seconds_between(begin, death)
    return np.asarray(features["start_s"] + features["duration_s"] > alive_s, dtype=bool)


def unseen_model(folds: Path | None, model: Path | None, animal: str) -> SleepModel | None:
    """The model to score an animal with: one that has not seen it, or None.

    That is the fold that left it out, or the model of all labels where they hold none of it.
    """
    fold = folds / f"{animal}.json" if folds is not None else None
    if fold is not None and fold.is_file():
        return SleepModel.load(fold)
    whole = SleepModel.load(model) if model is not None else None
    return whole if whole is not None and animal not in whole.animals else None


def _card(
    recordings: list[LabelledRecording],
    left_out: dict[str, str],
    smoothing: str,
    comparison: pd.DataFrame,
) -> dict[str, object]:
    """What the model learnt from, how well it did on animals left out, and its limits."""
    epochs = sum(len(r.labels) for r in recordings)
    return {
        "recordings": [r.recording for r in recordings],
        "animals": sorted({r.animal for r in recordings}),
        "left_out": left_out,
        "smoothing": smoothing,
        "labelled_epochs": int(
            sum(np.isin(r.labels, ("wake", "nrem", "rem")).sum() for r in recordings)
        ),
        "epochs": epochs,
        "leave_one_animal_out": comparison[comparison["left_out"] == "all"].to_dict("records"),
        "not_for": "animals, electrodes or regions unlike those it was trained on, without a check "
        "against an expert's labels.",
    }
