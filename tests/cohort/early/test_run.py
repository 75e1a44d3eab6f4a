import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from vigil.cohort.each import run_each
from vigil.cohort.early.files import notes_of, read_summary, read_table, read_windows, write_windows
from vigil.cohort.early.run import run_early
from vigil.seizures.files import SeizureEvent, write_events
from vigil.stage import Job, NotAnalysed, run_stage

SETTINGS = {"early": {"lead_min": [1, 5, 20], "n_surrogates": 99, "n_bootstrap": 100,
                      "features": ["log_power_theta$", "~", "^movement"]}}  # fmt: skip


@pytest.fixture
def job(made, tmp_path):
    """The job of a small cohort whose windows lie in files."""
    rows, windows, seizures = [], [], []
    some = [
        r for a in made.cohort(106, counts=(6, 6), days=2, ramp_min=10, strength=5.0) for r in a
    ]
    for r in some:
        folder = tmp_path / r.name / "cohort"
        folder.mkdir(parents=True)
        write_windows(folder / "windows.parquet", r.windows, r.start.isoformat())
        table = pd.DataFrame({"seizure": range(1, len(r.onsets_s) + 1), "onset_s": r.onsets_s,
                              "duration_s": r.stops_s - r.onsets_s})  # fmt: skip
        table.to_csv(folder / "seizures.tsv", sep="\t", index=False)
        windows.append(str(folder / "windows.parquet"))
        seizures.append(str(folder / "seizures.tsv"))
        rows.append({"recording": r.name, "animal": r.animal, "start": ""})
    names = ("lead_time.tsv", "answers.tsv", "biomarkers.tsv", "warnings.tsv", "early.json")
    outputs = {n.partition(".")[0]: str(tmp_path / "early" / n) for n in names}
    return Job("cohort", "1", "cohort", {"windows": windows, "seizures": seizures},
               outputs | {"figures": str(tmp_path / "early" / "figures")}, SETTINGS,
               {"recordings": rows}, optional=frozenset({"windows", "seizures"}))  # fmt: skip


def test_the_cohort_leaves_its_tables_and_figures(job):
    lost = job.inputs["windows"][-1]
    mark = NotAnalysed(job.row["recordings"][-1]["recording"], "spectra", "The disk was full.")
    Path(lost).write_text(json.dumps({"not_analysed": vars(mark)}))
    places = {name: Path(path) for name, path in job.outputs.items()}
    run_stage(run_early, job, frozenset({"figures"}))
    tables = {n: read_table(places[n]) for n in ("lead_time", "answers", "biomarkers", "warnings")}
    assert list(tables["answers"]["animal"]) == ["all", "a", "b"]
    assert set(tables["lead_time"]["lead_min"]) == {1, 5, 20}
    assert tables["lead_time"]["better"].dtype == bool
    assert tables["warnings"]["recording"].str.startswith(("a_", "b_")).all()
    assert set(tables["biomarkers"]["region"]) >= {"CA1", "CA1~EC", "movement"}
    summary = read_summary(places["early"])
    assert summary["answer"] == tables["answers"]["sentence"].iloc[0]
    assert mark.recording in notes_of(places["early"])[0]
    assert notes_of(places["early"]) == summary["notes"]
    figures = places["figures"]
    assert sorted(p.name for p in figures.iterdir()) == [
        "biomarkers.pdf", "biomarkers.png", "lead_time.pdf", "lead_time.png",
    ]  # fmt: skip


def test_a_cohort_of_nothing_says_so(job):
    job.inputs = {"windows": [], "seizures": []}
    places = {name: Path(path) for name, path in job.outputs.items()}
    run_stage(run_early, job, frozenset({"figures"}))
    assert "no recording" in read_table(places["answers"])["sentence"].iloc[0]
    assert not len(read_table(places["lead_time"]))


def test_windows_of_a_recording_with_its_start_from_the_header(tmp_path):
    start = np.arange(900) * 4.0
    features = pd.DataFrame({"start_s": start, "duration_s": 4.0, "valid": 1.0, "reason": "",
                             "CA1.log_power_theta": np.float32(1)})  # fmt: skip
    features.to_parquet(tmp_path / "features.parquet")
    events = [SeizureEvent(1800.0, 30.0, 0.9, ("CSC1",))]
    write_events(tmp_path / "events.tsv", events, 3600.0, "2026-03-01T21:00:00+01:00")
    inputs = {
        "features": str(tmp_path / "features.parquet"),
        "events": str(tmp_path / "events.tsv"),
    }
    outputs = {n: str(tmp_path / "out" / n) for n in ("windows.parquet", "seizures.tsv")}
    outputs = {Path(name).stem: path for name, path in outputs.items()}
    job = Job("cohort", "1", "r1", inputs, outputs, SETTINGS, {"start": ""})
    run_stage(run_each, job)
    table, header = read_windows(tmp_path / "out" / "windows.parquet", (r"theta$",))
    assert header == "2026-03-01 21:00:00"
    assert list(table.columns) == ["start_s", "duration_s", "valid", "phase", "state",
                                   "CA1.log_power_theta"]  # fmt: skip
    assert list(table["phase"].value_counts().sort_index()) == [1, 30, 29]
    assert table["valid"].all()
    everything, _ = read_windows(tmp_path / "out" / "windows.parquet")
    assert "sleep.nrem" in everything
