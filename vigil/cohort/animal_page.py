"""The page of an animal: its seizure diary, its recordings, and what was said of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from vigil import __version__
from vigil.cohort.diary import diary_figure
from vigil.cohort.gather import Recording
from vigil.page import style
from vigil.page.pictures import draw_pictures
from vigil.page.render import render_page, vendored
from vigil.page.table import Table, csv_link
from vigil.page.words import count_words, number

TEMPLATES = Path(__file__).parent / "templates"
DIARY_WORDS = (
    "Seizure diary",
    "A row per day. Blue: recorded; hatched: recorded, but seizures could not be sought. Upright "
    "marks: seizures, coloured by the region in which they begin. Grey shade: lights off.",
)


def write_animal_page(
    folder: Path,
    animal: str,
    recordings: Sequence[Recording],
    seizures: pd.DataFrame,
    sentences: Sequence[str],
    light_h: float,
    dpi: int,
) -> None:
    """Write `<animal>.html`, and its diary as PNG and PDF under `figures/`.

    Parameters
    ----------
    folder : Path
        Where the pages of the animals lie.
    recordings, seizures
        Of this animal; seizures as of seizures.tsv of the cohort.
    sentences : sequence of str
        What the cohort says of the animal.
    """
    pictures = draw_pictures(
        folder / "figures",
        {f"diary_{animal}": partial(diary_figure, recordings, seizures, light_h)},
        {f"diary_{animal}": DIARY_WORDS},
        dpi,
    )
    hours = sum(r.sought_hours for r in recordings)
    group = next((r.group for r in recordings if r.group), "")
    page = render_page(
        "animal.html.j2",
        {
            "title": animal,
            "css": vendored("page/templates/page.css"),
            "lead": lead(len(seizures), hours, len(recordings), group),
            "sought": hours > 0,
            "said": list(sentences),
            "figures": list(pictures.values()),
            "seizures": diary_table(seizures) if len(seizures) else None,
            "seizures_csv": csv_link(seizures),
            "recordings": [r.name for r in recordings],
            "program_version": __version__,
        },
        TEMPLATES,
    )
    (folder / f"{animal}.html").write_text(page, encoding="utf-8")


def lead(n_seizures: int, hours: float, n_recordings: int, group: str) -> str:
    """How many seizures were found in how many hours, or that none could be sought."""
    of = f"{count_words(n_recordings, 'recording')}" + (f" (group {group})" if group else "")
    if not hours:
        return f"Seizures could not be sought in {of}."
    found = count_words(n_seizures, "seizure").capitalize()
    return f"{found} in {hours:.1f} hours in which they were sought, of {of}."


def diary_table(seizures: pd.DataFrame) -> Table:
    """The seizures of an animal as text, each linked to the report of its recording."""
    header = ["Recording", "Seizure", "When", "ZT (h)", "Lasts (s)", "Starts in", "State before"]
    header += ["for (s)", "Suppressed (s)", "Moves after (s)", "Sleeps after (s)", "Note"]
    rows = []
    for _, s in seizures.iterrows():
        where = {"unresolved": f"{s['region']} (not sure)", "none": "not told"}
        notes = ["fatal"] if s["fatal"] else ["last before death"] if s["last_before_death"] else []
        rows.append(
            [
                str(s["recording"]),
                str(s["seizure"]),
                str(s["onset_time"])[:19].replace("T", " ") or f"{s['onset_s']:.0f} s",
                number(float(s["zeitgeber_h"])),
                number(float(s["duration_s"])),
                where.get(str(s["status"]), str(s["region"])),
                style.STATE_NAMES.get(str(s["state_before"]), "–"),
                number(float(s["state_for_s"])),
                number(float(s["suppression_s"])),
                number(float(s["moves_after_s"])),
                number(float(s["sleeps_after_s"])),
                "; ".join(notes),
            ]
        )
    words = [header.index(h) for h in ("Recording", "When", "Starts in", "State before", "Note")]
    links = [f"../../{name}/report/index.html" for name in seizures["recording"]]
    return Table(header, rows, words, links=links)
