"""Sleep at its edge: features and movement in, the hypnogram and its statistics out."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.downsample.files import read_start_time
from vigil.kinematics.files import read_kinematics
from vigil.page.times import lights_on_h
from vigil.recording import SCORED, RecordingError, parse_time, seconds_between
from vigil.sleep.doubts import why_not
from vigil.sleep.hours import hourly_table
from vigil.sleep.hypnogram import apply_rules, make_hypnogram, states_of
from vigil.sleep.labels import read_labels
from vigil.sleep.movement import COLUMNS as MOVEMENT
from vigil.sleep.movement import movement_of_epochs
from vigil.sleep.predictors import normalise_features, spread_of
from vigil.sleep.settings import Settings
from vigil.sleep.statistics import sleep_statistics, summarise
from vigil.sleep.threshold import score_by_thresholds
from vigil.sleep.transitions import transition_table
from vigil.sleep.unseen import score_unseen
from vigil.spectra.files import read_features
from vigil.stage import Job

log = logging.getLogger("vigil")

NO_LABELS = (
    "the table has no labels to train one; fill the column sleep_labels or set sleep.scorer to "
    "auto."
)


@dataclass(frozen=True)
class Measured:
    """What is known of a recording before it is scored.

    Parameters
    ----------
    features : DataFrame
        As of features.parquet.
    movement : DataFrame or None
        As of `movement_of_epochs`.
    provisional : ndarray of str, (epoch,)
        States by thresholds.
    """

    features: pd.DataFrame
    movement: pd.DataFrame | None
    provisional: npt.NDArray[np.str_]

    @property
    def start_s(self) -> npt.NDArray[np.float64]:
        """Starts of the epochs."""
        return self.features["start_s"].to_numpy(dtype=np.float64)

    @property
    def epoch_s(self) -> float:
        """Length of an epoch."""
        return float(self.features["duration_s"].iloc[0])

    @property
    def speed_cm_s(self) -> npt.NDArray[np.float64] | None:
        """Mean speed of the head in each epoch."""
        if self.movement is None:
            return None
        return self.movement["movement.speed"].to_numpy(dtype=np.float64)

    def spread(self) -> pd.Series:
        """Spread of each feature of the brain."""
        return spread_of(self.features)

    def normal(self) -> pd.DataFrame:
        """Features as a model wants them."""
        return normalise_features(self.features, self.movement, self.provisional)


def read_measured(
    features_path: Path, kinematics_path: Path | None, settings: Settings
) -> Measured:
    """Read the features and the movement of a recording, and score it by thresholds."""
    features = read_features(features_path)
    if not len(features):
        raise RecordingError(
            f"{features_path} holds no epoch: the recording is shorter than one; take it out of "
            "the table or join it to its neighbour."
        )
    movement = None
    if kinematics_path is not None:
        movement = movement_of_epochs(
            read_kinematics(kinematics_path, MOVEMENT),
            features["start_s"].to_numpy(dtype=np.float64),
            float(features["duration_s"].iloc[0]),
        )
    provisional = score_by_thresholds(features, movement, settings.movement_cm_s)
    return Measured(features, movement, provisional)


def run(job: Job) -> None:
    """Score the sleep of one recording.

    Inputs: `features`, `lfp` (for the start), `kinematics` and the trained `model`, `folds` and
    `folds_list` (all optional). Row: `recording`, `animal`, `lights_on`, `died`, `labels` (a path).
    Outputs: `hypnogram`, `csv`, `summary`, `statistics`, `transitions`, `hours`.
    """
    settings = Settings.model_validate(job.settings)
    measured = read_measured(job.input("features"), job.optional_input("kinematics"), settings)
    start = read_start_time(job.input("lfp"))
    path = job.row.get("labels")
    labels = None
    if path:
        labels = read_labels(path, measured.start_s, measured.epoch_s, start, unlabelled="")
    scored, probability = _score(job, measured, settings)
    scored = apply_rules(scored, measured.speed_cm_s, settings)
    hypnogram = make_hypnogram(
        measured.start_s,
        measured.features["duration_s"].to_numpy(dtype=np.float64),
        scored,
        probability,
        labels,
        settings.keep_labels,
    )
    dead = after_death(measured.features, start, job.row.get("died"))
    hypnogram.loc[dead, ["state", "scored"]] = "unclassified"
    hypnogram.loc[dead, "label"] = ""
    hypnogram.loc[dead, "confidence"] = np.nan
    hypnogram.to_parquet(job.output("hypnogram"), index=False)
    hypnogram.to_csv(job.output("csv"), index=False, float_format="%.4f")
    tables = {
        "summary": summarise(hypnogram),
        "statistics": sleep_statistics(hypnogram, settings.brief_awakening_epochs),
        "transitions": transition_table(hypnogram),
        "hours": hourly_table(hypnogram, parse_time(start), lights_on_h(job.row.get("lights_on"))),
    }
    for name, table in tables.items():
        table.to_csv(job.output(name), sep="\t", index=False, float_format="%.4f")


def _score(
    job: Job, measured: Measured, settings: Settings
) -> tuple[npt.NDArray[np.str_], npt.NDArray[np.float64]]:
    """States and probabilities by the model that there is, else by thresholds."""
    model = job.optional_input("model")
    folds, listed = job.optional_input("folds"), job.optional_input("folds_list")
    if settings.scorer == "model" and model is None:
        why = job.missing["model"].reason if "model" in job.missing else NO_LABELS
        raise RecordingError(f"sleep.scorer is 'model', but there is none: {why}")
    if settings.scorer == "threshold" or model is None or folds is None or listed is None:
        return _by_thresholds(job, measured)
    who = job.row["recording"], job.row["animal"]
    found = score_unseen(folds, listed, model, *who, measured.normal())
    why = why_not(measured.provisional, measured.spread(), found.spread, found.beats_thresholds)
    if why and settings.scorer == "model":
        raise RecordingError(
            f"sleep.scorer is 'model', but it is not to be trusted here: {why}; set it to auto."
        )
    if why:
        return _by_thresholds(job, measured, why)
    log.info("scored by %s, trained on %s", found.scorer, ", ".join(found.animals))
    job.decided = {
        "scorer": "model",
        "chosen": found.scorer,
        "animals": list(found.animals),
        "folds": found.unseen,
    }
    return states_of(found.probability, settings.min_confidence), found.probability


def _by_thresholds(
    job: Job, measured: Measured, why: str = ""
) -> tuple[npt.NDArray[np.str_], npt.NDArray[np.float64]]:
    """The states by thresholds, which have no probabilities, and why not by the model."""
    log.log(logging.WARNING if why else logging.INFO, "scored by thresholds %s", why)
    job.decided = {"scorer": "threshold", **({"why": why} if why else {})}
    return measured.provisional, np.full((len(measured.features), len(SCORED)), np.nan)


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
