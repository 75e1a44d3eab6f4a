"""Dry runs of a matrix of configurations and tables, and faults told before any job starts."""

import re

import pytest
import yaml

pytestmark = pytest.mark.workflow


def only(*columns):
    """Keep some columns of the table and clear the others."""

    def change(rows):
        keep = {"recording", "animal", "source", *columns}
        return [{k: v for k, v in row.items() if k in keep} for row in rows]

    return change


def with_tracks(rows):
    return [{**row, "pose": row["video"].replace("video.mp4", "tracks.h5")} for row in rows]


def with_seizure_labels(rows):
    return [{**row, "seizure_labels": row["sleep_labels"]} for row in rows]


def counts(done):
    text = done.stdout + done.stderr
    assert done.returncode == 0, text[-2000:]
    return {k: int(n) for k, n in re.findall(r"^(\w+) +(\d+)$", text, re.M)}


@pytest.mark.parametrize(
    ("change", "config", "expected"),
    [
        (lambda r: r, "", {"pose": 3, "kinematics": 3, "sleep_train": 1, "sleep": 3, "report": 3}),
        (only(), "", {"pose": None, "kinematics": None, "sleep_train": None, "sleep": 3}),
        (only("sleep_labels"), "", {"pose": None, "sleep_train": 1}),
        (with_tracks, "", {"pose": 3, "kinematics": 3}),
        (with_seizure_labels, "", {"seizures_evidence": 3, "seizures_train": 1, "seizures": 3}),
        (with_seizure_labels, "seizures: {detector: thresholds}", {"seizures_train": None}),
        (lambda r: r, "", {"seizures_train": None, "cohort_each": 3, "cohort_early": 1}),
        (lambda r: r[:1], "", {"sleep_train": 1, "sleep": 1, "cohort": 1}),
        (lambda r: r[2:], "sleep: {scorer: model}", {"sleep_train": None, "sleep": 1}),
        (lambda r: r, "sleep: {scorer: threshold}", {"sleep_train": None, "sleep": 3}),
        (lambda r: r, "transfer: {mode: in_place}", {"transfer": 3, "downsample": 3}),
        (lambda r: r, "publish: {to: published}", {"publish": 3}),
        (lambda r: [], "", {"transfer": None, "cohort": 1}),
    ],
    ids=[
        "all",
        "no_camera",
        "labels",
        "tracks",
        "seizures_labelled",
        "not_learnt",
        "cohort",
        "one",
        "unlabelled",
        "threshold",
        "in_place",
        "publish",
        "empty",
    ],
)
def test_plan(workflow_in, change, config, expected):
    planned = counts(workflow_in(change).snakemake("-n", config=config))
    assert {k: planned.get(k) for k in expected} == expected


def test_jobs_say_what_they_do(workflow_in):
    assert "Sleep of mouse1-01: wake, NREM and REM" in workflow_in().snakemake("-n").stdout


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ("slep: {}", "'slep' is not a key; did you mean 'sleep'?"),
        ("spectra: {epoch_s: 90}", "'spectra.epoch_s' is 90"),
    ],
)
def test_a_wrong_configuration_is_told_before_any_job(workflow_in, config, sentence):
    workflow = workflow_in()
    done = workflow.snakemake(config=config)
    assert done.returncode != 0
    assert sentence in done.stdout + done.stderr
    assert not (workflow.folder / "results").exists()


def test_a_wrong_cell_is_told_before_any_job(workflow_in):
    workflow = workflow_in(lambda rows: [{**rows[0], "px_per_cm": "many"}, *rows[1:]])
    done = workflow.snakemake()
    assert done.returncode != 0
    assert "row 2, column px_per_cm: 'many'" in done.stdout + done.stderr
    assert not (workflow.folder / "results").exists()


def test_the_profile_of_slurm_plans_and_names_rules_that_exist(checkout, workflow_in):
    profile = checkout / "profiles" / "slurm"
    workflow = workflow_in(with_seizure_labels)
    done = workflow.snakemake("-n", "--profile", str(profile), "--executor", "dryrun")
    rules = counts(done)
    settings = yaml.safe_load((profile / "config.v9+.yaml").read_text())
    assert set(settings["set-resources"]) | set(settings["set-threads"]) <= set(rules)
