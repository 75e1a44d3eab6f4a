"""The real workflow: what it leaves, what it repeats, and what it says of bad recordings."""

import json
import re
import shutil

import pandas as pd
import pytest

from vigil.simulate.agreement import measure_agreement

pytestmark = pytest.mark.workflow

FILES = {
    "transfer": ["manifest.tsv"],
    "downsample": ["lfp.zarr", "quality.tsv"],
    "spectra": ["features.parquet", "spectrogram.zarr"],
    "pose": ["tracks.h5", "quality.tsv", "verdict.json"],
    "kinematics": ["kinematics.parquet", "turns.tsv", "bouts.tsv", "clock.json"],
    "sleep": [
        "hypnogram.parquet",
        "hypnogram.csv",
        "summary.tsv",
        "statistics.tsv",
        "transitions.tsv",
        "hours.tsv",
    ],
    "seizures": [
        "evidence.zarr",
        "events.tsv",
        "disturbances.tsv",
        "onset.tsv",
        "consensus.tsv",
        "spread.tsv",
        "postictal.tsv",
        "rates.tsv",
        "evidence.parquet",
    ],
    "cohort": ["windows.parquet", "seizures.tsv"],
    "report": ["index.html", "methods.md", "figures"],
}


def jobs(done):
    """Numbers of jobs by rule that a dry run announces."""
    text = done.stdout + done.stderr
    if "Nothing to be done" in text:
        return {}
    found = re.search(r"^job +count\n-+ +-+\n(.*?)\ntotal", text, re.S | re.M)
    assert found, text[-2000:]
    return {k: int(n) for k, n in re.findall(r"^(\w+) +(\d+)$", found[1], re.M)}


def test_every_stage_leaves_its_files_and_its_provenance(finished):
    results = finished.folder / "results" / "mouse1-01"
    for stage, names in FILES.items():
        for name in names:
            assert (results / stage / name).exists(), f"{stage}/{name}"
        record = json.loads((results / stage / "provenance.json").read_text())
        assert record["stage"] == stage
        assert record["inputs"]
    assert (finished.folder / "results" / "cohort" / "index.html").exists()
    assert not list(finished.folder.glob("results/**/.partial*"))


def test_hashes_of_inputs_are_those_of_the_stage_that_made_them(finished):
    results = finished.folder / "results" / "mouse1-01"
    made = json.loads((results / "downsample" / "provenance.json").read_text())["outputs"]
    used = json.loads((results / "spectra" / "provenance.json").read_text())["inputs"]
    assert used["lfp"][0]["hash"] == made["lfp"]["hash"]


def test_raw_files_are_inputs_of_the_graph(finished):
    summary = finished.snakemake("--detailed-summary").stdout
    assert "mouse1-01/CSC1.ncs" in summary
    assert "parts/camera1.avi" in summary
    assert "vigil/pose/model/snapshot.pt" in summary


def test_each_job_writes_a_log_and_a_benchmark(finished):
    logs = finished.folder / "logs" / "mouse1-01"
    rules = [*(stage for stage in FILES if stage != "cohort"), "seizures_evidence", "cohort_each"]
    for rule in rules:
        assert "is done" in (logs / f"{rule}.log").read_text()
        assert "max_rss" in (logs / f"{rule}.benchmark.tsv").read_text()


def test_outcome_agrees_with_the_truth(finished, rig):
    table = measure_agreement(rig, finished.folder / "results")
    values = table.pivot_table(index="recording", columns="measure", values="value")
    assert values["sleep_kappa"]["mouse3-01"] > 0.6
    assert values["head_direction_error_deg"]["mouse1-01"] < 5
    assert values["clock_error_ms"]["mouse1-01"] < 1


def test_a_labelled_animal_is_scored_by_a_model_that_has_not_seen_it(finished):
    log = (finished.folder / "logs" / "mouse1-01" / "sleep.log").read_text()
    assert re.search(r"scored by .+, trained on mouse2$", log, re.M)
    log = (finished.folder / "logs" / "mouse3-01" / "sleep.log").read_text()
    assert re.search(r"scored by .+, trained on mouse1, mouse2$", log, re.M)


def test_an_animal_whose_labelled_recording_failed_is_scored_all_the_same(finished):
    log = (finished.folder / "logs" / "spare" / "sleep.log").read_text()
    assert re.search(r"scored by .+, trained on mouse1, mouse2$", log, re.M)
    card = json.loads((finished.folder / "results/models/sleep/card.json").read_text())
    assert card["left_out"] == {"cut": "it could not be analysed"}
    page = finished.folder / "results/cohort/index.html"
    assert 'href="../models/sleep/index.html"' in page.read_text()
    assert (page.parent / "../models/sleep/index.html").is_file()


@pytest.mark.parametrize(
    ("recording", "stage", "reason"),
    [
        ("cut", "downsample", "ends in the middle of a record"),
        ("gone", "transfer", "is not there (there is mouse"),
    ],
)
def test_a_recording_that_cannot_be_analysed_ends_with_its_reason(
    finished, recording, stage, reason
):
    table = pd.read_csv(finished.folder / "results/cohort/recordings.tsv", sep="\t")
    row = table.set_index("recording").loc[recording]
    assert row["status"] == "not analysed"
    assert reason in row["reason"]
    assert reason in (finished.folder / "results/cohort/index.html").read_text()
    page = (finished.folder / "results" / recording / "report/index.html").read_text()
    assert reason in page
    mark = finished.folder / "results" / recording / stage / "provenance.json"
    assert json.loads(mark.read_text())["not_analysed"]["stage"] == stage


def test_a_second_run_does_nothing(finished):
    assert jobs(finished.snakemake("-n")) == {}


def test_a_setting_of_sleep_runs_what_depends_on_it_and_nothing_else(finished):
    planned = jobs(finished.snakemake("-n", config="sleep: {movement_cm_s: 4.0}"))
    assert {"sleep", "sleep_train", "report", "cohort"} <= set(planned)
    assert not {"transfer", "downsample", "spectra", "pose", "kinematics"} & set(planned)
    assert "seizures" not in planned


def test_a_setting_of_the_page_draws_the_pages_only(finished):
    planned = jobs(finished.snakemake("-n", config="report: {dpi: 99}"))
    assert set(planned) <= {"report", "cohort", "all"}
    assert planned["report"] == 6


def test_a_raw_file_that_changes_is_brought_and_analysed_again(finished, rig):
    path = rig / "mouse3-01" / "CSC1.ncs"
    kept = path.stat()
    shutil.copy2(path, path.with_suffix(".kept"))
    try:
        path.touch()
        planned = jobs(finished.snakemake("-n"))
    finally:
        path.with_suffix(".kept").rename(path)
    assert path.stat().st_mtime_ns == kept.st_mtime_ns
    # two rows of the table lie in that folder
    assert planned["transfer"] == planned["downsample"] == planned["spectra"] == 2
    assert "pose" not in planned


def test_the_verified_copy_outlives_its_source(workflow_in, rig):
    workflow = workflow_in(lambda rows: [{**rows[1], "video": "", "video_times": ""}])
    source = rig / "mouse2-01"
    assert workflow.snakemake("--until", "transfer").returncode == 0
    manifest = workflow.folder / "results/mouse2-01/transfer/manifest.tsv"
    wanted = manifest.read_text()
    source.rename(rig / "emptied")
    try:
        done = workflow.snakemake("--until", "transfer")
    finally:
        (rig / "emptied").rename(source)
    assert done.returncode == 0
    assert manifest.read_text() == wanted
    assert (workflow.folder / "raw/mouse2-01/CSC1.ncs").is_file()
