"""Report at its edge: whatever the stages left in, a page with its figures out."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from matplotlib.figure import Figure

from vigil.page import style
from vigil.page.render import image_source, render_page
from vigil.page.words import duration_words
from vigil.report.content import Picture, SeizurePicture, page_context
from vigil.report.figures.arena import arena
from vigil.report.figures.captions import CAPTIONS
from vigil.report.figures.channels import channels
from vigil.report.figures.day import zeitgeber_day
from vigil.report.figures.head_detail import head_detail
from vigil.report.figures.movement import movement
from vigil.report.figures.overview import overview
from vigil.report.figures.seizure import seizure_figure
from vigil.report.figures.spectrograms import spectrograms
from vigil.report.figures.state_spectra import state_spectra
from vigil.report.figures.turns import turns
from vigil.report.findings import Findings, gather
from vigil.report.methods import methods_markdown
from vigil.report.settings import Settings
from vigil.report.summary import moment_words
from vigil.stage import Job

log = logging.getLogger("vigil")

TEMPLATES = Path(__file__).parent / "templates"

FIGURES: dict[str, Callable[[Findings, Settings], Figure | None]] = {
    "channels": channels,
    "overview": overview,
    "spectrogram": spectrograms,
    "state_spectra": state_spectra,
    "zeitgeber_day": zeitgeber_day,
    "movement": movement,
    "head_direction": head_detail,
    "turns": turns,
    "arena": arena,
}


def run(job: Job) -> None:
    """Write the report of one recording.

    Inputs, all optional: `lfp`, `quality`, `spectrogram`, `features`, `kinematics`, `turns`,
    `bouts`, `clock`, `pose_quality`, `pose_verdict`, `hypnogram`, `sleep_summary`,
    `sleep_statistics`, `sleep_transitions`, `sleep_hours`, `events`, `onset`, `consensus`,
    `spread`, `postictal`, `disturbances`, `rates`, `evidence`, `described`, `manifest`, and the
    list `provenances`. Row: `animal`, `group`,
    `start`, `lights_on`, `died`, `px_per_cm`. Outputs: `page`, `methods`, `figures`.
    """
    settings = Settings.model_validate(job.settings)
    findings = gather(job)
    folder = job.output("figures")
    folder.mkdir(parents=True, exist_ok=True)
    pictures = draw_figures(findings, settings, folder)
    seizures = draw_seizures(findings, settings, folder)
    budget = settings.max_page_mb * 1e6
    context = page_context(findings, settings, pictures, seizures)
    page = render_page("report.html.j2", context, TEMPLATES)
    # the largest pictures give way first to the page's limit, those of late seizures
    while len(page.encode()) > budget and any(s.source for s in seizures):
        excess = len(page.encode()) - budget
        seizures = _without_last(seizures, excess)
        page = render_page("report.html.j2", {**context, "seizure_figures": seizures}, TEMPLATES)
    log.info("page of %.2f MB", len(page.encode()) / 1e6)
    job.output("page").write_text(page, encoding="utf-8")
    job.output("methods").write_text(methods_markdown(findings), encoding="utf-8")


def draw_figures(findings: Findings, settings: Settings, folder: Path) -> list[Picture]:
    """Draw the figures that the findings allow, as PNG and PDF, and give them for the page."""
    pictures = []
    with style.figure_style():
        for name, draw in FIGURES.items():
            figure = draw(findings, settings)
            if figure is None:
                continue
            png = style.save_figure(figure, folder, name, settings.dpi)
            title, caption = CAPTIONS[name]
            pictures.append(Picture(name, title, caption, image_source(png)))
            log.info("figure %s", name)
    return pictures


def draw_seizures(findings: Findings, settings: Settings, folder: Path) -> list[SeizurePicture]:
    """Draw one figure per seizure."""
    pictures = []
    with style.figure_style():
        for number, onset_s, duration_s in findings.seizures():
            figure = seizure_figure(findings, settings, number, onset_s, duration_s)
            if figure is None:
                continue
            png = style.save_figure(figure, folder, f"seizure_{number:03d}", settings.dpi)
            words = f"at {moment_words(findings, onset_s)}, {duration_words(duration_s)}"
            pictures.append(SeizurePicture(number, words, f"figures/{png.name}", image_source(png)))
    return pictures


def _without_last(seizures: list[SeizurePicture], excess: float) -> list[SeizurePicture]:
    """The same pictures, the last ones linked instead of shown, until the excess is gone."""
    out = list(seizures)
    saved = 0.0
    for i in reversed(range(len(out))):
        if saved > excess:
            break
        saved += len(out[i].source)
        out[i] = out[i].linked()
    return out
