"""The command line of scripts/pose.py becomes the job that a rule means."""

import json

import pytest

from vigil.pose.command import model_file, read_job
from vigil.pose.shipped import FOLDER, SNAPSHOT

OUTPUTS = [
    *("--tracks", "out/tracks.h5", "--quality", "out/quality.tsv"),
    *("--verdict", "out/verdict.json"),
    *("--provenance", "out/provenance.json", "--method", "3"),
]


def test_videos() -> None:
    words = ["--recording", "m1", "--manifest", "manifest.tsv", "--videos", "a b.mp4", "c.mp4"]
    # an empty list of tracks leaves its word without a value
    job = read_job([*words, "--tracks-in", *OUTPUTS, "--threads", "2", "--log", "log.txt"])
    assert job.inputs["videos"] == ["a b.mp4", "c.mp4"]
    assert job.inputs["tracks"] == ""
    assert job.inputs["manifest"] == "manifest.tsv"
    assert job.inputs["model"] == str(FOLDER / SNAPSHOT)
    assert job.outputs["quality"] == "out/quality.tsv"
    assert (job.stage, job.recording, job.method_version) == ("pose", "m1", "3")
    assert job.outputs["verdict"] == "out/verdict.json"
    assert (job.threads, job.log) == (2, "log.txt")
    assert job.resources == {"batch_size": 0, "frame_step": 1}


def test_existing_tracks_need_no_model() -> None:
    job = read_job(["--recording", "m1", "--videos", "--tracks-in", "mine.csv", *OUTPUTS])
    assert job.inputs["videos"] == []
    assert job.inputs["tracks"] == "mine.csv"
    assert "model" not in job.inputs


def test_settings_travel_as_json() -> None:
    settings = {"model": "lab/config.yaml", "body_parts": {"snout": "nose"}}
    job = read_job(["--recording", "m1", "--settings", json.dumps(settings), *OUTPUTS])
    assert job.settings == settings
    assert job.inputs["model"] == "lab/config.yaml"


def test_a_model_without_a_file_here() -> None:
    assert model_file("superanimal_topviewmouse") == ""


def test_resources_of_the_profile() -> None:
    words = ["--recording", "m1", "--batch-size", "64", "--frame-step", "3", *OUTPUTS]
    assert read_job(words).resources == {"batch_size": 64, "frame_step": 3}


@pytest.mark.parametrize("words", [["--batch-size", "-1"], ["--frame-step", "0"]])
def test_resources_out_of_range(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        read_job(["--recording", "m1", *words, *OUTPUTS])
    assert "or more" in capsys.readouterr().err
