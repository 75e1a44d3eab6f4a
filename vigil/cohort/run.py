"""Cohort at its edge: what the recordings left in, tables and the page that joins them out."""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from vigil import __version__
from vigil.cohort import figures
from vigil.cohort.files import write_table
from vigil.cohort.gather import Recording, gather
from vigil.cohort.pool import animals_table, onsets_table, recordings_table, summary_sentences
from vigil.cohort.settings import Settings
from vigil.page import style
from vigil.page.pictures import draw_pictures
from vigil.page.render import render_page, vendored
from vigil.page.table import Table, csv_link
from vigil.page.words import number, percent
from vigil.stage import Job

log = logging.getLogger("vigil")

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
        "Seizures of each animal by the region that comes first. Grey: two regions closer than one "
        "step of the method; white: no onset found.",
    ),
}


def run(job: Job) -> None:
    """Write the page and the tables of all recordings.

    Inputs, all optional lists: `reports` (their provenance.json), `quality`,
    `sleep_summaries`, `events`, `consensus`, `postictal`, `kinematics`; and `sleep_model`, the
    page of the trained sleep model where there is one. Row: `recordings`, the rows of the table.
    Outputs: `page`, `recordings`, `animals`, `onsets`, `figures`.
    """
    settings = Settings.model_validate(job.settings)
    found = gather(job)
    recordings, animals, onsets = recordings_table(found), animals_table(found), onsets_table(found)
    write_table(job.output("recordings"), recordings)
    write_table(job.output("animals"), animals)
    write_table(job.output("onsets"), onsets)
    pictures = draw_figures(found, animals, onsets, job.output("figures"), settings.dpi)
    page = render_page(
        "cohort.html.j2",
        _context(settings, found, recordings, animals, onsets, pictures) | _sleep_model(job),
        Path(__file__).parent / "templates",
    )
    log.info("page of %.2f MB", len(page.encode()) / 1e6)
    job.output("page").write_text(page, encoding="utf-8")


def draw_figures(
    found: list[Recording], animals: pd.DataFrame, onsets: pd.DataFrame, folder: Path, dpi: int
) -> list[dict[str, str]]:
    """Draw the figures that there are data for, as PNG and PDF, and give them for the page."""
    drawn = {
        "sleep_shares": partial(figures.sleep_shares, animals),
        "seizure_diary": partial(figures.seizure_diary, found),
        "onset_regions": partial(figures.onset_regions, onsets),
    }
    return list(draw_pictures(folder, drawn, CAPTIONS, dpi).values())


def _context(
    settings: Settings,
    found: list[Recording],
    recordings: pd.DataFrame,
    animals: pd.DataFrame,
    onsets: pd.DataFrame,
    pictures: list[dict[str, str]],
) -> dict[str, Any]:
    reasons = [(r.name, r.status, stage, why) for r in found for stage, why in _reasons(r)]
    return {
        "title": settings.title,
        "css": vendored("page/templates/page.css"),
        "said": summary_sentences(recordings, animals),
        "failed": [x for x in reasons if x[1] == "not analysed"],
        "partly": [x for x in reasons if x[1] != "not analysed"],
        "recordings": _recordings_words(recordings),
        "recordings_csv": csv_link(recordings),
        "animals": _animals_words(animals),
        "animals_csv": csv_link(animals),
        "onsets": _onsets_words(onsets) if len(onsets) else None,
        "onsets_csv": csv_link(onsets),
        "figures": pictures,
        "program_version": __version__,
    }


def _sleep_model(job: Job) -> dict[str, str | None]:
    """Where the page of the sleep model lies, seen from the cohort's, or why there is none."""
    page, mark = job.optional_input("sleep_model"), job.missing.get("sleep_model")
    return {
        "sleep_model": None if page is None else f"../models/{page.parent.name}/{page.name}",
        "no_sleep_model": None if mark is None else mark.reason,
    }


def _reasons(recording: Recording) -> list[tuple[str, str]]:
    return list(dict.fromkeys((m.stage, m.reason) for m in recording.missing.values()))


def _shares(row: pd.Series) -> list[str]:
    return [percent(float(row[f"{s}_share"])) for s in style.STATE_NAMES]


def _bad_channels(row: pd.Series) -> str:
    """`2 of 64 (1 more to look at)`."""
    if not np.isfinite(row["channels"]):
        return "–"
    text = f"{row['bad_channels']:.0f} of {row['channels']:.0f}"
    if row["doubted_channels"]:
        text += f" ({row['doubted_channels']:.0f} more to look at)"
    return text


def _recordings_words(table: pd.DataFrame) -> Table:
    rows = [
        [
            r["recording"], r["animal"], r["group"] or "–", r["status"], _bad_channels(r),
            number(float(r["hours"])), *_shares(r), number(float(r["seizures"])),
            number(float(r["mean_speed_cm_s"]), 2),
        ]
        for _, r in table.iterrows()
    ]  # fmt: skip
    header = ["Recording", "Animal", "Group", "Status", "Bad channels", "Hours"]
    header += style.STATE_NAMES.values()
    colours = {"analysed": "good", "partly": "look", "not analysed": "bad"}
    return Table(
        [*header, "Seizures", "Speed (cm/s)"],
        rows,
        range(5),
        colours=[style.VERDICT_COLOURS[colours[s]] for s in table["status"]],
        links=[f"../{name}/report/index.html" for name in table["recording"]],
    )


def _animals_words(table: pd.DataFrame) -> Table:
    rows = [
        [
            r["animal"], r["group"] or "–", str(r["recordings"]), number(float(r["hours"])),
            *_shares(r), number(float(r["seizures"])), number(float(r["seizures_per_day"])),
            number(float(r["mean_speed_cm_s"]), 2), str(r["died"] or "–")[:16].replace("T", " "),
            number(float(r["last_seizure_before_death_h"])),
        ]
        for _, r in table.iterrows()
    ]  # fmt: skip
    header = ["Animal", "Group", "Recordings", "Hours", *style.STATE_NAMES.values()]
    header += ["Seizures", "Per day", "Speed (cm/s)", "Died", "Last seizure before (h)"]
    return Table(header, rows, (0, 1, header.index("Died")))


def _onsets_words(table: pd.DataFrame) -> Table:
    names = {"resolved": "clear", "unresolved": "too close to call", "none": "no onset found"}
    rows = [
        [
            r["animal"], r["group"] or "–", r["region"] or "–",
            names.get(r["status"], r["status"]), str(r["seizures"]),
        ]
        for _, r in table.iterrows()
    ]  # fmt: skip
    return Table(("Animal", "Group", "Region", "Verdict", "Seizures"), rows, range(4))
