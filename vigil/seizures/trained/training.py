"""Training at its edge: evidence and labels of recordings in, models, a card and a page out."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from vigil.downsample.files import read_start_time
from vigil.folds import EVERYTHING, write_folds
from vigil.plain import plain
from vigil.recording import RecordingError, parse_time, seconds_between
from vigil.seizures.evidence_files import open_evidence
from vigil.seizures.sections import find_events_in
from vigil.seizures.settings import Settings
from vigil.seizures.steps import SECTION_STEPS
from vigil.seizures.trained.card import model_card
from vigil.seizures.trained.comparison import (
    XGBOOST,
    ask_held,
    choose,
    compare,
    held_out_table,
    settle,
)
from vigil.seizures.trained.decode import in_seconds
from vigil.seizures.trained.folds import LabelledRecording, make_folds
from vigil.seizures.trained.labels import UNLABELLED, read_seizure_labels
from vigil.seizures.trained.model import Store
from vigil.seizures.trained.page import write_model_page
from vigil.seizures.trained.train import gather_all, learn, make_model
from vigil.stage import Job

log = logging.getLogger("vigil")


def run_train(job: Job) -> None:
    """Train the detector on the recordings with labelled seizures.

    Inputs: lists of results/<recording>/seizures/evidence.zarr (`evidence`) and, optional, of
    downsample's lfp.zarr (`lfp`), which knows the start where the table does not. Row:
    `recordings`, a list of recording, animal, labels (a path), start and died. Outputs: `model`,
    `folds` (a folder with a model per fold), `folds_list`, `comparison`, `held_out`, `card`,
    `page`, `figures`.
    """
    settings = Settings.model_validate(job.settings)
    recordings, left_out = _read(job, settings)
    train_detector(job, recordings, left_out, settings)


def train_detector(
    job: Job,
    recordings: Sequence[LabelledRecording],
    left_out: dict[str, str],
    settings: Settings,
) -> None:
    """Train, compare, choose and write; see `run_train`.

    Parameters
    ----------
    job : Job
    recordings : sequence of LabelledRecording
    left_out : dict
        Labelled recordings that are not learnt from, and why.
    settings : Settings
    """
    folds = make_folds(recordings, settings.blocks)
    log.info("reading what is learnt from")
    examples = gather_all(recordings, settings)
    fitted, held = {}, []
    for fold in folds:
        log.info("leaving out %s", fold.name)
        fitted[fold.name] = learn(recordings, examples, fold, settings, job.threads)
        held += ask_held(recordings, fold, make_model(*fitted[fold.name], settings=settings))
    by_fold, temperature, decoding = settle(held, settings.merge_s, settings.min_duration_s)
    comparison = compare(held, by_fold)
    chosen = choose(comparison)
    log.info("chosen: %s", chosen)
    models = {
        name: make_model(*fit, *by_fold[name], chosen == XGBOOST, settings=settings)
        for name, fit in fitted.items()
    }
    log.info("learning from all")
    fit = learn(recordings, examples, EVERYTHING, settings, job.threads)
    whole = make_model(*fit, temperature, decoding, chosen == XGBOOST, settings=settings)
    job.decided = {"chosen": chosen, "folds": "animals" if folds[0].animal else "blocks"}

    whole.save(job.output("model"))
    write_folds(job.output("folds"), job.output("folds_list"), folds, models)
    comparison.to_csv(job.output("comparison"), sep="\t", index=False, float_format="%.5g")
    tables = (held_out_table(h, by_fold) for h in held)
    _write_parts(job.output("held_out"), tables)
    card = model_card(recordings, folds, held, by_fold, chosen, comparison, whole, left_out)
    job.output("card").write_text(json.dumps(plain(card), indent=1, allow_nan=False) + "\n")
    write_model_page(job.output("figures"), job.output("page"), card, comparison, dpi=150)


def label_free(
    store: Store, settings: Settings
) -> tuple[list[tuple[int, int]], npt.NDArray[np.bool_]]:
    """Seizures by the detector without labels, in steps, and all steps that it says anything of."""
    events, rejected = find_events_in(store, settings)
    called = np.concatenate(
        [
            store.read(first, min(first + SECTION_STEPS, store.n_steps)).artefact != ""
            for first in range(0, store.n_steps, SECTION_STEPS)
        ]
    )
    found = [(e.first, e.last) for e in events]
    for first, last in [*found, *((r.first, r.last) for r in rejected)]:
        called[first:last] = True
    return found, called


def _read(job: Job, settings: Settings) -> tuple[list[LabelledRecording], dict[str, str]]:
    """Labelled recordings, and the others with the reason."""
    evidence, lfp = job.input_by_recording("evidence"), job.input_by_recording("lfp")
    recordings: list[LabelledRecording] = []
    left_out: dict[str, str] = {}
    # in an order of their own: results do not depend on that of the table
    for row in sorted(job.row["recordings"], key=lambda row: str(row["recording"])):
        name = str(row["recording"])
        try:
            if name not in evidence:
                raise RecordingError("it could not be analysed")
            start = row.get("start") or (read_start_time(lfp[name]) if name in lfp else "")
            store = open_evidence(evidence[name])
            recordings.append(_read_one({**row, "start": start}, store, settings))
        except RecordingError as error:
            log.warning("%s is not learnt from: %s", name, error)
            left_out[name] = str(error)
    if not recordings:
        raise RecordingError(
            "No recording with labelled seizures can be learnt from: "
            + "; ".join(f"{name}: {why}" for name, why in left_out.items())
        )
    return recordings, left_out


def _read_one(row: dict[str, Any], store: Store, settings: Settings) -> LabelledRecording:
    n, step_s = store.n_steps, store.step_s
    told = read_seizure_labels(row["labels"], n * step_s)
    labels = told.on_steps(n, step_s)
    alive_s = _alive_s(row)
    labels[int(np.ceil(alive_s / step_s)) if alive_s < n * step_s else n :] = UNLABELLED
    events, called = label_free(store, settings)
    return LabelledRecording(
        str(row["recording"]),
        str(row["animal"]),
        store,
        labels,
        tuple(s for s in told.seizures if s[0] < alive_s),
        tuple(in_seconds(events, step_s)),
        called,
    )


def _alive_s(row: dict[str, Any]) -> float:
    """Time of death in the recording; infinite where start or death is not known."""
    start, died = parse_time(row.get("start")), parse_time(row.get("died"))
    if start is None or died is None:
        return math.inf
    return max(0.0, seconds_between(start, died))


def _write_parts(path: Path, tables: Iterator[pd.DataFrame]) -> None:
    """Write tables below one another; only one is held at a time."""
    writer: pq.ParquetWriter | None = None
    for table in tables:
        part = pa.Table.from_pandas(table, preserve_index=False)
        if writer is None:
            writer = pq.ParquetWriter(path, part.schema)
        writer.write_table(part)
    if writer is not None:
        writer.close()
