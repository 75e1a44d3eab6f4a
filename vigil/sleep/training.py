"""Training at its edge: features, movement and labels of recordings in, models out."""

from __future__ import annotations

import json
import logging

import numpy as np
import pandas as pd

from vigil.downsample.files import read_start_time
from vigil.folds import EVERYTHING, write_folds
from vigil.plain import plain
from vigil.recording import SCORED, RecordingError
from vigil.sleep.agreement import confusion
from vigil.sleep.card import model_card
from vigil.sleep.comparison import (
    THRESHOLD,
    calibrate_across,
    choose,
    compare,
    compare_missing,
    held_out_table,
    pooled,
    score_held,
)
from vigil.sleep.doubts import one_state
from vigil.sleep.evaluation import calibration_errors
from vigil.sleep.explain import importance
from vigil.sleep.folds import LabelledRecording, make_folds
from vigil.sleep.labels import read_labels
from vigil.sleep.logistic import Logistic
from vigil.sleep.page import write_model_page
from vigil.sleep.predictors import make_predictors, without_brain
from vigil.sleep.run import after_death, read_measured
from vigil.sleep.settings import Settings
from vigil.sleep.train import features_of, learn, scorer_name, usual_spread
from vigil.sleep.trees import Trees
from vigil.stage import Job

log = logging.getLogger("vigil")

MOST_EXPLAINED = 20_000
"""Epochs of which those are drawn whose scores are explained."""


def run_train(job: Job) -> None:
    """Train the sleep models on the labelled recordings.

    Inputs: `features`, `lfp` and `kinematics` (optional), lists whose paths tell the recording.
    Row: `recordings`, a list of recording, animal, labels (a path), died. Outputs: `model`, `folds`
    (a folder with a model per fold), `folds_list`, `comparison`, `confusion`, `missing`,
    `held_out`, `importance`, `card`, `page`, `figures`.
    """
    settings = Settings.model_validate(job.settings)
    recordings, left_out, epoch_s = _read(job, settings)
    folds = make_folds(recordings, settings.blocks)
    learnt, held = {}, []
    for fold in folds:
        log.info("leaving out %s", fold.name)
        learnt[fold.name] = learn(
            recordings, fold, settings, job.threads, progress=lambda text: log.info("- %s", text)
        )
        held += score_held(recordings, fold, learnt[fold.name])
    comparison = compare(held, settings)
    which = choose(comparison, settings)
    chosen = scorer_name(*which)
    log.info("chosen: %s", chosen)
    by_fold, calibration = calibrate_across(held, which)
    kappa = pooled(comparison)["kappa"]
    beats = bool(kappa[chosen] >= kappa[THRESHOLD])
    models = {f.name: learnt[f.name].model(*which, by_fold[f.name], beats) for f in folds}
    missing = compare_missing(recordings, folds, learnt, which, by_fold, settings)
    held_out = held_out_table(held, which, by_fold, settings)
    log.info("learning from all")
    whole = learn(recordings, EVERYTHING, settings, job.threads, {which[0], "xgboost"})
    job.decided = {"chosen": chosen, "folds": "animals" if folds[0].animal else "blocks"}

    whole.model(*which, calibration, beats).save(job.output("model"))
    write_folds(job.output("folds"), job.output("folds_list"), folds, models)
    tables = confusion(held_out["label"].to_numpy(str), held_out["state"].to_numpy(str))
    tables.to_csv(job.output("confusion"), sep="\t", index_label="label")
    explained = _explain(whole.learners["xgboost"], recordings)
    for name, table in (
        ("comparison", comparison),
        ("missing", missing),
        ("importance", explained),
    ):
        table.to_csv(job.output(name), sep="\t", index=False, float_format="%.5g")
    held_out.to_parquet(job.output("held_out"), index=False)
    card = model_card(recordings, folds, chosen, comparison, held_out, left_out, epoch_s, settings)
    card["calibration"] = calibration_errors(held_out)
    card["beats_thresholds"] = beats
    job.output("card").write_text(json.dumps(plain(card), indent=1, allow_nan=False) + "\n")
    write_model_page(
        job.output("figures"),
        job.output("page"),
        card,
        comparison,
        tables,
        held_out,
        explained,
        missing,
        dpi=150,
    )


def _read(job: Job, settings: Settings) -> tuple[list[LabelledRecording], dict[str, str], float]:
    """Labelled recordings, the others with the reason, and the length of an epoch."""
    features = job.input_by_recording("features")
    kinematics = job.input_by_recording("kinematics")
    lfp = job.input_by_recording("lfp")
    recordings: list[LabelledRecording] = []
    left_out: dict[str, str] = {}
    epoch_s = 0.0
    # in an order of their own: results do not depend on that of the table
    for row in sorted(job.row["recordings"], key=lambda row: str(row["recording"])):
        name = row["recording"]
        try:
            if name not in features or name not in lfp:
                raise RecordingError("it could not be analysed")
            measured = read_measured(features[name], kinematics.get(name), settings)
            started = read_start_time(lfp[name])
            labels = read_labels(row["labels"], measured.start_s, measured.epoch_s, started)
            dead = after_death(measured.features, started, row.get("died"))
            normal = measured.normal()
            # what has no signal, or is dead, teaches nothing and cannot be scored
            labels[dead | without_brain(normal)] = "unclassified"
            if not np.isin(labels, SCORED).any():
                raise RecordingError(f"the labels {row['labels']} name no state of any epoch")
        except RecordingError as error:
            log.warning("%s is not learnt from: %s", name, error)
            left_out[name] = str(error)
            continue
        epoch_s = measured.epoch_s
        recordings.append(
            LabelledRecording(
                name,
                row["animal"],
                measured.start_s,
                normal,
                labels,
                measured.provisional,
                measured.spread(),
                measured.speed_cm_s,
            )
        )
    usual = usual_spread(recordings)
    for r in [r for r in recordings if one_state(r.provisional, r.spread, usual)]:
        log.warning("%s is not learnt from: it seems to hold one state only", r.recording)
        left_out[r.recording] = "it seems to hold one state only"
        recordings.remove(r)
    if not recordings:
        raise RecordingError(
            "No labelled recording can be learnt from: "
            + "; ".join(f"{name}: {why}" for name, why in left_out.items())
        )
    return recordings, left_out, epoch_s


def _explain(trees: Logistic | Trees, recordings: list[LabelledRecording]) -> pd.DataFrame:
    """What drives each state, by boosted trees of all labels, on epochs evenly spread."""
    if not isinstance(trees, Trees):
        raise TypeError("only trees can be explained")
    features = features_of(recordings)
    known = [np.isin(r.labels, SCORED) for r in recordings]
    every = max(1, sum(int(k.sum()) for k in known) // MOST_EXPLAINED)
    tables = [
        make_predictors(r.normal, features)[k].iloc[::every].copy()  # lets go of all others
        for r, k in zip(recordings, known, strict=True)
    ]
    return importance(trees.booster, pd.concat(tables, ignore_index=True))
