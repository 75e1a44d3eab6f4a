"""What stands on the page of a recording: findings turned into words, tables and pictures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from markupsafe import Markup

from vigil import __version__
from vigil.page import style
from vigil.page.render import vendored
from vigil.page.table import Table, csv_link
from vigil.page.words import duration_words, number, size_words
from vigil.report import tables
from vigil.report.channels import doubted_channels, measured_channels
from vigil.report.findings import Findings
from vigil.report.lights import quality_lights
from vigil.report.methods import methods_paragraph
from vigil.report.panel import panel_data
from vigil.report.settings import Settings
from vigil.report.sleep import sleep_part
from vigil.report.summary import lead, not_analysed_rows, sentences

MAX_FILES = 500
PLACED = ("overview", "channels", "zeitgeber_day")
"""Figures that stand beside what they show; the others follow each other."""
COLOURS_NOTE = (
    "Colours are from palettes that colour-blind readers can tell apart (Okabe and Ito 2008; "
    "Tol 2021)."
)


@dataclass(frozen=True)
class Picture:
    """A figure in the page: its file's name, words, and the picture itself."""

    name: str
    title: str
    caption: str
    source: str

    @property
    def alt(self) -> str:
        """What a reader hears who cannot see it."""
        return f"{self.title}: {self.caption}"


@dataclass(frozen=True)
class SeizurePicture:
    """The picture of a seizure; with an empty source it is only linked."""

    number: int
    words: str
    file: str
    source: str

    def linked(self) -> SeizurePicture:
        """The same, no longer part of the page."""
        return replace(self, source="")


def page_context(
    findings: Findings,
    settings: Settings,
    pictures: Sequence[Picture],
    seizure_pictures: Sequence[SeizurePicture],
) -> dict[str, Any]:
    """Everything that the template of the report shows."""
    lights = quality_lights(findings, settings)
    seizures = tables.seizure_summary(findings)
    panel = panel_data(findings, settings)
    return {
        "title": f"{findings.recording} – report",
        "css": vendored("page/templates/page.css") + vendored("page/vendor/uPlot.min.css"),
        "recording": findings.recording,
        "analysed": findings.analysed,
        "lead": lead(findings),
        "said": sentences(findings, lights),
        "lights": lights,
        "verdict_colours": style.VERDICT_COLOURS,
        "doubted": doubted_channels(findings.quality),
        "measured": measured_channels(findings.quality),
        "channels": next((p for p in pictures if p.name == "channels"), None),
        "panel": None if panel is None else script_json(panel),
        "uplot": vendored("page/vendor/uPlot.iife.min.js"),
        "panel_js": vendored("report/panel.js"),
        "state_colours": style.STATE_COLOURS,
        "died": findings.death_s is not None,
        "death_colour": style.DEATH_COLOUR,
        "state_names": style.STATE_NAMES,
        "overview": next((p for p in pictures if p.name == "overview"), None),
        "day": next((p for p in pictures if p.name == "zeitgeber_day"), None),
        "figures": [p for p in pictures if p.name not in PLACED],
        "seizures": None if findings.events is None else seizure_table(seizures),
        "n_seizures": len(seizures),
        "not_seizures": tables.not_seizures(findings.disturbances),
        "rates": tables.rates_table(findings.rates),
        "rates_csv": csv_link(findings.rates) if findings.rates is not None else "",
        "seizures_csv": csv_link(seizures),
        "seizure_figures": seizure_pictures,
        "before_s": number(settings.before_seizure_s),
        "after_s": number(settings.after_seizure_s),
        "length": duration_words(findings.duration_s),
        "sleep": sleep_part(findings, settings),
        "not_analysed": not_analysed_rows(findings),
        "methods": methods_paragraph(findings),
        **_history(findings),
        **_manifest(findings.manifest),
        "program_version": __version__,
        "colours_note": COLOURS_NOTE,
    }


def script_json(content: Any) -> Markup:
    """JSON for a script element, in which no text can end the element."""
    text = json.dumps(content, allow_nan=False, separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def seizure_table(seizures: pd.DataFrame) -> Table:
    """The table of seizures as text."""
    has_zt = "zeitgeber_h" in seizures
    header = ["Seizure", "Onset (s)", "Time of day", *(["ZT (h)"] if has_zt else [])]
    header += ["Lasts (s)", "State before", "for (s)", "Starts in", "Confidence"]
    header += ["Order of the regions", "Suppressed (s)", "Moves after (s)", "Sleeps after (s)"]
    header += ["Note"]
    rows = []
    for _, s in seizures.iterrows():
        where = {"unresolved": f"{s['region']} (not sure)", "none": "not found"}.get(
            str(s["status"]), str(s["region"])
        )
        notes = []
        if s["last_before_death"]:
            notes.append("last one here before death")
        if s["recovered"] is not None and str(s["recovered"]) == "False":
            notes.append("suppressed to the end")
        rows.append(
            [
                str(s["seizure"]),
                f"{s['onset_s']:.1f}",
                s["time_of_day"] or "–",
                *([f"{s['zeitgeber_h']:.1f}"] if has_zt else []),
                f"{s['duration_s']:.1f}",
                style.STATE_NAMES.get(s["state_before"], "–"),
                number(float(s["state_for_s"])),
                where or "–",
                number(float(s["confidence"]), 2),
                s["order"] or "–",
                number(float(s["suppression_s"])),
                number(float(s["moves_after_s"])),
                number(float(s["sleeps_after_s"])),
                "; ".join(notes),
            ]
        )
    words = [header.index(h) for h in ("Seizure", "State before", "Starts in", "Note")]
    return Table(header, rows, words, (header.index("Order of the regions"),))


def _history(findings: Findings) -> dict[str, Table]:
    """Versions, settings and checksums of the stages."""
    versions, used, sums = [], [], []
    for stage, p in findings.provenances.items():
        versions.append(
            [
                stage,
                *(
                    str(p.get(k, ""))
                    for k in ("method_version", "program_version", "git_revision", "python")
                ),
                str(p.get("finished", "")),
                number(float(p.get("seconds", 0.0))),
            ]
        )
        used += [[stage, k, json.dumps(v, ensure_ascii=False)] for k, v in p["settings"].items()]
        sums += [[stage, name, o["hash"]] for name, o in p.get("outputs", {}).items()]
    header = ("Stage", "Method version", "Vigil", "Revision", "Python", "Finished", "Took (s)")
    return {
        "versions": Table(header, versions, range(6)),
        "settings": Table(("Stage", "Setting", "Value"), used, range(3)),
        "checksums": Table(("Stage", "Result", "Hash"), sums, range(3)),
    }


def _manifest(manifest: pd.DataFrame | None) -> dict[str, Any]:
    if manifest is None:
        return {"manifest": None, "manifest_left": 0}
    shown = manifest.head(MAX_FILES)
    rows = [
        [str(p), str(h), size_words(float(b))]
        for p, b, h in zip(shown["path"], shown["bytes"], shown["hash"], strict=True)
    ]
    table = Table(("File", "Hash", "Size"), rows, (0, 1))
    return {"manifest": table, "manifest_left": len(manifest) - len(shown)}
