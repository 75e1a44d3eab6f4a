"""Cohort at its edge: what the recordings left in, tables and the page that joins them out."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from vigil import __version__
from vigil.cohort import figures, onset_figures, words
from vigil.cohort.animal_page import write_animal_page
from vigil.cohort.coupling import figures as coupling_figures
from vigil.cohort.coupling.words import coupling_sentences
from vigil.cohort.death import cut_at_death, deaths
from vigil.cohort.early import figures as early_figures
from vigil.cohort.early.answer import warning_sentence
from vigil.cohort.early.files import notes_of
from vigil.cohort.early.files import read_table as read_early
from vigil.cohort.fatal import fatal_sentences
from vigil.cohort.fatal_figures import CAPTIONS as FATAL_CAPTIONS
from vigil.cohort.fatal_figures import fatal_seizures
from vigil.cohort.files import write_table
from vigil.cohort.gather import Recording, gather
from vigil.cohort.pool import animals_table, onsets_table, recordings_table, summary_sentences
from vigil.cohort.questions import Questions, ask
from vigil.cohort.settings import Settings
from vigil.page.pictures import draw_pictures
from vigil.page.render import render_page, vendored
from vigil.page.table import csv_link
from vigil.stage import Job

log = logging.getLogger("vigil")
EARLY = ("lead_time", "answers", "biomarkers")

CAPTIONS = {
    "sleep_shares": (
        "Sleep by animal and group",
        "Share of the recorded epochs in each state. Every dot is an animal, its recordings "
        "pooled by time; a line is the median of a group of three animals or more.",
    ),
    "seizure_diary": (
        "Seizures of each animal over time",
        "Bars: recorded time. Upright lines: onsets of seizures. Hatched: recorded, but seizures "
        "could not be sought. Cross: time of death from the table.",
    ),
    "onset_regions": (
        "Where seizures start",
        "Seizures of each animal by the region that comes first. Grey: not sure enough which; "
        "white: no onset found.",
    ),
    "onset_map": (
        "Onset map",
        "Seizures that clearly begin in a region, by animal. A ring: the region in which the "
        "animal's seizures begin when all of them are pooled, with the confidence beside it.",
    ),
    **early_figures.CAPTIONS,
    **FATAL_CAPTIONS,
    **coupling_figures.CAPTIONS,
}


def run(job: Job) -> None:
    """Write the page and the tables of all recordings.

    Inputs, all optional lists: `reports` (their provenance.json), `lfp`, `quality`,
    `sleep_summaries`, `hypnograms`, `events`, `consensus`, `postictal`, `kinematics`, `seizures`
    (of `vigil.cohort.each`); `lead_time`, `answers`, `biomarkers`, `early` of how early; and
    `sleep_model`, `seizure_model`, pages of trained models where there are any. Row:
    `recordings`, the rows of the table. Outputs: `page`, `recordings`, `animals`, `onsets`,
    `origins`, `seizures`, `fatal`, `coupling`, `figures`, `animal_pages`.
    """
    settings = Settings.model_validate(job.settings)
    found = cut_at_death(gather(job))
    asked = ask(found, settings)
    tables = {
        "recordings": recordings_table(found),
        "animals": animals_table(found),
        "onsets": onsets_table(found),
        "origins": asked.origins,
        "seizures": asked.seizures,
        "fatal": asked.fatal,
        "coupling": asked.coupling,
    }
    for name, table in tables.items():
        write_table(job.output(name), table)
    early = {n: read_early(path) for n in EARLY if (path := job.optional_input(n)) is not None}
    told = job.optional_input("early")
    notes = [] if told is None else notes_of(told)
    drawn = draw_pictures(
        job.output("figures"), drawings(found, asked, tables, early, settings), CAPTIONS,
        settings.dpi,
    )  # fmt: skip
    page = render_page(
        "cohort.html.j2",
        _context(settings, found, asked, tables, early, drawn, notes) | _models(job),
        Path(__file__).parent / "templates",
    )
    log.info("page of %.2f MB", len(page.encode()) / 1e6)
    job.output("page").write_text(page, encoding="utf-8")
    _write_animal_pages(job.output("animal_pages"), found, asked, early, settings)


def drawings(
    found: list[Recording],
    asked: Questions,
    tables: dict[str, pd.DataFrame],
    early: dict[str, pd.DataFrame],
    settings: Settings,
) -> dict[str, Any]:
    """What draws each figure, or None where there are no data for it."""
    regions = list(dict.fromkeys(name for r in found for name in r.regions))
    hours = partial(coupling_figures.seizures_by_hour, asked.hours, asked.coupling)
    return {
        "sleep_shares": partial(figures.sleep_shares, tables["animals"]),
        "seizure_diary": partial(figures.seizure_diary, found),
        "onset_regions": partial(onset_figures.onset_regions, tables["onsets"], regions),
        "onset_map": partial(onset_figures.onset_map, tables["onsets"], asked.origins, regions),
        **(early_figures.drawings(early["lead_time"], early["biomarkers"]) if early else {}),
        "fatal_seizures": partial(fatal_seizures, asked.seizures, asked.fatal),
        "seizures_by_state": partial(
            coupling_figures.seizures_by_state, asked.states, asked.coupling
        ),
        "seizures_by_hour": partial(hours, settings.light_h),
    }


def _context(
    settings: Settings,
    found: list[Recording],
    asked: Questions,
    tables: dict[str, pd.DataFrame],
    early: dict[str, pd.DataFrame],
    drawn: dict[str, dict[str, str]],
    notes: list[str],
) -> dict[str, Any]:
    reasons = [(r.name, r.status, stage, why) for r in found for stage, why in _reasons(r)]
    sought = any(r.events is not None for r in found)
    shown = {
        "recordings": words.recordings_words(tables["recordings"]),
        "animals": words.animals_words(tables["animals"]),
        "onsets": words.onsets_words(tables["onsets"]) if len(tables["onsets"]) else None,
        "origins": words.origins_words(asked.origins) if len(asked.origins) else None,
        "fatal": words.fatal_words(asked.fatal) if asked.seizures["fatal"].any() else None,
        "coupling": words.coupling_words(asked.coupling) if len(asked.seizures) else None,
        "answers": words.answers_words(early["answers"]) if early else None,
        "biomarkers": words.biomarkers_words(early["biomarkers"])
        if early and len(early["biomarkers"])
        else None,
    }
    return {
        "title": settings.title,
        "css": vendored("page/templates/page.css"),
        "said": summary_sentences(tables["recordings"], tables["animals"]),
        "failed": [x for x in reasons if x[1] == "not analysed"],
        "partly": [x for x in reasons if x[1] != "not analysed"],
        "tables": shown,
        "csv": {name: csv_link(table) for name, table in {**tables, **early}.items()},
        "sought": sought,
        "fatal_said": fatal_sentences(asked.seizures, asked.fatal, len(deaths(found)))
        if sought
        else [],
        "early_notes": notes,
        "markers_said": warning_sentence(early["answers"], early["biomarkers"]) if early else "",
        "coupling_said": coupling_sentences(asked.coupling) if len(asked.seizures) else [],
        "figures": drawn,
        "pages": list(dict.fromkeys(r.animal for r in found)),
        "program_version": __version__,
    }


def _write_animal_pages(
    folder: Path,
    found: list[Recording],
    asked: Questions,
    early: dict[str, pd.DataFrame],
    settings: Settings,
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    answers = early.get("answers", pd.DataFrame({"animal": [], "sentence": []}))
    for animal in dict.fromkeys(r.animal for r in found):
        write_animal_page(
            folder,
            animal,
            [r for r in found if r.animal == animal],
            asked.seizures[asked.seizures["animal"] == animal],
            answers.loc[answers["animal"] == animal, "sentence"].tolist(),
            settings.light_h,
            settings.dpi,
        )


def _models(job: Job) -> dict[str, str | None]:
    """Where the pages of trained models lie, seen from the cohort's, or why there are none."""
    told: dict[str, str | None] = {}
    for name in ("sleep_model", "seizure_model"):
        page, mark = job.optional_input(name), job.missing.get(name)
        told[name] = None if page is None else f"../models/{page.parent.name}/{page.name}"
        told[f"no_{name}"] = None if mark is None else mark.reason
    return told


def _reasons(recording: Recording) -> list[tuple[str, str]]:
    return list(dict.fromkeys((m.stage, m.reason) for m in recording.missing.values()))
