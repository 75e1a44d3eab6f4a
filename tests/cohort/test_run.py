import json
import re
from datetime import datetime

import pytest

from vigil.cohort.early.run import run_early
from vigil.cohort.files import read_table
from vigil.cohort.gather import gather
from vigil.cohort.run import run
from vigil.stage import Job, run_stage

FOLDERS = frozenset(["figures", "animal_pages"])
FIGURES = (
    "sleep_shares", "seizure_diary", "onset_regions", "onset_map", "seizures_by_state",
    "seizures_by_hour", "fatal_seizures",
)  # fmt: skip
NASTY = '<img src=x onerror="alert(1)">'


@pytest.fixture
def folder(cohort):
    run_stage(run, cohort.job(), FOLDERS)
    return cohort.root / "cohort"


def test_the_page_needs_no_network_and_links_to_the_reports(folder):
    text = (folder / "index.html").read_text()
    found = [
        a for pair in re.findall(r'(?:src|href)="([^"]*)"|url\(([^)]*)\)', text) for a in pair if a
    ]
    outside = {a for a in found if not a.startswith("data:")}
    reports = {f"../{r}/report/index.html" for r in ("a_1", "a_2", "b_1", "c_1")}
    animals = {f"animals/{a}.html" for a in "abc"}
    assert reports | animals <= outside
    rest = outside - reports - animals
    assert all(re.fullmatch(r"figures/\w+\.(png|pdf)", a) for a in rest)
    assert len(text.encode()) < 15e6


def test_reasons_stand_before_the_tables(folder):
    text = (folder / "index.html").read_text()
    assert text.index("Could not be analysed") < text.index("CSC3.ncs ends") < text.index("<h2>")
    assert text.index("Analysed only in part") < text.index("no px_per_cm") < text.index("<h2>")


def test_bad_channels_stand_in_the_table(folder):
    text = (folder / "index.html").read_text()
    assert text.count("1 of 3 (1 more to look at)") == 3


def test_tables_are_written_and_read_back(folder):
    recordings = read_table(folder / "recordings.tsv")
    assert list(recordings["recording"]) == ["a_1", "a_2", "b_1", "c_1"]
    assert list(recordings["group"]) == ["ko", "ko", "wt", "wt"]
    assert list(read_table(folder / "animals.tsv")["animal"]) == ["a", "b", "c"]
    assert read_table(folder / "onset_regions.tsv")["seizures"].sum() == 3


def test_figures_are_there_as_png_and_pdf(folder):
    assert {p.name for p in (folder / "figures").iterdir()} == {
        f"{n}.{e}" for n in FIGURES for e in ("png", "pdf")
    }


def test_a_nasty_group_stays_text(empty_cohort):
    empty_cohort.add("a_1", "a", NASTY, failed={"kinematics": ("kinematics", NASTY)})
    run_stage(run, empty_cohort.job(), FOLDERS)
    text = (empty_cohort.root / "cohort/index.html").read_text()
    assert NASTY not in text
    assert text.count("onerror=&#34;alert(1)&#34;") >= 3


def test_a_cohort_of_failures_still_has_its_page(empty_cohort):
    why = ("transfer", "The folder is empty.")
    failed = dict.fromkeys(("sleep_summaries", "events", "consensus", "postictal"), why)
    empty_cohort.add("a_1", "a", failed=failed)
    run_stage(run, empty_cohort.job(), FOLDERS)
    text = (empty_cohort.root / "cohort/index.html").read_text()
    assert "1 could not be analysed" in text
    assert "The folder is empty." in text
    assert not any((empty_cohort.root / "cohort/figures").iterdir())


def test_without_dates_the_header_of_the_file_tells(empty_cohort):
    empty_cohort.add("a_1", "a", start="2026-03-02T09:00:00+01:00", onsets_s=(60.0,))
    empty_cohort.rows[0]["start"] = ""
    recording = gather(empty_cohort.job())[0]
    assert recording.start == datetime(2026, 3, 2, 9, 0)


def test_the_page_leads_to_the_sleep_model(cohort):
    page = cohort.root / "models/sleep/index.html"
    page.parent.mkdir(parents=True)
    page.write_text("<!doctype html>")
    cohort.inputs["sleep_model"] = str(page)
    run_stage(run, cohort.job(), FOLDERS)
    text = (cohort.root / "cohort/index.html").read_text()
    (link,) = re.findall(r'href="([^"]*models[^"]*)"', text)
    assert (cohort.root / "cohort" / link).resolve() == page.resolve()
    assert "could not be trained" not in text


def test_the_page_says_why_there_is_no_sleep_model(cohort):
    page = cohort.root / "models/sleep/index.html"
    page.parent.mkdir(parents=True)
    mark = {"recording": "sleep_train", "stage": "sleep", "reason": f"Too little REM. {NASTY}"}
    page.write_text(json.dumps({"not_analysed": mark}))
    cohort.inputs["sleep_model"] = str(page)
    run_stage(run, cohort.job(), FOLDERS)
    text = (cohort.root / "cohort/index.html").read_text()
    assert "models/sleep" not in text
    assert (
        text.index("could not be trained")
        < text.index("Too little REM. &lt;img")
        < text.index("<h2>")
    )


def test_the_page_tells_how_early_also_where_it_is_too_little_to_say(cohort):
    folder = cohort.root / "cohort/early"
    folder.mkdir(parents=True)
    names = ("lead_time", "answers", "biomarkers", "warnings")
    outputs = {name: str(folder / f"{name}.tsv") for name in names}
    outputs["early"] = str(folder / "early.json")
    run_early(Job("cohort", "1", "cohort", {}, outputs, row={"recordings": cohort.rows}))
    for name in ("lead_time", "answers", "biomarkers", "early"):
        cohort.inputs[name] = outputs[name]
    run_stage(run, cohort.job(), FOLDERS)
    text = (cohort.root / "cohort/index.html").read_text()
    assert "How early they could have been told" in text
    assert "Too little to say" in text
    assert "Recordings without windows or seizures are left out: a_1, a_2, b_1, c_1." in text
    assert "lead_time.csv" not in text
