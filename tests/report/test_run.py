import json
import re
import shutil
from html.parser import HTMLParser

import pytest

from vigil.report.files import read_missing
from vigil.report.run import run
from vigil.seizures import files as seizure_files
from vigil.stage import MARK, NotAnalysed, run_stage

NASTY = '<script>alert("x")</script>&"\''


class Page(HTMLParser):
    """Addresses and text of a page."""

    def __init__(self, text):
        super().__init__()
        self.addresses, self.tags, self.text, self._inside = [], [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self._inside = tag
        self.tags.append(tag)
        self.addresses += [v for k, v in attrs if k in ("src", "href", "data", "action", "poster")]

    def handle_data(self, data):
        if self._inside not in ("script", "style") and data.strip():
            self.text.append(data.strip())

    def first_sentence(self):
        body = [t for t in self.text if not t.endswith("– report")]
        return body[0]


@pytest.fixture(scope="module")
def report(results, report_job, tmp_path_factory):
    folder = tmp_path_factory.mktemp("results") / "m1_day1" / "report"
    run_stage(run, report_job(folder, results), frozenset(["figures"]))
    return folder


def mark(path, stage, reason, recording="m1_day1"):
    text = json.dumps({"not_analysed": vars(NotAnalysed(recording, stage, reason))})
    if path.suffix == ".zarr":
        path.mkdir(parents=True)
        path = path / MARK
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path.parent if path.name == MARK else path)


def test_the_page_needs_nothing_beside_it(report):
    page = Page((report / "index.html").read_text())
    outside = [a for a in page.addresses if not a.startswith(("data:", "#"))]
    assert all(re.fullmatch(r"figures/[a-z0-9_]+\.(png|pdf)", a) for a in outside)
    assert all((report / a).is_file() for a in outside)
    text = (report / "index.html").read_text()
    assert "@import" not in text
    assert not re.search(r"url\(\s*['\"]?https?:", text)
    assert "link" not in page.tags
    assert (report / "index.html").stat().st_size < 10e6


def test_the_page_tells_what_was_found_in_order(report):
    page = Page((report / "index.html").read_text())
    text = " ".join(page.text)
    for words in (
        "8.0 min of animal m1 (group Scn1a), from 2 March 2026, 09:30:00 UTC+01:00.",
        "1 seizure found, at 3.3 min (09:33:20, ZT 2.6), lasting 28.0 s.",
        "It starts in CA1.",
        "CA1 +0.1 s, CTX +3.1 s, THAL +6.7 s",
        "% Wake",
        "unclassified",
    ):
        assert words in text
    parts = ["m1_day1", "Quality", "The whole recording", "Seizures", "Sleep", "How this was made"]
    places = [page.text.index(p) for p in parts]
    assert places == sorted(places)


def test_downloads_are_in_the_page(report):
    page = Page((report / "index.html").read_text())
    # seizures, rates, every epoch, and of sleep: states, statistics, transitions
    assert sum(a.startswith("data:text/csv") for a in page.addresses) == 6


def test_each_figure_is_there_as_png_and_pdf(report):
    names = {p.stem for p in (report / "figures").iterdir()}
    assert names == {
        "channels", "overview", "spectrogram", "state_spectra", "movement", "head_direction",
        "turns", "arena", "seizure_001",
    }  # fmt: skip
    for name in names:
        assert (report / f"figures/{name}.png").read_bytes().startswith(b"\x89PNG")
        assert (report / f"figures/{name}.pdf").read_bytes().startswith(b"%PDF")


def test_methods_tell_the_settings_that_were_used(report):
    text = (report / "methods.md").read_text()
    assert "| " not in text
    assert "- `rate_hz` = `1250.0`" in text
    assert "revision abc123" in text


def test_a_nasty_name_stays_text(results, report_job, tmp_path):
    row = {"animal": NASTY, "group": NASTY, "start": "2026-03-02T09:30:00+01:00"}
    few = {k: results[k] for k in ("hypnogram", "sleep_summary")}
    job = report_job(tmp_path / "r", few, row=row)
    run_stage(run, job)
    text = (tmp_path / "r" / "index.html").read_text()
    assert NASTY not in text
    assert "alert(" in text
    assert f"animal {NASTY} (group {NASTY})" in " ".join(Page(text).text)


def test_a_nasty_region_cannot_leave_the_script(results, report_job, tmp_path):
    import zarr

    shutil.copytree(results["spectrogram"], tmp_path / "spectrogram.zarr")
    group = zarr.open_group(str(tmp_path / "spectrogram.zarr"))
    group.attrs["regions"] = ["</script><script>alert(1)</script>", "CA1", "THAL"]
    run_stage(run, report_job(tmp_path / "r", {"spectrogram": str(tmp_path / "spectrogram.zarr")}))
    assert "<script>alert(1)" not in (tmp_path / "r" / "index.html").read_text()


def test_what_could_not_be_analysed_says_so_first(report_job, tmp_path):
    reason = "CSC3.ncs ends in the middle of a record; copy the folder from the rig again."
    names = {"lfp": "lfp.zarr", "hypnogram": "hypnogram.parquet", "events": "events.tsv"}
    inputs = {n: mark(tmp_path / f, "transfer", reason) for n, f in names.items()}
    run_stage(run, report_job(tmp_path / "report", inputs), frozenset(["figures"]))
    page = Page((tmp_path / "report" / "index.html").read_text())
    assert page.first_sentence() == f"This recording could not be analysed. {reason}"
    assert not any((tmp_path / "report" / "figures").iterdir())
    missing = read_missing(tmp_path / "report" / "provenance.json")
    assert set(missing) == set(names)
    assert missing["lfp"].reason == reason


def test_parts_that_are_missing_are_told_with_their_reason(results, report_job, tmp_path):
    reason = "The row of m1_day1 has no px_per_cm: fill the column."
    marked = mark(tmp_path / "kinematics.parquet", "kinematics", reason)
    few = {k: results[k] for k in ("hypnogram", "sleep_summary", "events")}
    job = report_job(tmp_path / "r", {**few, "kinematics": marked, "pose_quality": ""})
    run_stage(run, job)
    text = " ".join(Page((tmp_path / "r" / "index.html").read_text()).text)
    assert "What was not analysed, and why" in text
    assert text.count(reason) == 2  # in the summary and in the table
    assert "no video and no tracks" in text


def test_no_seizures_is_a_sentence(results, report_job, tmp_path):
    seizure_files.write_events(tmp_path / "events.tsv", [], 480.0, "")
    inputs = {"hypnogram": results["hypnogram"], "events": str(tmp_path / "events.tsv")}
    run_stage(run, report_job(tmp_path / "r", inputs))
    text = " ".join(Page((tmp_path / "r" / "index.html").read_text()).text)
    assert "No seizures were found." in text
    assert "No seizures were found in 8.0 min." in text


def test_the_page_keeps_its_limit_by_linking_pictures(results, report_job, tmp_path):
    events = [seizure_files.SeizureEvent(10.0 * i, 8.0, 0.9, ("CSC1",)) for i in range(1, 5)]
    seizure_files.write_events(tmp_path / "events.tsv", events, 480.0, "")
    inputs = {k: results[k] for k in ("lfp", "quality")} | {"events": str(tmp_path / "events.tsv")}
    run_stage(run, report_job(tmp_path / "r", inputs, settings={"max_page_mb": 0.5, "dpi": 130}))
    text = (tmp_path / "r" / "index.html").read_text()
    assert len(text.encode()) < 0.5e6
    linked = re.findall(r'href="(figures/seizure_\d+\.png)"', text)
    assert 0 < len(linked) < 4
    assert all((tmp_path / "r" / name).is_file() for name in linked)
    assert "figures/seizure_004.png" in linked


def test_hours_and_the_day_are_told_for_long_recordings(long_sleep, report_job, tmp_path):
    row = {"animal": "m1", "start": "2026-03-02T06:30:00+01:00", "lights_on": "07:00"}
    run_stage(run, report_job(tmp_path / "r", long_sleep, row=row))
    page = Page((tmp_path / "r" / "index.html").read_text())
    text = " ".join(page.text)
    for title in ("Time and bouts", "Light and darkness", "Statistics", "Transitions"):
        assert title in page.text
    assert "Hour by hour" in text
    assert "A day in zeitgeber hours." in text
    assert "drawn where at least two hours" not in text
    assert "47.0 h were scored for sleep" in text
    assert (tmp_path / "r" / "figures" / "zeitgeber_day.pdf").is_file()


def test_a_short_recording_says_what_the_day_needs(report):
    text = " ".join(Page((report / "index.html").read_text()).text)
    assert "drawn where at least two hours are classified" in text
    assert "An expert labelled 50 of 120 epochs" in text
